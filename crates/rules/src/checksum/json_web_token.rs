//! The shape of a JSON Web Token (RFC 7519): two parts that decode to JSON
//! objects, the first naming an algorithm, and a signature. No checksum, but
//! random text does not pass.

use std::ops::Range;

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Map, Value};

use super::{Input, put};

pub(super) fn check(input: &Input<'_>) -> Option<&'static str> {
    let mut parts = input.value.split(|char| *char == b'.');
    let (header, payload, signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || !signature.iter().all(is_base64url) {
        return None;
    }
    let header = object(header)?;
    object(payload)?;
    let algorithm = header.get("alg")?.as_str()?;
    Some(match (algorithm, signature.is_empty()) {
        ("none", true) => "unsigned",
        ("none", false) | (_, true) => return None,
        (algorithm, false) if algorithm.starts_with("HS") => "shared key",
        _ => "signed",
    })
}

/// Writes a header and a payload of the sample's own lengths.
pub(super) fn seal(
    value: &mut [u8],
    _over: Option<Range<usize>>,
    _equals: Option<Range<usize>>,
) -> bool {
    let dots: Vec<usize> =
        value.iter().enumerate().filter(|(_, char)| **char == b'.').map(|(at, _)| at).collect();
    let [first, second] = dots.as_slice() else { return false };
    let (first, second) = (*first, *second);
    let Some(header) = filled(r#"{"alg":"HS256""#, first) else { return false };
    let Some(payload) = filled(r#"{"sub":"1""#, second - first - 1) else { return false };
    put(value, 0..first, &header) && put(value, first + 1..second, &payload)
}

/// `start`, spaces and a brace, as `width` characters of base64url.
fn filled(start: &str, width: usize) -> Option<Vec<u8>> {
    let spaces = (width * 3 / 4).checked_sub(start.len() + 1)?;
    let text = format!("{start}{}}}", " ".repeat(spaces));
    Some(BASE64URL_NOPAD.encode(text.as_bytes()).into_bytes()).filter(|text| text.len() == width)
}

fn object(part: &[u8]) -> Option<Map<String, Value>> {
    serde_json::from_slice(&decode(part)?).ok()
}

/// Tokens in the wild keep stray bits in the last character.
fn decode(part: &[u8]) -> Option<Vec<u8>> {
    let mut lenient = BASE64URL_NOPAD.specification();
    lenient.check_trailing_bits = false;
    lenient.encoding().ok()?.decode(part).ok()
}

fn is_base64url(char: &u8) -> bool {
    char.is_ascii_alphanumeric() || matches!(char, b'-' | b'_')
}
