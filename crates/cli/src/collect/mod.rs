//! What a scan gives, gathered from all its threads.

mod join;

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use indicatif::ProgressBar;
use stanch_rules::{Pack, Severity};
use stanch_scan::{Certificate, Finding, Gap, GapKind, Origin, Sink};

use self::join::Composites;
use crate::interrupt;
use crate::policy::Policy;
use crate::report::count;

/// The fact that links a private key to its certificate.
const SPKI: &str = "SPKI SHA-256";

/// Paths that are kept of each reason to skip.
const SKIPPED_PATHS: usize = 8;

/// Certificates that are kept for linking; a tree may hold any number.
const CERTIFICATES: usize = 100_000;

/// How long a scan may take before it shows progress.
const PATIENCE: Duration = Duration::from_millis(300);

/// Time between two drawings of the progress.
const BETWEEN: Duration = Duration::from_millis(100);

/// A finding with what the rest of the scan says of it.
pub(crate) struct Reported {
    /// The finding.
    pub(crate) finding: Finding,
    /// Facts from elsewhere: the certificate of a private key.
    pub(crate) linked: Vec<(String, String)>,
    /// What would have hidden it, were ignores not switched off.
    pub(crate) ignored_by: Option<String>,
}

impl Reported {
    /// All facts, as names and values.
    pub(crate) fn facts(&self) -> impl Iterator<Item = (&str, &str)> {
        let own = self.finding.facts.iter().map(|fact| (fact.name, fact.value.as_str()));
        own.chain(self.linked.iter().map(|(name, value)| (name.as_str(), value.as_str())))
    }
}

/// How many findings there are, with those that were streamed.
#[derive(Default)]
pub(crate) struct Tally {
    /// All of them.
    pub(crate) total: u64,
    /// By severity.
    pub(crate) by_severity: BTreeMap<Severity, u64>,
    /// How many different secrets they are.
    pub(crate) secrets: u64,
}

/// What was read and what was not.
#[derive(Default)]
pub(crate) struct Receipt {
    /// Blobs that were read to their end.
    pub(crate) files: u64,
    /// Bytes that were scanned.
    pub(crate) bytes: u64,
    /// Commits that were looked at; none where there are none to look at.
    pub(crate) commits: Option<u64>,
    /// How long it took.
    pub(crate) time: Duration,
    /// What was left out, by reason.
    pub(crate) skipped: BTreeMap<String, Skipped>,
    /// What was not read, or not wholly.
    pub(crate) failed: Vec<Gap>,
    /// Findings that were hidden, by what hides them.
    pub(crate) ignored: BTreeMap<String, u64>,
    /// Findings below the confidence asked for.
    pub(crate) unlikely: u64,
    /// Files that were honoured without having been given, as sentences.
    pub(crate) notes: Vec<String>,
    /// Ignore entries that are of no use, as sentences.
    pub(crate) leftovers: Vec<String>,
}

impl Skipped {
    /// The first of them, at most `n`, with the number of the others.
    pub(crate) fn shown(&self, n: usize) -> String {
        let paths: Vec<String> = self.paths.iter().take(n).map(ToString::to_string).collect();
        match self.count.saturating_sub(paths.len() as u64) {
            0 => paths.join(", "),
            more => format!("{} and {}", paths.join(", "), count(more, "other", "others")),
        }
    }
}

impl Receipt {
    /// Whether everything was read.
    pub(crate) fn is_complete(&self) -> bool {
        self.failed.is_empty()
    }
}

/// What was left out for one reason.
#[derive(Default)]
pub(crate) struct Skipped {
    /// How many.
    pub(crate) count: u64,
    /// The first of them, by name.
    pub(crate) paths: BTreeSet<Origin>,
}

/// What to do with a finding as soon as it is there.
pub(crate) type Stream<'s> = Box<dyn FnMut(&Reported) + Send + 's>;

/// Gathers the findings of a scan.
pub(crate) struct Collector<'s> {
    policy: &'s Policy,
    min_confidence: f32,
    no_ignores: bool,
    started: Instant,
    files: AtomicU64,
    bytes: AtomicU64,
    found: AtomicU64,
    /// When the progress was last drawn, in milliseconds from the start.
    shown: AtomicU64,
    progress: Option<OnceLock<ProgressBar>>,
    composites: Option<Composites>,
    state: Mutex<State<'s>>,
}

#[derive(Default)]
struct State<'s> {
    findings: Vec<Reported>,
    /// What may be a part of a secret, likely or not.
    halves: Vec<Reported>,
    tally: Tally,
    fingerprints: HashSet<String>,
    certificates: HashMap<[u8; 32], (Origin, Certificate)>,
    receipt: Receipt,
    stream: Option<Stream<'s>>,
}

impl State<'_> {
    fn count(&mut self, reported: &Reported) {
        self.tally.total += 1;
        *self.tally.by_severity.entry(reported.finding.severity).or_default() += 1;
        if !self.fingerprints.contains(&reported.finding.fingerprint) {
            self.fingerprints.insert(reported.finding.fingerprint.clone());
        }
    }
}

