//! The trees of a repository as they are stored: most of them are another one
//! with an entry changed, and only that entry is kept.

use std::collections::{BTreeSet, HashMap as Map};

use gix::ObjectId;
use gix::bstr::{BStr, BString, ByteSlice};
use gix::hashtable::HashMap;
use gix::objs::TreeRefIter;
use stanch_scan::Copied;

use super::super::pack::{Base, Object, Place};

/// No number.
pub(super) const NONE: u32 = u32::MAX;

/// Every tree, with a number for every object and name.
#[derive(Default)]
pub(super) struct Trees {
    /// Numbers of trees, and of what they hold.
    numbers: HashMap<ObjectId, u32>,
    pub(super) names: Vec<BString>,
    /// In the order in which they are stored.
    pub(super) nodes: Vec<Node>,
    parts: Vec<Part>,
    /// By number of the object, the first node of that tree.
    node_of: Vec<u32>,
    /// By number of the object, a tree that holds it. The one that is stored
    /// first is kept, so that every scan of the same repository sees the same.
    holders: Vec<Holder>,
    /// Commits of other repositories that are referred to.
    submodules: Vec<Holder>,
}

/// A tree as it is stored.
pub(super) struct Node {
    place: Place,
    /// The number of its object.
    id: u32,
    /// The node that its copied parts are from; while trees are gathered, the
    /// entry of the pack.
    pub(super) base: u32,
    /// Where its parts begin, and how many there are.
    start: usize,
    count: u32,
}

/// A part of a tree; its entries are those of its parts, in order.
#[derive(Clone, Copy)]
pub(super) enum Part {
    /// So many entries of its base, from this one on.
    Copied { from: u32, count: u32 },
    /// A tree, by the number of its name and its own.
    Tree { name: u32, id: u32 },
    /// A file.
    Blob { name: u32, id: u32 },
    /// A commit of another repository.
    Submodule,
}

/// A name in a tree.
#[derive(Clone, Copy)]
struct Holder {
    node: u32,
    name: u32,
}

impl Trees {
    /// The number of an object.
    pub(super) fn number(&self, id: &gix::oid) -> Option<u32> {
        self.numbers.get(id).copied()
    }

    /// The node of a tree, by the number of its object.
    pub(super) fn node_of(&self, number: u32) -> Option<u32> {
        self.node_of.get(number as usize).copied().filter(|node| *node != NONE)
    }

    /// The node of a tree.
    pub(super) fn node(&self, id: &gix::oid) -> Option<u32> {
        self.node_of(self.number(id)?)
    }

    /// What a tree is made of.
    pub(super) fn parts(&self, node: &Node) -> &[Part] {
        self.parts.get(node.start..node.start + node.count as usize).unwrap_or_default()
    }

    /// How many objects have numbers.
    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// The objects that trees hold and that are no trees that were read.
    pub(super) fn leaves(&self) -> impl Iterator<Item = &ObjectId> {
        self.numbers.iter().filter(|(_, number)| self.node_of(**number).is_none()).map(|(id, _)| id)
    }

    /// A path that a blob or tree has somewhere.
    pub(super) fn path(&self, id: &gix::oid) -> Option<BString> {
        let holder = self.holders.get(self.number(id)? as usize)?;
        (holder.node != NONE).then(|| self.path_of(*holder))
    }

    /// The paths at which other repositories stand.
    pub(super) fn submodules(&self) -> BTreeSet<BString> {
        self.submodules.iter().map(|holder| self.path_of(*holder)).collect()
    }

    fn path_of(&self, mut holder: Holder) -> BString {
        let mut names: Vec<&BStr> = Vec::new();
        // Trees do not hold themselves; the limit is for those that lie.
        for _ in 0..=1024 {
            names.push(self.names.get(holder.name as usize).map_or(b"".into(), |n| n.as_bstr()));
            let Some(node) = self.nodes.get(holder.node as usize) else { break };
            match self.holders.get(node.id as usize) {
                Some(next) if next.node != NONE => holder = *next,
                _ => break,
            }
        }
        names.reverse();
        gix::bstr::join("/", names).into()
    }
}

