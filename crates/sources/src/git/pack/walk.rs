//! Decodes the objects of a pack, each once, along their delta chains, on
//! several threads.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use gix::objs::Kind;
use stanch_scan::Copied;

use super::delta;
use super::forest::Pack;

/// Largest object that is read, in bytes.
pub(crate) const LARGEST: u64 = 1 << 29;

/// Where an object is stored: the number of its pack or loose store, and of
/// the object in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    pub(crate) store: u32,
    pub(crate) entry: u32,
}

/// An object as it is visited.
pub(crate) struct Object<'a> {
    pub(crate) place: Place,
    pub(crate) kind: Kind,
    pub(crate) data: &'a [u8],
    /// Whether others are made from it.
    pub(crate) is_base: bool,
}

/// What an object is made from.
pub(crate) struct Base<'a, C> {
    pub(crate) data: &'a [u8],
    /// What was made of the base when it was visited.
    pub(crate) carried: &'a C,
    /// What was copied from it, in order of position in the object.
    pub(crate) copied: &'a [Copied],
}

/// Sees every object of the kinds it wants, a base before its deltas.
pub(crate) trait Visitor: Sync {
    /// A thread's own state.
    type Worker;
    /// What is handed on from a base to its deltas.
    type Carried: Send + Sync;

    /// Whether objects of a kind are to be visited.
    fn wants(&self, kind: Kind) -> bool;

    /// State for one more thread.
    fn worker(&self) -> Self::Worker;

    /// An object.
    fn visit(
        &self,
        worker: &mut Self::Worker,
        object: &Object<'_>,
        base: Option<Base<'_, Self::Carried>>,
    ) -> Self::Carried;

    /// An object that cannot be read.
    fn unreadable(&self, place: Place, reason: &str);

    /// A thread is done.
    fn done(&self, worker: Self::Worker);
}

/// An object whose deltas are still to be visited.
struct Parent<C> {
    data: Vec<u8>,
    carried: C,
}

/// An entry to visit, and what it is made from.
struct Job<C> {
    entry: u32,
    parent: Option<Arc<Parent<C>>>,
}

struct Queue<C> {
    jobs: Mutex<Vec<Job<C>>>,
    changed: Condvar,
    /// Threads that wait for jobs.
    idle: AtomicUsize,
    roots: Vec<u32>,
    next_root: AtomicUsize,
    threads: usize,
    store: u32,
}

/// Visits the pack of this number with so many threads.
pub(crate) fn walk<V: Visitor>(pack: &Pack, store: u32, visitor: &V, threads: usize) {
    let threads = threads.max(1);
    let queue = Queue {
        jobs: Mutex::new(Vec::new()),
        changed: Condvar::new(),
        idle: AtomicUsize::new(0),
        roots: pack.roots(|kind| visitor.wants(kind)),
        next_root: AtomicUsize::new(0),
        threads,
        store,
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(|| work(pack, visitor, &queue));
        }
        work(pack, visitor, &queue);
    });
}

impl<C> Queue<C> {
    /// The next job: a root, or what another thread shares; none when all is
    /// done.
    fn next(&self) -> Option<Job<C>> {
        if let Some(entry) = self.root() {
            return Some(Job { entry, parent: None });
        }
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        self.idle.fetch_add(1, Ordering::SeqCst);
        loop {
            if let Some(job) = jobs.pop() {
                self.idle.fetch_sub(1, Ordering::SeqCst);
                return Some(job);
            }
            if self.idle.load(Ordering::SeqCst) == self.threads {
                self.changed.notify_all();
                return None;
            }
            jobs = self.changed.wait(jobs).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn root(&self) -> Option<u32> {
        self.roots.get(self.next_root.fetch_add(1, Ordering::Relaxed)).copied()
    }

    /// Gives the oldest half of a thread's jobs to those that wait.
    fn share(&self, own: &mut Vec<Job<C>>) {
        if own.len() < 2 || self.idle.load(Ordering::Relaxed) == 0 {
            return;
        }
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        if jobs.is_empty() {
            jobs.extend(own.drain(..own.len() / 2));
            self.changed.notify_all();
        }
    }
}

/// Counts a thread that panics as one that waits, so that the others end.
struct Leave<'q, C>(&'q Queue<C>);

impl<C> Drop for Leave<'_, C> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let _jobs = self.0.jobs.lock().unwrap_or_else(PoisonError::into_inner);
            self.0.idle.fetch_add(1, Ordering::SeqCst);
            self.0.changed.notify_all();
        }
    }
}

