//! GitLab's routable tokens:
//! `<prefix><payload>[.<version>].<payload length><crc32>`, the length in two
//! and the CRC-32 of all that stands before it in seven base36 digits.
//!
//! Source: <https://handbook.gitlab.com/handbook/engineering/architecture/design-documents/cells/routable_tokens/>

use std::ops::Range;

use data_encoding::BASE64URL_NOPAD;

use super::{Input, put};

const SUM: usize = 7;
const LENGTH: usize = 2;
const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// Decodes the payload of a token whose checksum holds: lines of routing
/// information such as `o:1`, the prefix in front.
pub(crate) fn parse(value: &[u8]) -> Option<(String, Vec<u8>)> {
    let (head, sum) = value.split_at_checked(value.len().checked_sub(SUM)?)?;
    if base36(crc32fast::hash(head), SUM) != sum {
        return None;
    }
    let (prefix, payload) = parts(head)?;
    let decoded = BASE64URL_NOPAD.decode(payload).ok()?;
    // The last byte says how many random bytes stand before it.
    let random = usize::from(*decoded.last()?);
    let routing = decoded.get(..decoded.len().checked_sub(random + 1)?)?;
    Some((String::from_utf8_lossy(prefix).into_owned(), routing.to_vec()))
}

pub(super) fn check(input: &Input<'_>) -> Option<&'static str> {
    let (head, sum) = input.value.split_at_checked(input.value.len().checked_sub(SUM)?)?;
    if base36(crc32fast::hash(head), SUM) != sum {
        return None;
    }
    parts(head).map(|_| if versioned(head) { "versioned" } else { "" })
}

/// Sets the length, for a prefix that ends in the last `-` or `_` of the first
/// eight characters, and the checksum.
pub(super) fn seal(
    value: &mut [u8],
    _over: Option<Range<usize>>,
    _equals: Option<Range<usize>>,
) -> bool {
    let Some(at) = value.len().checked_sub(SUM + LENGTH) else { return false };
    let Some(first_dot) = value.iter().position(|char| *char == b'.') else { return false };
    let Some(dash) = value.get(..first_dot).and_then(prefix_end) else { return false };
    let Ok(length) = u32::try_from(first_dot - dash) else { return false };
    if !put(value, at..at + LENGTH, &base36(length, LENGTH)) {
        return false;
    }
    let Some(sum) = value.get(..at + LENGTH).map(|head| base36(crc32fast::hash(head), SUM)) else {
        return false;
    };
    let end = value.len();
    put(value, end - SUM..end, &sum)
}

/// `glpat-`, `glrt-t1_`, …
fn prefix_end(head: &[u8]) -> Option<usize> {
    let dash = head.iter().position(|char| *char == b'-')? + 1;
    // Runner tokens name their kind behind the prefix, as `t1_`.
    match head.get(dash..dash + 3) {
        Some([b't', digit, b'_']) if digit.is_ascii_digit() => Some(dash + 3),
        _ => Some(dash),
    }
}

/// Prefix and payload, where the length field tells a possible length.
fn parts(head: &[u8]) -> Option<(&[u8], &[u8])> {
    let first_dot = head.iter().position(|char| *char == b'.')?;
    let length = head.get(head.len().checked_sub(LENGTH)?..)?;
    let length = usize::from_str_radix(std::str::from_utf8(length).ok()?, 36).ok()?;
    head.get(..first_dot)?.split_at_checked(first_dot.checked_sub(length)?)
}

fn versioned(head: &[u8]) -> bool {
    head.iter().filter(|char| **char == b'.').count() == 2
}

fn base36(mut number: u32, width: usize) -> Vec<u8> {
    let mut digits = vec![b'0'; width];
    for place in digits.iter_mut().rev() {
        *place = DIGITS.get((number % 36) as usize).copied().unwrap_or_default();
        number /= 36;
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_prefix_and_the_routing_information() {
        let mut payload = b"o:1\nu:2s\n".to_vec();
        payload.extend([0x5a; 16]);
        payload.push(16);
        let mut token =
            format!("glpat-{}.01.000000000", BASE64URL_NOPAD.encode(&payload)).into_bytes();
        assert!(seal(&mut token, None, None));
        assert_eq!(parse(&token).unwrap(), ("glpat-".to_owned(), b"o:1\nu:2s\n".to_vec()));
    }
}
