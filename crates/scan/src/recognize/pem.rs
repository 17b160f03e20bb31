//! PEM blocks: private keys of every kind, in files of their own, in strings
//! with escaped line ends, and in strings that are joined.

use std::ops::Range;

use data_encoding::BASE64;
use stanch_rules::facts::{self, Fact, Reading};

use super::{Recognizers, base64_body};
use crate::engine::Engine;
use crate::finding::Certificate;
use crate::layer::Layer;
use crate::resolve::RawMatch;
use crate::secret::Secret;

const BEGIN: &[u8] = b"-----BEGIN ";
const DASHES: &[u8] = b"-----";

/// Longest label of a block.
const LABEL_MAX: usize = 48;

/// Longest block that is read; an RSA key of 16384 bits takes 13 KB.
const BLOCK_MAX: usize = 64 * 1024;

/// Probability that a block that cannot be read was a key.
const DAMAGED: f32 = 0.6;

impl Recognizers {
    /// A block that begins at `at`.
    pub(crate) fn pem(&self, engine: &Engine, layer: &mut Layer<'_>, at: usize) {
        let text = layer.text;
        let Some(label) = label(text, at) else { return };
        let block = block(text, at, label);
        let span = at..block.end;
        layer.add_block(span.clone());
        if !label.ends_with("PRIVATE KEY") && !label.ends_with("PRIVATE KEY BLOCK") {
            return;
        }
        let Some(rule) =
            self.pem.iter().find(|(known, _)| known == label).map(|(_, rule)| *rule).or_else(
                || (label == "ENCRYPTED PRIVATE KEY").then_some(self.pem_encrypted).flatten(),
            )
        else {
            return;
        };
        if let Some(reason) = implausible(label, &block.body) {
            layer.trace(rule, span, false, || reason.to_owned());
            return;
        }
        let normal = normalise(label, &block);
        let detector = engine.rule(rule);
        let mut known = Vec::new();
        let mut damaged = false;
        if let Some(kind) = &detector.facts {
            let input = facts::Input { value: &normal, text, span: span.clone() };
            match facts::read(kind, &input) {
                Reading::Facts(facts) => known = facts,
                Reading::Rejected(_) if block.closed && fits_outside(label, &block.body) => {
                    damaged = true;
                }
                Reading::Rejected(reason) => {
                    layer.trace(rule, span, false, || reason.to_owned());
                    return;
                }
            }
        }
        let encrypted = label.contains("ENCRYPTED")
            || block.headers.iter().any(|h| h.contains("ENCRYPTED"))
            || known.iter().any(|f: &Fact| f.name == "encrypted" && f.value != "no");
        let rule = if encrypted { self.pem_encrypted.unwrap_or(rule) } else { rule };
        layer.trace(rule, span.clone(), true, || format!("a whole {label} block"));
        layer.found.push(RawMatch {
            rule,
            whole: span.clone(),
            span,
            secret: Secret::new(&normal),
            parts: Vec::new(),
            confidence: match damaged {
                true => DAMAGED,
                false => engine.rule(rule).confidence,
            },
            evidence: vec![match block.closed {
                true if damaged => format!(
                    "a whole block labelled {label}, whose length is that of a key, but which cannot be \
                     read: it was damaged, or changed by hand"
                ),
                true => format!("a whole block labelled {label}"),
                false => format!("a block labelled {label} without its end"),
            }],
            facts: known,
            encodings: Vec::new(),
            mark: 0,
        });
    }
}

/// Every certificate in a text, as PEM.
pub fn certificates(text: &[u8]) -> Vec<Certificate> {
    const MARK: &[u8] = b"-----BEGIN CERTIFICATE-----";
    memchr::memmem::find_iter(text, MARK)
        .take(1000)
        .filter_map(|at| {
            let (body, _) = base64_body(text, at + MARK.len(), BLOCK_MAX);
            let der = BASE64.decode(&body).ok()?;
            let spki = facts::spki_sha256_of_certificate(&der)?;
            Some(Certificate { spki, der })
        })
        .collect()
}

struct Block {
    headers: Vec<String>,
    body: Vec<u8>,
    end: usize,
    closed: bool,
}

fn label(text: &[u8], at: usize) -> Option<&str> {
    let start = at + BEGIN.len();
    let window = text.get(start..(start + LABEL_MAX + DASHES.len()).min(text.len()))?;
    let len = memchr::memmem::find(window, DASHES)?;
    std::str::from_utf8(&window[..len]).ok()
}

