//! Decoders: what turns an encoded run back into text worth scanning.
//!
//! The engine finds runs (maximal stretches of `[A-Za-z0-9_\-+/=.~%\\]` of at
//! least 20 bytes) and a few roots, and asks here whether something readable is
//! inside. Nearly every answer is no, so every decoder first looks at a few
//! bytes and gives up there; only then does it read on. All of them are linear
//! in what they read, bounded by [`Limits`], and accept any bytes and ranges.
//!
//! A text that is long enough to be found from several places (a base64 body of
//! many lines, a chain of string literals) is given out at its first place only,
//! and again every so many bytes when it is longer than what one call may
//! produce, so that a whole blob stays linear and nothing is lost.

mod base64;
mod builder;
mod concatenation;
mod content;
mod entities;
mod escapes;
mod hex;
mod percent;
mod quoted_printable;
mod utf16;

#[cfg(test)]
mod tests;

use std::ops::Range;

pub use concatenation::{concatenation_around, concatenation_at};
pub use entities::entities_at;
pub use utf16::{utf16, utf16_decode, utf16_strings};

/// Everything readable inside one run (the range `run` of `text`, cut to fit);
/// pushes any number of results, in no particular order.
///
/// A result may reach beyond the run where the encoding itself does: base64 and
/// quoted-printable go on over line ends, `\u{…}` over its braces.
pub fn run(text: &[u8], run: Range<usize>, limits: &Limits, out: &mut Vec<Decoded>) {
    let end = run.end.min(text.len());
    let run = run.start.min(end)..end;
    let marks = marks(text.get(run.clone()).unwrap_or_default());
    if marks & PERCENT != 0 {
        out.extend(percent::decode(text, run.clone(), limits));
    }
    if marks & BACKSLASH != 0 {
        out.extend(escapes::decode(text, run.clone(), limits));
    }
    let starts_line = run.start > 0 && text.get(run.start - 1) == Some(&b'\n');
    if marks & EQUALS != 0 || starts_line {
        out.extend(quoted_printable::decode(text, run.clone(), marks & EQUALS != 0, limits));
    }
    if marks & (PERCENT | BACKSLASH | EQUALS | DOT) == 0 {
        // One word, the commonest case by far.
        out.extend(base64::word(text, run.clone(), limits));
    } else {
        base64::words(text, run.clone(), limits, out);
    }
    hex::words(text, run, limits, out);
}

const PERCENT: u8 = 1;
const BACKSLASH: u8 = 2;
const EQUALS: u8 = 4;
/// A `.` or `~`, which ends a base64 word.
const DOT: u8 = 8;

/// Which of the signs that decide about decoders are in a run.
#[inline]
fn marks(run: &[u8]) -> u8 {
    // Written so that the compiler makes vector instructions of it: all lanes
    // of 16 bytes alike, and the last 16 bytes once more instead of a remainder.
    let mut lanes = [0_u8; 16];
    let mut add = |bytes: &[u8; 16]| {
        for (lane, &byte) in lanes.iter_mut().zip(bytes) {
            *lane |= u8::from(byte == b'%') * PERCENT;
            *lane |= u8::from(byte == b'\\') * BACKSLASH;
            *lane |= u8::from(byte == b'=') * EQUALS;
            *lane |= u8::from((byte == b'.') | (byte == b'~')) * DOT;
        }
    };
    match run.last_chunk() {
        Some(last) => {
            run.as_chunks().0.iter().for_each(&mut add);
            add(last);
        }
        None => {
            let mut short = [0; 16];
            for (to, from) in short.iter_mut().zip(run) {
                *to = *from;
            }
            add(&short);
        }
    }
    lanes.iter().fold(0, |marks, lane| marks | lane)
}

