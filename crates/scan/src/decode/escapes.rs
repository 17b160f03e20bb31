//! Numeric escapes of string literals.

use std::ops::Range;

use super::builder::Builder;
use super::{Decoded, Encoding, Limits, hex};

/// How far a text may go on past its run because of `\u{…}`.
const LONGEST_EXTENSION: usize = 512;

/// The run with its escapes decoded, if a numeric one in it hides a token
/// character or there are two.
pub(super) fn decode(text: &[u8], run: Range<usize>, limits: &Limits) -> Option<Decoded> {
    let span = run.start..region_end(text, run.end);
    let region = text.get(..span.end)?;
    if !worthwhile(region, span.start) {
        return None;
    }
    let mut builder = Builder::new(text, limits);
    let mut at = span.start;
    let mut copied = at;
    while builder.room() > at - copied {
        let Some(found) = memchr::memchr(b'\\', region.get(at..)?) else { break };
        at += found;
        let Some((length, value)) = escape(region, at) else {
            at += 1;
            continue;
        };
        builder.copy(copied..at);
        let range = at..at + length;
        match value {
            Value::Byte(byte) => builder.unit(range, &[byte]),
            Value::Char(char) | Value::Simple(char) => builder.char(range, char),
        }
        at += length;
        copied = at;
    }
    builder.copy(copied..span.end);
    builder.finish(Encoding::Escapes, span)
}

/// What one escape stands for.
enum Value {
    /// `\xHH` or `\NNN`: a byte, perhaps one of several of a character.
    Byte(u8),
    /// `\uXXXX` and its relatives.
    Char(char),
    /// `\n`, `\/` and the like, which alone are no reason to decode.
    Simple(char),
}

/// So many escapes that stand for no text make a table of bytes, such as the
/// `\x00\x8f` of a test vector.
const TABLE: usize = 4;
/// Fewest token characters in a row, one of them escaped, that may be part of
/// a secret in such a table.
const LEAST_ROW: usize = 4;

fn worthwhile(region: &[u8], from: usize) -> bool {
    let (mut numeric, mut foreign, mut hides_token) = (0, 0, false);
    // Token characters in a row, and whether one of them is escaped.
    let (mut row, mut is_escaped) = (0, false);
    let mut at = from;
    loop {
        let rest = region.get(at..).unwrap_or_default();
        let found = memchr::memchr(b'\\', rest).unwrap_or(rest.len());
        row += found;
        if is_escaped && row >= LEAST_ROW {
            return true;
        }
        if found == rest.len() {
            return foreign < TABLE && (hides_token || numeric >= 2);
        }
        at += found;
        let (length, value) = escape(region, at).unwrap_or((1, Value::Simple('\\')));
        at += length;
        let (char, is_byte) = match value {
            Value::Simple(_) => {
                (row, is_escaped) = (0, false);
                continue;
            }
            Value::Byte(byte) => (char::from(byte), true),
            Value::Char(char) => (char, false),
        };
        numeric += 1;
        if u8::try_from(char).is_ok_and(is_token) {
            hides_token = true;
            row += 1;
            is_escaped = true;
        } else {
            foreign += usize::from(char.is_control() || (is_byte && !char.is_ascii()));
            (row, is_escaped) = (0, false);
        }
    }
}

