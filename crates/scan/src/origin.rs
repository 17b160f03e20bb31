//! Where blobs come from.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::secret::printable;

/// Where a blob came from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// A file, by the path that it was reached by.
    File(PathBuf),
    /// Standard input.
    Stdin,
    /// Something in a Git repository.
    Git(Arc<GitOrigin>),
}

/// A place in a Git repository.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GitOrigin {
    /// The path in the repository for a file, with `/` between its parts;
    /// for anything else what it is called, such as `refs/heads/main`.
    pub path: PathBuf,
    /// What stands there.
    pub place: GitPlace,
    /// The object that holds it, in hexadecimal; none for what is not in the
    /// object store.
    pub object: Option<String>,
    /// The commit that brought it; none for what is not committed.
    pub commit: Option<Arc<Commit>>,
    /// Whether it can still be seen in the present state.
    pub presence: Presence,
    /// Where the code host shows it, without the line.
    pub url: Option<String>,
}

/// What kind of text a Git repository holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GitPlace {
    /// A file.
    File,
    /// The message of a commit, and its author and committer.
    Commit,
    /// The message of an annotated tag, and its tagger.
    Tag,
    /// A note on an object.
    Note,
    /// The name of a branch, tag or other reference.
    Reference,
}

impl GitPlace {
    /// Its name in reports, kebab-case.
    pub fn name(self) -> &'static str {
        match self {
            GitPlace::File => "file",
            GitPlace::Commit => "commit-message",
            GitPlace::Tag => "tag-message",
            GitPlace::Note => "note",
            GitPlace::Reference => "reference-name",
        }
    }
}

/// Whether something that was found can still be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Presence {
    /// In the commit that is checked out, or in what is about to be committed.
    Head,
    /// In the past only, or on another branch.
    History,
    /// In objects that no reference leads to.
    Unreachable,
}

impl Presence {
    /// Its name in reports, kebab-case.
    pub fn name(self) -> &'static str {
        match self {
            Presence::Head => "head",
            Presence::History => "history",
            Presence::Unreachable => "unreachable",
        }
    }
}

/// What is told of a commit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Commit {
    /// Its id, in hexadecimal.
    pub id: String,
    /// Who wrote it.
    pub author: String,
    /// The author's address.
    pub email: String,
    /// When the author wrote it, in seconds since 1970-01-01T00:00:00Z.
    pub time: i64,
    /// The author's offset from UTC, in seconds.
    pub offset: i32,
}

impl Commit {
    /// The first twelve digits of the id.
    pub fn short_id(&self) -> &str {
        self.id.get(..12).unwrap_or(&self.id)
    }
}

impl Origin {
    /// The path; `-` for standard input.
    pub fn path(&self) -> &Path {
        match self {
            Origin::File(path) => path,
            Origin::Stdin => Path::new("-"),
            Origin::Git(place) => &place.path,
        }
    }

    /// The place in a Git repository, if it is one.
    pub fn git(&self) -> Option<&GitOrigin> {
        match self {
            Origin::Git(place) => Some(place),
            Origin::File(_) | Origin::Stdin => None,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(&self.path().to_string_lossy()))
    }
}
