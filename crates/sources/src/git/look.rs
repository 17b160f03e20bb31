//! Scanning one text of a repository and reporting what of it is new.

use std::sync::{Mutex, PoisonError};

use gix::ObjectId;
use gix::objs::Kind;
use stanch_scan::{Base, Certificate, Finding, Gap, GapKind, Origin, Scanner, Sink};

use super::lines::Added;
use super::objects::{Objects, PROSE};
use crate::window::Reader;

/// Hands everything on but the findings, which are kept.
pub(crate) struct Held<'s> {
    sink: &'s dyn Sink,
    /// What is told instead of the place that the text is judged by.
    told: Option<&'s Origin>,
    found: Mutex<Vec<Finding>>,
}

impl Held<'_> {
    fn told<'o>(&'o self, origin: &'o Origin) -> &'o Origin {
        self.told.unwrap_or(origin)
    }
}

impl Sink for Held<'_> {
    fn findings(&self, mut findings: Vec<Finding>) {
        if let Some(told) = self.told {
            findings.iter_mut().for_each(|finding| finding.origin = told.clone());
        }
        self.found.lock().unwrap_or_else(PoisonError::into_inner).extend(findings);
    }

    fn scanned(&self, origin: &Origin, bytes: u64) {
        self.sink.scanned(self.told(origin), bytes);
    }

    fn blob(&self, origin: &Origin) {
        self.sink.blob(self.told(origin));
    }

    fn gap(&self, gap: Gap) {
        let origin = self.told(&gap.origin).clone();
        self.sink.gap(Gap { origin, ..gap });
    }

    fn certificate(&self, origin: &Origin, certificate: Certificate) {
        self.sink.certificate(self.told(origin), certificate);
    }
}

/// What a text holds; everything but the findings goes to the sink.
pub(crate) fn look(
    reader: &mut Reader,
    text: &[u8],
    origin: &Origin,
    scanner: Scanner<'_>,
    sink: &dyn Sink,
) -> Vec<Finding> {
    look_from(reader, text, Base::default(), origin, scanner, sink)
}

/// The same for a text that begins in the midst of a file.
pub(crate) fn look_from(
    reader: &mut Reader,
    text: &[u8],
    base: Base,
    origin: &Origin,
    scanner: Scanner<'_>,
    sink: &dyn Sink,
) -> Vec<Finding> {
    if is_lfs_pointer(text) {
        sink.gap(Gap {
            origin: origin.clone(),
            kind: GapKind::Skipped,
            reason: "Git LFS pointers, whose content is not in the repository; run `git lfs pull` \
                     and scan the folder"
                .to_owned(),
        });
    }
    let held = Held { sink, told: None, found: Mutex::new(Vec::new()) };
    reader.scan_bytes(text, base, origin, scanner, &held);
    held.found.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// The same for what people wrote into a commit or tag.
pub(crate) fn look_at_prose(
    reader: &mut Reader,
    text: &[u8],
    origin: &Origin,
    scanner: Scanner<'_>,
    sink: &dyn Sink,
) -> Vec<Finding> {
    let held = Held { sink, told: Some(origin), found: Mutex::new(Vec::new()) };
    let prose = Origin::File(PROSE.into());
    reader.scan_bytes(text, Base::default(), &prose, scanner, &held);
    held.found.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Splits findings into those that are new in comparison with all of the blobs
/// that were there before, and the others.
pub(crate) fn split_new(
    objects: Objects<'_>,
    before: &[ObjectId],
    text: &[u8],
    found: Vec<Finding>,
) -> (Vec<Finding>, Vec<Finding>) {
    if found.is_empty() || before.is_empty() {
        return (found, Vec::new());
    }
    // What cannot be read makes nothing old.
    let before = before.iter().filter_map(|id| objects.get(*id, Kind::Blob).ok());
    let before: Vec<_> = before.collect();
    let texts: Vec<&[u8]> = before.iter().map(|object| object.data.as_slice()).collect();
    let added = Added::between(&texts, text);
    found.into_iter().partition(|finding| added.touches(finding))
}

/// Whether a blob stands for a file that Git LFS keeps; see
/// <https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md>.
fn is_lfs_pointer(text: &[u8]) -> bool {
    text.len() < 1024 && text.starts_with(b"version https://git-lfs.github.com/spec/v1\n")
}
