//! Secrets of several parts that stand in different files of a folder, or far
//! from each other in one: an id in one, the key in another.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use stanch_rules::Pack;
use stanch_scan::{Finding, FindingPart, Origin};

use super::Reported;
use crate::report::place;

/// Halves that are kept for joining; what comes later is reported by itself.
const MOST: usize = 20_000;

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
    pub(super) fn takes(&self, halves: usize, finding: &Finding) -> bool {
        halves < MOST
            && self.parts.contains(&finding.detector)
            && matches!(finding.origin, Origin::File(_))
    }

    /// Joins what belongs together: the halves of one folder, if it is clear
    /// which ones. What is not joined stays as it was.
    pub(super) fn join(&self, halves: &mut [Reported]) {
        let mut by_folder: BTreeMap<PathBuf, Vec<usize>> = BTreeMap::new();
        for (at, half) in halves.iter().enumerate() {
            if let Origin::File(path) = &half.finding.origin {
                let folder = path.parent().unwrap_or(Path::new("")).to_owned();
                by_folder.entry(folder).or_default().push(at);
            }
        }
        let mut joined: Vec<Joint<'_>> = Vec::new();
        for neighbours in by_folder.values() {
            for &at in neighbours {
                let Some(half) = halves.get(at) else { continue };
                let finding = &half.finding;
                let fitting = self.all.iter().filter(|one| one.secret == finding.detector);
                let whole = fitting.filter_map(|one| {
                    let others = one.others.iter().map(|(name, detector)| {
                        Some((name.as_str(), other(halves, neighbours, finding, detector)?))
                    });
                    Some(Joint { at, one, others: others.collect::<Option<Vec<_>>>()? })
                });
                // Of several that fit, the one with the most parts says the most.
                joined.extend(whole.max_by_key(|joint| joint.others.len()));
            }
        }
        for joint in joined {
            let others = joint.others.iter().filter_map(|(name, at)| {
                Some(((*name).to_owned(), halves.get(*at)?.finding.clone()))
            });
            let others: Vec<(String, Finding)> = others.collect();
            if let Some(half) = halves.get_mut(joint.at) {
                complete(half, joint.one, others);
            }
        }
    }
}

/// Halves that belong together, by where they are kept.
struct Joint<'c> {
    at: usize,
    one: &'c Composite,
    /// Names of the other parts.
    others: Vec<(&'c str, usize)>,
}

/// The half of this detector that belongs to a finding: one in its file, else
/// the only value in the folder.
fn other(
    halves: &[Reported],
    neighbours: &[usize],
    finding: &Finding,
    detector: &str,
) -> Option<usize> {
    let all = || {
        let of = |at: &&usize| halves.get(**at).is_some_and(|it| it.finding.detector == detector);
        neighbours.iter().filter(of).copied()
    };
    let here = |at: &usize| halves.get(*at).is_some_and(|it| it.finding.origin == finding.origin);
    let only = |mut some: Box<dyn Iterator<Item = usize> + '_>| {
        let first = some.next()?;
        let value = |at: usize| halves.get(at).map(|it| it.finding.secret.expose());
        some.all(|at| value(at) == value(first)).then_some(first)
    };
    match all().any(|at| here(&at)) {
        true => only(Box::new(all().filter(here))),
        false => only(Box::new(all())),
    }
}

/// Makes a half the whole secret.
fn complete(half: &mut Reported, one: &Composite, others: Vec<(String, Finding)>) {
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