/// What is handed on from a tree to those that are made from it.
#[derive(Default)]
pub(super) struct Handed {
    entry: u32,
    /// Where each of its entries ends, in bytes.
    ends: Vec<usize>,
}

/// Trees while they are read by one thread.
#[derive(Default)]
pub(super) struct Gathered {
    numbers: HashMap<ObjectId, u32>,
    names: Map<BString, u32>,
    nodes: Vec<Node>,
    parts: Vec<Part>,
    /// Where each commit of another repository stands first.
    submodules: HashMap<ObjectId, (Place, u32)>,
}

impl Gathered {
    /// Adds a tree, as far as it can be read, and tells whether all of it can.
    pub(super) fn add(
        &mut self,
        id: ObjectId,
        object: &Object<'_>,
        hash: gix::hash::Kind,
        base: Option<Base<'_, Handed>>,
    ) -> (Handed, bool) {
        let mut handed = Handed { entry: object.place.entry, ends: Vec::new() };
        let start = self.parts.len();
        let from = base.as_ref().map_or(NONE, |base| base.carried.entry);
        let (known, mut copied): (&[usize], &[Copied]) = match &base {
            Some(base) => (&base.carried.ends, base.copied),
            None => (&[], &[]),
        };
        let mut at = 0;
        let mut is_whole = true;
        while at < object.data.len() {
            if let Some((part, shift, end)) = whole_entries(at, known, &mut copied) {
                self.parts.push(Part::Copied { from: part.start as u32, count: part.len() as u32 });
                if object.is_base {
                    let ends = known.get(part).unwrap_or_default().iter();
                    handed.ends.extend(ends.map(|end| end.wrapping_add(shift)));
                }
                at = end;
                continue;
            }
            let rest = object.data.get(at..).unwrap_or_default();
            let Some(Ok(entry)) = TreeRefIter::from_bytes(rest, hash).next() else {
                is_whole = false;
                break;
            };
            let oid = entry.oid.as_bytes();
            at = oid.as_ptr().addr() + oid.len() - object.data.as_ptr().addr();
            if object.is_base {
                handed.ends.push(at);
            }
            let name = self.name(entry.filename);
            let part = match entry.mode {
                mode if mode.is_tree() => Part::Tree { name, id: self.number(entry.oid) },
                mode if mode.is_commit() => {
                    let first = (object.place, name);
                    let known = self.submodules.entry(entry.oid.to_owned()).or_insert(first);
                    if first.0 < known.0 {
                        *known = first;
                    }
                    Part::Submodule
                }
                _ => Part::Blob { name, id: self.number(entry.oid) },
            };
            self.parts.push(part);
        }
        let count = (self.parts.len() - start) as u32;
        let id = self.number(&id);
        self.nodes.push(Node { place: object.place, id, base: from, start, count });
        (handed, is_whole)
    }

    fn number(&mut self, id: &gix::oid) -> u32 {
        let next = self.numbers.len() as u32;
        *self.numbers.entry(id.to_owned()).or_insert(next)
    }

    fn name(&mut self, name: &BStr) -> u32 {
        if let Some(known) = self.names.get(name) {
            return *known;
        }
        let next = self.names.len() as u32;
        self.names.insert(name.to_owned(), next);
        next
    }

    /// Adds what another thread read.
    pub(super) fn merge(&mut self, mut other: Gathered) {
        if self.nodes.is_empty() {
            return *self = other;
        }
        let mut ids = vec![NONE; other.numbers.len()];
        for (id, number) in std::mem::take(&mut other.numbers) {
            let next = self.numbers.len() as u32;
            let known = *self.numbers.entry(id).or_insert(next);
            ids.get_mut(number as usize).into_iter().for_each(|number| *number = known);
        }
        let mut names = vec![NONE; other.names.len()];
        for (name, number) in std::mem::take(&mut other.names) {
            let next = self.names.len() as u32;
            let known = *self.names.entry(name).or_insert(next);
            names.get_mut(number as usize).into_iter().for_each(|number| *number = known);
        }
        let id = |number: u32| ids.get(number as usize).copied().unwrap_or(NONE);
        let name = |number: u32| names.get(number as usize).copied().unwrap_or(NONE);
        let shift = self.parts.len();
        self.parts.extend(other.parts.iter().map(|part| match *part {
            Part::Tree { name: n, id: i } => Part::Tree { name: name(n), id: id(i) },
            Part::Blob { name: n, id: i } => Part::Blob { name: name(n), id: id(i) },
            part => part,
        }));
        self.nodes.extend(other.nodes.into_iter().map(|node| Node {
            id: id(node.id),
            start: node.start + shift,
            ..node
        }));
        for (commit, (place, number)) in other.submodules {
            let first = (place, name(number));
            let known = self.submodules.entry(commit).or_insert(first);
            if first.0 < known.0 {
                *known = first;
            }
        }
    }