/// How a run was encoded; the name is what users see in a finding's decoder chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Base64 with `+` and `/`, RFC 4648 section 4.
    Base64,
    /// Base64 with `-` and `_`, RFC 4648 section 5.
    Base64Url,
    /// Pairs of hexadecimal digits.
    Hex,
    /// `%HH` of URLs, RFC 3986 section 2.1.
    Percent,
    /// Numeric escapes of string literals: `\uXXXX`, `\u{…}`, `\xHH`, `\NNN`.
    Escapes,
    /// HTML character references, numeric and the common named ones.
    HtmlEntities,
    /// UTF-16, low byte first; also base64 or hex of it.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
    /// Quoted-printable, RFC 2045 section 6.7.
    QuotedPrintable,
    /// Gzip or zlib data inside base64 or hex.
    Gzip,
    /// Header or payload of a JSON Web Token, RFC 7519.
    JwtPart,
    /// String literals joined by the source code around them.
    Concatenation,
}

impl Encoding {
    /// The name in a finding's decoder chain, kebab-case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Base64 => "base64",
            Self::Base64Url => "base64url",
            Self::Hex => "hex",
            Self::Percent => "percent",
            Self::Escapes => "escapes",
            Self::HtmlEntities => "html-entities",
            Self::Utf16Le => "utf-16le",
            Self::Utf16Be => "utf-16be",
            Self::QuotedPrintable => "quoted-printable",
            Self::Gzip => "gzip",
            Self::JwtPart => "jwt",
            Self::Concatenation => "concatenation",
        }
    }
}

/// Text that was inside an encoded span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// How the span was encoded, from the outermost view: gzip inside base64 is
    /// [`Encoding::Gzip`].
    pub encoding: Encoding,
    /// Where the encoded form stands in the outer text.
    pub span: Range<usize>,
    /// What it says; mostly UTF-8, but not promised to be.
    pub text: Vec<u8>,
    /// Anchors `(decoded offset, outer offset)`, both never falling, for
    /// encodings in which most text stays itself; between two anchors that are
    /// equally far apart on both sides (twice as far in UTF-16) every byte has
    /// its own place, between others the whole piece is one unit, and two
    /// anchors with the same decoded offset enclose outer bytes that say
    /// nothing. `None`: any part of the text stands for the whole span.
    pub map: Option<Vec<(u32, u32)>>,
}

impl Decoded {
    /// The range of the outer text that a range of the decoded text came from.
    ///
    /// Units are never split: half of a `\u00e9` is all six bytes of it.
    pub fn outer(&self, inner: Range<usize>) -> Range<usize> {
        let Some(map) = self.map.as_deref().filter(|map| !map.is_empty()) else {
            return self.span.clone();
        };
        let start = self.outer_start(map, inner.start);
        let end = if inner.end > inner.start { self.outer_end(map, inner.end) } else { start };
        start..end.max(start)
    }

    fn outer_start(&self, map: &[(u32, u32)], at: usize) -> usize {
        let next = map.partition_point(|anchor| anchor.0 as usize <= at);
        let Some(&(inner, outer)) = next.checked_sub(1).and_then(|last| map.get(last)) else {
            return self.span.start;
        };
        let within = match map.get(next) {
            Some(&after) => self.stride((inner, outer), after) * (at - inner as usize),
            None => 0,
        };
        (outer as usize + within).min(self.span.end)
    }

    fn outer_end(&self, map: &[(u32, u32)], at: usize) -> usize {
        let next = map.partition_point(|anchor| (anchor.0 as usize) < at);
        let Some(&after) = map.get(next) else { return self.span.end };
        let Some(&before) = next.checked_sub(1).and_then(|last| map.get(last)) else {
            return after.1 as usize;
        };
        match self.stride(before, after) {
            _ if after.0 as usize == at => after.1 as usize,
            0 => after.1 as usize,
            stride => before.1 as usize + stride * (at - before.0 as usize),
        }
    }

    /// Outer bytes for each decoded byte between two anchors; 0 if they are one unit.
    fn stride(&self, before: (u32, u32), after: (u32, u32)) -> usize {
        let inner = after.0.saturating_sub(before.0) as usize;
        let outer = after.1.saturating_sub(before.1) as usize;
        let wide = matches!(self.encoding, Encoding::Utf16Le | Encoding::Utf16Be);
        match () {
            () if inner == outer => 1,
            () if wide && inner * 2 == outer => 2,
            () => 0,
        }
    }
}

/// Largest decoded size that one call may produce.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of decoded text in one [`Decoded`].
    pub bytes: usize,
}
