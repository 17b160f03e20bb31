//! A repository's whole past: every blob once, every message, every name.
//!
//! Three walks over the object store. The first reads commits, trees and tags
//! and learns where each blob stands; the second scans the blobs along their
//! delta chains; the third, only if something was found, climbs the trees to
//! tell which commit brought it.

mod ancestry;
mod blobs;
mod cache;
mod survey;

use std::collections::{BTreeMap, HashMap as Map};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use gix::ObjectId;
use gix::bstr::{BStr, BString, ByteSlice};
use gix::hashtable::{HashMap, HashSet};
use stanch_scan::{
    Commit, Finding, Gap, GapKind, GitOrigin, GitPlace, Location, Origin, Presence, Scanner,
    Scratch, Sink, Source,
};

use self::ancestry::{Leaf, Line, Skeleton};
use self::blobs::Blobs;
use self::survey::Survey;
use super::Repo;
use super::link::Links;
use super::objects::{Fault, Why, told};
use super::options::GitOptions;
use super::place::path_of;
use super::store::Store;

/// How many single objects that cannot be read are named.
const NAMED: usize = 20;

/// Everything that a repository's references lead to, now or ever.
pub struct History<'r> {
    repo: &'r Repo,
    /// Threads, sizes and paths.
    pub options: GitOptions,
    /// Count what reflogs lead to as part of history.
    pub reflog: bool,
    /// Report also what no reference leads to.
    pub unreachable: bool,
    /// Scan every blob whole instead of carrying over what was found in its
    /// base: the same result, for checking that it is.
    pub whole: bool,
    /// Keep what is found in this file, and scan only what is new since. Leaves
    /// reflogs and unreachable objects out, and findings from it have no value.
    pub cache: Option<PathBuf>,
    commits: AtomicUsize,
    is_continued: AtomicBool,
}

impl<'r> History<'r> {
    /// The history of a repository.
    pub fn new(repo: &'r Repo) -> History<'r> {
        History {
            repo,
            options: GitOptions::default(),
            reflog: false,
            unreachable: false,
            whole: false,
            cache: None,
            commits: AtomicUsize::new(0),
            is_continued: AtomicBool::new(false),
        }
    }

    /// Whether the last scan read only what the cache did not know.
    pub fn is_continued(&self) -> bool {
        self.is_continued.load(Ordering::Relaxed)
    }

    /// How many commits the last scan went through.
    pub fn commits(&self) -> usize {
        self.commits.load(Ordering::Relaxed)
    }
}

impl Source for History<'_> {
    fn scan(&self, scanner: Scanner<'_>, sink: &dyn Sink) {
        match &self.cache {
            Some(file) => cache::scan(self, file, scanner, sink),
            None => self.walk(scanner, sink),
        }
    }
}

impl History<'_> {
    /// Scans everything.
    fn walk(&self, scanner: Scanner<'_>, sink: &dyn Sink) {
        let threads = match self.options.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads,
        };
        let mut repo = self.repo.local();
        // What is told of a commit is what it says, not what replaces it.
        repo.objects.ignore_replacements = true;
        let hash = repo.object_hash();
        let store = Store::open(repo.objects.store_ref().path(), hash);
        for (path, reason) in &store.broken {
            sink.gap(Gap {
                origin: Origin::File(path.clone()),
                kind: GapKind::Failed,
                reason: reason.clone(),
            });
        }
        let survey = Survey::new(&store, hash, scanner, threads);
        let whole = Origin::File(PathBuf::from("history"));
        let scanned = |size: u64| {
            sink.scanned(&whole, size);
            sink.blob(&whole);
        };
        let blobs = Blobs::new(
            &store,
            &survey,
            scanner,
            threads,
            self.options.max_size,
            self.whole,
            &scanned,
        );
        let mut report = Report {
            history: self,
            repo: &repo,
            store: &store,
            survey: &survey,
            blobs: &blobs,
            sink,
            links: Links::of(self.repo),
            commits: Map::new(),
        };
        report.run(scanner, hash, threads);
    }
}

/// Where references lead.
#[derive(Default)]
struct Tips {
    /// Commits.
    commits: Vec<ObjectId>,
    /// Commits of notes.
    notes: Vec<ObjectId>,
    /// Annotated tags.
    tags: HashSet<ObjectId>,
    /// Trees and blobs that are referred to without a commit, by name.
    loose: Vec<(BString, ObjectId)>,
    names: Vec<BString>,
    head: Option<ObjectId>,
}

struct Report<'a> {
    history: &'a History<'a>,
    repo: &'a gix::Repository,
    store: &'a Store,
    survey: &'a Survey,
    blobs: &'a Blobs,
    sink: &'a dyn Sink,
    links: Option<Links>,
    commits: Map<ObjectId, Option<Arc<Commit>>>,
}

