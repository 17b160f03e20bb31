//! Secrets of several parts that stand in different files of a folder, or far
//! from each other in one: an id in one, the key in another.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use stanch_rules::Pack;
use stanch_scan::{Finding, FindingPart, Origin};

use super::Reported;
use crate::report::place;

/// Halves that are kept for joining; what comes later is reported by itself.
pub(super) const MOST: usize = 20_000;

/// What is known of secrets of several parts.
pub(super) struct Composites {
    all: Vec<Composite>,
    /// Detectors of parts.
    parts: BTreeSet<String>,
}

struct Composite {
    id: String,
    name: String,
    severity: stanch_rules::Severity,
    confidence: f32,
    /// The detector whose value is the secret.
    secret: String,
    /// Names of the other parts, each with its detector.
    others: BTreeMap<String, String>,
}

impl Composites {
    pub(super) fn of(pack: &Pack) -> Composites {
        let composite = |rule: &stanch_rules::Rule| {
            let mut others = rule.parts.clone();
            Some(Composite {
                id: rule.id.clone(),
                name: rule.name.clone(),
                severity: rule.severity,
                confidence: rule.confidence,
                secret: others.remove("secret")?,
                others,
            })
        };
        let all: Vec<Composite> = pack.rules.iter().filter_map(composite).collect();
        let parts = all.iter().flat_map(|one| one.others.values().chain([&one.secret]));
        Composites { parts: parts.cloned().collect(), all }
    }

    /// Whether a finding is to wait for its other half.
    pub(super) fn takes(&self, finding: &Finding) -> bool {
        self.parts.contains(&finding.detector) && matches!(finding.origin, Origin::File(_))
    }

    /// Joins what belongs together: the halves of one folder, if it is clear
    /// which ones. What is not joined stays as it was.
    pub(super) fn join(&self, halves: &mut [Reported]) {
        let known = Known::of(halves);
        let mut joined: Vec<(usize, &Composite, Others)> = Vec::new();
        for (at, half) in halves.iter().enumerate() {
            let fitting = self.all.iter().filter(|one| one.secret == half.finding.detector);
            let whole = fitting.filter_map(|one| {
                let others = one.others.iter().map(|(name, detector)| {
                    let other = halves.get(known.other(&half.finding, detector)?)?;
                    Some((name.clone(), other.finding.clone()))
                });
                Some((at, one, others.collect::<Option<Others>>()?))
            });
            // Of several that fit, the one with the most parts says the most.
            joined.extend(whole.max_by_key(|(_, _, others)| others.len()));
        }
        for (at, one, others) in joined {
            if let Some(half) = halves.get_mut(at) {
                complete(half, one, others);
            }
        }
    }
}

/// The other parts of a secret, by their names.
type Others = Vec<(String, Finding)>;

/// The only half of a detector in a file or folder, by its number; none where
/// there are several values.
#[derive(Default)]
struct Known {
    only: BTreeMap<(PathBuf, String), Option<usize>>,
}

impl Known {
    fn of(halves: &[Reported]) -> Known {
        let mut known = Known::default();
        for (at, Reported { finding, .. }) in halves.iter().enumerate() {
            let Origin::File(path) = &finding.origin else { continue };
            for place in [path.as_path(), folder(path)] {
                let key = (place.to_owned(), finding.detector.clone());
                let only = known.only.entry(key).or_insert(Some(at));
                let first = only.and_then(|first| halves.get(first));
                if first.is_some_and(|first| first.finding.secret != finding.secret) {
                    *only = None;
                }
            }
        }
        known
    }

    /// The half of this detector that belongs to a finding: one in its file,
    /// else the only value in the folder.
    fn other(&self, finding: &Finding, detector: &str) -> Option<usize> {
        let Origin::File(path) = &finding.origin else { return None };
        let at = |place: &Path| self.only.get(&(place.to_owned(), detector.to_owned()));
        *at(path).or_else(|| at(folder(path)))?
    }
}

fn folder(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

/// Makes a half the whole secret.
fn complete(half: &mut Reported, one: &Composite, others: Others) {
    let finding = &mut half.finding;
    // Each half by itself may be something else; that both are is less likely.
    let wrong = others
        .iter()
        .fold(1.0 - finding.confidence, |wrong, (_, other)| wrong * (1.0 - other.confidence));
    finding.detector.clone_from(&one.id);
    finding.name.clone_from(&one.name);
    finding.severity = one.severity;
    finding.confidence = (1.0 - wrong).min(one.confidence);
    for (name, other) in others {
        finding.evidence.push(format!(
            "its {} stands in {}",
            name.replace('_', " "),
            place(&other)
        ));
        if other.origin == finding.origin {
            let (location, value) = (other.location, other.secret);
            finding.parts.push(FindingPart { name, location, value });
        } else {
            half.linked.push((name.replace('_', " "), other.masked));
        }
    }
}
