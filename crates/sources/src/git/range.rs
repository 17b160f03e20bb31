//! What a range of commits adds.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use gix::ObjectId;
use gix::bstr::BString;
use gix::objs::Kind;
use gix::objs::tree::EntryKind;
use stanch_scan::{
    Commit, Finding, Gap, GapKind, GitPlace, Origin, Presence, Scanner, Sink, Source,
};

use super::compare::{Compared, compare};
use super::link::Links;
use super::look::{look, look_at_prose, split_new};
use super::objects::{Objects, commit_origin, commit_text, tag, tag_origin, tag_text, told};
use super::options::GitOptions;
use super::place::{SUBMODULE, Surroundings, file, named, skipped, too_large};
use super::repo::Repo;
use super::select::Selection;
use super::walk::{Picked, Walked, walk};
use super::workers::{Bench, each};

/// What the commits of a selection add: files, messages and annotated tags.
///
/// Each commit is compared with all of its parents. A blob that none of them
/// has at its path is scanned whole, and what stands on lines that none of
/// them has, or has a part there, is reported. A file that only moved adds
/// nothing, and neither does one that a hidden tip has at the same path.
pub struct Range<'r> {
    repo: &'r Repo,
    selection: Selection,
    /// How to read.
    pub options: GitOptions,
    /// Names of references that are scanned too, such as `refs/heads/main`.
    pub references: Vec<String>,
    /// Call tags by their object, as a history does, instead of by the name
    /// under which people delete them.
    pub(super) tags_by_id: bool,
    commits: AtomicUsize,
}

impl<'r> Range<'r> {
    /// The commits that are selected in a repository.
    pub fn new(repo: &'r Repo, selection: Selection) -> Range<'r> {
        Range {
            repo,
            selection,
            options: GitOptions::default(),
            references: Vec::new(),
            tags_by_id: false,
            commits: AtomicUsize::new(0),
        }
    }

    /// How many commits the last scan looked at.
    pub fn commits(&self) -> usize {
        self.commits.load(Ordering::Relaxed)
    }
}

/// Hidden tips whose trees are searched for blobs; more would take too long.
const KNOWN_MAX: usize = 32;

impl Source for Range<'_> {
    fn scan(&self, scanner: Scanner<'_>, sink: &dyn Sink) {
        let local = self.repo.local();
        let objects = Objects::new(&local);
        let shallow = self.repo.shallow();
        let walked = walk(objects, &self.selection, &shallow);
        self.commits.store(walked.commits.len(), Ordering::Relaxed);
        let head = self.repo.head().ok().flatten();
        let present = if local.is_bare() { walked.tips.clone() } else { Vec::from_iter(head) };
        let around = Surroundings {
            present: trees(objects, &present),
            known: trees(objects, &walked.hidden),
            links: Links::of(self.repo),
        };
        let run = Run { range: self, around, head, scanner, sink };
        run.faults(&walked);
        run.named(objects, &walked);
        let commits = each(self.repo, self.options.threads, &walked.commits, |bench, picked| {
            run.commit(bench, picked)
        });
        let loose = walked
            .trees
            .iter()
            .map(|tree| Changed { commit: None, compared: compare(objects, *tree, &[]) });
        let loose: Vec<Changed> = loose.collect();
        let blobs = run.blobs(commits.into_iter().chain(loose), &walked.blobs);
        each(self.repo, self.options.threads, &blobs, |bench, blob| run.blob(bench, blob));
    }
}

/// The trees of commits, without repetition.
fn trees(objects: Objects<'_>, commits: &[ObjectId]) -> Vec<ObjectId> {
    let mut seen = HashSet::new();
    let trees = commits.iter().take(KNOWN_MAX).filter_map(|id| objects.links(*id).ok());
    trees.map(|links| links.tree).filter(|tree| seen.insert(*tree)).collect()
}

/// What a commit changed.
struct Changed {
    commit: Option<Arc<Commit>>,
    compared: Compared,
}

/// A blob at a path, with all the commits that brought it there.
struct Blob {
    id: ObjectId,
    path: BString,
    times: Vec<Brought>,
}

/// One time that a blob came to a path.
struct Brought {
    commit: Option<Arc<Commit>>,
    /// What was at the path in the parents.
    before: Vec<ObjectId>,
}

struct Run<'a> {
    range: &'a Range<'a>,
    around: Surroundings,
    head: Option<ObjectId>,
    scanner: Scanner<'a>,
    sink: &'a dyn Sink,
}

