//! What the engine must know of a pattern before it runs it: where a literal
//! stands in it, how long a match is, and which bytes it consists of.
//!
//! Everything here is computed once, when a detector file is packed.

use regex_syntax::hir::{Class, Hir, HirKind, Look};
use serde::{Deserialize, Serialize};

/// How the engine finds the places where a pattern is worth running, cheapest
/// first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trigger {
    /// A keyword at the start of a word within a run of token bytes.
    Token {
        /// Longest part of a match before the keyword, in bytes.
        back: u16,
        /// Least number of token bytes from the keyword on.
        run: u16,
    },
    /// A URL with credentials whose scheme is a keyword, or of any scheme where
    /// the only keyword is `://`.
    Url,
    /// A word of a family of bytes and a length.
    Shape(Shape),
    /// A keyword anywhere.
    Root {
        /// Longest part of a match before the keyword, in bytes.
        back: u16,
    },
    /// One of the `near` words anywhere; the pattern is searched around it.
    Near,
    /// The engine's own code finds it.
    Code,
}

/// The part of a pattern that is a long word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// The bytes that the word is made of.
    pub family: Family,
    /// Kinds of bytes that occur in it, as bits of [`kind`].
    pub kinds: u16,
    /// Whether at least 16 of its bytes are of an alphabet of both cases, so
    /// that a random word practically always shows both.
    pub both_cases: bool,
    /// Shortest word in bytes.
    pub min: u16,
    /// Longest word in bytes.
    pub max: u16,
    /// Longest part of a match before the word, in bytes.
    pub before: u16,
    /// Longest part of a match after the word, in bytes.
    pub after: u16,
}

/// The kind of a token byte as one bit: what shapes are told apart by.
pub const fn kind(byte: u8) -> u16 {
    match byte {
        b'0'..=b'9' => 1,
        b'a'..=b'f' => 2,
        b'g'..=b'z' => 4,
        b'A'..=b'F' => 8,
        b'G'..=b'Z' => 16,
        b'_' => 32,
        b'-' => 64,
        b'+' => 128,
        b'/' => 256,
        b'=' => 512,
        b'.' => 1024,
        b'~' => 2048,
        _ => 4096,
    }
}

/// The bytes that a word is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Family {
    /// `[A-Za-z0-9]`
    Alnum,
    /// `[A-Za-z0-9_-]`
    UrlSafe,
    /// `[A-Za-z0-9+/]` and `=` at the end
    Base64,
    /// `[A-Za-z0-9_\-.~+]` and `=` at the end
    Dotted,
}

/// The least number of token bytes in a row that the engine's first stage
/// reports as a run.
pub const RUN_MIN: usize = 20;

/// Longest part of a match before its keyword, in bytes.
const BACK_MAX: usize = 2048;

/// Longest word that is a shape, and longest part of a match on either side of
/// it, in bytes.
const SHAPE_MAX: usize = 512;

/// Longest match of a pattern that states no bound of its own, in bytes.
pub const MATCH_MAX: usize = 8 * 1024;

/// Whether the first stage counts a byte as part of a run:
/// `[A-Za-z0-9_\-+/=.~%\\]`.
pub const fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'_' | b'-' | b'+' | b'/' | b'=' | b'.' | b'~' | b'%' | b'\\')
}

impl Family {
    /// Whether words of this family may contain the byte.
    #[inline(always)]
    pub const fn contains(self, byte: u8) -> bool {
        FAMILIES[byte as usize] & 1 << self as u8 != 0
    }
}

/// Of every byte, the families that contain it, one bit for each.
const FAMILIES: [u8; 256] = {
    let mut table = [0; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        table[at] = if byte.is_ascii_alphanumeric() {
            0b1111
        } else {
            match byte {
                b'_' | b'-' => 1 << Family::UrlSafe as u8 | 1 << Family::Dotted as u8,
                b'+' | b'=' => 1 << Family::Base64 as u8 | 1 << Family::Dotted as u8,
                b'/' => 1 << Family::Base64 as u8,
                b'.' | b'~' => 1 << Family::Dotted as u8,
                _ => 0,
            }
        };
        at += 1;
    }
    table
};

