//! The second walk: every blob once, and of a blob that is made from another
//! only what changed.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};

use gix::ObjectId;
use gix::bstr::ByteSlice;
use gix::objs::Kind;
use stanch_scan::{Certificate, Copied, Finding, Found, Location, Origin, Scanner, Scratch};

use super::super::pack::{Base, Object, Place, Visitor};
use super::super::place::{path_of, too_large};
use super::super::store::Store;
use super::survey::Survey;

/// What the second walk found.
#[derive(Default)]
pub(super) struct Blobs {
    pub(super) hits: Vec<Hits>,
    /// What findings say apart from their place; versions of a file say the
    /// same, mostly.
    pub(super) kinds: Vec<Finding>,
    pub(super) certificates: Vec<(ObjectId, Certificate)>,
    /// Blobs that were not scanned wholly.
    pub(super) limited: Vec<ObjectId>,
    /// Pointers to files that are stored elsewhere.
    pub(super) pointers: Vec<ObjectId>,
    /// Blobs that are larger than asked for, with the reason.
    pub(super) large: Vec<(ObjectId, String)>,
    pub(super) unreadable: Vec<(ObjectId, String)>,
}

/// What was found in one blob.
pub(super) struct Hits {
    pub(super) blob: ObjectId,
    pub(super) findings: Vec<Hit>,
}

/// One finding in one blob.
#[derive(Clone)]
pub(super) struct Hit {
    /// What it says, as an index in [`Blobs::kinds`].
    pub(super) kind: u32,
    /// Where it stands.
    pub(super) location: Location,
    /// Where its parts stand.
    pub(super) parts: Vec<Location>,
}

impl Hit {
    /// What is reported of it.
    pub(super) fn finding(&self, kinds: &[Finding]) -> Option<Finding> {
        let mut finding = kinds.get(self.kind as usize)?.clone();
        finding.location = self.location.clone();
        for (part, location) in finding.parts.iter_mut().zip(&self.parts) {
            part.location = location.clone();
        }
        Some(finding)
    }
}

impl Blobs {
    /// Walks the blobs of a store; `scanned` is told of every one.
    pub(super) fn new(
        store: &Store,
        survey: &Survey,
        scanner: Scanner<'_>,
        threads: usize,
        max_size: Option<u64>,
        whole: bool,
        scanned: &(dyn Fn(u64) + Sync),
    ) -> Blobs {
        let reader = Reader {
            store,
            survey,
            scanner,
            max_size,
            whole,
            scanned,
            hasher: RandomState::new(),
            kinds: Mutex::new((HashMap::new(), Vec::new())),
            blobs: Mutex::new(Blobs::default()),
        };
        store.walk(&reader, threads);
        let mut blobs = reader.blobs.into_inner().unwrap_or_else(PoisonError::into_inner);
        blobs.kinds = reader.kinds.into_inner().unwrap_or_else(PoisonError::into_inner).1;
        blobs
    }
}

struct Reader<'a> {
    store: &'a Store,
    survey: &'a Survey,
    scanner: Scanner<'a>,
    max_size: Option<u64>,
    whole: bool,
    scanned: &'a (dyn Fn(u64) + Sync),
    hasher: RandomState,
    /// Indexes by a hash of what a finding says, and what it says.
    kinds: Mutex<(HashMap<u64, u32>, Vec<Finding>)>,
    blobs: Mutex<Blobs>,
}

#[derive(Default)]
struct Worker {
    scratch: Scratch,
    blobs: Blobs,
}

impl Visitor for Reader<'_> {
    type Worker = Worker;
    /// Nothing for a blob that was scanned where it is stored first.
    type Carried = Option<Found>;

    fn wants(&self, kind: Kind) -> bool {
        kind == Kind::Blob
    }

    fn worker(&self) -> Worker {
        Worker::default()
    }

    fn visit(
        &self,
        worker: &mut Worker,
        object: &Object<'_>,
        base: Option<Base<'_, Option<Found>>>,
    ) -> Option<Found> {
        let id = self.store.id(object.place)?;
        if self.store.is_copy(object.place, &id) {
            return None;
        }
        let text = object.data;
        if let Some(reason) = too_large(text.len(), self.max_size) {
            worker.blobs.large.push((id, reason));
            return None;
        }
        (self.scanned)(text.len() as u64);
        if text.starts_with(b"version https://git-lfs.github.com/spec/") && text.len() < 1024 {
            worker.blobs.pointers.push(id);
        }
        let path = self.survey.path(&id).unwrap_or_default();
        let path = path.to_str_lossy();
        let engine = self.scanner.engine;
        let found = match &base {
            Some(Base { data, carried: Some(found), copied })
                if !self.whole && is_mostly(copied, text) =>
            {
                engine.find_changed(&mut worker.scratch, text, &path, (data, found), copied)
            }
            _ => engine.find(&mut worker.scratch, text, &path),
        };
        if found.limits.any() {
            worker.blobs.limited.push(id);
        }
        if found.has_certificate {
            let seen =
                base.and_then(|base| base.carried.as_ref()).is_some_and(|f| f.has_certificate);
            if !seen {
                let certificates = stanch_scan::certificates(text);
                worker.blobs.certificates.extend(certificates.into_iter().map(|c| (id, c)));
            }
        }
        if !found.is_empty() {
            self.hits(worker, id, &path, text, &found);
        }
        Some(found)
    }

    fn unreadable(&self, place: Place, reason: &str) {
        let Some(id) = self.store.id(place) else { return };
        let mut blobs = self.blobs.lock().unwrap_or_else(PoisonError::into_inner);
        blobs.unreadable.push((id, reason.to_owned()));
    }

    fn done(&self, worker: Worker) {
        let mut all = self.blobs.lock().unwrap_or_else(PoisonError::into_inner);
        let own = worker.blobs;
        all.hits.extend(own.hits);
        all.certificates.extend(own.certificates);
        all.limited.extend(own.limited);
        all.pointers.extend(own.pointers);
        all.large.extend(own.large);
    }
}

/// Whether so much of a text was copied that the rest is worth telling apart.
fn is_mostly(copied: &[Copied], text: &[u8]) -> bool {
    text.len() >= 8192 && copied.iter().map(|copy| copy.len).sum::<usize>() * 2 > text.len()
}

impl Reader<'_> {
    fn hits(&self, worker: &mut Worker, blob: ObjectId, path: &str, text: &[u8], found: &Found) {
        let matches = self.scanner.engine.settle(text, found);
        let origin = Origin::File(path_of(path.into()));
        let findings = self.scanner.findings(&origin, text, matches, stanch_scan::Base::default());
        let hit = |finding: Finding| Hit {
            kind: self.kind(&finding),
            location: finding.location,
            parts: finding.parts.into_iter().map(|part| part.location).collect(),
        };
        let findings = findings.into_iter().map(hit).collect();
        worker.blobs.hits.push(Hits { blob, findings });
    }

    /// The index of what a finding says.
    fn kind(&self, finding: &Finding) -> u32 {
        let parts = finding.parts.iter().map(|part| (&part.name, part.value.expose()));
        let facts = finding.facts.iter().map(|fact| (fact.name, &fact.value));
        let key = self.hasher.hash_one((
            &finding.fingerprint,
            &finding.excerpt,
            &finding.evidence,
            finding.confidence.to_bits(),
            finding.ignored_by,
            parts.collect::<Vec<_>>(),
            facts.collect::<Vec<_>>(),
        ));
        let mut kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        let (known, all) = &mut *kinds;
        *known.entry(key).or_insert_with(|| {
            all.push(finding.clone());
            all.len() as u32 - 1
        })
    }
}
