//! Keys of Stellar: a byte that says what it is, 32 bytes, and a CRC-16 of all
//! before it, in base32.
//!
//! Source: <https://github.com/stellar/stellar-protocol/blob/master/ecosystem/sep-0023.md>

use std::ops::Range;

use data_encoding::BASE32_NOPAD;

use super::{Input, crc16, put};

const LENGTH: usize = 56;
const KEY: usize = 32;
const SUM: usize = 2;
const ACCOUNT: u8 = 6 << 3;
const SEED: u8 = 18 << 3;

pub(super) fn check(input: &Input<'_>) -> Option<&'static str> {
    Some(match parse(input.value)?.0 {
        ACCOUNT => "account",
        SEED => "secret seed",
        0x98 => "pre-authorized transaction",
        0xb8 => "hash",
        _ => return None,
    })
}

pub(super) fn seal(
    value: &mut [u8],
    _over: Option<Range<usize>>,
    _equals: Option<Range<usize>>,
) -> bool {
    let Ok(mut bytes) = BASE32_NOPAD.decode(value) else { return false };
    let Some(at) = bytes.len().checked_sub(SUM) else { return false };
    let sum = bytes.get(..at).map(crc16::xmodem).unwrap_or_default();
    put(&mut bytes, at..at + SUM, &sum.to_le_bytes());
    put(value, 0..value.len(), BASE32_NOPAD.encode(&bytes).as_bytes())
}

/// The 32 bytes of a secret seed.
pub(crate) fn seed(value: &[u8]) -> Option<[u8; KEY]> {
    parse(value).filter(|(version, _)| *version == SEED).map(|(_, key)| key)
}

/// The address of the account that a public key signs for.
pub(crate) fn account(key: &[u8]) -> String {
    let mut bytes = vec![ACCOUNT];
    bytes.extend(key);
    bytes.extend(crc16::xmodem(&bytes).to_le_bytes());
    BASE32_NOPAD.encode(&bytes)
}

fn parse(value: &[u8]) -> Option<(u8, [u8; KEY])> {
    if value.len() != LENGTH {
        return None;
    }
    let bytes = BASE32_NOPAD.decode(value).ok()?;
    let (body, sum) = bytes.split_at_checked(bytes.len().checked_sub(SUM)?)?;
    let (version, key) = body.split_first()?;
    (crc16::xmodem(body).to_le_bytes() == sum).then_some((*version, key.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vectors of SEP-23: an account that holds, and ones that do not.
    #[test]
    fn agrees_with_the_vectors_of_sep_23() {
        let holds = |text: &str| check(&Input { value: text.as_bytes(), over: None, equals: None });
        let good = "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ";
        assert_eq!(holds(good), Some("account"));
        assert_eq!(account(&parse(good.as_bytes()).unwrap().1), good);
        for bad in [
            "GAAAAAAAACGC6",
            "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGA",
            "G47QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVP2I",
        ] {
            assert_eq!(holds(bad), None, "{bad}");
        }
    }
}
