//! What a scan of a history found, kept for the next one, which then scans
//! only what is new: new commits with all detectors, and the whole past with
//! those detectors that changed.
//!
//! The file holds no secret: findings as they are shown, masked. It is written
//! beside the old one and put in its place, so that a scan that is killed
//! leaves the old one, and two scans at once do not mix theirs.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use gix::ObjectId;
use serde::{Deserialize, Serialize};
use stanch_scan::{
    Certificate, Commit, Fact, Finding, FindingPart, Gap, GapKind, GitOrigin, GitPlace, Location,
    Origin, Presence, Scanner, Scratch, Secret, Severity, Sink, Source,
};

use super::super::compare::lookup;
use super::super::objects::Objects;
use super::super::range::Range;
use super::super::select::Selection;
use super::History;

/// Form of the file; another one is not read.
const VERSION: u32 = 1;

/// Largest file that is read, in bytes.
const LARGEST: u64 = 1 << 30;

/// Names of references, each with the object that it leads to.
type References = BTreeMap<Vec<u8>, Vec<u8>>;

/// A scan as it is kept.
#[derive(Serialize, Deserialize)]
struct Saved {
    version: u32,
    /// What scanned: another release may find other things.
    release: String,
    /// The key of the fingerprints, by its id.
    key: String,
    /// Every detector with a hash of all that it is.
    detectors: BTreeMap<String, [u8; 16]>,
    /// Every reference, and where it led.
    references: References,
    findings: Vec<SavedFinding>,
    /// The blob that `HEAD` has at the path of each finding.
    present: BTreeMap<PathBuf, Vec<u8>>,
    /// What was left out, with the reason.
    skipped: Vec<(PathBuf, String)>,
}

/// A finding without its secret.
#[derive(Serialize, Deserialize)]
struct SavedFinding {
    detector: String,
    name: String,
    provider: String,
    severity: Severity,
    path: PathBuf,
    place: u8,
    object: Option<String>,
    commit: Option<(String, String, String, i64, i32)>,
    is_present: bool,
    url: Option<String>,
    location: [u64; 8],
    confidence: f32,
    evidence: Vec<String>,
    facts: Vec<(String, String)>,
    encodings: Vec<String>,
    masked: String,
    fingerprint: String,
    /// Names and places of the other parts.
    parts: Vec<(String, [u64; 8])>,
    excerpt: String,
    ignored_by: Option<String>,
}

/// Scans a history with what is kept in a file.
pub(super) fn scan(history: &History<'_>, file: &Path, scanner: Scanner<'_>, sink: &dyn Sink) {
    let references = references(history);
    let detectors: BTreeMap<String, [u8; 16]> =
        scanner.engine.pack().rules.iter().map(|rule| (rule.id.clone(), rule.digest())).collect();
    let release = env!("CARGO_PKG_VERSION").to_owned();
    let key = scanner.key.id();
    let saved = load(file).filter(|saved| saved.release == release && saved.key == key);
    let saved = saved
        .zip(references.as_ref())
        .filter(|(saved, references)| is_continued(history, &saved.references, references));
    let record = Record::new(sink);
    let head = Head::new(history);
    history.is_continued.store(saved.is_some(), Ordering::Relaxed);
    history.commits.store(0, Ordering::Relaxed);
    let mut findings = match saved {
        None => {
            history.walk(scanner, &record);
            record.take()
        }
        Some((saved, references)) => {
            let more = More { history, scanner, record: &record };
            let mut findings = more.changed(&saved, &detectors);
            more.add_new(&saved, references, &mut findings);
            saved.skipped.iter().for_each(|(path, reason)| {
                let origin = Origin::File(path.clone());
                record.gap(Gap { origin, kind: GapKind::Skipped, reason: reason.clone() });
            });
            head.look(scanner, &saved.present, &mut findings);
            findings
        }
    };
    findings.sort_by(|a, b| {
        (&a.origin, a.location.bytes.start).cmp(&(&b.origin, b.location.bytes.start))
    });
    let gaps = record.gaps();
    let is_complete = !gaps.iter().any(|gap| gap.kind.is_incomplete());
    if is_complete && let Some(references) = references.filter(|references| !references.is_empty())
    {
        let saved = Saved {
            version: VERSION,
            release,
            key,
            detectors,
            references,
            present: head.blobs(&findings),
            findings: findings.iter().filter_map(save).collect(),
            skipped: gaps
                .iter()
                .map(|gap| (gap.origin.path().to_owned(), gap.reason.clone()))
                .collect::<HashSet<_>>()
                .into_iter()
                .collect(),
        };
        if let Err(error) = store(file, &saved) {
            sink.gap(Gap {
                origin: Origin::File(file.to_owned()),
                kind: GapKind::Skipped,
                reason: format!("the cache was not written: {error}"),
            });
        }
    }
    // What was left out before may be told again by a new walk.
    let mut told = HashSet::new();
    for gap in gaps {
        if told.insert((gap.origin.path().to_owned(), gap.reason.clone())) {
            sink.gap(gap);
        }
    }
    findings.retain(|finding| {
        let left_out = (history.options.exclude)(finding.origin.path(), false);
        left_out.is_none_or(|reason| {
            let origin = finding.origin.clone();
            sink.gap(Gap { origin, kind: GapKind::Skipped, reason });
            false
        })
    });
    sink.findings(findings);
}

