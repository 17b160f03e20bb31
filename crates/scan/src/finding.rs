//! Findings: matches as they are reported, with place, mask and fingerprint.

use std::ops::Range;

use stanch_rules::Severity;
use stanch_rules::facts::{self, Fact};

use crate::engine::{Context, Engine};
use crate::fingerprint::FingerprintKey;
use crate::layer::Scratch;
use crate::matched::{Limits, Match};
use crate::origin::Origin;
use crate::secret::{Secret, mask, printable};

/// A place in a blob. Lines and columns count from 1, columns in bytes and,
/// for those who show text to people, in characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// Line of the first byte.
    pub line: u64,
    /// Column of the first byte.
    pub column: u64,
    /// Line of the last byte.
    pub end_line: u64,
    /// Column after the last byte.
    pub end_column: u64,
    /// Column of the first byte in Unicode code points, as UTF-8 has them. A
    /// byte order mark is no part of its line.
    pub char_column: u64,
    /// Column after the last byte, counted in the same way.
    pub end_char_column: u64,
    /// Offsets in the blob, in bytes.
    pub bytes: Range<u64>,
}

/// A match as it is reported.
#[derive(Clone)]
pub struct Finding {
    /// Detector id.
    pub detector: String,
    /// The detector's name.
    pub name: String,
    /// Provider id.
    pub provider: String,
    /// How serious a leak is.
    pub severity: Severity,
    /// Where the blob came from.
    pub origin: Origin,
    /// Where in the blob the value stands.
    pub location: Location,
    /// Probability from 0 to 1 that this is a secret.
    pub confidence: f32,
    /// Why, strongest first.
    pub evidence: Vec<String>,
    /// What the value says of itself.
    pub facts: Vec<Fact>,
    /// Names of the encodings around the value, outermost first.
    pub encodings: Vec<&'static str>,
    /// The value.
    pub secret: Secret,
    /// The value with its middle hidden.
    pub masked: String,
    /// The other named parts.
    pub parts: Vec<FindingPart>,
    /// Keyed hash of detector and value.
    pub fingerprint: String,
    /// The line where the value begins, every value in it masked.
    pub excerpt: String,
    /// The comment that tells to ignore it.
    pub ignored_by: Option<&'static str>,
}

/// A named part of a finding.
#[derive(Clone)]
pub struct FindingPart {
    /// The part's name.
    pub name: String,
    /// Where it stands.
    pub location: Location,
    /// Its value.
    pub value: Secret,
}

/// A certificate that was seen. It is no secret, but it says what a private
/// key found elsewhere opens.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// SHA-256 of the subject public key info.
    pub spki: [u8; 32],
    /// The certificate itself.
    pub der: Vec<u8>,
}

impl Certificate {
    /// What the certificate says of itself. Few are ever asked, and checking
    /// a signature is slow.
    pub fn facts(&self) -> Vec<Fact> {
        let input = facts::Input { value: &self.der, text: &[], span: 0..0 };
        match facts::read("certificate", &input) {
            facts::Reading::Facts(facts) => facts,
            facts::Reading::Rejected(_) => Vec::new(),
        }
    }
}

/// What a scan of one blob gave.
#[derive(Default)]
pub struct Outcome {
    /// Findings in order of position.
    pub findings: Vec<Finding>,
    /// Certificates that were seen.
    pub certificates: Vec<Certificate>,
    /// What could not be done.
    pub limits: Limits,
}

/// Where a window begins in its blob.
#[derive(Debug, Clone, Copy, Default)]
pub struct Base {
    /// Bytes before the window.
    pub bytes: u64,
    /// Line breaks before the window.
    pub lines: u64,
    /// Bytes between the last of these line breaks and the window.
    pub column: u64,
    /// Characters between the last of these line breaks and the window.
    pub chars: u64,
}

