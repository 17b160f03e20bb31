//! Client secrets of Microsoft Entra applications: `xxx8Q~` and 34 more
//! characters, the last three of which are the start of a checksum. (The older
//! `7Q~` secrets carry none and never hold here.)
//!
//! Source: microsoft/security-utilities `IdentifiableMetadata.cs`,
//! `CustomAlphabetEncoder.cs` (MIT).

use std::ops::Range;

use super::{Input, marvin::marvin32, put};

const ALPHABET: &[u8; 66] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890.-_~";
/// "AadPwd00" as a big-endian number.
const SEED: u64 = 0x4161_6450_7764_3030;
const SUM: usize = 3;

pub(super) fn check(input: &Input<'_>) -> Option<&'static str> {
    let (body, sum) = split(input.value)?;
    (checksum(body)? == sum).then_some("")
}

pub(super) fn seal(
    value: &mut [u8],
    _over: Option<Range<usize>>,
    _equals: Option<Range<usize>>,
) -> bool {
    let Some(sum) = split(value).and_then(|(body, _)| checksum(body)) else { return false };
    let end = value.len();
    put(value, end - SUM..end, &sum)
}

fn split(value: &[u8]) -> Option<(&[u8], &[u8])> {
    (value.get(3..6)? == b"8Q~").then_some(())?;
    value.split_at_checked(value.len().checked_sub(SUM)?).filter(|(body, _)| body.len() >= 6)
}

/// The first three of the number's digits, most significant first.
fn checksum(body: &[u8]) -> Option<[u8; SUM]> {
    let mut rest = marvin32(body, SEED);
    let mut digits = Vec::with_capacity(6);
    while rest > 0 {
        digits.push(*ALPHABET.get((rest % 66) as usize)?);
        rest /= 66;
    }
    digits.reverse();
    digits.get(..SUM)?.try_into().ok()
}
