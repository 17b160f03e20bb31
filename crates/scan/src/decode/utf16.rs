//! UTF-16: whole blobs of it, and strings of it inside binaries.

use super::builder::Builder;
use super::content::printable;
use super::{Decoded, Encoding, Limits};

/// Bytes at the start of a blob that are looked at.
const SAMPLE: usize = 4096;
/// Shortest string in a binary, in characters.
const LEAST_STRING: usize = 8;

/// Which UTF-16 a whole blob is in, if any.
///
/// A byte order mark settles it. Without one, at least 70 % of the pairs in the
/// first 4 KB must be an ASCII character and a NUL in the same order, at most
/// 5 % in the other, and the blob must be longer than 16 bytes.
pub fn utf16(text: &[u8]) -> Option<Encoding> {
    match text {
        // Followed by two NULs it would be UTF-32.
        [0xff, 0xfe, 0, 0, ..] => return None,
        [0xff, 0xfe, _, _, ..] => return Some(Encoding::Utf16Le),
        [0xfe, 0xff, _, _, ..] => return Some(Encoding::Utf16Be),
        _ => {}
    }
    let sample = text.get(..SAMPLE.min(text.len()))?;
    if sample.len() < 16 || memchr::memchr(0, sample).is_none() {
        return None;
    }
    let mut little = 0;
    let mut big = 0;
    for pair in sample.chunks_exact(2) {
        match *pair {
            [low, 0] if printable(low) => little += 1,
            [0, low] if printable(low) => big += 1,
            _ => {}
        }
    }
    let pairs = sample.len() / 2;
    let clear = |yes: usize, no: usize| yes * 10 >= pairs * 7 && no * 20 <= pairs;
    match () {
        () if clear(little, big) => Some(Encoding::Utf16Le),
        () if clear(big, little) => Some(Encoding::Utf16Be),
        () => None,
    }
}

/// The text of a blob in UTF-16, without its byte order mark.
///
/// Any `encoding` but [`Encoding::Utf16Be`] is read as [`Encoding::Utf16Le`].
/// Lone surrogates become U+FFFD. What lies beyond the limit is not in the span.
pub fn utf16_decode(text: &[u8], encoding: Encoding, limits: &Limits) -> Decoded {
    let big = encoding == Encoding::Utf16Be;
    let encoding = if big { encoding } else { Encoding::Utf16Le };
    let unit = |at: usize| {
        let pair = *text.get(at..)?.first_chunk()?;
        Some(if big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) })
    };
    let mut builder = Builder::new(text, limits);
    let mut at = if unit(0) == Some(0xfeff) { 2 } else { 0 };
    let start = at;
    while let Some(first) = unit(at).filter(|_| builder.room() > 0) {
        match u8::try_from(first) {
            Ok(byte) if byte.is_ascii() => {
                builder.narrow(at, byte);
                at += 2;
                continue;
            }
            _ => {}
        }
        let second = unit(at + 2).filter(|_| (0xd800..0xdc00).contains(&first));
        let units = [first, second.unwrap_or_default()];
        let char = char::decode_utf16(units).next().and_then(Result::ok);
        let char = char.unwrap_or(char::REPLACEMENT_CHARACTER);
        if char.len_utf8() > builder.room() {
            break;
        }
        let length = if char.len_utf16() == 2 { 4 } else { 2 };
        builder.char(at..at + length, char);
        at += length;
    }
    let empty = Decoded { encoding, span: start..at, text: Vec::new(), map: Some(Vec::new()) };
    builder.finish(encoding, start..at).unwrap_or(empty)
}

