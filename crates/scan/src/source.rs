//! Where blobs come from and where findings go.
//!
//! A source *pushes*: it hands every blob to the scanner and every result to
//! the sink, on as many threads as it likes. That lets a source decide what is
//! read together and in which order, keeps memory at one blob per thread, and
//! lets a sink print while the source still reads.

use crate::finding::{Certificate, Finding, Scanner};
use crate::origin::Origin;

/// Something that can be scanned.
pub trait Source {
    /// Scans everything, reporting to the sink. What cannot be read is
    /// reported there as well; nothing is passed over in silence.
    fn scan(&self, scanner: Scanner<'_>, sink: &dyn Sink);
}

/// Takes what a scan finds. Called from several threads at once.
pub trait Sink: Sync {
    /// The findings of one blob or of one window of a large one, in order.
    fn findings(&self, findings: Vec<Finding>);

    /// A blob, or a window of one, has been scanned.
    fn scanned(&self, _origin: &Origin, _bytes: u64) {}

    /// A blob has been scanned to its end.
    fn blob(&self, _origin: &Origin) {}

    /// Something was not scanned.
    fn gap(&self, gap: Gap);

    /// A certificate was seen.
    fn certificate(&self, _origin: &Origin, _certificate: Certificate) {}
}

/// Something that was not scanned, or not wholly.
#[derive(Debug, Clone)]
pub struct Gap {
    /// What it is.
    pub origin: Origin,
    /// Why.
    pub kind: GapKind,
    /// The reason in words.
    pub reason: String,
}

/// Whether a gap makes a scan incomplete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum GapKind {
    /// Left out because the user said so, or because there is nothing to read.
    Skipped,
    /// A limit was reached: the blob was not scanned wholly.
    Limited,
    /// It could not be read.
    Failed,
}

impl GapKind {
    /// Whether a scan with such a gap is incomplete.
    pub fn is_incomplete(self) -> bool {
        self != GapKind::Skipped
    }
}