impl<'s> Collector<'s> {
    /// A collector that hides what `policy` and comments say, unless
    /// `no_ignores`. With a stream, findings are handed on and not kept.
    pub(crate) fn new(
        policy: &'s Policy,
        min_confidence: f32,
        no_ignores: bool,
        show_progress: bool,
        stream: Option<Stream<'s>>,
    ) -> Collector<'s> {
        let progress = show_progress && std::io::stderr().is_terminal();
        Collector {
            policy,
            min_confidence,
            no_ignores,
            started: Instant::now(),
            files: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            found: AtomicU64::new(0),
            shown: AtomicU64::new(0),
            progress: progress.then(OnceLock::new),
            composites: None,
            state: Mutex::new(State { stream, ..State::default() }),
        }
    }

    /// Joins the parts of secrets that stand in different files.
    pub(crate) fn joining(self, pack: &Pack) -> Collector<'s> {
        Collector { composites: Some(Composites::of(pack)), ..self }
    }

    /// Tells how many commits were looked at.
    pub(crate) fn commits(&self, commits: usize) {
        self.state().receipt.commits = Some(commits as u64);
    }

    /// Puts a sentence into the receipt.
    pub(crate) fn note(&self, sentence: String) {
        self.state().receipt.notes.push(sentence);
    }

    /// Ends the scan: the findings by path and position, how many there were,
    /// and the receipt.
    pub(crate) fn finish(self) -> (Vec<Reported>, Tally, Receipt) {
        if let Some(bar) = self.progress.as_ref().and_then(OnceLock::get) {
            bar.finish_and_clear();
        }
        let mut state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(composites) = &self.composites {
            let mut halves = std::mem::take(&mut state.halves);
            composites.join(&mut halves);
            for half in halves {
                if half.finding.confidence < self.min_confidence {
                    state.receipt.unlikely += 1;
                } else {
                    state.count(&half);
                    state.findings.push(half);
                }
            }
        }
        for reported in &mut state.findings {
            link(reported, &state.certificates);
        }
        state.findings.sort_by(|a, b| {
            let key =
                |r: &'_ Reported| (r.finding.location.bytes.start, r.finding.location.bytes.end);
            a.finding
                .origin
                .cmp(&b.finding.origin)
                .then(key(a).cmp(&key(b)))
                .then(a.finding.detector.cmp(&b.finding.detector))
        });
        if let Some(stream) = &mut state.stream {
            for reported in state.findings.drain(..) {
                stream(&reported);
            }
        }
        let mut receipt = state.receipt;
        receipt.failed.sort_by(|a, b| a.origin.cmp(&b.origin).then(a.reason.cmp(&b.reason)));
        receipt.files = self.files.into_inner();
        receipt.bytes = self.bytes.into_inner();
        receipt.time = self.started.elapsed();
        receipt.notes.splice(0..0, self.policy.notes());
        receipt.leftovers = self.policy.leftovers();
        state.tally.secrets = state.fingerprints.len() as u64;
        (state.findings, state.tally, receipt)
    }

    fn state(&self) -> MutexGuard<'_, State<'s>> {
        // A panic of another thread leaves nothing half done here.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn show_progress(&self) {
        let Some(progress) = &self.progress else { return };
        let now = self.started.elapsed();
        let shown = self.shown.load(Ordering::Relaxed);
        let next = if shown == 0 { PATIENCE } else { Duration::from_millis(shown) + BETWEEN };
        if now < next {
            return;
        }
        self.shown.store(u64::try_from(now.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
        let bar = progress.get_or_init(|| {
            let bar = ProgressBar::new_spinner();
            interrupt::wipe(&bar);
            bar
        });
        bar.set_message(format!(
            "{} files, {}, {} findings",
            self.files.load(Ordering::Relaxed),
            crate::report::size(self.bytes.load(Ordering::Relaxed)),
            self.found.load(Ordering::Relaxed),
        ));
        bar.tick();
    }
}

impl Sink for Collector<'_> {
    fn findings(&self, findings: Vec<Finding>) {
        for finding in findings {
            let composites = self.composites.as_ref();
            let is_half = composites.is_some_and(|all| all.takes(&finding))
                && self.state().halves.len() < join::MOST;
            if finding.confidence < self.min_confidence && !is_half {
                self.state().receipt.unlikely += 1;
                continue;
            }
            // Asked even when ignores are off, so that entries are known as used.
            let by_policy = self.policy.ignored(&finding).map(|ignored| ignored.by);
            let ignored_by =
                finding.ignored_by.map(|marker| format!("`{marker}` comments")).or(by_policy);
            if let Some(by) = &ignored_by
                && !self.no_ignores
            {
                if finding.confidence >= self.min_confidence {
                    *self.state().receipt.ignored.entry(by.clone()).or_default() += 1;
                }
                continue;
            }
            self.found.fetch_add(1, Ordering::Relaxed);
            let reported = Reported { finding, linked: Vec::new(), ignored_by };
            let mut state = self.state();
            if is_half {
                state.halves.push(reported);
                continue;
            }
            state.count(&reported);
            let waits = reported.finding.facts.iter().any(|fact| fact.name == SPKI);
            match &mut state.stream {
                // The certificate of a key may come after the key.
                Some(stream) if !waits => {
                    stream(&reported);
                }
                _ => state.findings.push(reported),
            }
        }
    }

    fn scanned(&self, _origin: &Origin, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.show_progress();
    }

    fn blob(&self, _origin: &Origin) {
        self.files.fetch_add(1, Ordering::Relaxed);
    }

    fn gap(&self, gap: Gap) {
        let mut state = self.state();
        if gap.kind != GapKind::Skipped {
            state.receipt.failed.push(gap);
            return;
        }
        let skipped = state.receipt.skipped.entry(reason_group(&gap.reason)).or_default();
        skipped.count += 1;
        // Threads come in any order; the report must not depend on it.
        skipped.paths.insert(gap.origin);
        if skipped.paths.len() > SKIPPED_PATHS {
            skipped.paths.pop_last();
        }
    }

    fn certificate(&self, origin: &Origin, certificate: Certificate) {
        let mut state = self.state();
        if state.certificates.len() < CERTIFICATES {
            let seen = (origin.clone(), certificate);
            // Threads see files in any order, and a renewed certificate has the
            // same key; the report must not depend on it.
            match state.certificates.entry(seen.1.spki) {
                Entry::Vacant(entry) => drop(entry.insert(seen)),
                Entry::Occupied(mut entry) => {
                    let known = entry.get_mut();
                    if (&seen.0, &seen.1.der) < (&known.0, &known.1.der) {
                        *known = seen;
                    }
                }
            }
        }
    }
}