impl Base {
    /// Where a window begins that comes `passed` after this one.
    pub fn after(self, passed: &[u8]) -> Base {
        let mut lines = Lines::new(passed, self);
        let place = lines.place(passed.len());
        Base {
            bytes: self.bytes + passed.len() as u64,
            lines: place.line - 1,
            column: place.column - 1,
            chars: place.chars,
        }
    }
}

/// An engine with a key: what turns blobs into findings.
#[derive(Clone, Copy)]
pub struct Scanner<'e> {
    /// The detectors.
    pub engine: &'e Engine,
    /// The key of fingerprints.
    pub key: &'e FingerprintKey,
}

impl Scanner<'_> {
    /// Scans a whole blob.
    pub fn blob(&self, scratch: &mut Scratch, origin: &Origin, text: &[u8]) -> Outcome {
        self.window(scratch, origin, text, 0..text.len(), Base::default())
    }

    /// Scans a window of a blob; findings that begin outside `keep` belong to
    /// another window.
    pub fn window(
        &self,
        scratch: &mut Scratch,
        origin: &Origin,
        text: &[u8],
        keep: Range<usize>,
        base: Base,
    ) -> Outcome {
        let path = origin.path().to_string_lossy();
        let context = Context { path: &path, keep };
        let (matches, certificates, limits) = self.engine.scan_all(scratch, text, &context);
        let findings = self.findings(origin, text, matches, base);
        Outcome { findings, certificates, limits }
    }

    /// What is reported of matches in a text, which are in order of position.
    pub fn findings(
        &self,
        origin: &Origin,
        text: &[u8],
        matches: Vec<Match>,
        base: Base,
    ) -> Vec<Finding> {
        if matches.is_empty() {
            return Vec::new();
        }
        let mut lines = Lines::new(text, base);
        let spans: Vec<Range<usize>> = secret_spans(self.engine, &matches);
        matches
            .into_iter()
            .map(|m| {
                let rule = self.engine.rule(m.rule);
                let location = lines.locate(&m.span);
                let masked = m.secret.masked();
                let excerpt = concealed(excerpt(text, &m.span, &spans), &m.secret, &masked);
                let parts: Vec<FindingPart> = m
                    .parts
                    .into_iter()
                    .map(|p| FindingPart {
                        name: p.name,
                        location: lines.locate(&p.span),
                        value: p.value,
                    })
                    .collect();
                // A composite is known by all its parts; a name beside a value is not part of it.
                let composite =
                    parts.iter().filter(|p| rule.parts.contains_key(&p.name)).map(|p| &p.value);
                let fingerprint =
                    self.key.fingerprint(&rule.id, std::iter::once(&m.secret).chain(composite));
                Finding {
                    detector: rule.id.clone(),
                    name: rule.name.clone(),
                    provider: rule.provider.clone(),
                    severity: rule.severity,
                    origin: origin.clone(),
                    location,
                    confidence: m.confidence,
                    evidence: m.evidence,
                    facts: m.facts,
                    encodings: m.encodings.iter().map(|e| e.name()).collect(),
                    masked,
                    fingerprint,
                    secret: m.secret,
                    parts,
                    excerpt,
                    ignored_by: m.ignored_by,
                }
            })
            .collect()
    }
}

/// Masks a value where it stands a second time in its own line, in a form that
/// no detector claims.
fn concealed(excerpt: String, secret: &Secret, masked: &str) -> String {
    match std::str::from_utf8(secret.expose()) {
        // A shorter value may be a word of the line by chance.
        Ok(value) if value.len() >= 6 && excerpt.contains(value) => excerpt.replace(value, masked),
        _ => excerpt,
    }
}

