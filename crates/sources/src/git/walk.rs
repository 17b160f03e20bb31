//! The commits of a selection, oldest first.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

use gix::ObjectId;
use gix::objs::Kind;

use super::objects::{Fault, Objects, tag};
use super::select::Selection;

/// What a selection comes to.
#[derive(Default)]
pub(crate) struct Walked {
    /// Its commits, parents before children.
    pub(crate) commits: Vec<Picked>,
    /// Annotated tags among the tips.
    pub(crate) tags: Vec<ObjectId>,
    /// Trees that tips lead to without a commit.
    pub(crate) trees: Vec<ObjectId>,
    /// Blobs that tips lead to without a commit.
    pub(crate) blobs: Vec<ObjectId>,
    /// The commits that tips lead to.
    pub(crate) tips: Vec<ObjectId>,
    /// The commits that hidden tips lead to.
    pub(crate) hidden: Vec<ObjectId>,
    /// Commits and tags that could not be read.
    pub(crate) faults: Vec<Fault>,
    /// Commits of the selection whose parents a shallow clone does not have.
    pub(crate) cut: Vec<ObjectId>,
}

/// A commit that was selected.
#[derive(Debug, Clone)]
pub(crate) struct Picked {
    pub(crate) id: ObjectId,
    pub(crate) tree: ObjectId,
    pub(crate) parents: Vec<ObjectId>,
}

/// Hidden commits that are looked at after the last one of interest, in case
/// clocks were wrong.
const SLOP: usize = 32;

struct Node {
    parents: Vec<ObjectId>,
    tree: ObjectId,
    time: i64,
    hidden: bool,
    /// Whether it was taken off the heap.
    done: bool,
}

struct Walk<'r> {
    objects: Objects<'r>,
    shallow: &'r HashSet<ObjectId>,
    nodes: HashMap<ObjectId, Node>,
    heap: BinaryHeap<(i64, Reverse<usize>, ObjectId)>,
    /// Commits on the heap that are not hidden.
    waiting: usize,
    faults: Vec<Fault>,
}

/// Finds the commits of a selection.
pub(crate) fn walk(
    objects: Objects<'_>,
    selection: &Selection,
    shallow: &HashSet<ObjectId>,
) -> Walked {
    let mut walked = Walked::default();
    let mut walk = Walk {
        objects,
        shallow,
        nodes: HashMap::new(),
        heap: BinaryHeap::new(),
        waiting: 0,
        faults: Vec::new(),
    };
    let mut hidden_tags = HashSet::new();
    for id in &selection.hidden {
        let mut at = *id;
        // What is not here hides nothing, so more is scanned.
        while let Ok(object) = objects.any(at) {
            match object.kind {
                Kind::Commit => {
                    walked.hidden.push(at);
                    walk.push(at, true);
                }
                Kind::Tag if hidden_tags.insert(at) => {
                    let Ok(tag) = tag(&object) else { break };
                    at = tag.target();
                    continue;
                }
                _ => {}
            }
            break;
        }
    }
    let mut seen = HashSet::new();
    for id in &selection.tips {
        let mut at = *id;
        while seen.insert(at) {
            let object = match objects.any(at) {
                Ok(object) => object,
                Err(fault) => {
                    walked.faults.push(fault);
                    break;
                }
            };
            match object.kind {
                Kind::Commit => {
                    walked.tips.push(at);
                    walk.push(at, false);
                }
                Kind::Tree => walked.trees.push(at),
                Kind::Blob => walked.blobs.push(at),
                Kind::Tag => {
                    if !hidden_tags.contains(&at) {
                        walked.tags.push(at);
                    }
                    match tag(&object) {
                        Ok(tag) => {
                            at = tag.target();
                            continue;
                        }
                        Err(fault) => walked.faults.push(fault),
                    }
                }
            }
            break;
        }
    }
    let picked = walk.run(selection);
    let ordered = oldest_first(&walk.nodes, &picked);
    for id in ordered {
        let Some(node) = walk.nodes.remove(&id) else { continue };
        if shallow.contains(&id) {
            walked.cut.push(id);
        }
        walked.commits.push(Picked { id, tree: node.tree, parents: node.parents });
    }
    walked.faults.append(&mut walk.faults);
    walked
}