/// Reasons that differ in a file's size are one reason.
fn reason_group(reason: &str) -> String {
    let rest = reason.trim_start_matches(|c: char| c.is_ascii_digit());
    match rest.strip_prefix(" bytes, more than ") {
        Some(rest) if rest.len() < reason.len() => format!("larger than {rest}"),
        _ => reason.to_owned(),
    }
}

fn link(reported: &mut Reported, certificates: &HashMap<[u8; 32], (Origin, Certificate)>) {
    let keys = reported.finding.facts.iter().filter(|fact| fact.name == SPKI);
    let spki = keys.filter_map(|fact| {
        let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(fact.value.as_bytes()).ok()?;
        <[u8; 32]>::try_from(bytes).ok()
    });
    let Some((origin, certificate)) = spki.into_iter().find_map(|spki| certificates.get(&spki))
    else {
        return;
    };
    let facts = certificate.facts();
    let facts = facts.iter().filter(|fact| fact.name != SPKI);
    let mut linked: Vec<(String, String)> = facts
        .map(|fact| {
            let bare = fact.name.strip_prefix("certificate ").unwrap_or(fact.name);
            (format!("certificate {bare}"), fact.value.clone())
        })
        .collect();
    linked.push(("certificate file".to_owned(), origin.to_string()));
    reported.linked = linked;
}

#[cfg(test)]
mod tests {
    use stanch_rules::facts::Fact;
    use stanch_scan::{FingerprintKey, Location, Secret};

    use super::*;

    fn key_finding(spki: &str) -> Finding {
        Finding {
            detector: "private-key-pkcs8".to_owned(),
            name: "Private key".to_owned(),
            provider: "private-key".to_owned(),
            severity: Severity::Critical,
            origin: Origin::File("a.key".into()),
            location: Location {
                line: 1,
                column: 1,
                end_line: 1,
                end_column: 2,
                char_column: 1,
                end_char_column: 2,
                bytes: 0..1,
            },
            confidence: 0.9,
            evidence: Vec::new(),
            facts: vec![Fact { name: SPKI, value: spki.to_owned() }],
            encodings: Vec::new(),
            secret: Secret::new(b"not a key at all"),
            masked: "********".to_owned(),
            parts: Vec::new(),
            fingerprint: String::new(),
            excerpt: "the value not a key at all twice".to_owned(),
            ignored_by: None,
        }
    }

    fn collected(spki: &str) -> Vec<Reported> {
        let key = FingerprintKey::new(&[1; 32]);
        let policy = Policy::load(None, &[], None, &key).unwrap();
        let collector = Collector::new(&policy, 0.5, false, false, None);
        collector.findings(vec![key_finding(spki)]);
        for path in ["z.pem", "b.pem"] {
            let certificate = Certificate { spki: [0xab; 32], der: Vec::new() };
            collector.certificate(&Origin::File(path.into()), certificate);
        }
        collector.finish().0
    }

    #[test]
    fn a_key_is_told_of_its_certificate() {
        let found = collected(&"AB".repeat(32));
        let linked: Vec<(&str, &str)> = found[0].facts().skip(1).collect();
        assert_eq!(linked, [("certificate file", "b.pem")]);
        assert!(collected(&"ac".repeat(32))[0].linked.is_empty());
        assert!(collected("nonsense")[0].linked.is_empty());
    }

    #[test]
    fn reasons_that_differ_in_a_number_are_one() {
        let reason = reason_group("5000 bytes, more than the 1024 asked for");
        assert_eq!(reason, "larger than the 1024 asked for");
        assert_eq!(reason_group("a socket"), "a socket");
    }
}
