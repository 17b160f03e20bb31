//! How a detector recognises its secrets, in words: what
//! `stanch detectors show` and the pages in `docs/detectors` say alike.
//!
//! Code stands in backticks, as in runbooks.

use regex_syntax::hir::{Class, Hir, HirKind};

use crate::schema::{Detector, First, Verdict, VerdictRule};
use crate::{checksum, load, pattern};

/// Most bytes that are told of the literal that a value begins with.
const LONGEST_START: usize = 32;

/// Most signs of an alphabet that are told one by one.
const MOST_SIGNS: usize = 8;

/// One thing that a detector looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it is, such as `marks`.
    pub label: &'static str,
    /// What it says, in one line.
    pub text: String,
}

/// Everything that a detector looks at, the most telling first.
pub fn recognition(detector: &Detector) -> Vec<Line> {
    let within = usize::from(detector.within.unwrap_or(load::WITHIN));
    let lines = [
        ("shape", detector.pattern.as_deref().and_then(shape)),
        ("in code", detector.recognizer.as_deref().map(recognizer)),
        ("marks", list(&detector.keywords)),
        (
            "near words",
            list(&detector.near).map(|words| {
                format!("{words}, at most {within} bytes before it, or 40 after it on its line")
            }),
        ),
        ("parts", parts(detector)),
        (
            "checksum",
            detector.checksum.as_ref().map(|sum| {
                checksum::told(&sum.kind).map_or_else(|| sum.kind.clone(), str::to_owned)
            }),
        ),
        ("entropy", detector.entropy.map(|least| format!("at least {least} bits per byte"))),
        (
            "password",
            detector.password.then(|| {
                "people choose it, so what it looks like and what stands around it weigh too"
                    .to_owned()
            }),
        ),
        ("facts read", detector.facts.as_deref().map(code)),
        ("confidence", Some(format!("{:.0} %", load::confidence(detector) * 100.0))),
    ];
    let line = |(label, text): (_, Option<String>)| Some(Line { label, text: text? });
    lines.into_iter().filter_map(line).collect()
}

/// What to do first when a secret leaked, as a clause.
pub const fn first(first: First) -> &'static str {
    match first {
        First::Revoke => "revoke it at once",
        First::Replace => "bring a second one to everybody who uses it, then revoke it",
    }
}

/// What the answers to a live request prove, such as `200 live, 401 dead`.
pub fn verdicts(rules: &[VerdictRule]) -> String {
    let told = rules.iter().map(|rule| {
        let is = match rule.is {
            Verdict::Live => "live",
            Verdict::Dead => "dead",
        };
        let with = rule.body.as_deref().map_or_else(String::new, |b| format!(" with {}", code(b)));
        format!("{}{with} {is}", rule.status)
    });
    told.chain(["anything else unknown".to_owned()]).collect::<Vec<_>>().join(", ")
}

/// A text as code.
pub fn code(text: &str) -> String {
    format!("`{}`", text.replace('`', "'"))
}

fn list(words: &[String]) -> Option<String> {
    let words: Vec<String> = words.iter().map(|word| code(word)).collect();
    (!words.is_empty()).then(|| words.join(", "))
}

fn parts(detector: &Detector) -> Option<String> {
    let parts: Vec<String> =
        detector.parts.iter().map(|(name, id)| format!("{name} ({})", code(id))).collect();
    let within = detector.within.unwrap_or(load::PARTS_WITHIN);
    (!parts.is_empty()).then(|| format!("{}, at most {within} bytes apart", parts.join(", ")))
}

fn recognizer(name: &str) -> String {
    match name {
        "assignment" => "a value that is assigned to a name such as `password` or `api_key`, \
                         judged by what it looks like and what stands around it"
            .to_owned(),
        "pem" => "a PEM block, opened and read".to_owned(),
        "pkcs12" => "a PKCS#12 container, read and tried with no and usual passwords".to_owned(),
        "publishsettings" => "a `.publishsettings` file, read with what is in it".to_owned(),
        other => code(other),
    }
}

