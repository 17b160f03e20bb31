//! Pairs of hexadecimal digits.

use std::ops::Range;

use super::content::{may_begin, promising, reveal};
use super::{Decoded, Encoding, Limits};

/// Shortest stretch of digits that is looked at.
const LEAST: usize = 32;

/// Every stretch of an even number of hex digits in the run that can be read.
///
/// A stretch of [`LEAST`] digits covers one byte in every [`LEAST`], so only
/// those are looked at, which is what makes a no cheap.
pub(super) fn words(text: &[u8], run: Range<usize>, limits: &Limits, out: &mut Vec<Decoded>) {
    let mut floor = run.start;
    let mut probe = run.start + (LEAST - 1);
    while probe < run.end {
        let before = text.get(floor..=probe).unwrap_or_default();
        let length = before.iter().rev().take_while(|byte| byte.is_ascii_hexdigit()).count();
        if length == 0 {
            probe += LEAST;
            continue;
        }
        let start = probe + 1 - length;
        let promising = text.get(start..run.end).is_some_and(sniff);
        if !promising && run.end - probe <= LEAST {
            return;
        }
        let after = text.get(probe..run.end).unwrap_or_default();
        let end = probe + after.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        if promising && end - start >= LEAST && (end - start).is_multiple_of(2) {
            out.extend(word(text, start..end, limits));
        }
        floor = end;
        probe = end + LEAST;
    }
}

/// Whether the first digits stand for something promising.
#[inline]
fn sniff(digits: &[u8]) -> bool {
    let Some(first) = pair(digits).filter(|&byte| may_begin(byte)) else { return false };
    let mut sample = [first; 8];
    for (byte, digits) in sample.iter_mut().zip(digits.as_chunks::<2>().0) {
        let Some(decoded) = pair(digits) else { return false };
        *byte = decoded;
    }
    promising(&sample)
}

fn word(text: &[u8], span: Range<usize>, limits: &Limits) -> Option<Decoded> {
    let digits = text.get(span.clone())?;
    let digits = digits.get(..digits.len().min(limits.bytes.saturating_mul(2)))?;
    let bytes = digits.as_chunks::<2>().0.iter().map_while(|pair| self::pair(pair)).collect();
    reveal(bytes, LEAST / 2, Encoding::Hex, span, limits)
}

/// The byte that two hex digits at the start of `digits` stand for.
#[inline]
pub(super) fn pair(digits: &[u8]) -> Option<u8> {
    let value = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    };
    match digits {
        [high, low, ..] => Some(value(*high)? << 4 | value(*low)?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{all, decode_run};
    use super::*;
    use data_encoding::{HEXLOWER, HEXUPPER};

    #[test]
    fn hex_of_text_is_read_with_and_without_prefix() {
        let text = "token = synthetic-0123";
        for hex in [HEXLOWER.encode(text.as_bytes()), HEXUPPER.encode(text.as_bytes())] {
            for run in
                [hex.clone(), format!("0x{hex}"), format!("key={hex}"), format!("a/b/{hex}.x")]
            {
                assert_eq!(all(&decode_run(run.as_bytes()), Encoding::Hex), [text], "{run}");
            }
        }
    }

    #[test]
    fn hashes_and_constants_are_not_text() {
        for run in [
            "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "0x00000000000000000000000000000000000000ff",
            "d41d8cd98f00b204e9800998ecf8427e",
        ] {
            assert!(decode_run(run.as_bytes()).is_empty(), "{run}");
        }
    }

    #[test]
    fn a_stretch_is_found_wherever_it_stands() {
        let hex = HEXLOWER.encode(b"password: swordfish");
        for before in 0..70 {
            let run = format!("{}-{hex}", "x".repeat(before));
            let found = decode_run(run.as_bytes());
            let hexes: Vec<_> = found.iter().filter(|d| d.encoding == Encoding::Hex).collect();
            assert_eq!(hexes.len(), 1, "{before}");
            assert_eq!(hexes[0].span, before + 1..run.len());
        }
    }
}
