//! Upload tokens of the Python package index: `pypi-` and a macaroon of
//! version 2 in base64url, whose location is the index.
//!
//! Source: <https://github.com/rescrv/libmacaroons/blob/master/doc/format.txt>,
//! warehouse `macaroons/services.py`.

use std::ops::Range;

use data_encoding::BASE64URL_NOPAD;

use super::{Input, put};

const PREFIX: &[u8] = b"pypi-";
const LOCATION: u64 = 1;
const IDENTIFIER: u64 = 2;
const VERIFICATION: u64 = 4;
const SIGNATURE: u64 = 6;
const SIGNATURE_LENGTH: usize = 32;

pub(super) fn check(input: &Input<'_>) -> Option<&'static str> {
    let text = input.value.strip_prefix(PREFIX)?;
    let end = text.iter().rposition(|char| *char != b'=')? + 1;
    let mut spec = BASE64URL_NOPAD.specification();
    spec.check_trailing_bits = false;
    let bytes = spec.encoding().ok()?.decode(text.get(..end)?).ok()?;
    let mut packet = bytes.as_slice();
    (take(&mut packet, 1)? == [2]).then_some(())?;
    let location = field(&mut packet, LOCATION)?;
    let variant = if location == index() {
        "index token"
    } else if location == [b"test.".as_slice(), &index()].concat() {
        "test index token"
    } else {
        return None;
    };
    field(&mut packet, IDENTIFIER).filter(|identifier| !identifier.is_empty())?;
    end_of_section(&mut packet)?;
    while packet.first() != Some(&0) {
        caveat(&mut packet)?;
    }
    end_of_section(&mut packet)?;
    let signature = field(&mut packet, SIGNATURE)?;
    (signature.len() == SIGNATURE_LENGTH && packet.is_empty()).then_some(variant)
}

/// Builds a macaroon without caveats that fills the sample.
pub(super) fn seal(
    value: &mut [u8],
    _over: Option<Range<usize>>,
    _equals: Option<Range<usize>>,
) -> bool {
    let Some(text) = value.strip_prefix(PREFIX) else { return false };
    let Some(packet) = fill(text, text.len() * 3 / 4) else { return false };
    let end = value.len();
    put(value, PREFIX.len()..end, BASE64URL_NOPAD.encode(&packet).as_bytes())
}

fn fill(text: &[u8], size: usize) -> Option<Vec<u8>> {
    let index = index();
    let mut packet = vec![2, LOCATION as u8, u8::try_from(index.len()).ok()?];
    packet.extend(&index);
    // Around the identifier: its tag, two ends of sections, and the signature.
    let rest = size.checked_sub(packet.len() + 1 + 2 + 2 + SIGNATURE_LENGTH)?;
    let identifier = match rest.checked_sub(1)? {
        short @ 1..=127 => short,
        _ => rest.checked_sub(2).filter(|long| (128..1 << 14).contains(long))?,
    };
    packet.push(IDENTIFIER as u8);
    if identifier > 127 {
        packet.push((identifier & 127) as u8 | 128);
        packet.push((identifier >> 7) as u8);
    } else {
        packet.push(identifier as u8);
    }
    packet.extend(text.iter().cycle().take(identifier));
    packet.extend([0, 0, SIGNATURE as u8, SIGNATURE_LENGTH as u8]);
    packet.extend(text.iter().rev().cycle().take(SIGNATURE_LENGTH));
    (packet.len() == size).then_some(packet)
}

fn index() -> Vec<u8> {
    [b"pypi".as_slice(), b"org"].join(&b'.')
}

fn caveat(packet: &mut &[u8]) -> Option<()> {
    if packet.first() == Some(&(LOCATION as u8)) {
        field(packet, LOCATION)?;
    }
    field(packet, IDENTIFIER)?;
    if packet.first() == Some(&(VERIFICATION as u8)) {
        field(packet, VERIFICATION)?;
    }
    end_of_section(packet)
}

fn field<'a>(packet: &mut &'a [u8], tag: u64) -> Option<&'a [u8]> {
    (varint(packet)? == tag).then_some(())?;
    let length = usize::try_from(varint(packet)?).ok()?;
    take(packet, length)
}

fn end_of_section(packet: &mut &[u8]) -> Option<()> {
    (take(packet, 1)? == [0]).then_some(())
}

fn varint(packet: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in [0, 7, 14, 21] {
        let byte = *take(packet, 1)?.first()?;
        number |= u64::from(byte & 127) << shift;
        if byte < 128 {
            return Some(number);
        }
    }
    None
}

fn take<'a>(packet: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (head, rest) = packet.split_at_checked(length)?;
    *packet = rest;
    Some(head)
}