/// Bits of [`kind`] that are lower-case letters, and upper-case ones.
pub const LOWER: u16 = 2 | 4;
/// See [`LOWER`].
pub const UPPER: u16 = 8 | 16;

/// Why a pattern cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PatternError {
    /// The regular expression itself is wrong; the offset is in bytes.
    #[error("{message}")]
    Syntax {
        /// What is wrong.
        message: String,
        /// Where in the pattern, in bytes from its start.
        offset: usize,
    },
    /// It matches the empty string.
    #[error("the pattern matches the empty string")]
    Empty,
    /// Neither keyword nor shape leads to it.
    #[error("{0}")]
    NoTrigger(String),
}

/// Parses a pattern the way the engine runs it: on bytes, with Unicode off.
///
/// # Errors
/// [`PatternError::Syntax`] with the offset of the fault.
pub fn parse(pattern: &str) -> Result<Hir, PatternError> {
    regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build().parse(pattern).map_err(
        |error| {
            let (message, offset) = match &error {
                regex_syntax::Error::Parse(e) => (e.kind().to_string(), e.span().start.offset),
                regex_syntax::Error::Translate(e) => (e.kind().to_string(), e.span().start.offset),
                other => (other.to_string(), 0),
            };
            PatternError::Syntax { message, offset }
        },
    )
}

/// Finds how the engine gets to a pattern.
///
/// # Errors
/// When the pattern has no keyword at a bounded distance from its start, and
/// no shape either; the message says what to change.
pub fn trigger(hir: &Hir, keywords: &[String], near: &[String]) -> Result<Trigger, PatternError> {
    if hir.properties().minimum_len().unwrap_or(0) == 0 {
        return Err(PatternError::Empty);
    }
    let mut elements = Vec::new();
    flatten(hir, &mut elements);
    let shape = shape(&elements);
    if keywords.is_empty() {
        return match shape {
            Some(shape) => Ok(Trigger::Shape(shape)),
            None if !near.is_empty() && near.iter().all(|word| word.len() >= 3) => {
                Ok(Trigger::Near)
            }
            None => Err(PatternError::NoTrigger(format!(
                "without keywords a part of the pattern must be a word of at least {RUN_MIN} of the \
                 characters A-Z a-z 0-9 _ - + / = . ~; add a keyword that every match contains, or \
                 words in `near`"
            ))),
        };
    }
    match anchor(&elements, keywords) {
        Ok(Trigger::Root { back }) if is_url(&elements) && (back == 0 || keywords == ["://"]) => {
            Ok(Trigger::Url)
        }
        Ok(Trigger::Root { .. }) if shape.is_some() => {
            Ok(shape.map_or(Trigger::Code, Trigger::Shape))
        }
        other => other,
    }
}

/// Longest match in bytes, bounded by [`MATCH_MAX`].
pub fn max_len(hir: &Hir) -> usize {
    hir.properties().maximum_len().unwrap_or(MATCH_MAX).min(MATCH_MAX)
}

fn anchor(elements: &[Hir], keywords: &[String]) -> Result<Trigger, PatternError> {
    let folded: Vec<Vec<u8>> = keywords.iter().map(|k| k.to_ascii_lowercase().into()).collect();
    let mut before = Some(0usize);
    for at in 0..elements.len() {
        let Some(back) = before.filter(|b| *b <= BACK_MAX) else { break };
        if matches!(elements[at].kind(), HirKind::Look(_)) {
            continue;
        }
        if leads_with(&elements[at..], &folded) {
            let back = u16::try_from(back).unwrap_or(u16::MAX);
            let run = token_prefix(&elements[at..]);
            return Ok(if starts_word(elements, at, &folded) && run >= RUN_MIN {
                Trigger::Token { back, run: u16::try_from(run).unwrap_or(u16::MAX) }
            } else {
                Trigger::Root { back }
            });
        }
        before = elements[at].properties().maximum_len().map(|len| back + len);
    }
    Err(PatternError::NoTrigger(
        "no part of the pattern must begin with one of the keywords within 2048 bytes of its start; \
         let the pattern contain each keyword literally, or name other keywords"
            .to_owned(),
    ))
}