impl Walk<'_> {
    /// Puts a commit on the heap, or hides it if it is known already.
    fn push(&mut self, id: ObjectId, hidden: bool) {
        if let Some(node) = self.nodes.get(&id) {
            if hidden && !node.hidden {
                self.hide(id);
            }
            return;
        }
        let links = match self.objects.links(id) {
            Ok(links) => links,
            Err(fault) => {
                if !hidden {
                    self.faults.push(fault);
                }
                return;
            }
        };
        let parents = if self.shallow.contains(&id) { Vec::new() } else { links.parents };
        let (tree, time) = (links.tree, links.time);
        self.heap.push((time, Reverse(self.nodes.len()), id));
        self.waiting += usize::from(!hidden);
        self.nodes.insert(id, Node { parents, tree, time, hidden, done: false });
    }

    /// Hides a commit and everything known that it leads to.
    fn hide(&mut self, id: ObjectId) {
        let mut stack = vec![id];
        while let Some(id) = stack.pop() {
            let Some(node) = self.nodes.get_mut(&id) else { continue };
            if node.hidden {
                continue;
            }
            node.hidden = true;
            if node.done {
                stack.extend_from_slice(&node.parents);
            } else {
                self.waiting = self.waiting.saturating_sub(1);
            }
        }
    }

    /// Walks until only hidden commits are left; the picked ones newest first.
    fn run(&mut self, selection: &Selection) -> Vec<ObjectId> {
        let mut picked = Vec::new();
        let mut oldest = i64::MAX;
        let mut slop = SLOP;
        let limit = selection.max_commits.unwrap_or(usize::MAX);
        while let Some((time, _, id)) = self.heap.pop() {
            if self.waiting == 0 {
                if picked.is_empty() || slop == 0 {
                    break;
                }
                slop = if time >= oldest { SLOP } else { slop - 1 };
            }
            let Some(node) = self.nodes.get_mut(&id) else { continue };
            node.done = true;
            let mut hidden = node.hidden;
            if !hidden {
                self.waiting = self.waiting.saturating_sub(1);
                if selection.since.is_some_and(|since| time < since) {
                    node.hidden = true;
                    hidden = true;
                } else {
                    oldest = oldest.min(time);
                    picked.push(id);
                }
            }
            let parents = node.parents.clone();
            parents.into_iter().for_each(|parent| self.push(parent, hidden));
            if picked.len() >= limit && selection.hidden.is_empty() {
                break;
            }
        }
        picked.retain(|id| self.nodes.get(id).is_some_and(|node| !node.hidden));
        picked.truncate(limit);
        picked
    }
}

/// Sorts commits so that parents come before their children, older ones first
/// where nothing else decides.
fn oldest_first(nodes: &HashMap<ObjectId, Node>, picked: &[ObjectId]) -> Vec<ObjectId> {
    let among: HashSet<ObjectId> = picked.iter().copied().collect();
    let mut awaited: HashMap<ObjectId, usize> = HashMap::new();
    let mut children: HashMap<ObjectId, Vec<ObjectId>> = HashMap::new();
    let mut ready = BinaryHeap::new();
    for id in picked {
        let Some(node) = nodes.get(id) else { continue };
        let parents = node.parents.iter().filter(|parent| among.contains(*parent));
        let mut count = 0;
        for parent in parents {
            count += 1;
            children.entry(*parent).or_default().push(*id);
        }
        awaited.insert(*id, count);
        if count == 0 {
            ready.push(Reverse((node.time, *id)));
        }
    }
    let mut ordered = Vec::with_capacity(picked.len());
    while let Some(Reverse((_, id))) = ready.pop() {
        ordered.push(id);
        for child in children.remove(&id).unwrap_or_default() {
            let Some(count) = awaited.get_mut(&child) else { continue };
            *count -= 1;
            if *count == 0
                && let Some(node) = nodes.get(&child)
            {
                ready.push(Reverse((node.time, child)));
            }
        }
    }
    ordered
}