/// What is reported of one secret at one path.
struct Entry {
    path: BString,
    kind: u32,
    location: Location,
    blob: ObjectId,
    commit: Option<ObjectId>,
    presence: Presence,
}

impl Report<'_> {
    fn run(&mut self, scanner: Scanner<'_>, hash: gix::hash::Kind, threads: usize) {
        let tips = self.tips();
        let line = Line::new(self.survey, tips.commits.iter().chain(&tips.notes).copied());
        self.history.commits.store(line.commits.len(), Ordering::Relaxed);
        self.gaps(&line);
        self.names(scanner, &tips);
        self.messages(&line, &tips);
        self.files(&line, &tips, hash, threads);
        for (blob, certificate) in &self.blobs.certificates {
            let origin =
                self.origin(self.path(blob), GitPlace::File, Some(*blob), None, Presence::History);
            self.sink.certificate(&origin, certificate.clone());
        }
    }

    /// Where all references lead.
    fn tips(&self) -> Tips {
        let mut tips =
            Tips { head: self.repo.head_id().ok().map(gix::Id::detach), ..Tips::default() };
        tips.commits.extend(tips.head);
        match self.repo.references() {
            Ok(all) => match all.all() {
                Ok(all) => all.for_each(|reference| match reference {
                    Ok(reference) => self.tip(&reference, &mut tips),
                    Err(error) => self.fail(PathBuf::from("refs"), &error.to_string()),
                }),
                Err(error) => self.fail(PathBuf::from("refs"), &error.to_string()),
            },
            Err(error) => self.fail(PathBuf::from("refs"), &error.to_string()),
        }
        for worktree in self.repo.worktrees().unwrap_or_default() {
            if let Ok(other) = worktree.into_repo_with_possibly_inaccessible_worktree() {
                tips.commits.extend(other.head_id().ok().map(gix::Id::detach));
            }
        }
        // Seen from a linked work tree, the main one is another.
        if let Ok(main) = self.repo.main_repo() {
            tips.commits.extend(main.head_id().ok().map(gix::Id::detach));
        }
        if self.history.reflog
            && let Ok(head) = self.repo.head()
        {
            tips.commits.extend(self.logged(head.log_iter()));
        }
        tips
    }

    fn tip(&self, reference: &gix::Reference<'_>, tips: &mut Tips) {
        let name = reference.name().as_bstr().to_owned();
        // Older stashes are only in the log.
        if self.history.reflog || name == "refs/stash" {
            tips.commits.extend(self.logged(reference.log_iter()));
        }
        tips.names.push(name.clone());
        let Some(mut id) = reference.try_id().map(gix::Id::detach) else { return };
        for _ in 0..64 {
            let Some(target) = self.survey.tags.get(&id) else { break };
            tips.tags.insert(id);
            id = *target;
        }
        if self.survey.commits.contains_key(&id) || !self.store.has(&id) {
            match name.starts_with(b"refs/notes/") {
                true => tips.notes.push(id),
                false => tips.commits.push(id),
            }
        } else {
            tips.loose.push((name, id));
        }
    }

    /// The commits that a reference has led to.
    fn logged(&self, mut log: gix::refs::file::log::iter::Platform<'_, '_>) -> Vec<ObjectId> {
        let Ok(Some(lines)) = log.all() else { return Vec::new() };
        lines
            .flatten()
            .flat_map(|line| [line.previous_oid(), line.new_oid()])
            .filter(|id| self.survey.commits.contains_key(id))
            .collect()
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
        for path in &self.survey.submodules() {
            self.skip(
                path_of(path.as_bstr()),
                "a submodule, another repository; scan it by itself",
            );
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
        let reachable: HashSet<ObjectId> = line.commits.iter().copied().collect();
        let survey = self.survey;
        let mut messages: Vec<_> = survey.messages.iter().collect();
        messages.sort_by_key(|message| message.object);
        for message in messages {
            let is_tag = message.place == GitPlace::Tag;
            let is_reachable = match is_tag {
                true => tips.tags.contains(&message.object),
                false => reachable.contains(&message.object),
            };
            if !is_reachable && !self.history.unreachable {
                continue;
            }
            let presence = match () {
                () if !is_reachable => Presence::Unreachable,
                () if Some(message.object) == tips.head => Presence::Head,
                () => Presence::History,
            };
            let what = if is_tag { "tag" } else { "commit" };
            let path = PathBuf::from(format!("{what} {}", message.object));
            let commit = (!is_tag).then(|| self.commit(message.object)).flatten();
            let origin = self.origin(path, message.place, Some(message.object), commit, presence);
            let findings = message.findings.iter().cloned();
            self.sink.findings(
                findings.map(|finding| Finding { origin: origin.clone(), ..finding }).collect(),
            );
        }
    }

    /// What was found in files: each secret at each path once, where it first
    /// was.
    fn files(&mut self, line: &Line, tips: &Tips, hash: gix::hash::Kind, threads: usize) {
        if self.blobs.hits.is_empty() {
            return;
        }
        let hits: HashMap<ObjectId, &[(u32, Location)]> =
            self.blobs.hits.iter().map(|hits| (hits.blob, hits.findings.as_slice())).collect();
        let wanted: HashSet<ObjectId> = hits.keys().copied().collect();
        let skeleton = Skeleton::new(self.store, hash, &wanted, threads);
        let mut entries: Vec<Entry> = Vec::new();
        // By secret and path, where it is among the entries.
        let mut known: Map<(&str, BString), usize> = Map::new();
        let mut placed: HashSet<ObjectId> = HashSet::default();
        let blobs = self.blobs;
        let mut add = |leaf: Leaf, commit: Option<ObjectId>, presence: Presence| {
            placed.insert(leaf.blob);
            for (kind, location) in hits.get(&leaf.blob).copied().unwrap_or_default() {
                let Some(finding) = blobs.kinds.get(*kind as usize) else { continue };
                let key = (finding.fingerprint.as_str(), leaf.path.clone());
                known.entry(key).or_insert_with(|| {
                    entries.push(Entry {
                        path: leaf.path.clone(),
                        kind: *kind,
                        location: location.clone(),
                        blob: leaf.blob,
                        commit,
                        presence,
                    });
                    entries.len() - 1
                });
            }
        };
        for id in &line.commits {
            let Some(commit) = self.survey.commits.get(id) else { continue };
            let others: Vec<ObjectId> = commit
                .parents
                .iter()
                .filter_map(|parent| Some(self.survey.commits.get(parent)?.tree))
                .collect();
            for leaf in skeleton.brought(&commit.tree, &others) {
                add(leaf, Some(*id), Presence::History);
            }
        }
        for (name, id) in &tips.loose {
            if hits.contains_key(id) {
                add(Leaf { path: name.clone(), blob: *id }, None, Presence::History);
            }
            for leaf in skeleton.brought(id, &[]) {
                add(leaf, None, Presence::History);
            }
        }
        if self.history.unreachable {
            let mut rest: Vec<ObjectId> = wanted.iter().copied().collect();
            rest.retain(|id| !placed.contains(id));
            rest.sort_unstable();
            for blob in rest {
                let path = self.survey.path(&blob).unwrap_or_else(|| blob.to_string().into());
                let leaf = Leaf { path, blob };
                for (kind, location) in hits.get(&leaf.blob).copied().unwrap_or_default() {
                    entries.push(Entry {
                        path: leaf.path.clone(),
                        kind: *kind,
                        location: location.clone(),
                        blob,
                        commit: None,
                        presence: Presence::Unreachable,
                    });
                }
            }
        }
        // Is it still there?
        if let Some(head) = tips.head.and_then(|head| self.survey.commits.get(&head)) {
            for leaf in skeleton.brought(&head.tree, &[]) {
                for (kind, _) in hits.get(&leaf.blob).copied().unwrap_or_default() {
                    let Some(finding) = blobs.kinds.get(*kind as usize) else { continue };
                    let key = (finding.fingerprint.as_str(), leaf.path.clone());
                    if let Some(entry) = known.get(&key).and_then(|at| entries.get_mut(*at)) {
                        entry.presence = Presence::Head;
                    }
                }
            }
        }
        let notes = ancestry::notes_only(self.survey, tips.notes.clone());
        for entry in entries {
            self.file(entry, &notes);
        }
    }

    fn file(&mut self, entry: Entry, notes: &std::collections::HashSet<ObjectId>) {
        let path = path_of(entry.path.as_bstr());
        // What is kept for other scans is kept whole.
        if self.history.cache.is_none()
            && let Some(reason) = (self.history.options.exclude)(&path, false)
        {
            return self.skip(path, &reason);
        }
        let Some(finding) = self.blobs.kinds.get(entry.kind as usize) else { return };
        let place = match entry.commit.is_some_and(|commit| notes.contains(&commit)) {
            true => GitPlace::Note,
            false => GitPlace::File,
        };
        let commit = entry.commit.and_then(|id| self.commit(id));
        let origin = self.origin(path, place, Some(entry.blob), commit, entry.presence);
        let finding = Finding { origin, location: entry.location, ..finding.clone() };
        self.sink.findings(vec![finding]);
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