/// Whether a pattern begins with a URL's scheme.
fn is_url(elements: &[Hir]) -> bool {
    let mut len = 0;
    for (at, element) in elements.iter().enumerate() {
        if matches!(element.kind(), HirKind::Look(_)) {
            continue;
        }
        if leads_with(&elements[at..], &[b"://".to_vec()]) {
            return len > 0;
        }
        let mut bytes = [false; 256];
        collect_bytes(element, &mut bytes);
        let scheme = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
        len += element.properties().maximum_len().unwrap_or(usize::MAX).min(1000);
        if len > 32 || (0..=255u8).any(|b| bytes[usize::from(b)] && !scheme(b)) {
            return false;
        }
    }
    false
}

/// The longest part of a pattern that is a whole word of one family, the
/// narrowest family first. A word is whole where what stands next to it cannot
/// be of its family, so that its length is the length that the engine sees.
fn shape(elements: &[Hir]) -> Option<Shape> {
    let bytes_of: Vec<[bool; 256]> = elements
        .iter()
        .map(|element| {
            let mut bytes = [false; 256];
            collect_bytes(element, &mut bytes);
            bytes
        })
        .collect();
    [Family::Alnum, Family::UrlSafe, Family::Base64, Family::Dotted]
        .into_iter()
        .find_map(|family| shape_of(elements, &bytes_of, family))
}

fn shape_of(elements: &[Hir], bytes_of: &[[bool; 256]], family: Family) -> Option<Shape> {
    // Padding opens no word, and what follows a token is seldom a lone `=`.
    let outside = |bytes: &[bool; 256]| {
        (0..=255u8).all(|b| !bytes[usize::from(b)] || !family.contains(b) || b == b'=')
    };
    let inside =
        |bytes: &[bool; 256]| (0..=255u8).all(|b| !bytes[usize::from(b)] || family.contains(b));
    let only_padding =
        |bytes: &[bool; 256]| (0..=255u8).all(|b| bytes[usize::from(b)] == (b == b'='));
    let bound = |part: &[Hir]| {
        part.iter()
            .try_fold(0usize, |sum, e| Some(sum + e.properties().maximum_len()?))
            .filter(|b| *b <= SHAPE_MAX)
    };
    let is_empty = |bytes: &[bool; 256]| !bytes.contains(&true);
    let mut best: Option<Shape> = None;
    let mut start = 0;
    while start < elements.len() {
        let mut end = start;
        while end < elements.len() && inside(&bytes_of[end]) {
            // `=` is of a word only as padding at its end.
            if end > start
                && only_padding(&bytes_of[end - 1])
                && !only_padding(&bytes_of[end])
                && !is_empty(&bytes_of[end])
            {
                break;
            }
            end += 1;
        }
        let next = (end + usize::from(end == start)).max(start + 1);
        let before = bytes_of[..start].iter().rev().find(|bytes| !is_empty(bytes));
        let after = bytes_of[end..].iter().find(|bytes| !is_empty(bytes));
        let opens = before.is_none_or(outside);
        let closes = after.is_none_or(outside);
        let word = &elements[start..end];
        let min: usize = word.iter().map(|e| e.properties().minimum_len().unwrap_or(0)).sum();
        if opens
            && closes
            && min >= RUN_MIN
            && best.is_none_or(|best| usize::from(best.min) < min)
            && let (Some(max), Some(before), Some(after)) =
                (bound(word), bound(&elements[..start]), bound(&elements[end..]))
        {
            let short = |len: usize| u16::try_from(len).unwrap_or(u16::MAX);
            let kinds = bytes_of[start..end].iter().fold(0, |set, bytes| {
                (0..=255u8).filter(|b| bytes[usize::from(*b)]).fold(set, |set, b| set | kind(b))
            });
            let both: usize = word
                .iter()
                .filter(|element| has_both_cases(element))
                .map(|element| element.properties().minimum_len().unwrap_or(0))
                .sum();
            best = Some(Shape {
                family,
                kinds,
                both_cases: both >= 16,
                min: short(min),
                max: short(max),
                before: short(before),
                after: short(after),
            });
        }
        start = next;
    }
    best
}