impl Run<'_> {
    /// Tells of commits that cannot be read, and of where a shallow clone ends.
    fn faults(&self, walked: &Walked) {
        for fault in &walked.faults {
            let name = format!("object {}", fault.id.get(..12).unwrap_or(&fault.id));
            let origin =
                named(&name, GitPlace::Commit, ObjectId::from_hex(fault.id.as_bytes()).ok());
            self.sink.gap(fault.gap(self.range.repo, Origin::Git(Arc::new(origin))));
        }
        for id in &walked.cut {
            let origin = commit_origin(*id, None, Presence::History);
            self.sink.gap(Gap {
                origin: Origin::Git(Arc::new(origin)),
                kind: GapKind::Failed,
                reason: "what came before is not in this shallow clone; run \
                         `git fetch --unshallow`, or `git fetch --deepen=N` until the range is there"
                    .to_owned(),
            });
        }
    }

    /// Scans annotated tags and names of references.
    fn named(&self, objects: Objects<'_>, walked: &Walked) {
        let mut reader = crate::window::Reader::default();
        for name in &self.range.references {
            let origin = Origin::Git(Arc::new(named(name, GitPlace::Reference, None)));
            self.found(look(&mut reader, name.as_bytes(), &origin, self.scanner, self.sink));
        }
        for id in &walked.tags {
            let Ok(object) = objects.get(*id, Kind::Tag) else { continue };
            let text = tag_text(&object.data);
            let mut origin = tag_origin(*id, Presence::History);
            if let (false, Ok(tag)) = (self.range.tags_by_id, tag(&object)) {
                origin.path = format!("refs/tags/{}", tag.name).into();
            }
            let origin = Origin::Git(Arc::new(origin));
            self.found(look_at_prose(&mut reader, &text, &origin, self.scanner, self.sink));
        }
    }

    /// Scans a commit's message, and finds out what files it changed.
    fn commit(&self, bench: &mut Bench, picked: &Picked) -> Changed {
        let objects = Objects::new(&bench.repo);
        let commit = match objects.get(picked.id, Kind::Commit) {
            Ok(object) => {
                let commit = Arc::new(told(picked.id, &object.data));
                let presence = match self.head == Some(picked.id) {
                    true => Presence::Head,
                    false => Presence::History,
                };
                let origin = commit_origin(picked.id, Some(Arc::clone(&commit)), presence);
                let origin = Origin::Git(Arc::new(origin));
                let text = commit_text(&object.data);
                let reader = &mut bench.reader;
                self.found(look_at_prose(reader, &text, &origin, self.scanner, self.sink));
                Some(commit)
            }
            Err(_) => None,
        };
        let parents = picked.parents.iter();
        let parents: Vec<_> =
            parents.map(|id| objects.links(*id).ok().map(|links| links.tree)).collect();
        let mut compared = compare(objects, picked.tree, &parents);
        compared.forget_moved(objects);
        Changed { commit, compared }
    }

    /// The distinct blobs at their paths, in the order in which they came.
    fn blobs(&self, changed: impl Iterator<Item = Changed>, loose: &[ObjectId]) -> Vec<Blob> {
        let mut blobs: Vec<Blob> = Vec::new();
        let mut index: HashMap<(ObjectId, BString), usize> = HashMap::new();
        let mut left_out: HashSet<BString> = HashSet::new();
        for Changed { commit, compared } in changed {
            for (path, fault) in compared.faults {
                let origin = file(path.as_ref(), None, commit.clone(), Presence::History);
                self.sink.gap(fault.gap(self.range.repo, Origin::Git(Arc::new(origin))));
            }
            for entry in compared.new {
                if left_out.contains(&entry.path) {
                    continue;
                }
                let origin = || {
                    let id = Some(entry.id);
                    let file = file(entry.path.as_ref(), id, commit.clone(), Presence::History);
                    Origin::Git(Arc::new(file))
                };
                if entry.kind == EntryKind::Commit {
                    self.sink.gap(skipped(origin(), SUBMODULE));
                    left_out.insert(entry.path);
                    continue;
                }
                let path = super::place::path_of(entry.path.as_ref());
                if let Some(reason) = (self.range.options.exclude)(&path, false) {
                    self.sink.gap(skipped(origin(), &reason));
                    left_out.insert(entry.path);
                    continue;
                }
                let at = *index.entry((entry.id, entry.path.clone())).or_insert(blobs.len());
                let brought = Brought { commit: commit.clone(), before: entry.before };
                match blobs.get_mut(at) {
                    Some(blob) => blob.times.push(brought),
                    None => {
                        blobs.push(Blob { id: entry.id, path: entry.path, times: vec![brought] });
                    }
                }
            }
        }
        for id in loose {
            let times = vec![Brought { commit: None, before: Vec::new() }];
            blobs.push(Blob {
                id: *id,
                path: format!("blob {}", id.to_hex_with_len(12)).into(),
                times,
            });
        }
        blobs
    }

    fn blob(&self, bench: &mut Bench, blob: &Blob) {
        let objects = Objects::new(&bench.repo);
        let path = blob.path.as_ref();
        let commit = blob.times.first().and_then(|first| first.commit.clone());
        let first = file(path, Some(blob.id), commit, Presence::History);
        let first = Origin::Git(Arc::new(first));
        let object = match objects.get(blob.id, Kind::Blob) {
            Ok(object) => object,
            Err(fault) => {
                self.sink.gap(fault.gap(self.range.repo, first));
                return;
            }
        };
        if let Some(reason) = too_large(object.data.len(), self.range.options.max_size) {
            self.sink.gap(skipped(first, &reason));
            return;
        }
        let found = look(&mut bench.reader, &object.data, &first, self.scanner, self.sink);
        if found.is_empty() || self.around.is_known(objects, path, blob.id) {
            return;
        }
        self.found(self.new_ones(objects, blob, &object.data, found));
    }

    /// Those findings that some commit brought, each with the first that did.
    fn new_ones(
        &self,
        objects: Objects<'_>,
        blob: &Blob,
        text: &[u8],
        mut found: Vec<Finding>,
    ) -> Vec<Finding> {
        let mut new = Vec::new();
        for time in &blob.times {
            if found.is_empty() {
                break;
            }
            let (here, rest) = split_new(objects, &time.before, text, found);
            found = rest;
            if here.is_empty() {
                continue;
            }
            let commit = time.commit.clone();
            let origin = self.around.file(objects, blob.path.as_ref(), blob.id, commit);
            new.extend(
                here.into_iter().map(|finding| Finding { origin: origin.clone(), ..finding }),
            );
        }
        new.sort_by_key(|finding| (finding.location.bytes.start, finding.location.bytes.end));
        new
    }

    fn found(&self, found: Vec<Finding>) {
        if !found.is_empty() {
            self.sink.findings(found);
        }
    }
}
