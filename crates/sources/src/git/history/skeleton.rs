//! The parts of trees that lead to blobs in question, for telling which commit
//! brought them.

use std::collections::HashMap as Map;

use gix::ObjectId;
use gix::bstr::{BString, ByteVec};

use super::trees::{NONE, Part, Trees};

/// How deep folders may lie in each other.
const DEEPEST: usize = 1024;

/// Comparisons of names for which no table is made.
const FEW: usize = 256;

/// The parts of trees that lead to blobs in question.
pub(super) struct Skeleton<'t> {
    trees: &'t Trees,
    /// By number of the object, its id if it is a blob in question.
    blobs: Map<u32, ObjectId>,
    /// Entries of all trees.
    branches: Vec<Branch>,
    /// By node, where its branches begin and how many there are.
    bounds: Vec<(usize, u32)>,
}

/// An entry of a tree that leads to a blob in question, or may.
#[derive(Clone, Copy)]
struct Branch {
    /// Which entry of its tree it is, all counted.
    index: u32,
    name: u32,
    /// The number of a node or, with [`BLOB`], of an object.
    to: u32,
}

/// Marks a branch that is a blob.
const BLOB: u32 = 1 << 31;

/// A blob in question at a path.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Leaf {
    pub(super) path: BString,
    pub(super) blob: ObjectId,
}

impl<'t> Skeleton<'t> {
    /// What leads to these blobs.
    pub(super) fn new<'i>(
        trees: &'t Trees,
        wanted: impl Iterator<Item = &'i ObjectId>,
    ) -> Skeleton<'t> {
        let blobs: Map<u32, ObjectId> =
            wanted.filter_map(|id| Some((trees.number(id)?, *id))).collect();
        let mut is_wanted = vec![false; trees.len()];
        for number in blobs.keys() {
            is_wanted.get_mut(*number as usize).into_iter().for_each(|is_wanted| *is_wanted = true);
        }
        let leads = leads(trees, &is_wanted);
        let mut skeleton = Skeleton { trees, blobs, branches: Vec::new(), bounds: Vec::new() };
        skeleton.grow(&is_wanted, &leads);
        skeleton
    }

    /// Lists the branches of every tree, a base before what is made from it.
    fn grow(&mut self, is_wanted: &[bool], leads: &[bool]) {
        const OPEN: (usize, u32) = (usize::MAX, 0);
        let trees = self.trees;
        self.bounds = vec![OPEN; trees.nodes.len()];
        let mut chain = Vec::new();
        for number in 0..trees.nodes.len() as u32 {
            let mut next = number;
            while let Some(bounds @ &mut OPEN) = self.bounds.get_mut(next as usize) {
                *bounds = (0, 0);
                // What leads nowhere needs no base, and is none for what does.
                if leads.get(next as usize) != Some(&true) {
                    break;
                }
                chain.push(next);
                next = trees.nodes.get(next as usize).map_or(NONE, |node| node.base);
            }
            while let Some(number) = chain.pop() {
                let Some(node) = trees.nodes.get(number as usize) else { continue };
                let start = self.branches.len();
                let mut index = 0;
                for part in trees.parts(node) {
                    match *part {
                        Part::Copied { from, count } => {
                            self.copy(node.base, from, count, index);
                            index += count;
                            continue;
                        }
                        Part::Tree { name, id } => {
                            if let Some(to) = trees.node_of(id)
                                && leads.get(to as usize) == Some(&true)
                            {
                                self.branches.push(Branch { index, name, to });
                            }
                        }
                        Part::Blob { name, id } => {
                            if is_wanted.get(id as usize) == Some(&true) {
                                self.branches.push(Branch { index, name, to: id | BLOB });
                            }
                        }
                        Part::Submodule => {}
                    }
                    index += 1;
                }
                if let Some(bounds) = self.bounds.get_mut(number as usize) {
                    *bounds = (start, (self.branches.len() - start) as u32);
                }
            }
        }
    }

    /// Takes over those branches of a base that are among so many entries.
    fn copy(&mut self, base: u32, from: u32, count: u32, to: u32) {
        let (start, len) = self.bounds.get(base as usize).copied().unwrap_or_default();
        let all = self.branches.get(start..start + len as usize).unwrap_or_default();
        let first = start + all.partition_point(|branch| branch.index < from);
        let last = start + all.partition_point(|branch| branch.index < from.saturating_add(count));
        for at in first..last {
            let Some(branch) = self.branches.get(at).copied() else { break };
            self.branches.push(Branch { index: branch.index - from + to, ..branch });
        }
    }

    fn branches(&self, node: u32) -> &[Branch] {
        let (start, len) = self.bounds.get(node as usize).copied().unwrap_or_default();
        self.branches.get(start..start + len as usize).unwrap_or_default()
    }

    /// Blobs in question that a tree has and none of the others has at the
    /// same path.
    pub(super) fn brought(&self, tree: &ObjectId, others: &[ObjectId]) -> Vec<Leaf> {
        let mut out = Vec::new();
        if let Some(tree) = self.trees.node(tree) {
            let others: Vec<u32> = others.iter().filter_map(|id| self.trees.node(id)).collect();
            self.descend(tree, &others, &mut BString::default(), 0, &mut out);
        }
        out
    }

    fn descend(
        &self,
        tree: u32,
        others: &[u32],
        path: &mut BString,
        depth: usize,
        out: &mut Vec<Leaf>,
    ) {
        if others.contains(&tree) || depth > DEEPEST {
            return;
        }
        let others: Vec<&[Branch]> = others.iter().map(|other| self.branches(*other)).collect();
        let new = differing(self.branches(tree), &others);
        let tables: Vec<Table> = others.iter().map(|other| Table::new(other, new.len())).collect();
        for branch in new {
            let there = tables.iter().filter_map(|table| table.get(branch.name));
            let there: Vec<u32> = there.collect();
            if there.contains(&branch.to) {
                continue;
            }
            let len = path.len();
            if len > 0 {
                path.push_byte(b'/');
            }
            if let Some(name) = self.trees.names.get(branch.name as usize) {
                path.push_str(name);
            }
            if branch.to & BLOB == 0 {
                let there: Vec<u32> = there.into_iter().filter(|to| to & BLOB == 0).collect();
                self.descend(branch.to, &there, path, depth + 1, out);
            } else if let Some(blob) = self.blobs.get(&(branch.to & !BLOB)) {
                out.push(Leaf { path: path.clone(), blob: *blob });
            }
            path.truncate(len);
        }
    }
}

