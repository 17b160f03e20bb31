//! Turns what was found into findings with their places, and what was not
//! scanned into gaps.

use std::collections::{BTreeMap, HashMap as Map};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use gix::ObjectId;
use gix::bstr::{BStr, BString, ByteSlice};
use gix::hashtable::HashSet as IdSet;
use stanch_scan::{
    Commit, Finding, Gap, GapKind, GitOrigin, GitPlace, Origin, Presence, Scanner, Scratch, Sink,
};

use super::super::link::Links;
use super::super::objects::{Fault, Why, commit_origin, tag_origin, told};
use super::super::place::{SUBMODULE, path_of};
use super::super::store::Store;
use super::History;
use super::ancestry::{Line, led_to};
use super::blobs::Blobs;
use super::places::{Entry, Places};
use super::skeleton::{Leaf, Skeleton};
use super::survey::{Message, Survey};
use super::tips::Tips;

/// How many single objects that cannot be read are named.
const NAMED: usize = 20;

/// What was found, on its way to a sink.
pub(super) struct Report<'a> {
    history: &'a History<'a>,
    repo: &'a gix::Repository,
    store: &'a Store,
    survey: &'a Survey,
    blobs: &'a Blobs,
    sink: &'a dyn Sink,
    links: Option<Links>,
    commits: Map<ObjectId, Option<Arc<Commit>>>,
}

