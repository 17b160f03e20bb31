//! The first walk: commits, trees and tags. It tells where every blob stands,
//! which decides how its text is read, and scans messages.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use gix::ObjectId;
use gix::bstr::{BString, ByteSlice};
use gix::hashtable::HashMap;
use gix::objs::{CommitRefIter, Kind, TagRefIter, TreeRefIter};
use stanch_scan::{Copied, GitPlace, Origin, Outcome, Scanner, Scratch};

use super::super::objects::{PROSE, commit_text, tag_text};
use super::super::pack::{Base, Object, Place, Visitor};
use super::super::store::Store;

/// What the first walk found.
#[derive(Default)]
pub(super) struct Survey {
    pub(super) commits: HashMap<ObjectId, CommitNode>,
    /// What annotated tags point to.
    pub(super) tags: HashMap<ObjectId, ObjectId>,
    /// Of every tree, where it is stored and one of the trees that hold it.
    trees: HashMap<ObjectId, Holder>,
    /// Of every blob, one of the trees that hold it.
    blobs: HashMap<ObjectId, Holder>,
    /// Commits of other repositories that are referred to.
    submodules: HashMap<ObjectId, Holder>,
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

/// A tree that holds an object under a name. The one that is stored first is
/// kept, so that every scan of the same repository sees the same.
struct Holder {
    order: Place,
    tree: ObjectId,
    name: BString,
}

impl Survey {
    /// Walks the commits, trees and tags of a store.
    pub(super) fn new(
        store: &Store,
        hash: gix::hash::Kind,
        scanner: Scanner<'_>,
        threads: usize,
    ) -> Survey {
        let visitor = Surveyor { store, hash, scanner, survey: Mutex::new(Survey::default()) };
        store.walk(&visitor, threads);
        visitor.survey.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// A path that a blob or tree has somewhere in history.
    pub(super) fn path(&self, id: &gix::oid) -> Option<BString> {
        Some(self.path_of(self.blobs.get(id).or_else(|| self.trees.get(id))?))
    }

    fn path_of<'s>(&'s self, mut holder: &'s Holder) -> BString {
        let mut names = vec![holder.name.as_bstr()];
        // Trees do not hold themselves; the limit is for those that lie.
        for _ in 0..1024 {
            let Some(next) = self.trees.get(&holder.tree) else { break };
            names.push(next.name.as_bstr());
            holder = next;
        }
        names.reverse();
        gix::bstr::join("/", names).into()
    }

    /// The paths at which other repositories stand.
    pub(super) fn submodules(&self) -> BTreeSet<BString> {
        self.submodules.values().map(|holder| self.path_of(holder)).collect()
    }

    /// The trees and blobs that commits and trees refer to.
    pub(super) fn expected(&self) -> impl Iterator<Item = &ObjectId> {
        let roots = self.commits.values().map(|commit| &commit.tree);
        self.blobs.keys().chain(self.trees.keys()).chain(roots)
    }

    fn merge(&mut self, other: Survey) {
        self.commits.extend(other.commits);
        self.tags.extend(other.tags);
        for (own, others) in [
            (&mut self.trees, other.trees),
            (&mut self.blobs, other.blobs),
            (&mut self.submodules, other.submodules),
        ] {
            for (id, holder) in others {
                hold(own, id, holder);
            }
        }
        self.messages.extend(other.messages);
    }
}

fn hold(map: &mut HashMap<ObjectId, Holder>, id: ObjectId, holder: Holder) {
    match map.get_mut(&id) {
        Some(known) if known.order <= holder.order => {}
        Some(known) => *known = holder,
        None => drop(map.insert(id, holder)),
    }
}

struct Surveyor<'a> {
    store: &'a Store,
    hash: gix::hash::Kind,
    scanner: Scanner<'a>,
    survey: Mutex<Survey>,
}

#[derive(Default)]
struct Worker {
    survey: Survey,
    scratch: Scratch,
}

impl Visitor for Surveyor<'_> {
    type Worker = Worker;
    type Carried = ();

    fn wants(&self, kind: Kind) -> bool {
        kind != Kind::Blob
    }

    fn worker(&self) -> Worker {
        Worker::default()
    }

    fn visit(&self, worker: &mut Worker, object: &Object<'_>, base: Option<Base<'_, ()>>) {
        let Some(id) = self.store.id(object.place) else { return };
        match object.kind {
            Kind::Tree => self.tree(worker, object, id, base.map_or(&[], |base| base.copied)),
            Kind::Commit => self.commit(worker, object.data, id),
            Kind::Tag => self.tag(worker, object.data, id),
            Kind::Blob => {}
        }
    }

    fn unreadable(&self, place: Place, reason: &str) {
        let Some(id) = self.store.id(place) else { return };
        let mut survey = self.survey.lock().unwrap_or_else(PoisonError::into_inner);
        survey.unreadable.push((id, reason.to_owned()));
    }

    fn done(&self, worker: Worker) {
        self.survey.lock().unwrap_or_else(PoisonError::into_inner).merge(worker.survey);
    }
}

impl Surveyor<'_> {
    fn tree(&self, worker: &mut Worker, object: &Object<'_>, id: ObjectId, mut copied: &[Copied]) {
        let mut start = 0;
        for entry in TreeRefIter::from_bytes(object.data, self.hash) {
            let Ok(entry) = entry else {
                return self.unreadable(object.place, "the tree is damaged");
            };
            // What was copied whole from another tree was seen there.
            let oid = entry.oid.as_bytes();
            let end = oid.as_ptr().addr() + oid.len() - object.data.as_ptr().addr();
            while copied.first().is_some_and(|copy| copy.to + copy.len <= start) {
                copied = copied.get(1..).unwrap_or_default();
            }
            let is_copied =
                copied.first().is_some_and(|copy| copy.to <= start && end <= copy.to + copy.len);
            start = end;
            if is_copied {
                continue;
            }
            let map = if entry.mode.is_tree() {
                &mut worker.survey.trees
            } else if entry.mode.is_commit() {
                &mut worker.survey.submodules
            } else {
                &mut worker.survey.blobs
            };
            let known = map.get(entry.oid).is_some_and(|known| known.order <= object.place);
            if !known {
                let name = entry.filename.to_owned();
                map.insert(entry.oid.to_owned(), Holder { order: object.place, tree: id, name });
            }
        }
    }

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
