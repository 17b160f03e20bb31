//! Opening a repository.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::environment;

use gix::ObjectId;

/// A repository, open for reading from any number of threads.
pub struct Repo {
    shared: gix::ThreadSafeRepository,
    /// Joins the object folders of the environment; removed with the last user.
    _joined: Option<Arc<tempfile::TempDir>>,
}

/// Why a repository cannot be used. Says what to do next.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// There is none at this path nor above it.
    #[error("{path} is in no Git repository; give the folder of one")]
    NotFound {
        /// The path that was given.
        path: PathBuf,
    },
    /// It is there but cannot be opened.
    #[error("the Git repository of {path} cannot be opened: {reason}")]
    Unusable {
        /// The path that was given.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// It belongs to somebody else, and nobody has said that it is safe.
    #[error(
        "the Git repository {path} belongs to somebody else, so its configuration is not trusted; \
         if you trust it, run `git config --global --add safe.directory {path}`"
    )]
    Dubious {
        /// Its work tree, or its folder if it has none.
        path: PathBuf,
    },
    /// A name leads to no commit.
    #[error("{name} is no commit of this repository: {reason}")]
    NoCommit {
        /// What was given.
        name: String,
        /// Why.
        reason: String,
    },
    /// Nothing says what was pushed already.
    #[error(
        "this branch has no upstream and there is no main branch to compare with; run \
         `git branch --set-upstream-to=origin/BRANCH`, or give --upstream REF"
    )]
    NoUpstream,
    /// An object or file of the repository cannot be read.
    #[error("{what} cannot be read: {reason}")]
    Unreadable {
        /// What it is.
        what: String,
        /// Why.
        reason: String,
    },
}

impl Repo {
    /// The repository that a path lies in: a work tree or a folder in it, a
    /// bare repository, or a linked work tree.
    ///
    /// # Errors
    /// [`GitError::NotFound`] and [`GitError::Unusable`].
    pub fn discover(path: &Path) -> Result<Repo, GitError> {
        let shared = gix::ThreadSafeRepository::discover(absolute(path))
            .map_err(|error| unusable(path, &error.to_string()))?;
        Ok(Repo { shared, _joined: None })
    }

    /// The repository that Git's environment names, as a hook finds it
    /// (`GIT_DIR`, `GIT_INDEX_FILE`, `GIT_OBJECT_DIRECTORY` and their kin), else
    /// the one that the path lies in. Objects that a push has brought and that
    /// are still in quarantine are seen. Replacement objects are not honoured:
    /// whoever can push one could put a clean object before a hook's eyes.
    ///
    /// # Errors
    /// [`GitError::NotFound`], [`GitError::Unusable`], and
    /// [`GitError::Dubious`] for a repository of somebody else's, whose
    /// configuration Git would not trust either.
    pub fn from_environment(path: &Path) -> Result<Repo, GitError> {
        let options = environment::options();
        let shared = gix::ThreadSafeRepository::discover_with_environment_overrides_opts(
            absolute(path),
            gix::discover::upwards::Options::default(),
            options,
        );
        let mut shared = shared.map_err(|error| unusable(path, &error.to_string()))?;
        let local = shared.to_thread_local();
        if local.git_dir_trust() != gix::sec::Trust::Full {
            let path = local.workdir().unwrap_or(local.git_dir());
            return Err(GitError::Dubious { path: path.to_owned() });
        }
        let joined = environment::objects(&mut shared)
            .map_err(|error| unusable(path, &format!("its objects cannot be read: {error}")))?;
        Ok(Repo { shared, _joined: joined.map(Arc::new) })
    }

    /// A handle for one thread.
    pub(crate) fn local(&self) -> gix::Repository {
        self.shared.to_thread_local()
    }

    /// The folder that holds refs and objects: `.git`, or the folder itself of
    /// a bare repository; the main one's for a linked work tree.
    pub fn common_dir(&self) -> PathBuf {
        self.local().common_dir().to_owned()
    }

    /// The work tree's folder, if there is one.
    pub fn work_dir(&self) -> Option<PathBuf> {
        self.local().workdir().map(Path::to_owned)
    }

    /// Whether there is no work tree.
    pub fn is_bare(&self) -> bool {
        self.local().is_bare()
    }

    /// Whether history was cut off when this was cloned.
    pub fn is_shallow(&self) -> bool {
        !self.shallow().is_empty()
    }

    /// Whether the repository has an object.
    pub fn has(&self, id: ObjectId) -> bool {
        self.local().has_object(id)
    }

    /// Commits whose parents were not cloned.
    pub(crate) fn shallow(&self) -> HashSet<ObjectId> {
        let commits = self.local().shallow_commits().ok().flatten();
        commits.map(|commits| commits.iter().copied().collect()).unwrap_or_default()
    }

    /// Whether objects were left out on purpose when this was cloned.
    pub(crate) fn is_partial(&self) -> bool {
        let repo = self.local();
        let config = repo.config_snapshot();
        config.string("extensions.partialClone").is_some()
            || repo.remote_names().iter().any(|name| {
                config.boolean(format!("remote.{name}.promisor").as_str()) == Some(true)
            })
    }

    /// What to do about an object that is missing.
    pub(crate) fn how_to_fetch(&self) -> &'static str {
        if self.is_partial() {
            "this clone is partial, so run `git fetch --refetch --no-filter`, or clone \
             again without --filter"
        } else if self.is_shallow() {
            "this clone is shallow, so run `git fetch --unshallow`, or `git fetch --deepen=N`"
        } else {
            "run `git fsck`, and `git fetch --refetch` or clone again"
        }
    }
}

/// The path without links and `..`, which the search upward stumbles over.
fn absolute(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn unusable(path: &Path, reason: &str) -> GitError {
    let path = path.to_owned();
    if reason.contains("not in a git repository") || reason.contains("Could not find") {
        GitError::NotFound { path }
    } else {
        GitError::Unusable { path, reason: reason.to_owned() }
    }
}
