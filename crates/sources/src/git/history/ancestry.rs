//! Which commits brought what was found, and where it is now: the third walk,
//! over trees alone and only where something was found below them.

use std::collections::BinaryHeap;
use std::sync::{Mutex, PoisonError};

use gix::ObjectId;
use gix::bstr::{BStr, BString, ByteVec};
use gix::hashtable::{HashMap, HashSet as IdSet};
use gix::objs::{Kind, TreeRefIter};

use super::super::pack::{Base, Object, Place, Visitor};
use super::super::store::Store;
use super::survey::{CommitNode, Survey};

/// Commits from the oldest to the youngest, a parent before its children, that
/// can be reached from some; with those that should be there and are not.
pub(super) struct Line {
    pub(super) commits: Vec<ObjectId>,
    pub(super) missing: Vec<ObjectId>,
}

impl Line {
    /// All commits that can be reached from `tips`.
    pub(super) fn new(survey: &Survey, tips: impl IntoIterator<Item = ObjectId>) -> Line {
        let mut missing = Vec::new();
        let mut children: HashMap<ObjectId, Vec<ObjectId>> = HashMap::default();
        // Parents of each commit that are still to come.
        let mut waits: HashMap<ObjectId, usize> = HashMap::default();
        let mut open: Vec<ObjectId> = tips.into_iter().collect();
        let mut seen: IdSet<ObjectId> = IdSet::default();
        let mut roots: Vec<ObjectId> = Vec::new();
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            let Some(commit) = survey.commits.get(&id) else {
                missing.push(id);
                continue;
            };
            let present: Vec<&ObjectId> =
                commit.parents.iter().filter(|p| survey.commits.contains_key(*p)).collect();
            if present.is_empty() {
                roots.push(id);
            } else {
                waits.insert(id, present.len());
                present.iter().for_each(|p| children.entry(**p).or_default().push(id));
            }
            open.extend(&commit.parents);
        }
        let time = |id: &ObjectId| survey.commits.get(id).map_or(0, |c: &CommitNode| c.time);
        let order = |id: ObjectId| (std::cmp::Reverse(time(&id)), std::cmp::Reverse(id));
        let mut ready: BinaryHeap<_> = roots.into_iter().map(order).collect();
        let mut commits = Vec::with_capacity(seen.len());
        while let Some((_, std::cmp::Reverse(id))) = ready.pop() {
            commits.push(id);
            for child in children.remove(&id).unwrap_or_default() {
                if let Some(left) = waits.get_mut(&child) {
                    *left -= 1;
                    if *left == 0 {
                        ready.push(order(child));
                    }
                }
            }
        }
        missing.sort_unstable();
        Line { commits, missing }
    }
}

/// The parts of trees that lead to blobs in question.
pub(super) struct Skeleton {
    numbers: HashMap<ObjectId, u32>,
    /// Entries of every tree: other trees, and blobs in question.
    trees: Vec<Vec<Branch>>,
}

/// An entry of a tree.
struct Branch {
    name: BString,
    id: ObjectId,
    is_tree: bool,
}

/// A blob in question at a path.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Leaf {
    pub(super) path: BString,
    pub(super) blob: ObjectId,
}

impl Skeleton {
    /// What leads to these blobs.
    pub(super) fn new(
        store: &Store,
        hash: gix::hash::Kind,
        wanted: &IdSet<ObjectId>,
        threads: usize,
    ) -> Skeleton {
        let visitor = Climber { store, hash, wanted, trees: Mutex::new(Vec::new()) };
        store.walk(&visitor, threads);
        let trees = visitor.trees.into_inner().unwrap_or_else(PoisonError::into_inner);
        let numbers: HashMap<ObjectId, u32> =
            (0..).zip(&trees).map(|(number, (id, _))| (*id, number)).collect();
        let mut trees: Vec<Vec<Branch>> = trees.into_iter().map(|(_, branches)| branches).collect();
        let mut leads = vec![None; trees.len()];
        for number in 0..trees.len() {
            leads_somewhere(&trees, &numbers, &mut leads, number, 0);
        }
        let leads_on = |branch: &Branch| {
            !branch.is_tree
                || numbers.get(&branch.id).is_some_and(|at| leads[*at as usize] == Some(true))
        };
        trees.iter_mut().for_each(|branches| branches.retain(leads_on));
        Skeleton { numbers, trees }
    }

