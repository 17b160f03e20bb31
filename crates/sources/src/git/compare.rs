//! What a tree has that none of several others has at the same path.

use std::cmp::Ordering;
use std::collections::HashSet;

use gix::ObjectId;
use gix::bstr::{BString, ByteSlice};
use gix::objs::tree::{EntryKind, EntryRef, name_order};
use gix::objs::{Kind, TreeRef};

use super::objects::{Fault, Objects, Why};

/// Something that none of the other trees has at its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) path: BString,
    pub(crate) id: ObjectId,
    pub(crate) kind: EntryKind,
    /// The blobs that the other trees have at the path.
    pub(crate) before: Vec<ObjectId>,
}

/// What a comparison gave.
#[derive(Debug, Default)]
pub(crate) struct Compared {
    /// What is new, blobs, links and submodules.
    pub(crate) new: Vec<Entry>,
    /// Blobs and trees that others have at a path that the tree does not have.
    gone: Vec<(ObjectId, bool)>,
    /// Trees that could not be read, with their paths.
    pub(crate) faults: Vec<(BString, Fault)>,
}

/// Entries that are taken of one comparison. A tree of a few kilobytes can
/// name more files than there are bytes on earth.
const ENTRIES_MAX: usize = 5_000_000;

/// Longest path that is followed, in bytes; no system allows longer ones.
const PATH_MAX: usize = 64 << 10;

/// Compares a tree with others; `None` is an empty tree.
pub(crate) fn compare(
    objects: Objects<'_>,
    tree: ObjectId,
    others: &[Option<ObjectId>],
) -> Compared {
    let mut compared = Compared::default();
    if others.contains(&Some(tree)) {
        return compared;
    }
    let mut stack = vec![(BString::default(), tree, others.to_vec())];
    let mut seen = 0_usize;
    while let Some((path, tree, others)) = stack.pop() {
        if path.len() > PATH_MAX {
            let fault = Fault::new(tree, Why::TooMuch("lies deeper than any file system allows"));
            compared.faults.push((path, fault));
            continue;
        }
        let object = match objects.get(tree, Kind::Tree) {
            Ok(object) => object,
            Err(fault) => {
                compared.faults.push((path, fault));
                continue;
            }
        };
        let entries = match TreeRef::from_bytes(&object.data, tree.kind()) {
            Ok(decoded) => decoded.entries,
            Err(error) => {
                compared.faults.push((path, Fault::new(tree, Why::Broken(error.to_string()))));
                continue;
            }
        };
        seen = seen.saturating_add(entries.len());
        if seen > ENTRIES_MAX {
            let fault = Fault::new(tree, Why::TooMuch("names more files than are looked at"));
            compared.faults.push((path, fault));
            return compared;
        }
        let mut old_objects = Vec::with_capacity(others.len());
        for other in others.iter().flatten() {
            match objects.get(*other, Kind::Tree) {
                Ok(object) => old_objects.push(object),
                Err(fault) => compared.faults.push((path.clone(), fault)),
            }
        }
        let mut old: Vec<Cursor<'_>> = old_objects
            .iter()
            .filter_map(|object| TreeRef::from_bytes(&object.data, tree.kind()).ok())
            .map(|decoded| Cursor { entries: decoded.entries, at: 0 })
            .collect();
        for entry in &entries {
            let here: Vec<Option<EntryRef<'_>>> =
                old.iter_mut().map(|old| old.seek(entry, &mut compared.gone)).collect();
            let mut same = here.iter().flatten();
            if same.any(|old| old.oid == entry.oid && old.mode.is_tree() == entry.mode.is_tree()) {
                continue;
            }
            let mut at = path.clone();
            if !at.is_empty() {
                at.push(b'/');
            }
            at.extend_from_slice(entry.filename);
            if entry.mode.is_tree() {
                let below = |old: EntryRef<'_>| old.mode.is_tree().then(|| old.oid.to_owned());
                let others = here.iter().map(|old| old.and_then(below)).collect();
                stack.push((at, entry.oid.to_owned(), others));
                continue;
            }
            let before = here.iter().flatten().filter(|old| old.mode.is_blob_or_symlink());
            compared.new.push(Entry {
                path: at,
                id: entry.oid.to_owned(),
                kind: entry.mode.kind(),
                before: before.map(|old| old.oid.to_owned()).collect(),
            });
        }
        old.iter_mut().for_each(|old| old.rest(&mut compared.gone));
    }
    // The stack turned the order of folders around.
    compared.new.sort_by(|a, b| a.path.cmp(&b.path));
    compared
}