/// The escape whose backslash is at `at`, and its length.
fn escape(text: &[u8], at: usize) -> Option<(usize, Value)> {
    let rest = text.get(at + 1..)?;
    match rest {
        [b'\\', ..] => {
            // JSON inside JSON: however many backslashes, `u0026` is what they are for.
            let more = rest.iter().take(8).take_while(|&&byte| byte == b'\\').count();
            match rest.get(more..)? {
                [b'u', digits @ ..] if number(digits, 4).is_some() => {
                    let (length, char) = unicode(digits)?;
                    Some((2 + more + length, Value::Char(char)))
                }
                _ => Some((2, Value::Simple('\\'))),
            }
        }
        [b'u', rest @ ..] => {
            let (length, char) = braced(rest).or_else(|| unicode(rest))?;
            Some((2 + length, Value::Char(char)))
        }
        [b'U', digits @ ..] => Some((10, Value::Char(char::from_u32(number(digits, 8)?)?))),
        [b'x', rest @ ..] => match hex::pair(rest) {
            Some(byte) => Some((4, Value::Byte(byte))),
            None => braced(rest).map(|(length, char)| (2 + length, Value::Char(char))),
        },
        [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', ..] => {
            Some((4, Value::Byte((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'))))
        }
        [b'n', ..] => Some((2, Value::Simple('\n'))),
        [b'r', ..] => Some((2, Value::Simple('\r'))),
        [b't', ..] => Some((2, Value::Simple('\t'))),
        [byte @ (b'/' | b'"' | b'\''), ..] => Some((2, Value::Simple(char::from(*byte)))),
        _ => None,
    }
}

/// Four digits after `\u`, or two such escapes that are one character in UTF-16.
fn unicode(digits: &[u8]) -> Option<(usize, char)> {
    let first = number(digits, 4)?;
    if let Some(char) = char::from_u32(first) {
        return Some((4, char));
    }
    let second = digits.get(4..)?.strip_prefix(b"\\u").and_then(|digits| number(digits, 4))?;
    let pair = [u16::try_from(first).ok()?, u16::try_from(second).ok()?];
    let char = char::decode_utf16(pair).next()?.ok()?;
    Some((10, char))
}

/// One to six digits in braces.
fn braced(rest: &[u8]) -> Option<(usize, char)> {
    let digits = rest.strip_prefix(b"{")?;
    let length = digits.iter().take(7).take_while(|byte| byte.is_ascii_hexdigit()).count();
    if !(1..=6).contains(&length) || digits.get(length) != Some(&b'}') {
        return None;
    }
    Some((length + 2, char::from_u32(number(digits, length)?)?))
}

fn number(digits: &[u8], length: usize) -> Option<u32> {
    let digits = digits.get(..length)?;
    digits.iter().try_fold(0, |value, &digit| Some(value << 4 | char::from(digit).to_digit(16)?))
}

/// A run ends at the brace of `\u{67}`; the text does not.
fn region_end(text: &[u8], run_end: usize) -> usize {
    let mut end = run_end;
    while end < run_end + LONGEST_EXTENSION {
        let opened = matches!(text.get(end.saturating_sub(2)..end), Some([b'\\', b'u' | b'x']));
        let Some((length, _)) = text.get(end..).filter(|_| opened).and_then(braced) else { break };
        end += length;
        let rest = text.get(end..).unwrap_or_default().iter().take(LONGEST_EXTENSION);
        end += rest.take_while(|&&byte| is_token(byte) || byte == b'%' || byte == b'\\').count();
    }
    end
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'/' | b'=' | b'.' | b'~')
}

#[cfg(test)]
mod tests {
    use super::super::tests::{all, decode_run};
    use super::*;

    fn escapes(run: &str) -> Vec<String> {
        all(&decode_run(run.as_bytes()), Encoding::Escapes)
    }

    #[test]
    fn numeric_escapes_of_all_kinds_are_decoded() {
        for run in [
            r"a=\u0067\u0068p_x",
            r"a\u003d\u{67}hp_x",
            r"a=\x67\x68p_x",
            r"a=\147\150p_x",
            r"a=\U00000067hp_x",
            r"a=\x{67}hp_x",
            r"a=\\u0067hp_x",
            r"a=\\\\u0067hp_x",
        ] {
            assert_eq!(escapes(run), ["a=ghp_x"], "{run}");
        }
    }

    #[test]
    fn simple_escapes_are_decoded_along_but_are_no_reason() {
        assert_eq!(escapes(r"a\/b\nc\u0064\\e"), ["a/b\ncd\\e"]);
        assert!(escapes(r"a\/b\nc\\e\t\r").is_empty());
    }

    #[test]
    fn surrogates_are_joined_and_lone_ones_stay() {
        assert_eq!(escapes(r"\ud83d\ude00\u0041"), ["\u{1f600}A"]);
        assert_eq!(escapes(r"\ud83d\u0041"), [r"\ud83dA"]);
    }

    #[test]
    fn paths_are_not_decoded() {
        for run in [r"C:\Users\me\Documents\notes", r"\\server\share\data\new", r"dir\200\file"] {
            assert!(escapes(run).is_empty(), "{run}");
        }
    }

    #[test]
    fn braces_do_not_end_the_text() {
        let text = br"abcdefghijklmnopqrstuvwxyz\u{67}\u{68}p_0123 and";
        let mut out = Vec::new();
        super::super::run(text, 0..28, &Limits { bytes: 1000 }, &mut out);
        assert_eq!(all(&out, Encoding::Escapes), ["abcdefghijklmnopqrstuvwxyzghp_0123"]);
        assert_eq!(out[0].outer(26..28), 26..38);
    }
}