    fn branches(&self, tree: &ObjectId) -> &[Branch] {
        let tree = self.numbers.get(tree).and_then(|number| self.trees.get(*number as usize));
        tree.map_or(&[], Vec::as_slice)
    }

    /// Blobs in question that a tree has and none of the others has at the
    /// same path.
    pub(super) fn brought(&self, tree: &ObjectId, others: &[ObjectId]) -> Vec<Leaf> {
        let mut out = Vec::new();
        self.descend(tree, others, &mut BString::default(), 0, &mut out);
        out
    }

    fn descend(
        &self,
        tree: &ObjectId,
        others: &[ObjectId],
        path: &mut BString,
        depth: usize,
        out: &mut Vec<Leaf>,
    ) {
        if others.contains(tree) || depth > DEEPEST {
            return;
        }
        for branch in self.branches(tree) {
            let there: Vec<ObjectId> = others
                .iter()
                .filter_map(|other| self.branches(other).iter().find(|b| b.name == branch.name))
                .map(|other| other.id)
                .collect();
            if there.contains(&branch.id) {
                continue;
            }
            let len = path.len();
            if len > 0 {
                path.push_byte(b'/');
            }
            path.push_str(&branch.name);
            if branch.is_tree {
                self.descend(&branch.id, &there, path, depth + 1, out);
            } else {
                out.push(Leaf { path: path.clone(), blob: branch.id });
            }
            path.truncate(len);
        }
    }
}

/// How deep folders may lie in each other.
const DEEPEST: usize = 1024;

/// Whether a blob in question is below a tree; remembers the answer.
fn leads_somewhere(
    trees: &[Vec<Branch>],
    numbers: &HashMap<ObjectId, u32>,
    known: &mut [Option<bool>],
    tree: usize,
    depth: usize,
) -> bool {
    if let Some(known) = known.get(tree).copied().flatten() {
        return known;
    }
    let leads = depth < DEEPEST
        && trees.get(tree).into_iter().flatten().any(|branch| {
            !branch.is_tree
                || numbers.get(&branch.id).is_some_and(|number| {
                    leads_somewhere(trees, numbers, known, *number as usize, depth + 1)
                })
        });
    if let Some(place) = known.get_mut(tree) {
        *place = Some(leads);
    }
    leads
}

struct Climber<'a> {
    store: &'a Store,
    hash: gix::hash::Kind,
    wanted: &'a IdSet<ObjectId>,
    trees: Mutex<Vec<(ObjectId, Vec<Branch>)>>,
}

impl Visitor for Climber<'_> {
    type Worker = Vec<(ObjectId, Vec<Branch>)>;
    type Carried = ();

    fn wants(&self, kind: Kind) -> bool {
        kind == Kind::Tree
    }

    fn worker(&self) -> Self::Worker {
        Vec::new()
    }

    fn visit(&self, worker: &mut Self::Worker, object: &Object<'_>, _: Option<Base<'_, ()>>) {
        let Some(id) = self.store.id(object.place) else { return };
        let branch = |name: &BStr, id: &gix::oid, is_tree| Branch {
            name: name.to_owned(),
            id: id.to_owned(),
            is_tree,
        };
        let branches: Vec<Branch> = TreeRefIter::from_bytes(object.data, self.hash)
            .map_while(Result::ok)
            .filter_map(|entry| match entry.mode {
                mode if mode.is_tree() => Some(branch(entry.filename, entry.oid, true)),
                mode if mode.is_commit() => None,
                _ => self
                    .wanted
                    .contains(entry.oid)
                    .then(|| branch(entry.filename, entry.oid, false)),
            })
            .collect();
        if !branches.is_empty() {
            worker.push((id, branches));
        }
    }

    // The first walk has told of it.
    fn unreadable(&self, _: Place, _: &str) {}

    fn done(&self, worker: Self::Worker) {
        self.trees.lock().unwrap_or_else(PoisonError::into_inner).extend(worker);
    }
}

/// All commits that can be reached from some.
pub(super) fn led_to(survey: &Survey, tips: &[ObjectId]) -> IdSet<ObjectId> {
    Line::new(survey, tips.iter().copied()).commits.into_iter().collect()
}
