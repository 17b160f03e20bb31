//! Discord bot tokens: the first of three parts is the bot's numeric user id
//! in base64. Not a checksum, but random text hardly passes for it.
//!
//! Source: <https://discord.com/developers/docs/reference#snowflakes>

use std::ops::Range;

use data_encoding::BASE64_NOPAD;

use super::{Input, put};

/// The user id that a token names.
pub(crate) fn user_id(value: &[u8]) -> Option<u64> {
    let first = value.split(|char| *char == b'.').next()?;
    let digits = BASE64_NOPAD.decode(strip_padding(first)).ok()?;
    let text = std::str::from_utf8(&digits).ok()?;
    if !(17..=20).contains(&text.len()) || !text.bytes().all(|char| char.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().filter(|_| !text.starts_with('0'))
}

pub(super) fn check(input: &Input<'_>) -> Option<&'static str> {
    (input.value.split(|char| *char == b'.').count() == 3).then_some(())?;
    user_id(input.value).map(|_| "")
}

/// Writes an id of as many digits as the first part has room for.
pub(super) fn seal(
    value: &mut [u8],
    _over: Option<Range<usize>>,
    _equals: Option<Range<usize>>,
) -> bool {
    let Some(width) = value.iter().position(|char| *char == b'.') else { return false };
    let digits = width * 3 / 4;
    if !(17..=20).contains(&digits) {
        return false;
    }
    // Ids grow with time; one that starts with 1 fits any width.
    let id: Vec<u8> = value
        .iter()
        .take(digits)
        .enumerate()
        .map(|(i, c)| if i == 0 { b'1' } else { b'0' + c % 10 })
        .collect();
    put(value, 0..width, BASE64_NOPAD.encode(&id).as_bytes())
}

fn strip_padding(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|char| *char != b'=').map_or(0, |at| at + 1);
    text.get(..end).unwrap_or_default()
}
