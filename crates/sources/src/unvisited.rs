//! What a walk passes over without a word.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Finds out what a walk leaves out by itself: what it lists in a folder and
/// never visits.
#[derive(Debug, Default)]
pub(crate) struct Unvisited {
    awaited: Mutex<HashSet<PathBuf>>,
}

impl Unvisited {
    /// Tells that the walk came to this path, and whether it enters it as a
    /// folder. What is in the folder must not be visited before.
    pub(crate) fn visited(&self, path: &Path, entered: bool) {
        self.awaited().remove(path);
        if entered && let Ok(entries) = fs::read_dir(path) {
            let names: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
            self.awaited().extend(names);
        }
    }

    /// What was never visited and still is there.
    pub(crate) fn left_out(self) -> BTreeSet<PathBuf> {
        let awaited = self.awaited.into_inner().unwrap_or_else(PoisonError::into_inner);
        awaited.into_iter().filter(|path| path.symlink_metadata().is_ok()).collect()
    }

    fn awaited(&self) -> MutexGuard<'_, HashSet<PathBuf>> {
        // A panic of another thread leaves nothing half done here.
        self.awaited.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