/// Whether every byte of an element may be any letter of either case.
fn has_both_cases(element: &Hir) -> bool {
    match element.kind() {
        HirKind::Class(class) => {
            let all = class_bytes(class).fold(0, |set, b| set | kind(b));
            all & (LOWER | UPPER) == LOWER | UPPER
        }
        HirKind::Repetition(rep) => has_both_cases(&rep.sub),
        _ => false,
    }
}

/// The concatenation that a pattern is, with groups opened and literals taken
/// apart.
fn flatten(hir: &Hir, out: &mut Vec<Hir>) {
    match hir.kind() {
        HirKind::Concat(parts) => parts.iter().for_each(|part| flatten(part, out)),
        HirKind::Capture(capture) => flatten(&capture.sub, out),
        HirKind::Literal(literal) => out.extend(literal.0.iter().map(|b| Hir::literal([*b]))),
        _ => out.push(hir.clone()),
    }
}

/// Whether everything that these elements match begins with a keyword, or
/// with as much of it as can be told.
fn leads_with(elements: &[Hir], keywords: &[Vec<u8>]) -> bool {
    let longest = keywords.iter().map(Vec::len).max().unwrap_or(0);
    let Some(prefixes) = prefixes(elements, longest) else { return false };
    !prefixes.is_empty()
        && prefixes.iter().all(|prefix| keywords.iter().any(|k| prefix.starts_with(k)))
}

/// Folded literal prefixes of a concatenation, cut at `limit` bytes; none when
/// there would be too many of them.
fn prefixes(elements: &[Hir], limit: usize) -> Option<Vec<Vec<u8>>> {
    let mut done: Vec<Vec<u8>> = Vec::new();
    let mut open: Vec<Vec<u8>> = vec![Vec::new()];
    for element in elements {
        let (next, exact) = literals(element, limit)?;
        let mut grown = Vec::new();
        for head in &open {
            for (tail, is_exact) in next.iter().zip(&exact) {
                let mut whole = head.clone();
                whole.extend_from_slice(tail);
                whole.truncate(limit);
                if *is_exact && whole.len() < limit { grown.push(whole) } else { done.push(whole) }
            }
        }
        if done.len() + grown.len() > 128 {
            return None;
        }
        open = grown;
        if open.is_empty() {
            break;
        }
    }
    done.extend(open);
    Some(done)
}