/// Every reference, and `HEAD`, with the object that it leads to; nothing if
/// one cannot be read, because then it is not known what is new.
fn references(history: &History<'_>) -> Option<References> {
    let repo = history.repo.local();
    let mut all = References::new();
    if let Some(head) = repo.head().ok()?.id() {
        all.insert(b"HEAD".to_vec(), head.as_bytes().to_vec());
    }
    for reference in repo.references().ok()?.all().ok()? {
        let reference = reference.ok()?;
        if let Some(id) = reference.try_id() {
            let name: &[u8] = reference.name().as_bstr();
            all.insert(name.to_vec(), id.as_bytes().to_vec());
        }
    }
    Some(all)
}

/// Whether everything that references led to is still led to: each of them is
/// where it was, or further on.
fn is_continued(history: &History<'_>, before: &References, now: &References) -> bool {
    let repo = history.repo.local();
    before.iter().all(|(name, old)| match now.get(name) {
        Some(new) if new == old => true,
        Some(new) => {
            let id = |bytes: &[u8]| ObjectId::try_from(bytes).ok();
            id(old).zip(id(new)).is_some_and(|(old, new)| {
                repo.merge_base(old, new).ok().flatten().map(gix::Id::detach) == Some(old)
            })
        }
        // A branch that was merged is still there under another name.
        None => now.values().any(|new| new == old),
    })
}

/// The second and later scans.
struct More<'a> {
    history: &'a History<'a>,
    scanner: Scanner<'a>,
    record: &'a Record<'a>,
}