    /// All trees, once every thread has given its own.
    pub(super) fn finish(mut self) -> Trees {
        let mut names = vec![BString::default(); self.names.len()];
        for (name, number) in std::mem::take(&mut self.names) {
            names.get_mut(number as usize).into_iter().for_each(|place| *place = name.clone());
        }
        let mut nodes = std::mem::take(&mut self.nodes);
        nodes.sort_unstable_by_key(|node| node.place);
        let places: Vec<Place> = nodes.iter().map(|node| node.place).collect();
        let find = |place: Place| places.binary_search(&place).map_or(NONE, |at| at as u32);
        let mut node_of = vec![NONE; self.numbers.len()];
        let mut holders = vec![Holder { node: NONE, name: NONE }; self.numbers.len()];
        for (number, node) in (0..).zip(&mut nodes) {
            if node.base != NONE {
                node.base = find(Place { store: node.place.store, entry: node.base });
            }
            if let Some(first @ &mut NONE) = node_of.get_mut(node.id as usize) {
                *first = number;
            }
            let parts = self.parts.get(node.start..node.start + node.count as usize);
            for part in parts.unwrap_or_default() {
                // What was copied from another tree is held by that.
                let (Part::Tree { name, id } | Part::Blob { name, id }) = *part else { continue };
                if let Some(holder) = holders.get_mut(id as usize)
                    && holder.node == NONE
                {
                    *holder = Holder { node: number, name };
                }
            }
        }
        let submodules = self.submodules.values();
        let submodules =
            submodules.map(|(place, name)| Holder { node: find(*place), name: *name }).collect();
        self.parts.shrink_to_fit();
        let Gathered { numbers, parts, .. } = self;
        Trees { numbers, names, nodes, parts, node_of, holders, submodules }
    }
}

/// The entries of a base that were copied whole to a position where an entry
/// begins: their range, what to add to a position in the base, and where they
/// end. Drops copies that end before.
fn whole_entries(
    at: usize,
    ends: &[usize],
    copied: &mut &[Copied],
) -> Option<(std::ops::Range<usize>, usize, usize)> {
    while let Some((copy, rest)) = copied.split_first()
        && copy.to + copy.len <= at
    {
        *copied = rest;
    }
    let copy = copied.first().filter(|copy| copy.to <= at)?;
    let from = at - copy.to + copy.from;
    // Only where an entry of the base begins too do they read the same.
    let first = match from {
        0 => 0,
        from => ends.binary_search(&from).ok()? + 1,
    };
    let last = ends.partition_point(|end| *end <= copy.from + copy.len);
    let end = *ends.get(last.checked_sub(1)?)?;
    (first < last).then(|| (first..last, at.wrapping_sub(from), end - from + at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_entries_at_the_same_bounds_are_taken_over() {
        let ends = [10, 20, 30];
        let copies = [Copied { from: 5, to: 0, len: 20 }, Copied { from: 0, to: 20, len: 30 }];
        let all = |at| {
            let mut copied = &copies[..];
            whole_entries(at, &ends, &mut copied).map(|(range, _, end)| (range, end))
        };
        // It begins in the midst of an entry of the base.
        assert_eq!(all(0), None);
        assert_eq!(all(5), Some((1..2, 15)));
        assert_eq!(all(6), None);
        // What is left is no whole entry.
        assert_eq!(all(15), None);
        assert_eq!(all(20), Some((0..3, 50)));
        assert_eq!(all(30), Some((1..3, 50)));
        assert_eq!(all(50), None);
    }
}
