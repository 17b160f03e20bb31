//! From raw matches to what is reported: of overlapping ones the more specific
//! wins, parts of one credential are joined.

use std::ops::Range;

use stanch_rules::Rule;
use stanch_rules::facts::Fact;
use stanch_rules::pattern::Trigger;

use crate::decode::Encoding;
use crate::engine::Engine;
use crate::matched::{Match, Part};
use crate::secret::Secret;

/// A confirmed match before overlaps are settled.
#[derive(Clone)]
pub(crate) struct RawMatch {
    pub(crate) rule: usize,
    pub(crate) span: Range<usize>,
    /// The whole of what the pattern matched.
    pub(crate) whole: Range<usize>,
    pub(crate) secret: Secret,
    pub(crate) parts: Vec<Part>,
    pub(crate) confidence: f32,
    pub(crate) evidence: Vec<String>,
    pub(crate) facts: Vec<Fact>,
    pub(crate) encodings: Vec<Encoding>,
    /// Length of the keyword that the value itself bears.
    pub(crate) mark: usize,
}

impl RawMatch {
    /// Moves it by what `from` is moved to `to`.
    pub(crate) fn shift(&mut self, from: usize, to: usize) {
        let shift = |range: &mut Range<usize>| {
            *range = (range.start + to).saturating_sub(from)..(range.end + to).saturating_sub(from);
        };
        shift(&mut self.span);
        shift(&mut self.whole);
        self.parts.iter_mut().for_each(|part| shift(&mut part.span));
    }
}

/// Settles overlaps, joins parts, and sorts by position.
pub(crate) fn resolve(engine: &Engine, mut found: Vec<RawMatch>) -> Vec<Match> {
    if found.is_empty() {
        return Vec::new();
    }
    let rank = |m: &RawMatch| {
        (specificity(engine.rule(m.rule), m.mark), m.confidence, m.whole.len(), m.encodings.len())
    };
    found.sort_by(|a, b| {
        let (ra, rb) = (rank(a), rank(b));
        rb.0.cmp(&ra.0)
            .then(rb.1.total_cmp(&ra.1))
            .then(rb.2.cmp(&ra.2))
            .then(ra.3.cmp(&rb.3))
            .then(a.span.start.cmp(&b.span.start))
            .then(a.rule.cmp(&b.rule))
    });
    let mut taken = Taken::default();
    let mut kept: Vec<RawMatch> = Vec::new();
    for candidate in found {
        if taken.insert(&candidate) {
            kept.push(candidate);
        }
    }
    kept.sort_by_key(|m| (m.span.start, m.span.end));
    join(engine, kept)
}

/// How much a detector asks of a value before it claims it; `mark` is the
/// length of the keyword that the value itself bears.
fn specificity(rule: &Rule, mark: usize) -> (u8, usize) {
    let class = match rule.trigger {
        Trigger::Code if rule.recognizer.as_deref() == Some("assignment") => 0,
        _ if rule.general => 1,
        _ if rule.checksum.is_some() => 6,
        _ if mark > 0 => 5,
        Trigger::Code => 4,
        Trigger::Token { .. } | Trigger::Root { .. } | Trigger::Url => 3,
        Trigger::Shape(_) if !rule.keywords.is_empty() => 3,
        Trigger::Shape(_) | Trigger::Near => 2,
    };
    (class, mark)
}

/// Spans that are claimed already, kept by start and never overlapping, except
/// that the same value may hide in a layer of another encoding.
#[derive(Default)]
struct Taken {
    spans: std::collections::BTreeMap<usize, usize>,
}

impl Taken {
    /// Claims a match's span; false when a better match has some of it.
    fn insert(&mut self, m: &RawMatch) -> bool {
        let before = self.spans.range(..=m.span.start).next_back();
        if before.is_some_and(|(_, end)| *end > m.span.start) {
            return false;
        }
        let after = self.spans.range(m.span.start..).next();
        if after.is_some_and(|(start, _)| *start < m.span.end) {
            return false;
        }
        self.spans.insert(m.span.start, m.span.end);
        true
    }
}

/// Replaces parts that stand together by the secret that they make.
fn join(engine: &Engine, kept: Vec<RawMatch>) -> Vec<Match> {
    let mut used = vec![false; kept.len()];
    let mut joined: Vec<Match> = Vec::new();
    for (at, rule) in engine.composites() {
        let ids: Vec<(&String, Option<usize>)> =
            rule.parts.iter().map(|(name, id)| (name, engine.index_of(id))).collect();
        let Some(main) = rule.parts.get("secret").and_then(|id| engine.index_of(id)) else {
            continue;
        };
        for (value_at, value) in kept.iter().enumerate().filter(|(_, m)| m.rule == main) {
            let mut parts = Vec::new();
            let mut members = vec![value_at];
            let mut all = true;
            for (name, id) in ids.iter().filter(|(name, _)| name.as_str() != "secret") {
                let nearest = nearest_part(&kept, *id, value_at, usize::from(rule.within));
                match nearest {
                    Some(other) => {
                        members.push(other);
                        let m = &kept[other];
                        parts.push(Part {
                            name: (*name).clone(),
                            span: m.span.clone(),
                            value: m.secret.clone(),
                        });
                    }
                    None => all = false,
                }
            }
            if !all {
                continue;
            }
            parts.extend(value.parts.iter().cloned());
            let mut facts = Vec::new();
            for member in &members {
                used[*member] = true;
                facts.extend(kept[*member].facts.iter().cloned());
            }
            let mut evidence = vec!["all its parts stand together".to_owned()];
            evidence.extend(value.evidence.iter().cloned());
            joined.push(Match {
                rule: at,
                span: value.span.clone(),
                secret: value.secret.clone(),
                parts,
                confidence: rule.confidence.max(value.confidence),
                evidence,
                facts,
                encodings: value.encodings.clone(),
                ignored_by: None,
            });
        }
    }
    let lone = kept.into_iter().zip(used).filter(|(_, used)| !used).map(|(m, _)| Match {
        rule: m.rule,
        span: m.span,
        secret: m.secret,
        parts: m.parts,
        confidence: m.confidence,
        evidence: m.evidence,
        facts: m.facts,
        encodings: m.encodings,
        ignored_by: None,
    });
    joined.extend(lone);
    joined.sort_by_key(|m| (m.span.start, m.span.end));
    joined
}

/// The match of detector `rule` closest to match `at`, at most `within` bytes
/// away. `kept` is sorted by position.
fn nearest_part(kept: &[RawMatch], rule: Option<usize>, at: usize, within: usize) -> Option<usize> {
    let rule = rule?;
    let value = &kept[at].span;
    let gap = |other: &RawMatch| {
        if other.span.end <= value.start {
            value.start - other.span.end
        } else {
            other.span.start.saturating_sub(value.end)
        }
    };
    // Looking both ways at once, no further than `within` and no more than a
    // fixed number of matches, keeps the cost of many parts linear.
    let before = kept[..at].iter().enumerate().rev().take(64);
    let after = kept[at + 1..].iter().enumerate().map(|(i, m)| (at + 1 + i, m)).take(64);
    before
        .chain(after)
        .filter(|(_, m)| m.rule == rule && gap(m) <= within)
        .min_by_key(|(_, m)| gap(m))
        .map(|(i, _)| i)
}