/// The value of a pattern: how long it is, how it begins, and what it is made
/// of. `None` for what is no pattern.
fn shape(text: &str) -> Option<String> {
    let hir = pattern::parse(text).ok()?;
    let value = secret(&hir).unwrap_or(&hir);
    let properties = value.properties();
    let (min, max) = (properties.minimum_len()?, properties.maximum_len());
    let length = match max {
        Some(max) if max == min => format!("{min} characters"),
        Some(max) if max <= pattern::MATCH_MAX => format!("{min} to {max} characters"),
        _ => format!("at least {min} characters"),
    };
    let (mut start, mut rest) = (Vec::new(), Alphabet::default());
    collect(value, &mut true, &mut start, &mut rest);
    // Who knows the mark needs no more, and some begin with a whole header.
    let more = if start.len() > LONGEST_START { "…" } else { "" };
    start.truncate(LONGEST_START);
    let start = format!("{}{more}", String::from_utf8_lossy(&start));
    let (start, rest) = (Some(start).filter(|s| !s.is_empty()), rest.told());
    Some(match (start, rest) {
        (Some(start), Some(rest)) => format!("{length}: {}, then {rest}", code(&start)),
        (Some(one), None) => format!("{length}: {}", code(&one)),
        (None, Some(rest)) => format!("{length}: {rest}"),
        (None, None) => length,
    })
}

/// The group that is the value.
fn secret(hir: &Hir) -> Option<&Hir> {
    let mut open = vec![hir];
    while let Some(hir) = open.pop() {
        match hir.kind() {
            HirKind::Capture(capture) if capture.name.as_deref() == Some("secret") => {
                return Some(&capture.sub);
            }
            HirKind::Capture(capture) => open.push(&capture.sub),
            HirKind::Repetition(rep) => open.push(&rep.sub),
            HirKind::Concat(parts) | HirKind::Alternation(parts) => open.extend(parts),
            _ => {}
        }
    }
    None
}

/// Sorts what a pattern consists of into the literal that it begins with and
/// the bytes of the rest.
fn collect(hir: &Hir, starts: &mut bool, start: &mut Vec<u8>, rest: &mut Alphabet) {
    match hir.kind() {
        HirKind::Literal(literal) if *starts => start.extend_from_slice(&literal.0),
        HirKind::Literal(literal) => literal.0.iter().for_each(|byte| rest.add(*byte)),
        HirKind::Class(class) => {
            *starts = false;
            match class {
                Class::Bytes(class) => class
                    .iter()
                    .flat_map(|range| range.start()..=range.end())
                    .for_each(|byte| rest.add(byte)),
                Class::Unicode(class) => class
                    .iter()
                    .flat_map(|range| range.start()..=range.end().min('\u{ff}'))
                    .filter_map(|c| u8::try_from(c).ok())
                    .for_each(|byte| rest.add(byte)),
            }
        }
        HirKind::Repetition(rep) => {
            *starts = false;
            collect(&rep.sub, starts, start, rest);
        }
        HirKind::Capture(capture) => collect(&capture.sub, starts, start, rest),
        HirKind::Concat(parts) => {
            for part in parts {
                collect(part, starts, start, rest);
            }
        }
        HirKind::Alternation(parts) => {
            *starts = false;
            for part in parts {
                collect(part, starts, start, rest);
            }
        }
        HirKind::Empty | HirKind::Look(_) => {}
    }
}

/// A set of bytes.
struct Alphabet([bool; 256]);

impl Default for Alphabet {
    fn default() -> Alphabet {
        Alphabet([false; 256])
    }
}

impl Alphabet {
    fn add(&mut self, byte: u8) {
        if let Some(place) = self.0.get_mut(usize::from(byte)) {
            *place = true;
        }
    }

    fn has(&self, mut bytes: impl Iterator<Item = u8>) -> bool {
        bytes.all(|byte| self.0.get(usize::from(byte)).is_some_and(|is| *is))
    }

    fn any(&self, bytes: impl Iterator<Item = u8>) -> bool {
        bytes.into_iter().any(|byte| self.0.get(usize::from(byte)).is_some_and(|is| *is))
    }

