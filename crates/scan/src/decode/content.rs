//! What decoded bytes are: text, compressed text, UTF-16, or nothing to read.

use std::io::Read;
use std::ops::Range;

use flate2::read::{GzDecoder, ZlibDecoder};

use super::{Decoded, Encoding, Limits, utf16};

/// Bytes at the start of a decoded word that [`promising`] looks at.
pub(super) const SNIFF: usize = 12;

/// Turns decoded bytes into a result if they can be read.
///
/// Text must be at least `least` bytes; garbage after it is cut off.
pub(super) fn reveal(
    mut bytes: Vec<u8>,
    least: usize,
    encoding: Encoding,
    span: Range<usize>,
    limits: &Limits,
) -> Option<Decoded> {
    bytes.truncate(limits.bytes);
    let found = |encoding, text| Some(Decoded { encoding, span, text, map: None });
    if bytes.starts_with(&GZIP) {
        // What is compressed was worth keeping, so it need not be text: it may
        // be an archive that holds text.
        let text = read_all(GzDecoder::new(bytes.as_slice()), limits);
        return if text.len() < least { None } else { found(Encoding::Gzip, text) };
    }
    if is_zlib(&bytes) {
        let mut text = read_all(ZlibDecoder::new(bytes.as_slice()), limits);
        text.truncate(text_prefix(&text));
        if text.len() >= least {
            return found(Encoding::Gzip, text);
        }
    }
    if is_utf16le(&bytes) {
        let text = utf16::utf16_decode(&bytes, Encoding::Utf16Le, limits).text;
        return if text_prefix(&text) < least.div_ceil(2) {
            None
        } else {
            found(Encoding::Utf16Le, text)
        };
    }
    bytes.truncate(text_prefix(&bytes));
    if bytes.len() < least.max(1) { None } else { found(encoding, bytes) }
}

/// Whether anything that [`reveal`] accepts may begin with this byte.
#[inline]
pub(super) fn may_begin(byte: u8) -> bool {
    printable(byte) || matches!(byte, 0xc2..=0xf4 | 0x1f | 0xff)
}

/// Whether the first bytes of something longer may be what [`reveal`] accepts.
#[inline]
pub(super) fn promising(bytes: &[u8]) -> bool {
    let mut at = 0;
    let mut bad = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let length = readable(rest);
        // A sequence that the end of the sample cuts off is given the benefit.
        if length == 0 && !(rest.len() < 4 && rest.first().is_some_and(|&b| b >= 0xc2)) {
            bad += 1;
            if bad > 1 {
                return bytes.starts_with(&GZIP) || is_zlib(bytes) || is_utf16le(bytes);
            }
        }
        at += length.max(1);
    }
    true
}

/// How many bytes from the start are text: in every stretch of 64 at least nine
/// tenths are printable ASCII, white space or UTF-8.
pub(super) fn text_prefix(bytes: &[u8]) -> usize {
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let left = bytes.len() - at;
        let end = if left < 2 * WINDOW { bytes.len() } else { at + WINDOW };
        let window = bytes.get(at..end).unwrap_or_default();
        let mut bad = 0;
        if window.is_ascii() {
            bad = window.iter().filter(|&&byte| !printable(byte)).count();
            at = end;
        }
        while at < end {
            let length = readable(bytes.get(at..).unwrap_or_default());
            bad += usize::from(length == 0);
            at += length.max(1);
        }
        if bad * 10 > end - start {
            return start;
        }
    }
    bytes.len()
}

const WINDOW: usize = 64;

/// Magic of gzip with deflate, RFC 1952 section 2.3.1.
const GZIP: [u8; 3] = [0x1f, 0x8b, 8];

/// Whether a zlib header as written by zlib's own levels begins here, RFC 1950 section 2.2.
fn is_zlib(bytes: &[u8]) -> bool {
    matches!(bytes, [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..])
}

/// Whether this begins like ASCII text in UTF-16LE, with or without a mark.
fn is_utf16le(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(&[0xff, 0xfe]).unwrap_or(bytes);
    bytes.len() >= 8
        && bytes.chunks_exact(2).take(4).all(|pair| matches!(pair, [low, 0] if printable(*low)))
}

/// Inflates up to the limit; of broken or cut data, what comes before the break.
fn read_all(reader: impl Read, limits: &Limits) -> Vec<u8> {
    let mut text = Vec::new();
    let mut reader = reader.take(limits.bytes as u64);
    // An error leaves the bytes before it in `text`, and they are the answer.
    let _ = reader.read_to_end(&mut text);
    text
}

/// Printable ASCII or the white space of texts.
#[inline]
pub(super) fn printable(byte: u8) -> bool {
    matches!(byte, 0x20..=0x7e | b'\t' | b'\n' | b'\r')
}

/// Length of the readable character at the start; 0 if there is none.
#[inline]
fn readable(bytes: &[u8]) -> usize {
    let tail = |byte: Option<&u8>| byte.is_some_and(|byte| byte & 0xc0 == 0x80);
    match bytes {
        [first, ..] if *first < 0x80 => usize::from(printable(*first)),
        [0xc2..=0xdf, rest @ ..] if tail(rest.first()) => 2,
        [0xe0..=0xef, rest @ ..] if tail(rest.first()) && tail(rest.get(1)) => 3,
        [0xf0..=0xf4, rest @ ..]
            if tail(rest.first()) && tail(rest.get(1)) && tail(rest.get(2)) =>
        {
            4
        }
        _ => 0,
    }
}