/// What one element begins with, and whether that is all of it.
fn literals(hir: &Hir, limit: usize) -> Option<(Vec<Vec<u8>>, Vec<bool>)> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some((vec![Vec::new()], vec![true])),
        HirKind::Literal(literal) => Some((vec![literal.0.to_ascii_lowercase()], vec![true])),
        HirKind::Class(class) => {
            let mut letters: Vec<u8> = class_bytes(class).map(|b| b.to_ascii_lowercase()).collect();
            letters.sort_unstable();
            letters.dedup();
            if letters.len() > 8 {
                return Some((vec![Vec::new()], vec![false]));
            }
            let exact = vec![true; letters.len()];
            Some((letters.into_iter().map(|b| vec![b]).collect(), exact))
        }
        HirKind::Repetition(rep) => {
            if rep.min == 0 {
                if rep.max != Some(1) {
                    return Some((vec![Vec::new()], vec![false]));
                }
                let (mut texts, mut exact) = literals(&rep.sub, limit)?;
                texts.push(Vec::new());
                exact.push(true);
                return Some((texts, exact));
            }
            let (texts, mut exact) = literals(&rep.sub, limit)?;
            if !(rep.min == 1 && rep.max == Some(1)) {
                exact.iter_mut().for_each(|e| *e = false);
            }
            Some((texts, exact))
        }
        HirKind::Capture(capture) => literals(&capture.sub, limit),
        HirKind::Concat(parts) => {
            let texts = prefixes(parts, limit)?;
            // A prefix that was cut short is not all there is.
            let whole =
                parts.iter().all(|p| literals(p, limit).is_some_and(|l| l.1.iter().all(|e| *e)));
            let exact = vec![whole; texts.len()];
            Some((texts, exact))
        }
        HirKind::Alternation(branches) => {
            let mut texts = Vec::new();
            let mut exact = Vec::new();
            for branch in branches {
                let (t, e) = literals(branch, limit)?;
                texts.extend(t);
                exact.extend(e);
            }
            (texts.len() <= 128).then_some((texts, exact))
        }
    }
}

/// Whether the byte before element `at` ends a word, or there is none. A class
/// that leaves out letters and digits, such as `[^A-Za-z0-9+/]`, counts: of the
/// bytes in it, only `_` does not end a word, and no token follows one.
fn starts_word(elements: &[Hir], at: usize, keywords: &[Vec<u8>]) -> bool {
    if !keywords.iter().all(|k| k.first().is_some_and(u8::is_ascii_alphanumeric)) {
        return false;
    }
    let Some(element) = at.checked_sub(1).and_then(|at| elements.get(at)) else { return false };
    let ends_word = |hir: &Hir| match hir.kind() {
        HirKind::Look(look) => {
            matches!(look, Look::WordAscii | Look::WordStartAscii | Look::Start | Look::StartLF)
        }
        HirKind::Literal(literal) => {
            literal.0.last().is_some_and(|b| !b.is_ascii_alphanumeric() && *b != b'_')
        }
        HirKind::Class(class) => {
            let bytes: Vec<u8> = class_bytes(class).collect();
            !bytes.iter().any(u8::is_ascii_alphanumeric)
                && (bytes.len() > 64 || !bytes.contains(&b'_'))
        }
        _ => false,
    };
    match element.kind() {
        HirKind::Alternation(branches) => branches.iter().all(ends_word),
        _ => ends_word(element),
    }
}

/// Least number of token bytes in a row that these elements begin with.
fn token_prefix(elements: &[Hir]) -> usize {
    let mut len = 0;
    for element in elements {
        let mut bytes = [false; 256];
        collect_bytes(element, &mut bytes);
        if (0..=255u8).any(|b| bytes[usize::from(b)] && !is_token_byte(b)) {
            break;
        }
        len += element.properties().minimum_len().unwrap_or(0);
    }
    len
}

fn collect_bytes(hir: &Hir, bytes: &mut [bool; 256]) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => literal.0.iter().for_each(|b| bytes[usize::from(*b)] = true),
        HirKind::Class(class) => class_bytes(class).for_each(|b| bytes[usize::from(b)] = true),
        HirKind::Repetition(rep) => collect_bytes(&rep.sub, bytes),
        HirKind::Capture(capture) => collect_bytes(&capture.sub, bytes),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().for_each(|part| collect_bytes(part, bytes));
        }
    }
}