/// What is left of branches without those at the front and at the back that
/// are the same in another tree.
fn differing<'b>(mut branches: &'b [Branch], others: &[&[Branch]]) -> &'b [Branch] {
    let is_same = |(a, b): &(&Branch, &Branch)| (a.name, a.to) == (b.name, b.to);
    for other in others {
        let same = branches.iter().zip(*other).take_while(is_same).count();
        branches = branches.get(same..).unwrap_or_default();
    }
    for other in others {
        let same = branches.iter().rev().zip(other.iter().rev()).take_while(is_same).count();
        branches = branches.get(..branches.len() - same).unwrap_or_default();
    }
    branches
}

/// Finds branches by name.
enum Table<'b> {
    List(&'b [Branch]),
    Map(Map<u32, u32>),
}

impl<'b> Table<'b> {
    /// For so many look-ups.
    fn new(branches: &'b [Branch], asked: usize) -> Table<'b> {
        match asked * branches.len() > FEW {
            // Of two with the same name the first counts.
            true => Table::Map(branches.iter().rev().map(|b| (b.name, b.to)).collect()),
            false => Table::List(branches),
        }
    }

    fn get(&self, name: u32) -> Option<u32> {
        match self {
            Table::List(branches) => branches.iter().find(|b| b.name == name).map(|b| b.to),
            Table::Map(map) => map.get(&name).copied(),
        }
    }
}

/// By node, whether it leads to a wanted blob, or is made from one that does.
fn leads(trees: &Trees, is_wanted: &[bool]) -> Vec<bool> {
    let sources = |number: u32| {
        let node = trees.nodes.get(number as usize);
        let base = node.map(|node| node.base).filter(|base| *base != NONE);
        let parts = node.map_or(&[][..], |node| trees.parts(node));
        let held = parts.iter().filter_map(|part| match part {
            Part::Tree { id, .. } => trees.node_of(*id),
            _ => None,
        });
        base.into_iter().chain(held)
    };
    // Of every node, those that it makes lead: at `users[first[n]..first[n + 1]]`.
    let count = trees.nodes.len();
    let mut first = vec![0usize; count + 1];
    for number in 0..count as u32 {
        for source in sources(number) {
            first.get_mut(source as usize + 1).into_iter().for_each(|count| *count += 1);
        }
    }
    let mut sum = 0;
    for count in &mut first {
        sum += *count;
        *count = sum;
    }
    let mut next = first.clone();
    let mut users = vec![NONE; sum];
    for number in 0..count as u32 {
        for source in sources(number) {
            if let Some(at) = next.get_mut(source as usize)
                && let Some(user) = users.get_mut(*at)
            {
                *user = number;
                *at += 1;
            }
        }
    }
    let has_wanted = |part: &Part| match part {
        Part::Blob { id, .. } => is_wanted.get(*id as usize) == Some(&true),
        _ => false,
    };
    let mut leads: Vec<bool> =
        trees.nodes.iter().map(|node| trees.parts(node).iter().any(has_wanted)).collect();
    let mut open: Vec<u32> =
        (0..).zip(&leads).filter(|(_, leads)| **leads).map(|(number, _)| number).collect();
    while let Some(number) = open.pop() {
        let bounds = first.get(number as usize).zip(first.get(number as usize + 1));
        for user in bounds.and_then(|(a, b)| users.get(*a..*b)).unwrap_or_default() {
            if let Some(leads @ false) = leads.get_mut(*user as usize) {
                *leads = true;
                open.push(*user);
            }
        }
    }
    leads
}