impl More<'_> {
    /// What was found in the past, and what detectors find there that are new
    /// or changed since.
    fn changed(&self, saved: &Saved, detectors: &BTreeMap<String, [u8; 16]>) -> Vec<Finding> {
        let same = |id: &String| saved.detectors.get(id) == detectors.get(id);
        let (mut kept, stale): (Vec<Finding>, Vec<Finding>) =
            saved.findings.iter().map(restore).partition(|finding| same(&finding.detector));
        let pack = self.scanner.engine.pack();
        let changed: HashSet<&str> = pack
            .rules
            .iter()
            .map(|rule| &rule.id)
            .filter(|id| !same(id))
            .map(String::as_str)
            .collect();
        let mut again = stale;
        if !changed.is_empty() {
            let engine = self.scanner.engine.only(&changed);
            let record = Record::new(self.record.sink);
            self.history.walk(Scanner { engine: &engine, key: self.scanner.key }, &record);
            record.gaps().into_iter().for_each(|gap| self.record.gap(gap));
            again.extend(record.take());
        }
        // A detector that came or went may give way to others, or they to it.
        let mut places: HashSet<(Option<String>, PathBuf)> = HashSet::new();
        for finding in again {
            let Some(git) = finding.origin.git() else { continue };
            if git.place != GitPlace::File || git.object.is_none() {
                // Messages are short: what one detector says of them stands.
                if changed.contains(finding.detector.as_str()) {
                    kept.push(finding);
                }
                continue;
            }
            if places.insert((git.object.clone(), git.path.clone())) {
                kept.retain(|known| {
                    known
                        .origin
                        .git()
                        .is_none_or(|other| other.object != git.object || other.path != git.path)
                });
                kept.extend(self.anew(&finding));
            }
        }
        kept
    }

    /// What all detectors find where this one was found.
    fn anew(&self, finding: &Finding) -> Vec<Finding> {
        let object = finding.origin.git().and_then(|git| git.object.as_deref());
        let id = object.and_then(|hex| ObjectId::from_hex(hex.as_bytes()).ok());
        let repo = self.history.repo.local();
        let Some(blob) = id.and_then(|id| repo.find_object(id).ok()) else { return Vec::new() };
        self.scanner.blob(&mut Scratch::default(), &finding.origin, &blob.data).findings
    }

    /// Adds what commits brought since.
    fn add_new(&self, saved: &Saved, references: &References, findings: &mut Vec<Finding>) {
        let ids = |map: &References| -> Vec<ObjectId> {
            map.values().filter_map(|id| ObjectId::try_from(id.as_slice()).ok()).collect()
        };
        let moved: References = references
            .iter()
            .filter(|(name, id)| saved.references.get(*name) != Some(id))
            .map(|(name, id)| (name.clone(), id.clone()))
            .collect();
        if moved.is_empty() {
            return;
        }
        let selection =
            Selection { tips: ids(&moved), hidden: ids(&saved.references), ..Selection::default() };
        let record = Record::new(self.record.sink);
        let mut range = Range::new(self.history.repo, selection);
        range.tags_by_id = true;
        range.options = self.history.options.clone();
        range.options.exclude = Arc::new(|_, _| None);
        range.references = references
            .keys()
            .filter(|name| !saved.references.contains_key(*name))
            .map(|name| String::from_utf8_lossy(name).into_owned())
            .collect();
        range.scan(self.scanner, &record);
        self.history.commits.store(range.commits(), Ordering::Relaxed);
        record.gaps().into_iter().for_each(|gap| self.record.gap(gap));
        let mut known: HashSet<(String, PathBuf)> = findings
            .iter()
            .map(|found| (found.fingerprint.clone(), found.origin.path().to_owned()))
            .collect();
        findings.extend(record.take().into_iter().filter(|found| {
            known.insert((found.fingerprint.clone(), found.origin.path().to_owned()))
        }));
    }
}

/// What is checked out.
struct Head {
    repo: gix::Repository,
    /// In hexadecimal.
    commit: Option<String>,
    tree: Option<ObjectId>,
}

impl Head {
    fn new(history: &History<'_>) -> Head {
        let repo = history.repo.local();
        let commit = repo.head_id().ok().map(gix::Id::detach);
        let tree = commit.and_then(|id| Objects::new(&repo).links(id).ok()).map(|links| links.tree);
        Head { repo, commit: commit.map(|id| id.to_string()), tree }
    }

    /// The blob at a path.
    fn blob(&self, path: &Path) -> Option<ObjectId> {
        let path = gix::path::into_bstr(path).ok()?;
        let found = lookup(Objects::new(&self.repo), self.tree?, &path);
        found.ok().flatten().map(|(id, _)| id)
    }

