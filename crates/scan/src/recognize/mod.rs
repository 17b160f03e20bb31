//! Recognisers: formats that a pattern cannot describe.

mod pem;
mod pkcs12;

use std::ops::Range;

use stanch_rules::Pack;

use crate::engine::Engine;
use crate::generic::{Assignment, Judgement, Kind};
use crate::layer::Layer;
use crate::matched::Part;
use crate::resolve::RawMatch;
use crate::secret::Secret;

pub use pem::certificates;

/// Which detectors of a pack each recogniser serves.
#[derive(Debug, Default)]
pub(crate) struct Recognizers {
    assignment: Vec<(Kind, usize)>,
    pem: Vec<(String, usize)>,
    pem_encrypted: Option<usize>,
    pkcs12: Option<usize>,
    publishsettings: Option<usize>,
}

impl Recognizers {
    pub(crate) fn new(pack: &Pack) -> Recognizers {
        let mut all = Recognizers::default();
        for (at, rule) in pack.rules.iter().enumerate() {
            match rule.recognizer.as_deref() {
                Some("assignment") => {
                    let kinds = Kind::ALL.iter().filter(|kind| kind.detector() == rule.id);
                    all.assignment.extend(kinds.map(|kind| (*kind, at)));
                }
                Some("pem") if rule.id == "private-key-encrypted" => all.pem_encrypted = Some(at),
                Some("pem") => {
                    all.pem.extend(rule.keywords.iter().map(|label| (label.clone(), at)))
                }
                Some("pkcs12") => all.pkcs12 = Some(at),
                Some("publishsettings") => all.publishsettings = Some(at),
                _ => {}
            }
        }
        all
    }

    pub(crate) fn has_assignments(&self) -> bool {
        !self.assignment.is_empty()
    }

    pub(crate) fn has_stores(&self) -> bool {
        self.pkcs12.is_some() || self.publishsettings.is_some()
    }

    pub(crate) fn has_pem(&self) -> bool {
        !self.pem.is_empty()
    }

    /// Formats that are known by how a text begins.
    pub(crate) fn whole(&self, engine: &Engine, layer: &mut Layer<'_>) {
        pkcs12::binary(self, engine, layer);
    }

    /// Takes over an assignment that was judged.
    pub(crate) fn assignment(
        &self,
        layer: &mut Layer<'_>,
        assignment: &Assignment,
        judgement: &Judgement,
    ) {
        let span = assignment.value.clone();
        let Some(rule) =
            self.assignment.iter().find(|(kind, _)| *kind == judgement.kind).map(|(_, rule)| *rule)
        else {
            return;
        };
        let likely = judgement.probability >= LIKELY;
        layer.trace(rule, span.clone(), likely, || {
            format!("probability {:.2}: {}", judgement.probability, judgement.reasons.join(", "))
        });
        if !likely {
            return;
        }
        let text = layer.text;
        layer.found.push(RawMatch {
            rule,
            whole: assignment.name.start.min(span.start)..span.end,
            secret: Secret::new(&text[span.clone()]),
            span,
            parts: vec![Part {
                name: "name".to_owned(),
                span: assignment.name.clone(),
                value: Secret::new(&text[assignment.name.clone()]),
            }],
            confidence: judgement.probability,
            evidence: judgement.reasons.iter().map(|r| (*r).to_owned()).collect(),
            facts: Vec::new(),
            encodings: Vec::new(),
            mark: 0,
        });
    }
}

/// Least probability of a generic candidate that is kept at all.
const LIKELY: f32 = 0.2;

/// The base64 text from `from` on, white space and escapes left out, and where
/// it ends: at the first byte that belongs to neither.
fn base64_body(text: &[u8], from: usize, limit: usize) -> (Vec<u8>, Range<usize>) {
    let mut body = Vec::new();
    let mut at = from;
    let end = text.len().min(from + limit);
    let mut last = from;
    while at < end {
        match text[at] {
            b if b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=') => {
                body.push(b);
                at += 1;
                last = at;
            }
            b if b.is_ascii_whitespace() => at += 1,
            b'\\' if matches!(text.get(at + 1), Some(b'n' | b'r' | b't')) => at += 2,
            b'\\' if matches!(text.get(at + 1), Some(b'\\' | b'/' | b'\n' | b'\r')) => at += 1,
            _ => break,
        }
    }
    (body, from..last)
}
