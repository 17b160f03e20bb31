//! Detectors and their examples, through the whole engine.

use std::collections::BTreeMap;
use std::ops::Range;

use stanch_rules::load::Source;
use stanch_rules::sample;
use stanch_rules::schema::Detector;
use stanch_scan::{Context, Engine, Match, Scratch};

use crate::pack;
use crate::scan::DEFAULT_CONFIDENCE;

/// Samples that are tried of each example.
const SEEDS: u64 = 3;

/// Detectors under test.
pub(super) struct Bench<'d> {
    engine: Engine,
    detectors: BTreeMap<&'d str, &'d Detector>,
}

impl<'d> Bench<'d> {
    /// Makes all detectors of these files ready.
    ///
    /// # Errors
    /// Faults of the files, or between them.
    pub(super) fn new(all: &'d [Source]) -> anyhow::Result<Bench<'d>> {
        let detectors = all.iter().flat_map(|source| &source.content.detectors);
        Ok(Bench {
            engine: Engine::new(pack::together(all)?),
            detectors: detectors.map(|detector| (detector.id.as_str(), detector)).collect(),
        })
    }

    /// Whether the detector finds each of its samples in an example.
    ///
    /// # Errors
    /// Why it does not.
    pub(super) fn finds(&self, detector: &Detector, template: &str) -> Result<(), String> {
        for seed in 0..SEEDS {
            let text = self.text(detector, template, seed);
            let found = self.scan(&mut Scratch::default(), &text);
            if found.iter().any(|m| self.engine.rule(m.rule).id == detector.id) {
                continue;
            }
            let others: Vec<&str> =
                found.iter().map(|m| self.engine.rule(m.rule).id.as_str()).collect();
            let instead = match others.as_slice() {
                [] => "not found".to_owned(),
                others => format!("not found; found instead: {}", others.join(", ")),
            };
            return Err(format!("{instead}\n{}", self.why(detector, &text)));
        }
        Ok(())
    }

    /// Whether the detector finds nothing in an example.
    ///
    /// # Errors
    /// What speaks for what it found.
    pub(super) fn passes(&self, detector: &Detector, template: &str) -> Result<(), String> {
        let text = self.text(detector, template, 0);
        let found = self.scan(&mut Scratch::default(), &text);
        let wrong = found.iter().find(|m| {
            self.engine.rule(m.rule).id == detector.id && m.confidence >= DEFAULT_CONFIDENCE
        });
        match wrong {
            Some(m) => Err(format!("found, because: {}", m.evidence.join("; "))),
            None => Ok(()),
        }
    }

    fn text(&self, detector: &Detector, template: &str, seed: u64) -> String {
        let own = sample::sample(detector, seed);
        sample::fill(template, own.as_ref(), &|id| {
            let other = self.detectors.get(id)?;
            Some(sample::sample(other, seed)?.group("secret")?.to_owned())
        })
    }

    /// The detector that reports the samples of another one, which is not
    /// among these; none for what may be any assignment.
    pub(super) fn reports(&self, other: &Detector, template: &str) -> Option<&str> {
        let mut ids = (0..SEEDS).map(|seed| {
            let value = sample::sample(other, seed)?.group("secret")?.to_owned();
            let text = self.text(other, template, seed);
            let at = text.find(&value)?;
            let found = self.found(&text).into_iter();
            let (id, _) = found.max_by_key(|(_, span)| {
                span.end.min(at + value.len()).saturating_sub(span.start.max(at))
            })?;
            self.detectors.get(id).filter(|d| d.recognizer.is_none()).map(|_| id)
        });
        let first = ids.next()??;
        ids.all(|id| id == Some(first)).then_some(first)
    }

    /// The ids of the detectors that find something in a text, each with where.
    pub(super) fn found(&self, text: &str) -> Vec<(&str, Range<usize>)> {
        let found = self.scan(&mut Scratch::default(), text);
        found.into_iter().map(|m| (self.engine.rule(m.rule).id.as_str(), m.span)).collect()
    }

    fn scan(&self, scratch: &mut Scratch, text: &str) -> Vec<Match> {
        let context = Context { path: "src/config.txt", keep: 0..text.len() };
        self.engine.scan(scratch, text.as_bytes(), &context).0
    }

    /// What the detector itself said of the text.
    fn why(&self, detector: &Detector, text: &str) -> String {
        let mut scratch = Scratch::default();
        scratch.traces = Some(Vec::new());
        self.scan(&mut scratch, text);
        let said: Vec<String> = scratch
            .traces
            .unwrap_or_default()
            .into_iter()
            .filter(|trace| self.engine.rule(trace.rule).id == detector.id)
            .map(|trace| match trace.accepted {
                true => format!("accepted, but another detector won: {}", trace.reason),
                false => format!("rejected: {}", trace.reason),
            })
            .collect();
        match said.as_slice() {
            [] => "the detector was not asked: does the text hold one of its keywords, and one \
                   of its `near` words?"
                .to_owned(),
            said => said.join("\n"),
        }
    }
}
