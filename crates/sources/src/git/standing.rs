//! How a file of the work tree stands with Git, and where the repository is
//! pushed to. Nothing is run for it and no configuration is followed.

use std::path::{Path, PathBuf};

use gix::bstr::ByteSlice;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::index;
use super::repo::Repo;

/// How a file of the work tree stands with Git.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is in the index, so it is committed or about to be.
    Tracked,
    /// A `.gitignore` or its kin names it.
    Ignored,
    /// Neither.
    Untracked,
}

impl Repo {
    /// How files stand, in the order given; none for what lies outside of the
    /// work tree.
    pub fn standing(&self, paths: &[&Path]) -> Vec<Option<Standing>> {
        let local = self.local();
        let root = local.workdir().and_then(|root| root.canonicalize().ok());
        let index = index::read(&local).ok();
        let one = |path: &Path| {
            let root = root.as_deref()?;
            let path = path.canonicalize().ok()?;
            let inside = path.strip_prefix(root).ok()?;
            let name = inside.to_string_lossy().replace('\\', "/");
            let tracked = index
                .as_ref()
                .is_some_and(|index| index.entry_by_path(name.as_bytes().as_bstr()).is_some());
            if tracked {
                return Some(Standing::Tracked);
            }
            let ignored = ignore_files(root, &path, local.common_dir());
            Some(match ignored.matched_path_or_any_parents(&path, false).is_ignore() {
                true => Standing::Ignored,
                false => Standing::Untracked,
            })
        };
        paths.iter().map(|path| one(path)).collect()
    }

    /// Addresses of all remotes. They may hold passwords.
    pub fn addresses(&self) -> Vec<String> {
        let local = self.local();
        let config = local.config_snapshot();
        let names = local.remote_names();
        let urls = names.iter().filter_map(|name| {
            let url = config.string(format!("remote.{}.url", name.to_str_lossy()).as_str())?;
            Some(url.to_str_lossy().into_owned())
        });
        urls.collect()
    }
}

/// What the ignore files from the root down to a file's folder say together;
/// later lines win, so the deepest file comes last.
fn ignore_files(root: &Path, path: &Path, common: &Path) -> Gitignore {
    let mut builder = GitignoreBuilder::new(root);
    // What cannot be read ignores nothing.
    let _ = builder.add(common.join("info").join("exclude"));
    let mut folders: Vec<PathBuf> = path
        .ancestors()
        .skip(1)
        .take_while(|dir| dir.starts_with(root))
        .map(Path::to_owned)
        .collect();
    folders.reverse();
    for folder in folders {
        let _ = builder.add(folder.join(".gitignore"));
    }
    builder.build().unwrap_or_else(|_| Gitignore::empty())
}