/// The entries of another tree, gone through in step.
struct Cursor<'t> {
    entries: Vec<EntryRef<'t>>,
    at: usize,
}

impl<'t> Cursor<'t> {
    /// The entry of the same name and sort. What comes before it is gone.
    fn seek(
        &mut self,
        to: &EntryRef<'_>,
        gone: &mut Vec<(ObjectId, bool)>,
    ) -> Option<EntryRef<'t>> {
        while let Some(entry) = self.entries.get(self.at) {
            let order =
                name_order(entry.filename, entry.mode.is_tree(), to.filename, to.mode.is_tree());
            match order {
                Ordering::Less => {
                    note(entry, gone);
                    self.at += 1;
                }
                Ordering::Equal => {
                    self.at += 1;
                    return Some(*entry);
                }
                Ordering::Greater => return None,
            }
        }
        None
    }

    fn rest(&mut self, gone: &mut Vec<(ObjectId, bool)>) {
        for entry in self.entries.iter().skip(self.at) {
            note(entry, gone);
        }
        self.at = self.entries.len();
    }
}

fn note(entry: &EntryRef<'_>, gone: &mut Vec<(ObjectId, bool)>) {
    if entry.mode.is_tree() || entry.mode.is_blob_or_symlink() {
        gone.push((entry.oid.to_owned(), entry.mode.is_tree()));
    }
}

impl Compared {
    /// Takes out files that only moved: their blob was at a path before that
    /// is no more.
    pub(crate) fn forget_moved(&mut self, objects: Objects<'_>) {
        if self.gone.is_empty() || self.new.iter().all(|entry| !entry.before.is_empty()) {
            return;
        }
        let gone = self.gone_blobs(objects);
        self.new.retain(|entry| !entry.before.is_empty() || !gone.contains(&entry.id));
    }

    fn gone_blobs(&mut self, objects: Objects<'_>) -> HashSet<ObjectId> {
        let mut blobs = HashSet::new();
        let mut trees = HashSet::new();
        let mut stack = std::mem::take(&mut self.gone);
        while let Some((id, is_tree)) = stack.pop() {
            if !is_tree {
                blobs.insert(id);
                continue;
            }
            if !trees.insert(id) {
                continue;
            }
            // What cannot be read hides nothing.
            let Ok(object) = objects.get(id, Kind::Tree) else { continue };
            let Ok(tree) = TreeRef::from_bytes(&object.data, id.kind()) else { continue };
            for entry in &tree.entries {
                note(entry, &mut stack);
            }
        }
        blobs
    }

    /// Marks a blob as gone from its path.
    pub(crate) fn lose(&mut self, id: ObjectId, is_tree: bool) {
        self.gone.push((id, is_tree));
    }
}

/// What a tree has at a path.
pub(crate) fn lookup(
    objects: Objects<'_>,
    tree: ObjectId,
    path: &[u8],
) -> Result<Option<(ObjectId, EntryKind)>, Fault> {
    let mut tree = tree;
    let mut parts = path.split_str("/").peekable();
    while let Some(part) = parts.next() {
        let object = objects.get(tree, Kind::Tree)?;
        let decoded = TreeRef::from_bytes(&object.data, tree.kind())
            .map_err(|error| Fault::new(tree, Why::Broken(error.to_string())))?;
        let Some(entry) = decoded.entries.iter().find(|entry| entry.filename == part) else {
            return Ok(None);
        };
        if parts.peek().is_none() {
            return Ok(Some((entry.oid.to_owned(), entry.mode.kind())));
        }
        if !entry.mode.is_tree() {
            return Ok(None);
        }
        tree = entry.oid.to_owned();
    }
    Ok(None)
}
