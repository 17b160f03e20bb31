//! The first walk: commits, trees and tags. It tells where every blob stands,
//! which decides how its text is read, and scans messages.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use gix::ObjectId;
use gix::bstr::BString;
use gix::hashtable::HashMap;
use gix::objs::{CommitRefIter, Kind, TagRefIter};
use stanch_scan::{GitPlace, Origin, Outcome, Scanner, Scratch};

use super::super::objects::{PROSE, commit_text, tag_text};
use super::super::pack::{Base, Object, Place, Visitor};
use super::super::store::Store;
use super::trees::{Gathered, Handed, Trees};

/// What the first walk found.
#[derive(Default)]
pub(super) struct Survey {
    pub(super) commits: HashMap<ObjectId, CommitNode>,
    /// What annotated tags point to.
    pub(super) tags: HashMap<ObjectId, ObjectId>,
    pub(super) trees: Trees,
    /// What was found in messages.
    pub(super) messages: Vec<Message>,
    /// Objects that cannot be read, with the reason.
    pub(super) unreadable: Vec<(ObjectId, String)>,
}

/// What the walk over history needs of a commit.
pub(super) struct CommitNode {
    pub(super) tree: ObjectId,
    pub(super) parents: Vec<ObjectId>,
    /// When it was committed, in seconds since 1970.
    pub(super) time: i64,
}

/// What the message of a commit or tag holds.
pub(super) struct Message {
    pub(super) object: ObjectId,
    pub(super) place: GitPlace,
    pub(super) found: Outcome,
}

impl Survey {
    /// Walks the commits, trees and tags of a store.
    pub(super) fn new(
        store: &Store,
        hash: gix::hash::Kind,
        scanner: Scanner<'_>,
        threads: usize,
    ) -> Survey {
        let visitor = Surveyor { store, hash, scanner, survey: Mutex::default() };
        store.walk(&visitor, threads);
        let (mut survey, trees) =
            visitor.survey.into_inner().unwrap_or_else(PoisonError::into_inner);
        survey.trees = trees.finish();
        survey
    }

    /// A path that a blob or tree has somewhere in history.
    pub(super) fn path(&self, id: &gix::oid) -> Option<BString> {
        self.trees.path(id)
    }

    /// The trees and blobs that commits and trees refer to, without those
    /// trees that were read.
    pub(super) fn expected(&self) -> impl Iterator<Item = &ObjectId> {
        let roots = self.commits.values().map(|commit| &commit.tree);
        self.trees.leaves().chain(roots.filter(|tree| self.trees.node(tree).is_none()))
    }

    fn merge(&mut self, other: Survey) {
        self.commits.extend(other.commits);
        self.tags.extend(other.tags);
        self.messages.extend(other.messages);
        self.unreadable.extend(other.unreadable);
    }
}

struct Surveyor<'a> {
    store: &'a Store,
    hash: gix::hash::Kind,
    scanner: Scanner<'a>,
    survey: Mutex<(Survey, Gathered)>,
}

#[derive(Default)]
struct Worker {
    survey: Survey,
    trees: Gathered,
    scratch: Scratch,
}

impl Visitor for Surveyor<'_> {
    type Worker = Worker;
    type Carried = Handed;

    fn wants(&self, kind: Kind) -> bool {
        kind != Kind::Blob
    }

    fn worker(&self) -> Worker {
        Worker::default()
    }

    fn visit(
        &self,
        worker: &mut Worker,
        object: &Object<'_>,
        base: Option<Base<'_, Handed>>,
    ) -> Handed {
        let Some(id) = self.store.id(object.place) else { return Handed::default() };
        match object.kind {
            Kind::Tree => {
                let (handed, is_whole) = worker.trees.add(id, object, self.hash, base);
                if !is_whole {
                    worker.survey.unreadable.push((id, "the tree is damaged".to_owned()));
                }
                return handed;
            }
            Kind::Commit => self.commit(worker, object.data, id),
            Kind::Tag => self.tag(worker, object.data, id),
            Kind::Blob => {}
        }
        Handed::default()
    }

    fn unreadable(&self, place: Place, reason: &str) {
        let Some(id) = self.store.id(place) else { return };
        let mut survey = self.survey.lock().unwrap_or_else(PoisonError::into_inner);
        survey.0.unreadable.push((id, reason.to_owned()));
    }

    fn done(&self, worker: Worker) {
        let mut all = self.survey.lock().unwrap_or_else(PoisonError::into_inner);
        all.0.merge(worker.survey);
        all.1.merge(worker.trees);
    }
}

impl Surveyor<'_> {
    fn commit(&self, worker: &mut Worker, data: &[u8], id: ObjectId) {
        let mut tokens = CommitRefIter::from_bytes(data, self.hash);
        let Ok(tree) = tokens.tree_id() else {
            worker.survey.unreadable.push((id, "the commit is damaged".to_owned()));
            return;
        };
        let parents = CommitRefIter::from_bytes(data, self.hash).parent_ids().collect();
        let time = CommitRefIter::from_bytes(data, self.hash)
            .committer()
            .ok()
            .and_then(|committer| committer.time().ok())
            .map_or(0, |time| time.seconds);
        worker.survey.commits.insert(id, CommitNode { tree, parents, time });
        self.message(worker, &commit_text(data), id, GitPlace::Commit);
    }

    fn tag(&self, worker: &mut Worker, data: &[u8], id: ObjectId) {
        if let Ok(target) = TagRefIter::from_bytes(data, self.hash).target_id() {
            worker.survey.tags.insert(id, target);
        }
        self.message(worker, &tag_text(data), id, GitPlace::Tag);
    }

    /// Scans what people wrote.
    fn message(&self, worker: &mut Worker, text: &[u8], id: ObjectId, place: GitPlace) {
        let origin = Origin::File(PathBuf::from(PROSE));
        let found = self.scanner.blob(&mut worker.scratch, &origin, text);
        if !found.findings.is_empty() || !found.certificates.is_empty() || found.limits.any() {
            worker.survey.messages.push(Message { object: id, place, found });
        }
    }
}