    /// The blobs at the paths of findings.
    fn blobs(&self, findings: &[Finding]) -> BTreeMap<PathBuf, Vec<u8>> {
        let paths: HashSet<&Path> = findings.iter().map(|found| found.origin.path()).collect();
        paths
            .into_iter()
            .filter_map(|path| Some((path.to_owned(), self.blob(path)?.as_bytes().to_vec())))
            .collect()
    }

    /// Tells of every file whether the secret is still in it; `before` are the
    /// blobs for which that is known.
    fn look(
        &self,
        scanner: Scanner<'_>,
        before: &BTreeMap<PathBuf, Vec<u8>>,
        findings: &mut [Finding],
    ) {
        // Of each path whose blob is another one now, what is in it.
        let mut changed: HashMap<PathBuf, Option<HashSet<String>>> = HashMap::new();
        for finding in findings {
            let Origin::Git(place) = &finding.origin else { continue };
            if place.place == GitPlace::Commit {
                let presence = match place.object == self.commit {
                    true => Presence::Head,
                    false => Presence::History,
                };
                let origin = GitOrigin { presence, ..GitOrigin::clone(place) };
                finding.origin = Origin::Git(Arc::new(origin));
                continue;
            }
            if place.place != GitPlace::File {
                continue;
            }
            let there = changed.entry(place.path.clone()).or_insert_with(|| {
                let now = self.blob(&place.path);
                let known = before.get(&place.path).map(Vec::as_slice);
                if now.is_some() && now.as_ref().map(|id| id.as_bytes()) == known {
                    return None;
                }
                let text = now.and_then(|id| self.repo.find_object(id).ok());
                let text = text.map(|object| object.detach().data).unwrap_or_default();
                let found = scanner.blob(&mut Scratch::default(), &finding.origin, &text).findings;
                Some(found.into_iter().map(|found| found.fingerprint).collect())
            });
            let Some(there) = there else { continue };
            let presence = match there.contains(&finding.fingerprint) {
                true => Presence::Head,
                false => Presence::History,
            };
            finding.origin =
                Origin::Git(Arc::new(GitOrigin { presence, ..GitOrigin::clone(place) }));
        }
    }
}

fn load(file: &Path) -> Option<Saved> {
    let size = std::fs::metadata(file).ok()?.len();
    let bytes = (size <= LARGEST).then(|| std::fs::read(file).ok()).flatten()?;
    let saved: Saved = postcard::from_bytes(&bytes).ok()?;
    (saved.version == VERSION).then_some(saved)
}

fn store(file: &Path, saved: &Saved) -> std::io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let bytes = postcard::to_stdvec(saved).map_err(std::io::Error::other)?;
    // Made for its owner alone.
    let mut new = tempfile::NamedTempFile::new_in(folder)?;
    new.write_all(&bytes)?;
    new.persist(file)?;
    Ok(())
}

const PLACES: [GitPlace; 5] =
    [GitPlace::File, GitPlace::Commit, GitPlace::Tag, GitPlace::Note, GitPlace::Reference];

fn save(finding: &Finding) -> Option<SavedFinding> {
    let git = finding.origin.git()?;
    Some(SavedFinding {
        detector: finding.detector.clone(),
        name: finding.name.clone(),
        provider: finding.provider.clone(),
        severity: finding.severity,
        path: git.path.clone(),
        place: PLACES.iter().position(|place| *place == git.place)? as u8,
        object: git.object.clone(),
        commit: git.commit.as_ref().map(|commit| {
            let Commit { id, author, email, time, offset } = Commit::clone(commit);
            (id, author, email, time, offset)
        }),
        is_present: git.presence == Presence::Head,
        url: git.url.clone(),
        location: numbers(&finding.location),
        confidence: finding.confidence,
        evidence: finding.evidence.clone(),
        facts: finding.facts.iter().map(|f| (f.name.to_owned(), f.value.clone())).collect(),
        encodings: finding.encodings.iter().map(|name| (*name).to_owned()).collect(),
        masked: finding.masked.clone(),
        fingerprint: finding.fingerprint.clone(),
        parts: finding.parts.iter().map(|p| (p.name.clone(), numbers(&p.location))).collect(),
        excerpt: finding.excerpt.clone(),
        ignored_by: finding.ignored_by.map(str::to_owned),
    })
}

