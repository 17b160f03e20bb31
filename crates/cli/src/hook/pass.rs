//! One scan inside a hook.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use stanch_scan::{Engine, FingerprintKey, Scanner, Source};

use crate::collect::{Collector, Receipt, Reported};
use crate::pack;
use crate::policy::Policy;
use crate::scan::DEFAULT_CONFIDENCE;

/// Findings as they come, for whoever has to tell of them before the end.
#[derive(Clone, Default)]
pub(super) struct Found(Arc<Mutex<Vec<Reported>>>);

impl Found {
    /// Those of now.
    pub(super) fn lock(&self) -> MutexGuard<'_, Vec<Reported>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many different secrets they are.
    pub(super) fn secrets(&self) -> u64 {
        let found = self.lock();
        let mut prints: Vec<&str> = found.iter().map(|r| r.finding.fingerprint.as_str()).collect();
        prints.sort_unstable();
        prints.dedup();
        prints.len() as u64
    }
}

/// Scans a source; what is found goes to `found`, in order at the end.
///
/// # Errors
/// Detectors that cannot be loaded.
pub(super) fn scan(
    source: &dyn Source,
    policy: &Policy,
    key: &FingerprintKey,
    found: &Found,
) -> anyhow::Result<Receipt> {
    let settings = policy.settings();
    let dirs: Vec<PathBuf> = settings.detectors.clone();
    let engine = Engine::new(pack::load(&dirs, &settings.only)?);
    let least = settings.min_confidence.unwrap_or(DEFAULT_CONFIDENCE);
    let sink = found.clone();
    let keep = Box::new(move |reported: &Reported| {
        let (finding, linked) = (reported.finding.clone(), reported.linked.clone());
        sink.lock().push(Reported { finding, linked, ignored_by: reported.ignored_by.clone() });
    });
    let collector = Collector::new(policy, least, false, false, Some(keep));
    source.scan(Scanner { engine: &engine, key }, &collector);
    let (_, _, receipt) = collector.finish();
    found.lock().sort_by(|a, b| {
        let at = |r: &Reported| (r.finding.location.bytes.start, r.finding.location.bytes.end);
        a.finding.origin.cmp(&b.finding.origin).then(at(a).cmp(&at(b)))
    });
    Ok(receipt)
}