fn work<V: Visitor>(pack: &Pack, visitor: &V, queue: &Queue<V::Carried>) {
    let _leave = Leave(queue);
    let mut worker = visitor.worker();
    let mut reader = Reader::default();
    let mut own: Vec<Job<V::Carried>> = Vec::new();
    loop {
        let Some(job) = own.pop().or_else(|| queue.next()) else { break };
        let Some(kind) = pack.entry(job.entry).and_then(|entry| entry.kind) else { continue };
        let base = job.parent.as_ref().map(|parent| parent.data.as_slice());
        if let Err(reason) = reader.read(pack, job.entry, base) {
            refuse(pack, visitor, queue.store, job.entry, &reason);
            continue;
        }
        let place = Place { store: queue.store, entry: job.entry };
        let children = pack.children(job.entry);
        let is_base = !children.is_empty();
        let object = Object { place, kind, data: &reader.data, is_base };
        let base = job.parent.as_ref().map(|parent| Base {
            data: &parent.data,
            carried: &parent.carried,
            copied: &reader.copied,
        });
        let carried = visitor.visit(&mut worker, &object, base);
        if is_base {
            let data = std::mem::take(&mut reader.data);
            let parent = Arc::new(Parent { data, carried });
            let child = |&entry: &u32| Job { entry, parent: Some(Arc::clone(&parent)) };
            own.extend(children.iter().map(child));
            queue.share(&mut own);
        }
        // The last one to need a base hands its memory on.
        if let Some(parent) = job.parent.and_then(Arc::into_inner) {
            reader.spare.push(parent.data);
        }
    }
    visitor.done(worker);
}

/// Tells of an object that cannot be read, and of all that is made from it.
fn refuse<V: Visitor>(pack: &Pack, visitor: &V, store: u32, entry: u32, reason: &str) {
    visitor.unreadable(Place { store, entry }, reason);
    let mut open = pack.children(entry).to_vec();
    while let Some(entry) = open.pop() {
        let reason = "the object that it is made from cannot be read";
        visitor.unreadable(Place { store, entry }, reason);
        open.extend_from_slice(pack.children(entry));
    }
}

/// Buffers for decoding.
#[derive(Default)]
struct Reader {
    inflate: gix::zlib::Inflate,
    delta: Vec<u8>,
    data: Vec<u8>,
    copied: Vec<Copied>,
    /// Buffers that are free.
    spare: Vec<Vec<u8>>,
}

/// Makes room for `size` bytes, from what is free if there is any.
fn make_room(buffer: &mut Vec<u8>, size: usize, spare: &mut Vec<Vec<u8>>) {
    buffer.clear();
    if buffer.capacity() >= size {
        return;
    }
    // The last freed is the likeliest to be in the cache, and of a fitting size.
    let fitting = spare.iter().rposition(|free| free.capacity() >= size);
    *buffer = match fitting {
        Some(at) => spare.swap_remove(at),
        None => {
            drop(spare.pop());
            Vec::with_capacity(size + size / 8)
        }
    };
    buffer.clear();
}

impl Reader {
    /// Decodes an entry into `data`.
    fn read(&mut self, pack: &Pack, entry: u32, base: Option<&[u8]>) -> Result<(), String> {
        let header = pack.header(entry)?;
        if !pack.is_sound(entry) {
            return Err("its bytes are not those that were indexed".to_owned());
        }
        let size = usize::try_from(header.decompressed_size).unwrap_or(usize::MAX);
        if header.decompressed_size > LARGEST {
            return Err(too_large(header.decompressed_size));
        }
        let into = if base.is_some() { &mut self.delta } else { &mut self.data };
        make_room(into, size, &mut self.spare);
        into.resize(size, 0);
        pack.data
            .decompress_entry(&header, &mut self.inflate, into)
            .map_err(|error| error.to_string())?;
        let Some(base) = base else { return Ok(()) };
        let (base_size, size, instructions) =
            delta::sizes(&self.delta).map_err(|error| error.to_string())?;
        if base_size != base.len() as u64 {
            return Err(delta::DeltaError::OtherBase.to_string());
        }
        if size > LARGEST {
            return Err(too_large(size));
        }
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        make_room(&mut self.data, size, &mut self.spare);
        delta::apply(base, instructions, size, &mut self.data, &mut self.copied)
            .map_err(|error| error.to_string())
    }
}

/// Why an object of more than [`LARGEST`] bytes is not read.
pub(crate) fn too_large(size: u64) -> String {
    format!("it is {size} bytes large, more than {LARGEST}")
}