fn numbers(at: &Location) -> [u64; 8] {
    [
        at.line,
        at.column,
        at.end_line,
        at.end_column,
        at.char_column,
        at.end_char_column,
        at.bytes.start,
        at.bytes.end,
    ]
}

fn location(numbers: [u64; 8]) -> Location {
    let [line, column, end_line, end_column, char_column, end_char_column, start, end] = numbers;
    let bytes = start..end;
    Location { line, column, end_line, end_column, char_column, end_char_column, bytes }
}

fn restore(saved: &SavedFinding) -> Finding {
    let commit = saved.commit.clone().map(|(id, author, email, time, offset)| {
        Arc::new(Commit { id, author, email, time, offset })
    });
    let origin = GitOrigin {
        path: saved.path.clone(),
        place: PLACES.get(usize::from(saved.place)).copied().unwrap_or(GitPlace::File),
        object: saved.object.clone(),
        commit,
        presence: if saved.is_present { Presence::Head } else { Presence::History },
        url: saved.url.clone(),
    };
    Finding {
        detector: saved.detector.clone(),
        name: saved.name.clone(),
        provider: saved.provider.clone(),
        severity: saved.severity,
        origin: Origin::Git(Arc::new(origin)),
        location: location(saved.location),
        confidence: saved.confidence,
        evidence: saved.evidence.clone(),
        facts: saved
            .facts
            .iter()
            .map(|(name, value)| Fact { name: known(name), value: value.clone() })
            .collect(),
        encodings: saved.encodings.iter().map(|name| known(name)).collect(),
        // It was not kept.
        secret: Secret::new(b""),
        masked: saved.masked.clone(),
        parts: saved
            .parts
            .iter()
            .map(|(name, at)| FindingPart {
                name: name.clone(),
                location: location(*at),
                value: Secret::new(b""),
            })
            .collect(),
        fingerprint: saved.fingerprint.clone(),
        excerpt: saved.excerpt.clone(),
        ignored_by: saved.ignored_by.as_deref().map(known),
    }
}

/// A name that lives as long as the program; there are few of them.
fn known(name: &str) -> &'static str {
    static NAMES: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = names.iter().find(|known| **known == name) {
        return known;
    }
    let new: &'static str = Box::leak(name.to_owned().into_boxed_str());
    names.push(new);
    new
}

/// Keeps findings and gaps, of which more is to be said, and hands the rest on.
struct Record<'s> {
    sink: &'s dyn Sink,
    findings: Mutex<Vec<Finding>>,
    gaps: Mutex<Vec<Gap>>,
}

impl<'s> Record<'s> {
    fn new(sink: &'s dyn Sink) -> Record<'s> {
        Record { sink, findings: Mutex::default(), gaps: Mutex::default() }
    }

    fn take(&self) -> Vec<Finding> {
        std::mem::take(&mut *self.findings.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn gaps(&self) -> Vec<Gap> {
        self.gaps.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Sink for Record<'_> {
    fn findings(&self, findings: Vec<Finding>) {
        self.findings.lock().unwrap_or_else(PoisonError::into_inner).extend(findings);
    }

    fn scanned(&self, origin: &Origin, bytes: u64) {
        self.sink.scanned(origin, bytes);
    }

    fn blob(&self, origin: &Origin) {
        self.sink.blob(origin);
    }

    fn gap(&self, gap: Gap) {
        self.gaps.lock().unwrap_or_else(PoisonError::into_inner).push(gap);
    }

    fn certificate(&self, origin: &Origin, certificate: Certificate) {
        self.sink.certificate(origin, certificate);
    }
}