fn block(text: &[u8], at: usize, label: &str) -> Block {
    let mut start = at + BEGIN.len() + label.len() + DASHES.len();
    let limit = (at + BLOCK_MAX).min(text.len());
    let close = [b"-----END ", label.as_bytes(), DASHES].concat();
    let end = memchr::memmem::find(&text[start.min(limit)..limit], &close).map(|i| start + i);
    let inner_end = end.unwrap_or(limit);

    // Headers such as `Proc-Type: 4,ENCRYPTED` stand before the body, each on
    // a line of its own.
    let mut headers = Vec::new();
    loop {
        let (line, next) = line(text, start, inner_end);
        let shown = String::from_utf8_lossy(&text[line.clone()]).trim().to_owned();
        let is_header = shown.split_once(": ").is_some_and(|(name, _)| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-')
        });
        if headers.len() > 8 || next <= start || !(is_header || shown.is_empty()) {
            break;
        }
        if is_header {
            headers.push(shown);
        }
        start = next;
    }
    let mut body = Vec::new();
    let mut last = start;
    match end {
        // Within a closed block everything that is no base64 is quoting.
        Some(end) => {
            let mut escaped = false;
            for (i, byte) in text[start..end].iter().enumerate() {
                match byte {
                    b'n' | b'r' | b't' if escaped => escaped = false,
                    b'\\' => escaped = true,
                    b if b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=') => {
                        escaped = false;
                        body.push(*b);
                        last = start + i + 1;
                    }
                    _ => escaped = false,
                }
            }
            last = last.max(end + close.len());
        }
        None => {
            let (found, range) = base64_body(text, start, limit.saturating_sub(start));
            body = found;
            last = last.max(range.end);
        }
    }
    // The checksum line of OpenPGP armour, `=XXXX`, is no part of the body.
    if label.ends_with("BLOCK")
        && let Some(at) = body.iter().rposition(|b| *b == b'=')
        && body.len() - at == 5
    {
        body.truncate(at);
    }
    Block { headers, body, end: last, closed: end.is_some() }
}

/// The line from `start`, ending at a line break or its escape.
fn line(text: &[u8], start: usize, limit: usize) -> (Range<usize>, usize) {
    let mut at = start;
    while at < limit && at < start + 200 {
        match text[at] {
            b'\n' => return (start..at, at + 1),
            b'\\' if text.get(at + 1) == Some(&b'n') => return (start..at, at + 2),
            _ => at += 1,
        }
    }
    (start..start, start)
}

fn implausible(label: &str, body: &[u8]) -> Option<&'static str> {
    if body.len() < 40 {
        return Some("the block is too short for a key");
    }
    let head = BASE64.decode(&body[..body.len().min(40) / 4 * 4]).unwrap_or_default();
    let fits = match label {
        "OPENSSH PRIVATE KEY" => head.starts_with(b"openssh-key-v1"),
        "SSH2 ENCRYPTED PRIVATE KEY" => true,
        _ if label.ends_with("BLOCK") => head.first().is_some_and(|b| b & 0x80 != 0),
        _ => true,
    };
    if !fits {
        return Some("the block does not hold what its label says");
    }
    let distinct = body.iter().collect::<std::collections::BTreeSet<_>>().len();
    (distinct < 16).then_some("the block is filled with a few repeated characters")
}

/// Whether a body that cannot be read was a key once: the outermost length is
/// that of the body. A few bytes that somebody blotted out hide no key, for
/// RSA primes can be had from parts (<https://eprint.iacr.org/2008/510>).
fn fits_outside(label: &str, body: &[u8]) -> bool {
    // The last group may be cut, or have bits that no encoder leaves.
    let whole = body.len() - body.iter().rev().take_while(|b| **b == b'=').count();
    let Ok(der) = BASE64.decode(body.get(..whole / 4 * 4).unwrap_or_default()) else {
        return false;
    };
    if label.starts_with("OPENSSH") {
        return der.len() > 150;
    }
    let (header, length) = match der.as_slice() {
        [0x30, len @ 0..=0x7f, ..] => (2, usize::from(*len)),
        [0x30, 0x81, len, ..] => (3, usize::from(*len)),
        [0x30, 0x82, high, low, ..] => (4, usize::from(*high) << 8 | usize::from(*low)),
        _ => return false,
    };
    (header + length).checked_sub(der.len()).is_some_and(|missing| missing < 3)
}

/// The block as a file would hold it, however it was written where it was
/// found.
fn normalise(label: &str, block: &Block) -> Vec<u8> {
    let mut out = [BEGIN, label.as_bytes(), DASHES, b"\n"].concat();
    for header in &block.headers {
        out.extend_from_slice(header.as_bytes());
        out.push(b'\n');
    }
    if !block.headers.is_empty() {
        out.push(b'\n');
    }
    for line in block.body.chunks(64) {
        out.extend_from_slice(line);
        out.push(b'\n');
    }
    out.extend_from_slice(b"-----END ");
    out.extend_from_slice(label.as_bytes());
    out.extend_from_slice(DASHES);
    out.push(b'\n');
    out
}
