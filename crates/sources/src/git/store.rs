//! Everything in the object stores of a repository: packs and loose objects,
//! its own and those it borrows from others.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use gix::ObjectId;
use gix::objs::Kind;
use gix::odb::loose;

use super::pack::{LARGEST, Object, Pack, Place, Visitor, too_large, walk};

/// All objects that a repository has.
pub(crate) struct Store {
    packs: Vec<Pack>,
    loose: Vec<Loose>,
    /// What cannot be read at all, with the reason.
    pub(crate) broken: Vec<(PathBuf, String)>,
}

/// The loose objects of one folder.
struct Loose {
    store: loose::Store,
    objects: Vec<(ObjectId, Kind)>,
}

impl Store {
    /// Opens the object store at `objects`, a folder such as `.git/objects`,
    /// and its alternates.
    pub(crate) fn open(objects: &Path, hash: gix::hash::Kind) -> Store {
        let mut store = Store { packs: Vec::new(), loose: Vec::new(), broken: Vec::new() };
        let mut folders = vec![objects.to_owned()];
        let here = std::env::current_dir().unwrap_or_default();
        match gix::odb::alternate::resolve(objects.to_owned(), &here) {
            Ok(others) => folders.extend(others),
            Err(error) => {
                store.broken.push((objects.join("info/alternates"), error.to_string()));
            }
        }
        for folder in &folders {
            store.add_packs(folder, hash);
        }
        let mut seen = HashSet::new();
        for folder in &folders {
            store.add_loose(folder, hash, &mut seen);
        }
        store
    }

    fn add_packs(&mut self, folder: &Path, hash: gix::hash::Kind) {
        let folder = folder.join("pack");
        let listed = match std::fs::read_dir(&folder) {
            Ok(listed) => listed,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return,
            Err(error) => return self.broken.push((folder, error.to_string())),
        };
        let mut files: Vec<PathBuf> = listed.flatten().map(|entry| entry.path()).collect();
        files.sort();
        for file in &files {
            let with = |extension: &str| file.with_extension(extension);
            match file.extension().and_then(|e| e.to_str()) {
                Some("idx") => match Pack::open(file, hash) {
                    Ok(pack) => self.packs.push(pack),
                    Err(reason) => self.broken.push((file.clone(), reason)),
                },
                Some("pack") if !files.contains(&with("idx")) => {
                    let reason = "it has no index; `git index-pack` makes one".to_owned();
                    self.broken.push((file.clone(), reason));
                }
                _ => {}
            }
        }
    }

    fn add_loose(&mut self, folder: &Path, hash: gix::hash::Kind, seen: &mut HashSet<ObjectId>) {
        let store = loose::Store::at(folder, hash);
        let mut objects = Vec::new();
        for id in store.iter().flatten() {
            if self.packs.iter().any(|pack| pack.has(&id)) || !seen.insert(id) {
                continue;
            }
            match store.try_header(&id) {
                Ok(Some((_, kind))) => objects.push((id, kind)),
                Ok(None) => {}
                Err(error) => self.broken.push((store.object_path(&id), error.to_string())),
            }
        }
        objects.sort_unstable();
        self.loose.push(Loose { store, objects });
    }

    /// The id of an object.
    pub(crate) fn id(&self, place: Place) -> Option<ObjectId> {
        let store = place.store as usize;
        match self.packs.get(store) {
            Some(pack) => Some(pack.id(place.entry)),
            None => {
                let loose = self.loose.get(store - self.packs.len())?;
                loose.objects.get(place.entry as usize).map(|object| object.0)
            }
        }
    }

    /// Whether an object is here.
    pub(crate) fn has(&self, id: &gix::oid) -> bool {
        self.packs.iter().any(|pack| pack.has(id))
            || self.loose.iter().any(|loose| {
                loose.objects.binary_search_by(|object| object.0.as_ref().cmp(id)).is_ok()
            })
    }

    /// Whether an object is stored a second time, and this is not the first.
    pub(crate) fn is_copy(&self, place: Place, id: &gix::oid) -> bool {
        self.packs.iter().take(place.store as usize).any(|pack| pack.has(id))
    }

    /// Visits every object of the kinds that the visitor wants.
    pub(crate) fn walk<V: Visitor>(&self, visitor: &V, threads: usize) {
        let mut number = 0u32;
        for pack in &self.packs {
            for (entry, reason) in &pack.broken {
                visitor.unreadable(Place { store: number, entry: *entry }, reason);
            }
            walk(pack, number, visitor, threads);
            number += 1;
        }
        for loose in &self.loose {
            loose.walk(number, visitor, threads);
            number += 1;
        }
    }
}

impl Loose {
    fn walk<V: Visitor>(&self, store: u32, visitor: &V, threads: usize) {
        let next = AtomicUsize::new(0);
        // A thread costs more than a few objects.
        let threads = threads.clamp(1, 1 + self.objects.len() / 16);
        std::thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(|| self.work(store, visitor, &next));
            }
            self.work(store, visitor, &next);
        });
    }

    fn work<V: Visitor>(&self, store: u32, visitor: &V, next: &AtomicUsize) {
        let mut worker = visitor.worker();
        let mut buffer = Vec::new();
        loop {
            let entry = next.fetch_add(1, Ordering::Relaxed);
            let Some((id, kind)) = self.objects.get(entry) else { break };
            if !visitor.wants(*kind) {
                continue;
            }
            let place = Place { store, entry: entry as u32 };
            match self.read(id, &mut buffer) {
                Ok(data) => {
                    let object = Object { place, kind: *kind, data, is_base: false };
                    visitor.visit(&mut worker, &object, None);
                }
                Err(reason) => visitor.unreadable(place, &reason),
            }
        }
        visitor.done(worker);
    }

    fn read<'b>(&self, id: &ObjectId, buffer: &'b mut Vec<u8>) -> Result<&'b [u8], String> {
        match self.store.try_header(id) {
            Ok(Some((size, _))) if size > LARGEST => {
                return Err(too_large(size));
            }
            Ok(_) => {}
            Err(error) => return Err(error.to_string()),
        }
        let found = match self.store.try_find(id, buffer) {
            Ok(Some(found)) => found,
            Ok(None) => return Err("it went away while it was read".to_owned()),
            Err(error) => return Err(error.to_string()),
        };
        // Damage that leaves a readable stream would pass for other content.
        match gix::objs::compute_hash(id.kind(), found.kind, found.data) {
            Ok(hash) if hash == *id => Ok(found.data),
            _ => Err("its content is not what its name says".to_owned()),
        }
    }
}
