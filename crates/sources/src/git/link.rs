//! Where a code host shows a file of a commit.

use std::path::Path;

use super::repo::Repo;

/// How to make links from commits and paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Links {
    prefix: String,
}

impl Links {
    /// The links of a repository's remote: `origin`, or the only one.
    pub(crate) fn of(_repo: &Repo) -> Option<Links> {
        None
    }

    /// The page of a file in a commit.
    pub(crate) fn file(&self, commit: &str, path: &Path) -> String {
        format!("{}{commit}/{}", self.prefix, path.display())
    }
}

/// The address of a line on such a page.
pub fn with_line(url: &str, line: u64) -> String {
    format!("{url}#L{line}")
}
