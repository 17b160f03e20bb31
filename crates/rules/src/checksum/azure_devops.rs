//! Azure DevOps personal access tokens.
//!
//! The older form is 52 characters of base32, that is 32 bytes, of which four
//! hold the CRC-32 of the others; the constant it is xored with tells tokens of
//! users from tokens of applications. The newer form is a [CASK](super::azure_cask).
//! Source: microsoft/security-utilities `SEC101_102_AdoPat.cs`,
//! `IdentifiableMetadata.cs` (MIT).

use std::ops::Range;

use data_encoding::{BASE32_NOPAD, BASE32_NOPAD_NOCASE};

use super::{Input, azure_cask, put};

const SEEDS: [(u32, &str); 2] = [(0xE0B9_692D, "user token"), (0x1019_F92E, "application token")];

/// Where the checksum's bytes stand, least significant first.
const PLACES: [usize; 4] = [22, 8, 7, 2];

pub(super) fn check_legacy(input: &Input<'_>) -> Option<&'static str> {
    // Trailing bits are checked by the decoder: the last character is `a` or `q`.
    let bytes: [u8; 32] = decode(input.value)?;
    let mut stored = 0;
    for place in PLACES {
        stored = (stored >> 8) | (u32::from(*bytes.get(place)?) << 24);
    }
    let crc = crc32fast::hash(&payload(&bytes));
    SEEDS.iter().find(|(seed, _)| crc ^ seed == stored).map(|(_, role)| *role)
}

pub(super) fn seal_legacy(
    value: &mut [u8],
    _over: Option<Range<usize>>,
    _equals: Option<Range<usize>>,
) -> bool {
    if let Some(last) = value.last_mut() {
        // The four bits that 52 characters have beyond 32 bytes are zero.
        *last = if b"abcdefghijklmnop".contains(last) { b'a' } else { b'q' };
    }
    let Some(mut bytes) = decode(value) else { return false };
    let crc = crc32fast::hash(&payload(&bytes)) ^ SEEDS[0].0;
    for (place, byte) in PLACES.into_iter().zip(crc.to_le_bytes()) {
        if let Some(slot) = bytes.get_mut(place) {
            *slot = byte;
        }
    }
    let text = BASE32_NOPAD.encode(&bytes).to_ascii_lowercase();
    put(value, 0..value.len(), text.as_bytes())
}

/// The newer form; the variant says what the key is.
pub(super) fn check_cask(input: &Input<'_>) -> Option<&'static str> {
    let key = azure_cask::parse(input.value).filter(|key| &key.signature == b"AZDO")?;
    Some(match key.kind {
        b'D' => "derived key",
        b'H' => "hash",
        _ => "personal access token",
    })
}

fn decode(value: &[u8]) -> Option<[u8; 32]> {
    if value.iter().any(u8::is_ascii_uppercase) {
        return None;
    }
    BASE32_NOPAD_NOCASE.decode(value).ok()?.try_into().ok()
}

fn payload(bytes: &[u8; 32]) -> Vec<u8> {
    bytes.iter().enumerate().filter(|(at, _)| !PLACES.contains(at)).map(|(_, byte)| *byte).collect()
}
