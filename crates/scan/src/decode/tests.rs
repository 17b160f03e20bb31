//! What all decoders have to keep to, and helpers for their own tests.

use super::*;

const LIMITS: Limits = Limits { bytes: 1 << 20 };

/// All results for a text that is one run.
pub(super) fn decode_run(text: &[u8]) -> Vec<Decoded> {
    let mut out = Vec::new();
    run(text, 0..text.len(), &LIMITS, &mut out);
    out
}

/// The texts of one encoding among results.
pub(super) fn all(found: &[Decoded], encoding: Encoding) -> Vec<String> {
    let of = found.iter().filter(|decoded| decoded.encoding == encoding);
    of.map(|decoded| String::from_utf8_lossy(&decoded.text).into_owned()).collect()
}
