//! What the engine must know of a pattern before it runs it: where a literal
//! stands in it, how long a match is, and which bytes it consists of.
//!
//! Everything here is computed once, when a detector file is packed.

use regex_syntax::hir::{Class, Hir, HirKind, Look};
use serde::{Deserialize, Serialize};

/// How the engine finds the places where a pattern is worth running.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trigger {
    /// A keyword at the start of a word within a run of token bytes. `back` is
    /// how many bytes of a match may stand before it.
    Token {
        /// Longest part of a match before the keyword, in bytes.
        back: u16,
    },
    /// A keyword anywhere.
    Root {
        /// Longest part of a match before the keyword, in bytes.
        back: u16,
    },
    /// A word of a family of bytes and a length.
    Shape {
        /// The bytes that words are made of.
        family: Family,
        /// Shortest match in bytes.
        min: u16,
        /// Longest match in bytes.
        max: u16,
    },
    /// One of the `near` words anywhere; the pattern is searched around it.
    Near,
    /// The engine's own code finds it.
    Code,
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
    pub const fn contains(self, byte: u8) -> bool {
        match self {
            Family::Alnum => byte.is_ascii_alphanumeric(),
            Family::UrlSafe => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'),
            Family::Base64 => byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='),
            Family::Dotted => {
                byte.is_ascii_alphanumeric()
                    || matches!(byte, b'_' | b'-' | b'.' | b'~' | b'+' | b'=')
            }
        }
    }
}

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
    if !keywords.is_empty() {
        return anchor(&elements, keywords);
    }
    match shape(hir) {
        Err(_) if !near.is_empty() && near.iter().all(|word| word.len() >= 3) => Ok(Trigger::Near),
        other => other,
    }
}

/// Longest match in bytes, bounded by [`MATCH_MAX`].
pub fn max_len(hir: &Hir) -> usize {
    hir.properties().maximum_len().unwrap_or(MATCH_MAX).min(MATCH_MAX)
}

fn anchor(elements: &[&Hir], keywords: &[String]) -> Result<Trigger, PatternError> {
    let folded: Vec<Vec<u8>> = keywords.iter().map(|k| k.to_ascii_lowercase().into()).collect();
    let mut before = Some(0usize);
    for at in 0..elements.len() {
        let Some(back) = before.filter(|b| *b <= BACK_MAX) else { break };
        if matches!(elements[at].kind(), HirKind::Look(_)) {
            continue;
        }
        if leads_with(&elements[at..], &folded) {
            let back = u16::try_from(back).unwrap_or(u16::MAX);
            let word_start = starts_word(elements, at, &folded);
            let run = token_prefix(&elements[at..]);
            return Ok(if word_start && run >= RUN_MIN {
                Trigger::Token { back }
            } else {
                Trigger::Root { back }
            });
        }
        before = elements[at].properties().maximum_len().map(|len| back + len);
    }
    Err(PatternError::NoTrigger(
        "no part of the pattern must begin with one of the keywords within 2048 bytes of its \
         start; let the pattern contain each keyword literally, or name other keywords"
            .to_owned(),
    ))
}

fn shape(hir: &Hir) -> Result<Trigger, PatternError> {
    // What stands around the value only bounds it.
    let value = secret_group(hir).unwrap_or(hir);
    let mut bytes = [false; 256];
    collect_bytes(value, &mut bytes);
    let fits = |family: Family| (0..=255u8).all(|b| !bytes[usize::from(b)] || family.contains(b));
    let family = [Family::Alnum, Family::UrlSafe, Family::Base64, Family::Dotted]
        .into_iter()
        .find(|family| fits(*family));
    let min = value.properties().minimum_len().unwrap_or(0);
    let max = max_len(value);
    match family {
        Some(family) if min >= RUN_MIN => Ok(Trigger::Shape {
            family,
            min: u16::try_from(min).unwrap_or(u16::MAX),
            max: u16::try_from(max).unwrap_or(u16::MAX),
        }),
        Some(_) => Err(PatternError::NoTrigger(format!(
            "without keywords the value must be at least {RUN_MIN} bytes long; add a keyword that \
             every match contains, or words in `near`"
        ))),
        None => Err(PatternError::NoTrigger(
            "without keywords the value may consist only of A-Z a-z 0-9 _ - + = . ~, or of base64; add a \
             keyword that every match contains, or words in `near`"
                .to_owned(),
        )),
    }
}

