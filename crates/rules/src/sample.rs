//! Samples made from a detector's own pattern and checksum, so that no token
//! that looks real is ever written down.

mod key_material;

use std::ops::Range;

use regex_syntax::hir::{Hir, HirKind};

use crate::checksum;
use crate::entropy::shannon;
use crate::pattern::{self, class_bytes};
use crate::schema::Detector;

/// A text that a detector's pattern matches.
#[derive(Debug, Clone)]
pub struct Sample {
    /// The whole match.
    pub text: String,
    groups: Vec<(String, Range<usize>)>,
}

impl Sample {
    /// The text of a named group; `secret` is the whole match where the
    /// pattern names no such group.
    pub fn group(&self, name: &str) -> Option<&str> {
        match self.groups.iter().find(|(group, _)| group == name) {
            Some((_, range)) => self.text.get(range.clone()),
            None if name == "secret" => Some(&self.text),
            None => None,
        }
    }
}

/// Makes a sample; the same seed gives the same sample. None for detectors
/// without a pattern and for patterns whose checksum cannot be sealed.
pub fn sample(detector: &Detector, seed: u64) -> Option<Sample> {
    if let Some(recognizer) = &detector.recognizer {
        let label = detector.keywords.first().map_or("", String::as_str);
        let text = key_material::sample(recognizer, label, &mut Random(seed))?;
        return Some(Sample { text, groups: Vec::new() });
    }
    let hir = pattern::parse(detector.pattern.as_deref()?).ok()?;
    (0..64).find_map(|attempt| {
        let mut writer = Writer {
            random: Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(attempt + 1)),
            text: Vec::new(),
            groups: Vec::new(),
        };
        writer.write(&hir);
        let Writer { mut text, groups, .. } = writer;
        let find = |name: &str| groups.iter().find(|(g, _)| g == name).map(|(_, r)| r.clone());
        let value = find("secret").unwrap_or(0..text.len());
        if let Some(sum) = &detector.checksum {
            let inner = |name: &Option<String>| {
                let range = find(name.as_deref()?)?;
                Some(range.start.checked_sub(value.start)?..range.end.checked_sub(value.start)?)
            };
            let (over, equals) = (inner(&sum.over), inner(&sum.equals));
            if !checksum::seal(&sum.kind, text.get_mut(value.clone())?, over, equals) {
                return None;
            }
        }
        if shannon(text.get(value)?) < detector.entropy.unwrap_or(0.0) {
            return None;
        }
        Some(Sample { text: String::from_utf8(text).ok()?, groups })
    })
}

/// Fills `{sample}`, `{match}`, `{group}` and `{other-detector-id}` in a text.
/// Braces around anything else stay as they are.
pub fn fill(
    template: &str,
    sample: Option<&Sample>,
    other: &dyn Fn(&str) -> Option<String>,
) -> String {
    let mut out = String::with_capacity(template.len() + 128);
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        let tail = &rest[open + 1..];
        let name = tail.split(['}', '{']).next().unwrap_or("");
        let value = match (name, sample) {
            (_, _) if !tail[name.len()..].starts_with('}') => None,
            ("sample", Some(sample)) => sample.group("secret").map(str::to_owned),
            ("match", Some(sample)) => Some(sample.text.clone()),
            (name, sample) => {
                sample.and_then(|s| s.group(name)).map(str::to_owned).or_else(|| other(name))
            }
        };
        match value {
            Some(value) => {
                out.push_str(&value);
                rest = &tail[name.len() + 1..];
            }
            None => {
                out.push('{');
                rest = tail;
            }
        }
    }
    out.push_str(rest);
    out
}

struct Writer {
    random: Random,
    text: Vec<u8>,
    groups: Vec<(String, Range<usize>)>,
}

impl Writer {
    fn write(&mut self, hir: &Hir) {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => self.text.extend_from_slice(&literal.0),
            HirKind::Class(class) => {
                let all: Vec<u8> = class_bytes(class).collect();
                // A wide class stands for "anything but"; a plain byte of it
                // does not break the line that the sample is put into.
                let plain: Vec<u8> = all
                    .iter()
                    .copied()
                    .filter(|b| b.is_ascii_alphanumeric() || b"-_+/.~".contains(b))
                    .collect();
                let graphic: Vec<u8> = all.iter().copied().filter(u8::is_ascii_graphic).collect();
                let from = match (all.len(), plain.is_empty(), graphic.is_empty()) {
                    (65.., false, _) => &plain,
                    (_, _, false) => &graphic,
                    _ => &all,
                };
                if !from.is_empty() {
                    let at = self.random.below(from.len());
                    self.text.push(from[at]);
                }
            }
            HirKind::Repetition(rep) => {
                let min = rep.min as usize;
                let max = rep.max.map_or(min + 8, |max| max as usize).min(min + 16);
                // The shortest length is the one that other detectors share
                // least; but an empty optional part would hide a fault in it.
                let low = if min == 0 && max > 0 { 1 } else { min };
                let count = low + self.random.below(max.saturating_sub(low) + 1);
                (0..count).for_each(|_| self.write(&rep.sub));
            }
            HirKind::Capture(capture) => {
                let start = self.text.len();
                self.write(&capture.sub);
                if let Some(name) = &capture.name {
                    self.groups.push((name.to_string(), start..self.text.len()));
                }
            }
            HirKind::Concat(parts) => parts.iter().for_each(|part| self.write(part)),
            HirKind::Alternation(branches) => {
                let at = self.random.below(branches.len());
                if let Some(branch) = branches.get(at) {
                    self.write(branch);
                }
            }
        }
    }
}

/// SplitMix64: small, seeded, and good enough to fill a sample.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `n`; 0 when `n` is 0.
    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n.max(1) as u64).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_filled_and_other_braces_stay() {
        let sample = Sample { text: "id:abc".into(), groups: vec![("secret".into(), 3..6)] };
        let other = |id: &str| (id == "acme-id").then(|| "A1".to_owned());
        let filled = fill("{sample} {match} {acme-id} ${X} {{y}} {", Some(&sample), &other);
        assert_eq!(filled, "abc id:abc A1 ${X} {{y}} {");
    }
}