    /// The alphabet in words; `None` where it is empty.
    fn told(&self) -> Option<String> {
        let signs: Vec<u8> = (b'!'..=b'~')
            .filter(|byte| !byte.is_ascii_alphanumeric() && self.any(std::iter::once(*byte)))
            .collect();
        let mut told: Vec<String> = Vec::new();
        let (lower, upper, digits) =
            (self.has(b'a'..=b'z'), self.has(b'A'..=b'Z'), self.has(b'0'..=b'9'));
        let hex = digits && !self.any(b'g'..=b'z') && !self.any(b'G'..=b'Z');
        let (low_hex, up_hex) = (self.has(b'a'..=b'f'), self.has(b'A'..=b'F'));
        if hex
            && (low_hex || up_hex)
            && (low_hex || !self.any(b'a'..=b'f'))
            && (up_hex || !self.any(b'A'..=b'F'))
        {
            told.push(
                match (low_hex, up_hex) {
                    (true, true) => "hexadecimal digits",
                    (true, false) => "lower-case hexadecimal digits",
                    _ => "upper-case hexadecimal digits",
                }
                .to_owned(),
            );
        } else {
            if lower && upper {
                told.push("letters".to_owned());
            } else {
                for (whole, name, range) in [
                    (lower, "lower-case letters", b'a'..=b'z'),
                    (upper, "upper-case letters", b'A'..=b'Z'),
                ] {
                    told.extend(self.part(whole, name, range));
                }
            }
            told.extend(self.part(digits, "digits", b'0'..=b'9'));
        }
        if signs.len() > MOST_SIGNS {
            told.push("signs".to_owned());
        } else {
            told.extend(signs.iter().map(|sign| code(&char::from(*sign).to_string())));
        }
        if self.any(128..=255) {
            told.push("bytes beyond ASCII".to_owned());
        }
        let last = told.pop()?;
        Some(if told.is_empty() { last } else { format!("{} and {last}", told.join(", ")) })
    }

    /// A range by its name if it is there as a whole, otherwise the parts of it
    /// that are there.
    fn part(&self, whole: bool, name: &str, range: std::ops::RangeInclusive<u8>) -> Option<String> {
        if whole {
            return Some(name.to_owned());
        }
        let mut runs: Vec<(u8, u8)> = Vec::new();
        for byte in range.filter(|byte| self.any(std::iter::once(*byte))) {
            match runs.last_mut() {
                Some((_, end)) if *end + 1 == byte => *end = byte,
                _ => runs.push((byte, byte)),
            }
        }
        let runs: Vec<String> = runs
            .into_iter()
            .map(|(start, end)| match (char::from(start), char::from(end)) {
                (start, end) if start == end => start.to_string(),
                (start, end) => format!("{start}-{end}"),
            })
            .collect();
        (!runs.is_empty()).then(|| code(&runs.concat()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn is(pattern: &str, told: &str) {
        assert_eq!(shape(pattern).as_deref(), Some(told));
    }

    #[test]
    fn shapes_are_told_in_words() {
        is(
            r"\b(?<secret>acme_[A-Za-z0-9]{32})\b",
            "37 characters: `acme_`, then letters and digits",
        );
        is(r"acme.{0,20}(?<secret>[0-9a-f]{32})\b", "32 characters: lower-case hexadecimal digits");
        is(
            r"\b[0-9A-Z_-]{20,24}\b",
            "20 to 24 characters: upper-case letters, digits, `-` and `_`",
        );
        is(r"\b(?<secret>[a-z2-7]{52})\b", "52 characters: lower-case letters and `2-7`");
        is(
            r#"://u:(?<secret>[^\s"]{8,})@"#,
            "at least 8 characters: letters, digits, signs and bytes beyond ASCII",
        );
        assert_eq!(shape("["), None);
    }

    #[test]
    fn every_recognizer_and_checksum_has_words() {
        for name in load::RECOGNIZERS {
            assert_ne!(recognizer(name), code(name));
        }
        for kind in checksum::kinds() {
            assert!(checksum::told(kind).is_some_and(|told| told.len() > 20), "{kind}");
        }
    }

    #[test]
    fn what_is_recognised_is_told_line_by_line() {
        let text = "[provider]\nid = \"acme\"\nname = \"Acme\"\ncategory = \"saas\"\n[[detector]]\n\
                    id = \"acme-key\"\nname = \"Acme key\"\nseverity = \"high\"\nrisk = \"Opens Acme.\"\n\
                    near = [\"acme\"]\nwithin = 30\npassword = true\npattern = '\\b[a-z]{30}\\b'\n";
        let source = load::parse("acme.toml", text).unwrap();
        let told: Vec<String> = recognition(&source.content.detectors[0])
            .iter()
            .map(|line| format!("{}: {}", line.label, line.text))
            .collect();
        assert_eq!(told[0], "shape: 30 characters: lower-case letters");
        assert_eq!(
            told[1],
            "near words: `acme`, at most 30 bytes before it, or 40 after it on its line"
        );
        assert!(told[2].starts_with("password: people choose it"));
        assert_eq!(told[3], "confidence: 75 %");
    }
}
