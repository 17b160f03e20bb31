//! Quoted-printable of mails, RFC 2045 section 6.7.

use std::ops::Range;

use super::builder::Builder;
use super::{Decoded, Encoding, Limits, hex};

/// Length of a line that ends in a soft break, with its `=`. The standard sets
/// the upper bound; writers fill their lines, which sets the lower.
const SOFT_LINE: std::ops::RangeInclusive<usize> = 60..=76;
/// Shortest run that the engine asks about.
const LEAST_RUN: usize = 20;

/// The run decoded and joined over soft line breaks, if it looks like
/// quoted-printable: a soft break after a long line, a `=3D`, or two `=HH`.
///
/// `equals` says that the run has a `=`.
pub(super) fn decode(
    text: &[u8],
    run: Range<usize>,
    equals: bool,
    limits: &Limits,
) -> Option<Decoded> {
    let starts_line = run.start.checked_sub(1).and_then(|at| text.get(at)) == Some(&b'\n');
    let start = if starts_line { first_line(text, run.start, limits)? } else { run.start };
    if start == run.start && !equals {
        return None;
    }

    let mut builder = Builder::new(text, limits);
    let mut soft_breaks = 0;
    let mut escapes = 0;
    let mut high = false;
    let mut at = start;
    let mut copied = start;
    while builder.room() > at - copied {
        match text.get(at..)? {
            [b'=', b'\n', ..] | [b'=', b'\r', b'\n', ..] => {
                let next = at + if text.get(at + 1) == Some(&b'\n') { 2 } else { 3 };
                if !text.get(next).is_some_and(is_run) || !is_soft_line(text, at) {
                    break;
                }
                builder.copy(copied..at);
                builder.skip(at..next);
                soft_breaks += 1;
                at = next;
                copied = at;
            }
            [b'=', rest @ ..] => {
                let upper = rest.iter().take(2).all(|byte| !byte.is_ascii_lowercase());
                let Some(byte) = hex::pair(rest).filter(|_| upper) else { break };
                builder.copy(copied..at);
                builder.unit(at..at + 3, &[byte]);
                // One `=3D` is an equals sign in any mail with a link in it.
                escapes += if byte == b'=' { 2 } else { 1 };
                high |= !super::content::printable(byte);
                at += 3;
                copied = at;
            }
            [byte, ..] if is_run(byte) => at += 1,
            _ => break,
        }
    }
    if soft_breaks == 0 && (escapes < 2 || high) {
        return None;
    }
    builder.copy(copied..at);
    builder.finish(Encoding::QuotedPrintable, start..at)
}

/// Where the text of a run at the start of a line begins, soft breaks before it
/// taken into account; `None` if that place has a run of its own, about which
/// the engine asks as well.
fn first_line(text: &[u8], line: usize, limits: &Limits) -> Option<usize> {
    let step = (limits.bytes / 2).max(1);
    let before = text.get(..line - 1)?;
    let before = before.strip_suffix(b"\r").unwrap_or(before);
    let Some(before) = before.strip_suffix(b"=").filter(|line| is_soft_line(text, line.len()))
    else {
        return Some(line);
    };
    let length = before.iter().rev().take(*SOFT_LINE.end()).take_while(|byte| is_run(byte)).count();
    let start = before.len() - length;
    // The `=` of the soft break is itself part of the earlier run.
    let own_run = length + 1 >= LEAST_RUN;
    if own_run && start / step == line / step { None } else { Some(start) }
}

/// Whether a line whose soft break is at `at` has a length that fits.
fn is_soft_line(text: &[u8], at: usize) -> bool {
    let from = at.saturating_sub(*SOFT_LINE.end());
    let line = text.get(from..at).unwrap_or_default();
    let length = memchr::memrchr(b'\n', line).map_or(line.len(), |end| line.len() - end - 1);
    SOFT_LINE.contains(&(length + 1))
}

fn is_run(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'_' | b'-' | b'+' | b'/' | b'=' | b'.' | b'~' | b'%' | b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { bytes: 1 << 16 };

    fn at(text: &str, run: Range<usize>) -> Option<Decoded> {
        decode(text.as_bytes(), run.clone(), text[run].contains('='), &LIMITS)
    }

    #[test]
    fn runs_are_joined_over_soft_breaks() {
        for newline in ["\n", "\r\n"] {
            let lead = "x".repeat(40);
            let text = format!("{lead} key=3D{}={newline}{} end", "a".repeat(28), "b".repeat(25));
            let found = at(&text, 41..41 + 6 + 28 + 1).unwrap();
            let wanted = format!("key={}{}", "a".repeat(28), "b".repeat(25));
            assert_eq!(String::from_utf8(found.text.clone()).unwrap(), wanted);
            assert_eq!(found.outer(3..4), 44..47);
            assert_eq!(found.outer(4..32), 47..75);
            let next = 76 + newline.len();
            assert_eq!(found.outer(32..33), next..next + 1);
            assert!(at(&text, next..next + 25).is_none(), "given out by the first line");
        }
    }

    #[test]
    fn a_run_takes_in_the_end_of_the_line_before() {
        let text = format!("{} token=\n{}", "x".repeat(64), "b".repeat(25));
        let found = at(&text, 72..97).unwrap();
        assert_eq!(found.text, format!("token{}", "b".repeat(25)).as_bytes());
        assert_eq!(found.outer(0..6), 65..73);
    }

    #[test]
    fn assignments_are_not_quoted_printable() {
        for text in
            ["PASSWORD=CAFEBABE=DECADE", "key=ab=cd=ef=01", "a=1&b=2", "SGVsbG8gd29ybGQ=\nnext"]
        {
            assert!(at(text, 0..text.len()).is_none(), "{text}");
        }
    }
}