/// Values to be masked wherever a line is shown, in order of position.
fn secret_spans(engine: &Engine, matches: &[Match]) -> Vec<Range<usize>> {
    let mut spans: Vec<Range<usize>> = matches
        .iter()
        .flat_map(|m| {
            // What stands beside a value, such as a name, is no part of it.
            let of_rule = &engine.rule(m.rule).parts;
            let parts = m.parts.iter().filter(|part| of_rule.contains_key(&part.name));
            std::iter::once(m.span.clone()).chain(parts.map(|part| part.span.clone()))
        })
        .collect();
    spans.sort_by_key(|s| (s.start, s.end));
    spans
}

/// Longest stretch of a line shown on either side of a value, in bytes.
const EXCERPT_REACH: usize = 80;

/// The stretch of line around a value, with every value in it masked.
fn excerpt(text: &[u8], span: &Range<usize>, spans: &[Range<usize>]) -> String {
    let floor = span.start.saturating_sub(EXCERPT_REACH);
    let start = memchr::memrchr(b'\n', &text[floor..span.start]).map_or(floor, |at| floor + at + 1);
    let value_end =
        memchr::memchr(b'\n', &text[span.start..span.end]).map_or(span.end, |at| span.start + at);
    let ceiling = (value_end + EXCERPT_REACH).min(text.len());
    let end = memchr::memchr(b'\n', &text[value_end..ceiling]).map_or(ceiling, |at| value_end + at);
    let mut out = String::new();
    if start == floor && start > 0 && text[start - 1] != b'\n' {
        out.push('…');
    }
    let mut at = start;
    let first = spans.partition_point(|s| s.end <= start);
    for secret in spans[first..].iter().take_while(|s| s.start < end) {
        if secret.start > at {
            out.push_str(&String::from_utf8_lossy(&text[at..secret.start]));
        }
        if secret.end > at {
            out.push_str(&mask(&text[secret.clone()]));
            at = secret.end.min(end).max(at);
        }
    }
    if at < end {
        out.push_str(&String::from_utf8_lossy(&text[at..end]));
    }
    if end == ceiling && end < text.len() && text[end] != b'\n' {
        out.push('…');
    }
    printable(out.trim())
}

/// Finds lines and columns of growing offsets without counting twice.
struct Lines<'t> {
    text: &'t [u8],
    base: Base,
    at: usize,
    line: u64,
    /// Characters of the line before `at`.
    chars: u64,
}

/// A line and a column, both from 1, and the characters before them in the line.
struct Point {
    line: u64,
    column: u64,
    chars: u64,
}