/// The bytes of a class. Classes of this crate's patterns are byte classes; a
/// Unicode class only arises from ASCII text and is read as such.
pub(crate) fn class_bytes(class: &Class) -> impl Iterator<Item = u8> {
    let ranges: Vec<(u8, u8)> = match class {
        Class::Bytes(class) => class.ranges().iter().map(|r| (r.start(), r.end())).collect(),
        Class::Unicode(class) => class
            .ranges()
            .iter()
            .filter(|r| r.start().is_ascii())
            .map(|r| (r.start() as u8, if r.end().is_ascii() { r.end() as u8 } else { 0x7f }))
            .collect(),
    };
    ranges.into_iter().flat_map(|(start, end)| start..=end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pattern: &str, keywords: &[&str]) -> Result<Trigger, PatternError> {
        let keywords: Vec<String> = keywords.iter().map(|k| (*k).to_owned()).collect();
        trigger(&parse(pattern)?, &keywords, &[])
    }

    #[test]
    fn a_leading_keyword_before_a_long_word_is_found_in_runs() {
        let found = of(r"\b(?<secret>ghp_[A-Za-z0-9]{36})\b", &["ghp_"]).unwrap();
        assert_eq!(found, Trigger::Token { back: 0, run: 40 });
        let found = of(r"\b(?<secret>gh[op]_[A-Za-z0-9]{36})\b", &["gho_", "ghp_"]).unwrap();
        assert_eq!(found, Trigger::Token { back: 0, run: 40 });
        let found = of(r"(?i)\baccountkey=[a-z0-9]{36}", &["AccountKey="]).unwrap();
        assert_eq!(found, Trigger::Token { back: 0, run: 47 });
    }

    #[test]
    fn a_keyword_behind_other_bytes_needs_a_look_back() {
        let found = of(r"\b[0-9]{8,10}:AA[A-Za-z0-9]{3}", &[":AA"]).unwrap();
        assert_eq!(found, Trigger::Root { back: 10 });
        assert!(of(r"[a-z]+:AA[a-z]{3}", &[":AA"]).is_err());
    }

    #[test]
    fn a_keyword_before_a_short_word_is_a_root() {
        assert_eq!(
            of(r#"\bpassword = "[a-z]{5}""#, &["password"]).unwrap(),
            Trigger::Root { back: 0 }
        );
    }

    #[test]
    fn a_keyword_inside_a_literal_may_begin_a_word() {
        let found =
            of(r"\bhttps://hooks\.acme\.com/services/[A-Z0-9]{24}", &["hooks.acme.com/"]).unwrap();
        assert_eq!(found, Trigger::Token { back: 8, run: 48 });
    }

    #[test]
    fn a_scheme_is_found_at_its_slashes() {
        let found =
            of(r"\bamqps?://[a-z]{1,9}:[^@]{1,99}@[a-z]{1,9}", &["amqp://", "amqps://"]).unwrap();
        assert_eq!(found, Trigger::Url);
    }

    #[test]
    fn a_long_word_is_a_shape_with_what_stands_around_it() {
        let Trigger::Shape(shape) = of(r"\b(?<secret>[0-9a-f]{32})\b", &[]).unwrap() else {
            panic!()
        };
        assert_eq!(
            (shape.family, shape.min, shape.max, shape.before, shape.after),
            (Family::Alnum, 32, 32, 0, 0)
        );
        assert_eq!(shape.kinds, 3);
        let marked =
            of(r"(?:^|[^A-Za-z0-9+/])[A-Za-z0-9+/]{76}\+ASt[A-Za-z0-9+/]{5}[AQgw]==", &["+ASt"])
                .unwrap();
        let Trigger::Shape(shape) = marked else { panic!("{marked:?}") };
        assert_eq!((shape.family, shape.min, shape.max, shape.before), (Family::Base64, 88, 88, 1));
        assert!(of(r"\b[0-9a-f]{8}\b", &[]).is_err());
    }

    #[test]
    fn every_branch_must_carry_a_keyword() {
        assert!(of(r"\b(?:ghp_|glpat-)[a-z]{30}", &["ghp_"]).is_err());
        assert!(of(r"\b(?:ghp_|glpat-)[a-z]{30}", &["ghp_", "glpat-"]).is_ok());
    }
}