/// Strings of ASCII in UTF-16LE inside a binary: runs of at least eight
/// characters, one on each line of the decoded text. Only worth calling for
/// blobs with NUL bytes.
pub fn utf16_strings(text: &[u8], limits: &Limits) -> Option<Decoded> {
    let is_pair = |at: usize| matches!(text.get(at..), Some([low, 0, ..]) if printable(*low));
    let mut builder = Builder::new(text, limits);
    let mut span: Option<std::ops::Range<usize>> = None;
    let mut at = 0;
    // Eight characters are 16 bytes, which cover eight aligned ones: those are
    // either `x0x0x0x0` or `0x0x0x0x`, and looking at them alone is enough.
    let (words, _) = text.as_chunks::<8>();
    for (index, word) in words.iter().enumerate().filter(|(_, word)| alternates(word)) {
        let mut start = index * 8 + usize::from(word[0] == 0);
        if start < at {
            continue;
        }
        let floor = at;
        at = start;
        while start >= floor + 2 && is_pair(start - 2) {
            start -= 2;
        }
        while is_pair(at) {
            at += 2;
        }
        if (at - start) / 2 < LEAST_STRING {
            continue;
        }
        if let Some(span) = &span {
            builder.unit(span.end..start, b"\n");
        }
        let mut end = start;
        for pair in (start..at).step_by(2) {
            if builder.room() == 0 {
                break;
            }
            builder.narrow(pair, text.get(pair).copied().unwrap_or_default());
            end = pair + 2;
        }
        span = Some(span.map_or(start, |span| span.start)..end);
        if builder.room() == 0 {
            break;
        }
    }
    builder.finish(Encoding::Utf16Le, span?)
}

/// Whether every other byte is NUL, and not all are.
#[inline]
fn alternates(word: &[u8; 8]) -> bool {
    let word = u64::from_le_bytes(*word);
    let low = word & 0x00ff_00ff_00ff_00ff;
    (low == 0) != (low == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { bytes: 1 << 16 };

    fn encode(text: &str, big: bool) -> Vec<u8> {
        let bytes = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn whole_blobs_are_recognised_with_and_without_mark() {
        let text = "password = synthetic é value";
        for (big, encoding) in [(false, Encoding::Utf16Le), (true, Encoding::Utf16Be)] {
            for text in [text.to_owned(), format!("\u{feff}{text}")] {
                let blob = encode(&text, big);
                assert_eq!(utf16(&blob), Some(encoding));
                let decoded = utf16_decode(&blob, encoding, &LIMITS);
                assert_eq!(decoded.text, text.trim_start_matches('\u{feff}').as_bytes());
                assert_eq!(decoded.encoding, encoding);
            }
        }
    }

    #[test]
    fn other_blobs_are_not_utf16() {
        let utf32: Vec<u8> =
            "\u{feff}abcdefgh".chars().flat_map(|c| (c as u32).to_le_bytes()).collect();
        for blob in [&b"plain text of some length"[..], b"", b"\0", &[0; 100], &utf32, b"a\0b\0"] {
            assert_eq!(utf16(blob), None, "{blob:?}");
        }
    }

    #[test]
    fn a_match_in_utf16_is_placed_exactly() {
        let text = "a\u{20ac}b\u{1f600}cd\u{e9}efg";
        let blob = encode(text, false);
        let decoded = utf16_decode(&blob, Encoding::Utf16Le, &LIMITS);
        let mut outer = 0;
        for (at, char) in text.char_indices() {
            let length = char.len_utf16() * 2;
            let found = decoded.outer(at..at + char.len_utf8());
            assert_eq!(found, outer..outer + length, "{char}");
            outer += length;
        }
    }

    #[test]
    fn strings_in_a_binary_are_found_with_their_places() {
        let mut blob = vec![1, 2, 3, 0, 0, 0, b'x', 0, 0];
        let first = blob.len();
        blob.extend(encode("first string", false));
        blob.extend([0, 0, 0xff, 7, 0, 0, 0]);
        let second = blob.len();
        blob.extend(encode("second string", false));
        let found = utf16_strings(&blob, &LIMITS).unwrap();
        assert_eq!(found.text, b"first string\nsecond string");
        assert_eq!(found.outer(0..5), first..first + 10);
        assert_eq!(found.outer(13..19), second..second + 12);
        assert_eq!(utf16_strings(&[0; 1000], &LIMITS), None);
    }
}