impl<'t> Lines<'t> {
    fn new(text: &'t [u8], base: Base) -> Lines<'t> {
        Lines { text, base, at: 0, line: 0, chars: base.chars }
    }

    fn locate(&mut self, span: &Range<usize>) -> Location {
        let start = self.place(span.start);
        let last = self.place(span.end.saturating_sub(1).max(span.start));
        let offset = |at: usize| self.base.bytes + at as u64;
        let mut location = Location {
            line: start.line,
            column: start.column,
            end_line: last.line,
            end_column: last.column,
            char_column: start.chars + 1,
            end_char_column: last.chars + 1,
            bytes: offset(span.start)..offset(span.end),
        };
        if !span.is_empty() {
            location.end_column += 1;
            // The last byte may be the last of several of its character.
            let end = span.end.min(self.text.len());
            location.end_char_column += chars(&self.text[end.saturating_sub(1)..end]);
        }
        location
    }

    fn place(&mut self, at: usize) -> Point {
        let at = at.min(self.text.len());
        let newline = memchr::memrchr(b'\n', &self.text[..at]);
        let start = newline.map_or(0, |newline| newline + 1);
        if at < self.at {
            let between = &self.text[at..self.at];
            let back = memchr::memchr_iter(b'\n', between).count() as u64;
            self.line -= back;
            self.chars = if back == 0 {
                self.chars - self.chars_of(at..self.at)
            } else {
                self.before(start..at)
            };
        } else {
            let between = &self.text[self.at..at];
            let forth = memchr::memchr_iter(b'\n', between).count() as u64;
            self.line += forth;
            self.chars = if forth == 0 {
                self.chars + self.chars_of(self.at..at)
            } else {
                self.before(start..at)
            };
        }
        self.at = at;
        let column = match newline {
            Some(newline) => (at - newline) as u64,
            None => at as u64 + 1 + self.base.column,
        };
        Point { line: self.base.lines + self.line + 1, column, chars: self.chars }
    }

    /// Characters of a line from its start, which may be before the window.
    fn before(&self, range: Range<usize>) -> u64 {
        let earlier = if range.start == 0 { self.base.chars } else { 0 };
        earlier + self.chars_of(range)
    }

    fn chars_of(&self, range: Range<usize>) -> u64 {
        let text = &self.text[range.clone()];
        let marked = self.base.bytes == 0 && range.start == 0 && text.starts_with(b"\xef\xbb\xbf");
        chars(text) - u64::from(marked)
    }
}

/// Characters that begin in this stretch of UTF-8.
fn chars(text: &[u8]) -> u64 {
    text.iter().filter(|byte| **byte & 0xc0 != 0x80).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one() {
        let text = b"ab\ncde\nf";
        let mut lines = Lines::new(text, Base::default());
        let place = |l: Location| (l.line, l.column, l.end_line, l.end_column);
        assert_eq!(place(lines.locate(&(3..6))), (2, 1, 2, 4));
        assert_eq!(place(lines.locate(&(0..2))), (1, 1, 1, 3));
        assert_eq!(place(lines.locate(&(1..8))), (1, 2, 3, 2));
        let mut later = Lines::new(text, Base { bytes: 100, lines: 4, column: 10, chars: 7 });
        let place = later.locate(&(0..1));
        assert_eq!((place.line, place.column, place.bytes), (5, 11, 100..101));
        assert_eq!((place.char_column, place.end_char_column), (8, 9));
    }

    #[test]
    fn columns_are_known_in_characters_too() {
        let text = "\u{feff}é=1\n😀ü=2 ä".as_bytes();
        // Every order of questions gives the same answers, and so does every cut.
        let expected: Vec<(usize, u64)> = vec![(3, 1), (5, 2), (6, 3), (8, 1), (14, 3), (17, 6)];
        for reversed in [false, true] {
            let mut lines = Lines::new(text, Base::default());
            let mut asked = expected.clone();
            if reversed {
                asked.reverse();
            }
            for (at, column) in asked {
                assert_eq!(lines.locate(&(at..at + 1)).char_column, column, "at {at}");
            }
        }
        for cut in (0..text.len()).filter(|cut| !(1..3).contains(cut)) {
            let base = Base::default().after(&text[..cut]);
            let mut lines = Lines::new(&text[cut..], base);
            for (at, column) in expected.iter().filter(|(at, _)| *at >= cut.max(3)) {
                let at = at - cut;
                assert_eq!(lines.locate(&(at..at + 1)).char_column, *column, "cut {cut}, {at}");
            }
        }
        let whole = Lines::new(text, Base::default()).locate(&(3..19));
        assert_eq!((whole.line, whole.end_line, whole.end_char_column), (1, 2, 7));
        assert_eq!(Lines::new(text, Base::default()).locate(&(3..5)).end_char_column, 2);
    }

    #[test]
    fn a_value_is_masked_wherever_its_line_repeats_it() {
        let secret = Secret::new(b"not a key at all");
        let excerpt = "the value not a key at all twice".to_owned();
        assert_eq!(concealed(excerpt, &secret, "********"), "the value ******** twice");
    }

    #[test]
    fn an_excerpt_masks_every_value_of_its_line() {
        let text = b"before\nlet a = \"secretsecret1\"; let b = \"secretsecret2\";\nafter";
        let a = 16..29;
        let b = 41..54;
        let shown = excerpt(text, &a, &[a.clone(), b]);
        assert_eq!(shown, "let a = \"s********1\"; let b = \"s********2\";");
    }
}
