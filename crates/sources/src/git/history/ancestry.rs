//! The order of commits.

use std::collections::BinaryHeap;

use gix::ObjectId;
use gix::hashtable::{HashMap, HashSet as IdSet};

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

/// All commits that can be reached from some.
pub(super) fn led_to(survey: &Survey, tips: &[ObjectId]) -> IdSet<ObjectId> {
    Line::new(survey, tips.iter().copied()).commits.into_iter().collect()
}
