//! Where each secret was first, path by path, and whether it is still there.

use std::collections::HashMap as Map;

use gix::ObjectId;
use gix::bstr::BString;
use gix::hashtable::{HashMap, HashSet as IdSet};
use stanch_scan::Presence;

use super::blobs::{Blobs, Hit};
use super::skeleton::Leaf;

/// What is reported of files.
pub(super) struct Places<'b> {
    blobs: &'b Blobs,
    hits: HashMap<ObjectId, &'b [Hit]>,
    /// In the order in which they were added.
    pub(super) entries: Vec<Entry>,
    /// By secret and path, where it is among the entries.
    known: Map<(&'b str, BString), usize>,
    placed: IdSet<ObjectId>,
}

/// What is reported of one secret at one path.
pub(super) struct Entry {
    pub(super) path: BString,
    pub(super) hit: Hit,
    pub(super) blob: ObjectId,
    pub(super) commit: Option<ObjectId>,
    pub(super) presence: Presence,
}

impl<'b> Places<'b> {
    pub(super) fn new(blobs: &'b Blobs) -> Places<'b> {
        Places {
            blobs,
            hits: blobs.hits.iter().map(|hits| (hits.blob, hits.findings.as_slice())).collect(),
            entries: Vec::new(),
            known: Map::new(),
            placed: IdSet::default(),
        }
    }

    /// The blobs in which something was found.
    pub(super) fn blobs(&self) -> impl Iterator<Item = &ObjectId> {
        self.hits.keys()
    }

    fn hits(&self, blob: &ObjectId) -> &'b [Hit] {
        self.hits.get(blob).copied().unwrap_or_default()
    }

    /// A blob that came to a path. What is known there already is passed over.
    pub(super) fn add(&mut self, leaf: Leaf, commit: Option<ObjectId>) {
        for hit in self.hits(&leaf.blob) {
            let Some(finding) = self.blobs.kinds.get(hit.kind as usize) else { continue };
            let key = (finding.fingerprint.as_str(), leaf.path.clone());
            let entries = &mut self.entries;
            self.known.entry(key).or_insert_with(|| {
                entries.push(Entry {
                    path: leaf.path.clone(),
                    hit: hit.clone(),
                    blob: leaf.blob,
                    commit,
                    presence: Presence::History,
                });
                entries.len() - 1
            });
        }
        self.placed.insert(leaf.blob);
    }

    /// Adds all blobs that came nowhere, each at the path it had somewhere.
    pub(super) fn add_rest(&mut self, path: impl Fn(&gix::oid) -> Option<BString>) {
        let mut rest = Vec::from_iter(self.hits.keys().copied());
        rest.retain(|id| !self.placed.contains(id));
        rest.sort_unstable();
        for blob in rest {
            let path = path(&blob).unwrap_or_else(|| blob.to_string().into());
            let entry = |hit: &Hit| Entry {
                path: path.clone(),
                hit: hit.clone(),
                blob,
                commit: None,
                presence: Presence::Unreachable,
            };
            self.entries.extend(self.hits(&blob).iter().map(entry));
        }
    }

    /// A blob is checked out at a path.
    pub(super) fn is_there(&mut self, leaf: Leaf) {
        for hit in self.hits(&leaf.blob) {
            let Some(finding) = self.blobs.kinds.get(hit.kind as usize) else { continue };
            let key = (finding.fingerprint.as_str(), leaf.path.clone());
            if let Some(entry) = self.known.get(&key).and_then(|at| self.entries.get_mut(*at)) {
                entry.presence = Presence::Head;
            }
        }
    }
}
