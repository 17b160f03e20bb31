//! Spreading work over threads, each with a repository handle of its own.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::repo::Repo;
use crate::window::Reader;

/// What a thread works with.
pub(crate) struct Bench {
    pub(crate) repo: gix::Repository,
    pub(crate) reader: Reader,
}

/// Items that one thread is not too slow for; starting another takes longer.
const FEW: usize = 16;

/// How many threads are meant: 0 is one per processor.
pub(crate) fn wanted(threads: usize) -> usize {
    match threads {
        0 => thread::available_parallelism().map_or(1, usize::from),
        threads => threads,
    }
}

/// Does `work` on every item, on up to `threads` threads (0 for one per
/// processor), and gives what it gave in the order of the items.
pub(crate) fn each<T: Sync, R: Send>(
    repo: &Repo,
    threads: usize,
    items: &[T],
    work: impl Fn(&mut Bench, &T) -> R + Sync,
) -> Vec<R> {
    let bench = || Bench { repo: repo.local(), reader: Reader::default() };
    if items.is_empty() {
        return Vec::new();
    }
    let wanted = wanted(threads).min(items.len().div_ceil(FEW));
    if wanted <= 1 {
        let mut bench = bench();
        return items.iter().map(|item| work(&mut bench, item)).collect();
    }
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(items.len()));
    let labour = || {
        let mut bench = bench();
        let mut mine = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { break };
            mine.push((at, work(&mut bench, item)));
        }
        done.lock().unwrap_or_else(PoisonError::into_inner).append(&mut mine);
    };
    thread::scope(|scope| {
        for _ in 1..wanted {
            // With fewer threads it takes longer, no more.
            let _ = thread::Builder::new().spawn_scoped(scope, labour);
        }
        labour();
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, given)| given).collect()
}