fn secret_group(hir: &Hir) -> Option<&Hir> {
    match hir.kind() {
        HirKind::Capture(capture) if capture.name.as_deref() == Some("secret") => {
            Some(&capture.sub)
        }
        HirKind::Capture(capture) => secret_group(&capture.sub),
        HirKind::Concat(parts) => parts.iter().find_map(secret_group),
        _ => None,
    }
}

/// The concatenation that a pattern is, with groups opened.
fn flatten<'h>(hir: &'h Hir, out: &mut Vec<&'h Hir>) {
    match hir.kind() {
        HirKind::Concat(parts) => parts.iter().for_each(|part| flatten(part, out)),
        HirKind::Capture(capture) => flatten(&capture.sub, out),
        _ => out.push(hir),
    }
}

/// Whether everything that these elements match begins with a keyword, or
/// with as much of it as can be told.
fn leads_with(elements: &[&Hir], keywords: &[Vec<u8>]) -> bool {
    let longest = keywords.iter().map(Vec::len).max().unwrap_or(0);
    let Some(prefixes) = prefixes(elements, longest) else { return false };
    !prefixes.is_empty()
        && prefixes.iter().all(|prefix| keywords.iter().any(|k| prefix.starts_with(k)))
}

/// Folded literal prefixes of a concatenation, cut at `limit` bytes; none when
/// there would be too many of them.
fn prefixes(elements: &[&Hir], limit: usize) -> Option<Vec<Vec<u8>>> {
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
            let parts: Vec<&Hir> = parts.iter().collect();
            let texts = prefixes(&parts, limit)?;
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

/// Whether the byte before element `at` is never a letter, digit or `_`.
fn starts_word(elements: &[&Hir], at: usize, keywords: &[Vec<u8>]) -> bool {
    if !keywords.iter().all(|k| k.first().is_some_and(u8::is_ascii_alphanumeric)) {
        return false;
    }
    for element in elements[..at].iter().rev() {
        match element.kind() {
            HirKind::Look(look) => {
                if matches!(
                    look,
                    Look::WordAscii | Look::WordStartAscii | Look::Start | Look::StartLF
                ) {
                    return true;
                }
            }
            _ => {
                let mut bytes = [false; 256];
                collect_bytes(element, &mut bytes);
                return element.properties().minimum_len().unwrap_or(0) > 0
                    && !(0..=255u8).any(|b| {
                        bytes[usize::from(b)] && (b.is_ascii_alphanumeric() || b == b'_')
                    });
            }
        }
    }
    false
}

/// Least number of token bytes in a row that these elements begin with.
fn token_prefix(elements: &[&Hir]) -> usize {
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
        assert_eq!(found, Trigger::Token { back: 0 });
        let found = of(r"\b(?<secret>gh[op]_[A-Za-z0-9]{36})\b", &["gho_", "ghp_"]).unwrap();
        assert_eq!(found, Trigger::Token { back: 0 });
        let found = of(r"(?i)\baccountkey=[a-z0-9]{36}", &["AccountKey="]).unwrap();
        assert_eq!(found, Trigger::Token { back: 0 });
    }

    #[test]
    fn a_keyword_behind_other_bytes_needs_a_look_back() {
        let found = of(r"\b[0-9]{8,10}:AA[A-Za-z0-9_-]{33}", &[":AA"]).unwrap();
        assert_eq!(found, Trigger::Root { back: 10 });
        assert!(of(r"[a-z]+:AA[a-z]{3}", &[":AA"]).is_err());
    }

    #[test]
    fn a_keyword_before_a_short_word_is_a_root() {
        assert_eq!(
            of(r#"\bpassword = "[a-z]{5}""#, &["password"]).unwrap(),
            Trigger::Root { back: 0 }
        );
        assert_eq!(of(r"ghp_[A-Za-z0-9]{36}", &["ghp_"]).unwrap(), Trigger::Root { back: 0 });
    }

    #[test]
    fn a_pattern_without_keywords_needs_a_shape() {
        assert_eq!(
            of(r"\b(?<secret>[0-9a-f]{32})\b", &[]).unwrap(),
            Trigger::Shape { family: Family::Alnum, min: 32, max: 32 }
        );
        assert!(of(r"\b[0-9a-f]{8}\b", &[]).is_err());
        assert!(of(r#""[0-9a-f]{32}""#, &[]).is_err());
    }

    #[test]
    fn every_branch_must_carry_a_keyword() {
        assert!(of(r"\b(?:ghp_|glpat-)[a-z]{30}", &["ghp_"]).is_err());
        assert!(of(r"\b(?:ghp_|glpat-)[a-z]{30}", &["ghp_", "glpat-"]).is_ok());
    }
}