impl<'a> Report<'a> {
    pub(super) fn new(
        history: &'a History<'a>,
        repo: &'a gix::Repository,
        store: &'a Store,
        survey: &'a Survey,
        blobs: &'a Blobs,
        sink: &'a dyn Sink,
    ) -> Report<'a> {
        let links = Links::of(history.repo);
        Report { history, repo, store, survey, blobs, sink, links, commits: Map::new() }
    }

    /// Tells the sink everything.
    pub(super) fn run(&mut self, scanner: Scanner<'_>) {
        let tips = Tips::new(self.history, self.repo, self.store, self.survey, self.sink);
        let line = Line::new(self.survey, tips.commits.iter().chain(&tips.notes).copied());
        self.history.commits.store(line.commits.len(), Ordering::Relaxed);
        self.gaps(&line);
        self.names(scanner, &tips);
        self.messages(&line, &tips);
        self.files(&line, &tips);
        for (blob, certificate) in &self.blobs.certificates {
            let origin =
                self.origin(self.path(blob), GitPlace::File, Some(*blob), None, Presence::History);
            self.sink.certificate(&origin, certificate.clone());
        }
    }

    /// What was not scanned.
    fn gaps(&self, line: &Line) {
        let broken = self.survey.unreadable.iter().chain(&self.blobs.unreadable);
        let broken = broken.map(|(id, reason)| (*id, Why::Broken(reason.clone())));
        // Git knows the empty tree without having it.
        let empty = ObjectId::empty_tree(self.repo.object_hash());
        let absent = self.survey.expected().filter(|id| !self.store.has(id) && **id != empty);
        let absent = absent.map(|id| (*id, Why::Missing));
        let faults: BTreeMap<ObjectId, Why> = broken.chain(absent).collect();
        for (id, why) in faults.iter().take(NAMED) {
            let reason = Fault::new(*id, why.clone()).reason(self.history.repo);
            self.fail(self.path(id), &reason);
        }
        if faults.len() > NAMED {
            let more = faults.len() - NAMED;
            self.fail(PathBuf::from("objects"), &format!("{more} more objects cannot be read"));
        }
        if !line.missing.is_empty() {
            let count = line.missing.len();
            let shallow = self.repo.is_shallow().unwrap_or(false);
            let reason = match shallow {
                true => format!(
                    "the clone is shallow: history before {count} commits is not here; `git fetch --unshallow` brings it"
                ),
                false => format!(
                    "{count} commits are not here, such as {}; `git fsck` tells more",
                    line.missing[0]
                ),
            };
            self.fail(PathBuf::from("history"), &reason);
        }
        for id in &self.blobs.limited {
            let reason = format!("a limit was reached in blob {id}; scan that file by itself");
            let origin =
                self.origin(self.path(id), GitPlace::File, Some(*id), None, Presence::History);
            self.sink.gap(Gap { origin, kind: GapKind::Limited, reason });
        }
        for id in &self.blobs.pointers {
            self.skip(
                self.path(id),
                "its content is in Git LFS; `git lfs fetch --all` and scan .git/lfs",
            );
        }
        for (id, reason) in &self.blobs.large {
            self.skip(self.path(id), reason);
        }
        for path in &self.survey.trees.submodules() {
            self.skip(path_of(path.as_bstr()), SUBMODULE);
        }
    }

    fn fail(&self, path: PathBuf, reason: &str) {
        let origin = self.origin(path, GitPlace::File, None, None, Presence::History);
        self.sink.gap(Gap { origin, kind: GapKind::Failed, reason: reason.to_owned() });
    }

    fn skip(&self, path: PathBuf, reason: &str) {
        let origin = self.origin(path, GitPlace::File, None, None, Presence::History);
        self.sink.gap(Gap { origin, kind: GapKind::Skipped, reason: reason.to_owned() });
    }

    /// Names of references.
    fn names(&self, scanner: Scanner<'_>, tips: &Tips) {
        let mut scratch = Scratch::default();
        for name in &tips.names {
            let origin = self.origin(
                path_of(name.as_bstr()),
                GitPlace::Reference,
                None,
                None,
                Presence::Head,
            );
            let findings = scanner.blob(&mut scratch, &origin, name).findings;
            if !findings.is_empty() {
                self.sink.findings(findings);
            }
        }
    }

    /// What was found in messages of commits and tags.
    fn messages(&mut self, line: &Line, tips: &Tips) {
        if self.survey.messages.is_empty() {
            return;
        }
        let reachable: IdSet<ObjectId> = line.commits.iter().copied().collect();
        let survey = self.survey;
        let mut messages: Vec<&Message> = survey.messages.iter().collect();
        messages.sort_by_key(|message| message.object);
        for Message { object, place, found } in messages {
            let is_tag = *place == GitPlace::Tag;
            let is_reachable = if is_tag { &tips.tags } else { &reachable }.contains(object);
            if !is_reachable && !self.history.unreachable {
                continue;
            }
            let presence = match () {
                () if !is_reachable => Presence::Unreachable,
                () if Some(*object) == tips.head => Presence::Head,
                () => Presence::History,
            };
            let origin = match is_tag {
                true => tag_origin(*object, presence),
                false => commit_origin(*object, self.commit(*object), presence),
            };
            let origin = Origin::Git(Arc::new(origin));
            for certificate in &found.certificates {
                self.sink.certificate(&origin, certificate.clone());
            }
            if found.limits.any() {
                let reason = "a limit was reached in this message".to_owned();
                self.sink.gap(Gap { origin: origin.clone(), kind: GapKind::Limited, reason });
            }
            let findings = found.findings.iter().cloned();
            self.sink.findings(
                findings.map(|finding| Finding { origin: origin.clone(), ..finding }).collect(),
            );
        }
    }

    /// What was found in files: each secret at each path once, where it first
    /// was.
    fn files(&mut self, line: &Line, tips: &Tips) {
        if self.blobs.hits.is_empty() {
            return;
        }
        let survey = self.survey;
        let mut places = Places::new(self.blobs);
        let skeleton = Skeleton::new(&survey.trees, places.blobs());
        let tree = |id: &ObjectId| survey.commits.get(id).map(|commit| commit.tree);
        for id in &line.commits {
            let Some(commit) = survey.commits.get(id) else { continue };
            let parents: Vec<ObjectId> = commit.parents.iter().filter_map(tree).collect();
            for leaf in skeleton.brought(&commit.tree, &parents) {
                places.add(leaf, Some(*id));
            }
        }
        for (name, id) in &tips.loose {
            places.add(Leaf { path: name.clone(), blob: *id }, None);
            skeleton.brought(id, &[]).into_iter().for_each(|leaf| places.add(leaf, None));
        }
        if self.history.unreachable {
            places.add_rest(|blob| survey.path(blob));
        }
        if let Some(tree) = tips.head.as_ref().and_then(tree) {
            skeleton.brought(&tree, &[]).into_iter().for_each(|leaf| places.is_there(leaf));
        }
        drop(skeleton);
        let notes = led_to(survey, &tips.notes);
        for entry in places.entries {
            self.file(entry, &notes);
        }
    }

    fn file(&mut self, entry: Entry, notes: &IdSet<ObjectId>) {
        let path = path_of(entry.path.as_bstr());
        // What is kept for other scans is kept whole.
        if self.history.cache.is_none()
            && let Some(reason) = (self.history.options.exclude)(&path, false)
        {
            return self.skip(path, &reason);
        }
        let Some(finding) = entry.hit.finding(&self.blobs.kinds) else { return };
        let place = match entry.commit.is_some_and(|commit| notes.contains(&commit)) {
            true => GitPlace::Note,
            false => GitPlace::File,
        };
        let commit = entry.commit.and_then(|id| self.commit(id));
        let origin = self.origin(path, place, Some(entry.blob), commit, entry.presence);
        self.sink.findings(vec![Finding { origin, ..finding }]);
    }

    fn path(&self, id: &gix::oid) -> PathBuf {
        let path: Option<BString> = self.survey.path(id);
        path.map_or_else(|| PathBuf::from(id.to_string()), |path| path_of(BStr::new(&path)))
    }

    fn origin(
        &self,
        path: PathBuf,
        place: GitPlace,
        object: Option<ObjectId>,
        commit: Option<Arc<Commit>>,
        presence: Presence,
    ) -> Origin {
        let url = match (&self.links, &commit, place) {
            (Some(links), Some(commit), GitPlace::File) => Some(links.file(&commit.id, &path)),
            _ => None,
        };
        let object = object.map(|id| id.to_string());
        Origin::Git(Arc::new(GitOrigin { path, place, object, commit, presence, url }))
    }

    /// What is told of a commit.
    fn commit(&mut self, id: ObjectId) -> Option<Arc<Commit>> {
        let repo = self.repo;
        self.commits
            .entry(id)
            .or_insert_with(|| {
                let object = repo.find_object(id).ok()?;
                Some(Arc::new(told(id, &object.data)))
            })
            .clone()
    }
}
