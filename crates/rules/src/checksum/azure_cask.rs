//! Common Annotated Security Keys (CASK) of Azure services, in the form of 84
//! characters, or 88 with the whole checksum and its padding.
//!
//! ```text
//!  0..52  random, base62      52..58  `JQQJ99`, or `D`/`H` for the last `9`
//! 58..60  year and month      60..72  platform   72..76  provider's own
//! 76..80  provider signature  80..84  start of the checksum (80..86 + `==`)
//! ```
//!
//! The checksum is Marvin32 over the 60 bytes that the first 80 characters
//! decode to, written as base64 by older services and as base62 by newer ones.
//! Source: microsoft/security-utilities `CommonAnnotatedKey.cs`,
//! `LegacyCaskProviderSignatures.cs` (MIT).

use std::ops::Range;

use data_encoding::{BASE64, BASE64_NOPAD};

use super::{Input, marvin::marvin32, put};

/// "Default0" as a big-endian number.
const SEED: u64 = 0x4465_6661_756c_7430;
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BODY: usize = 80;

/// The annotations of a key; see the layout above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cask {
    /// Four characters that name the provider.
    pub signature: [u8; 4],
    /// `9` an access key, `D` a derived key, `H` a hash.
    pub kind: u8,
    /// Year of creation.
    pub year: u16,
    /// Month of creation, from 1.
    pub month: u8,
}

impl Cask {
    /// The service behind the signature, "" where Microsoft names none.
    pub(crate) fn service(&self) -> &'static str {
        match &self.signature {
            b"ACOG" => "Azure AI services",
            b"AWPS" => "Azure Web PubSub",
            b"AZAC" => "Azure App Configuration",
            b"AZCS" => "Azure Communication Services",
            b"AZDO" => "Azure DevOps",
            b"AZEG" => "Azure Event Grid",
            b"AZFR" => "Azure Fluid Relay",
            b"AZMP" => "Azure Maps",
            b"AZMR" => "Azure Mixed Reality",
            b"msql" => "SQL Server",
            _ => "",
        }
    }
}

/// Reads the annotations of a key whose checksum holds.
pub(crate) fn parse(value: &[u8]) -> Option<Cask> {
    let (body, sum) = value.split_at_checked(BODY)?;
    let decoded = BASE64.decode(body).ok()?;
    let number = marvin32(&decoded, SEED).to_le_bytes();
    let sums = [base64_sum(number), base62_sum(number)?];
    if !sums.iter().any(|whole| holds(sum, whole)) {
        return None;
    }
    let kind = *body.get(57)?;
    if body.get(52..57)? != b"JQQJ9" || !b"9DH".contains(&kind) {
        return None;
    }
    let month = body.get(59)?.checked_sub(b'A').filter(|month| *month < 12)? + 1;
    Some(Cask {
        signature: body.get(76..BODY)?.try_into().ok()?,
        kind,
        year: 2024 + u16::from(base64_index(*body.get(58)?)?),
        month,
    })
}

pub(super) fn check(input: &Input<'_>) -> Option<&'static str> {
    parse(input.value).map(|key| key.service())
}

/// Writes the checksum as newer services do; month and kind must be valid already.
pub(super) fn seal(
    value: &mut [u8],
    _over: Option<Range<usize>>,
    _equals: Option<Range<usize>>,
) -> bool {
    let Some(body) = value.get(..BODY) else { return false };
    let Ok(decoded) = BASE64.decode(body) else { return false };
    let number = marvin32(&decoded, SEED).to_le_bytes();
    let Some(whole) = base62_sum(number) else { return false };
    let end = value.len();
    let done = match end - BODY {
        4 => put(value, BODY..end, whole.get(..4).unwrap_or_default()),
        8 => put(value, BODY..end, &[whole.as_slice(), b"=="].concat()),
        _ => false,
    };
    done && parse(value).is_some()
}

fn holds(sum: &[u8], whole: &[u8]) -> bool {
    match sum.len() {
        4 => whole.starts_with(sum),
        8 => sum.strip_suffix(b"==") == Some(whole),
        _ => false,
    }
}

fn base64_sum(number: [u8; 4]) -> Vec<u8> {
    BASE64_NOPAD.encode(&number).into_bytes()
}

/// The four bytes as one big-endian number in base62; leading zero bytes stay
/// as `0`, missing digits are filled on the right, and a round trip through
/// base64 clears the bits that six characters have beyond four bytes.
fn base62_sum(number: [u8; 4]) -> Option<Vec<u8>> {
    let mut rest = u32::from_be_bytes(number);
    let mut digits = Vec::with_capacity(6);
    while rest > 0 {
        digits.push(*DIGITS.get((rest % 62) as usize)?);
        rest /= 62;
    }
    digits.extend(number.iter().take_while(|byte| **byte == 0).map(|_| b'0'));
    digits.reverse();
    digits.resize(6, b'0');
    // The last character keeps its upper two bits only.
    let last = digits.last_mut()?;
    *last = b"AQgw".get(usize::from(base64_index(*last)? >> 4)).copied()?;
    Some(digits)
}

fn base64_index(char: u8) -> Option<u8> {
    Some(match char {
        b'A'..=b'Z' => char - b'A',
        b'a'..=b'z' => char - b'a' + 26,
        b'0'..=b'9' => char - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}
