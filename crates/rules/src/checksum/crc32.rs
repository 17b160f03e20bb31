//! CRC-32 (IEEE 802.3) of a part of the token, written into the token as text.
//!
//! - base62: GitHub (`ghp_`, `gho_`, `ghu_`, `ghs_`, `ghr_`) and npm (`npm_`),
//!   30 characters of body and 6 of checksum.
//!   Source: <https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/>
//! - base62 with the lowest digit first, and zeros before that: Matrix
//!   Authentication Service (`mat_`, `mar_`, `mct_`, `mcr_`).
//!   Source: element-hq/matrix-authentication-service `tokens.rs`
//! - hex, little-endian: Grafana `glsa_<secret>_<sum>`, over all that stands
//!   before the last underscore.
//!   Source: grafana/grafana `pkg/components/satokengen/tokengen.go`
//! - hex, big-endian: Atlassian `ATATT3…=<SUM>`, over all that stands before,
//!   the `=` included.

use std::ops::Range;

use super::{Input, put};

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE62_WIDTH: usize = 6;
const HEX_WIDTH: usize = 8;

/// Base62 digits, most significant first, padded with `0` to the width of
/// `equals`; without groups the last six characters over all before them.
pub(super) fn check_base62(input: &Input<'_>) -> Option<&'static str> {
    let (over, equals) = split(input, BASE62_WIDTH)?;
    (base62(crc32fast::hash(over), equals.len())? == equals).then_some("")
}

pub(super) fn seal_base62(
    value: &mut [u8],
    over: Option<Range<usize>>,
    equals: Option<Range<usize>>,
) -> bool {
    seal_with(value, over, equals, BASE62_WIDTH, base62)
}

/// The digits of [`check_base62`] from the lowest one on, behind zeros.
pub(super) fn check_base62_reversed(input: &Input<'_>) -> Option<&'static str> {
    let (over, equals) = split(input, BASE62_WIDTH)?;
    (base62_reversed(crc32fast::hash(over), equals.len())? == equals).then_some("")
}

pub(super) fn seal_base62_reversed(
    value: &mut [u8],
    over: Option<Range<usize>>,
    equals: Option<Range<usize>>,
) -> bool {
    seal_with(value, over, equals, BASE62_WIDTH, base62_reversed)
}

/// Eight hex digits of either case, most significant first; without groups the
/// last eight characters over all before them.
pub(super) fn check_hex(input: &Input<'_>) -> Option<&'static str> {
    let (over, equals) = split(input, HEX_WIDTH)?;
    hex(crc32fast::hash(over), equals.len())?.eq_ignore_ascii_case(equals).then_some("")
}

pub(super) fn seal_hex(
    value: &mut [u8],
    over: Option<Range<usize>>,
    equals: Option<Range<usize>>,
) -> bool {
    seal_with(value, over, equals, HEX_WIDTH, hex)
}

pub(super) fn check_atlassian(input: &Input<'_>) -> Option<&'static str> {
    check_hex(&Input { value: input.value, over: None, equals: None })
}

pub(super) fn seal_atlassian(
    value: &mut [u8],
    _over: Option<Range<usize>>,
    _equals: Option<Range<usize>>,
) -> bool {
    // The vendor writes capitals.
    seal_with(value, None, None, HEX_WIDTH, |sum, width| {
        hex(sum, width).map(|digits| digits.to_ascii_uppercase())
    })
}

pub(super) fn check_grafana(input: &Input<'_>) -> Option<&'static str> {
    let (over, equals) = input.value.split_at_checked(input.value.len().checked_sub(HEX_WIDTH)?)?;
    let over = over.strip_suffix(b"_")?;
    let sum = hex(crc32fast::hash(over).swap_bytes(), HEX_WIDTH)?;
    sum.eq_ignore_ascii_case(equals).then_some("")
}

pub(super) fn seal_grafana(
    value: &mut [u8],
    _over: Option<Range<usize>>,
    _equals: Option<Range<usize>>,
) -> bool {
    let Some(at) = value.len().checked_sub(HEX_WIDTH) else { return false };
    let Some(over) = value.get(..at).and_then(|head| head.strip_suffix(b"_")) else { return false };
    let Some(sum) = hex(crc32fast::hash(over).swap_bytes(), HEX_WIDTH) else { return false };
    put(value, at..at + HEX_WIDTH, &sum)
}

/// The groups where the detector names them, else the tail of `width` and all
/// that stands before it.
fn split<'a>(input: &Input<'a>, width: usize) -> Option<(&'a [u8], &'a [u8])> {
    let equals = match input.equals {
        Some(equals) => equals,
        None => input.value.get(input.value.len().checked_sub(width)?..)?,
    };
    let over = match input.over {
        Some(over) => over,
        None => input.value.strip_suffix(equals)?,
    };
    Some((over, equals))
}

fn seal_with(
    value: &mut [u8],
    over: Option<Range<usize>>,
    equals: Option<Range<usize>>,
    width: usize,
    digits: impl Fn(u32, usize) -> Option<Vec<u8>>,
) -> bool {
    let end = value.len();
    let Some(equals) = equals.or_else(|| Some(end.checked_sub(width)?..end)) else { return false };
    let over = over.unwrap_or(0..equals.start);
    let Some(sum) = value.get(over).and_then(|over| digits(crc32fast::hash(over), equals.len()))
    else {
        return false;
    };
    put(value, equals, &sum)
}

/// `None` where the number does not fit into `width` digits.
fn base62(mut number: u32, width: usize) -> Option<Vec<u8>> {
    if !(BASE62_WIDTH..=16).contains(&width) {
        return None;
    }
    let mut digits = vec![b'0'; width];
    for place in digits.iter_mut().rev() {
        *place = *DIGITS.get((number % 62) as usize)?;
        number /= 62;
    }
    Some(digits)
}

fn base62_reversed(number: u32, width: usize) -> Option<Vec<u8>> {
    let mut digits = base62(number, width)?;
    let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
    if let Some(rest) = digits.get_mut(zeros..) {
        rest.reverse();
    }
    Some(digits)
}

fn hex(number: u32, width: usize) -> Option<Vec<u8>> {
    (width == HEX_WIDTH).then(|| format!("{number:08x}").into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The check value that every CRC catalogue gives for CRC-32/ISO-HDLC.
    #[test]
    fn agrees_with_the_published_check_value() {
        assert_eq!(crc32fast::hash(b"123456789"), 0xCBF4_3926);
        assert_eq!(hex(0xCBF4_3926, 8).unwrap(), b"cbf43926");
        assert_eq!(base62(0xCBF4_3926, 6).unwrap(), b"3jZRME");
        assert_eq!(base62(61, 6).unwrap(), b"00000z");
        assert_eq!(base62(u32::MAX, 6).unwrap(), b"4gfFC3");
        assert_eq!(base62_reversed(0xCBF4_3926, 6).unwrap(), b"EMRZj3");
        assert_eq!(base62_reversed(62, 6).unwrap(), b"000001");
        assert_eq!(base62_reversed(124 + 61, 6).unwrap(), b"0000z2");
    }

    #[test]
    fn the_checksum_stands_where_each_vendor_puts_it() {
        assert_eq!(check_hex(&whole(b"123456789CBF43926")), Some(""));
        assert_eq!(check_grafana(&whole(b"123456789_2639f4cb")), Some(""));
        assert_eq!(check_grafana(&whole(b"123456789_cbf43926")), None);
    }

    fn whole(value: &[u8]) -> Input<'_> {
        Input { value, over: None, equals: None }
    }
}
