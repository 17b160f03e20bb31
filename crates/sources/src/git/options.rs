//! What every scan of a repository can be told.

use std::path::Path;
use std::sync::Arc;

/// How a repository is read. The default reads everything.
#[derive(Clone)]
pub struct GitOptions {
    /// Threads that read and scan; 0 for one per processor.
    pub threads: usize,
    /// Leave out files that are larger, in bytes.
    pub max_size: Option<u64>,
    /// Tells why a file is left out, if it is; asked with its path in the
    /// repository. An [`Exclude`](crate::Exclude) becomes one by `into`.
    pub exclude: GitExclude,
}

/// Tells why a file is left out, if it is; asked with its path in the
/// repository and whether it is a folder.
pub type GitExclude = Arc<dyn Fn(&Path, bool) -> Option<String> + Send + Sync>;

impl Default for GitOptions {
    fn default() -> GitOptions {
        GitOptions { threads: 0, max_size: None, exclude: Arc::new(|_, _| None) }
    }
}
