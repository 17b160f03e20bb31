//! Base58Check: base58 whose last four bytes are the start of the double
//! SHA-256 of the others; Bitcoin private keys (WIF) and extended keys, and
//! with an alphabet of its own the seeds of the XRP Ledger.
//!
//! Source: <https://en.bitcoin.it/wiki/Base58Check_encoding>, BIP-32,
//! <https://xrpl.org/docs/references/protocol/data-types/base58-encodings>.

use std::ops::Range;

use sha2::{Digest, Sha256};

use super::{Input, put};

type Digits = [u8; 58];
const DIGITS: &Digits = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const XRP_DIGITS: &Digits = b"rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz";
/// An extended key has 111 characters; base conversion is quadratic.
const LONGEST: usize = 128;
const SUM: usize = 4;
/// Characters of a seed of the XRP Ledger for Ed25519; one for secp256k1 has 29.
const ED25519_SEED: usize = 31;

pub(super) fn check(input: &Input<'_>) -> Option<&'static str> {
    let body = body(input.value, DIGITS)?;
    Some(match (body.len(), body.first()?) {
        (33 | 34, 0x80) => "private key, main network",
        (33 | 34, 0xef) => "private key, test network",
        (78, _) => match body.get(..4)? {
            [0x04, 0x88, 0xad, 0xe4] => "extended private key, main network",
            [0x04, 0x35, 0x83, 0x94] => "extended private key, test network",
            [0x04, 0x88, 0xb2, 0x1e] | [0x04, 0x35, 0x87, 0xcf] => "extended public key",
            _ => "",
        },
        _ => "",
    })
}

/// What stands before the checksum of a key of Bitcoin.
pub(crate) fn bitcoin_body(value: &[u8]) -> Option<Vec<u8>> {
    body(value, DIGITS)
}

/// The seed that the keys of an account of the XRP Ledger are made from.
pub(super) fn check_xrp(input: &Input<'_>) -> Option<&'static str> {
    let body = body(input.value, XRP_DIGITS)?;
    match (body.len(), body.as_slice()) {
        (17, [0x21, ..]) => Some("secp256k1 seed"),
        (19, [0x01, 0xe1, 0x4b, ..]) => Some("Ed25519 seed"),
        _ => None,
    }
}

/// Keeps the sample's length and, where its bytes allow it, its first
/// characters.
pub(super) fn seal(
    value: &mut [u8],
    _over: Option<Range<usize>>,
    _equals: Option<Range<usize>>,
) -> bool {
    let Some(mut bytes) = decode(value, DIGITS) else { return false };
    // A compressed WIF key ends in a byte that says so.
    if bytes.len() == 38
        && let Some(mark) = bytes.get_mut(33)
    {
        *mark = 1;
    }
    let Some(at) = bytes.len().checked_sub(SUM) else { return false };
    let Some(sum) = bytes.get(..at).map(checksum) else { return false };
    put(&mut bytes, at..at + SUM, &sum);
    put(value, 0..value.len(), &encode(&bytes, DIGITS))
}

/// Keeps the middle of the sample's bytes and writes the type before them.
pub(super) fn seal_xrp(
    value: &mut [u8],
    _over: Option<Range<usize>>,
    _equals: Option<Range<usize>>,
) -> bool {
    let kind: &[u8] = if value.len() == ED25519_SEED { &[0x01, 0xe1, 0x4b] } else { &[0x21] };
    let Some(mut bytes) = decode(value, XRP_DIGITS) else { return false };
    bytes.resize(kind.len() + 16 + SUM, 0);
    let Some(at) = bytes.len().checked_sub(SUM) else { return false };
    put(&mut bytes, 0..kind.len(), kind);
    let Some(sum) = bytes.get(..at).map(checksum) else { return false };
    put(&mut bytes, at..at + SUM, &sum);
    put(value, 0..value.len(), &encode(&bytes, XRP_DIGITS))
}

/// What stands before a checksum that holds.
fn body(value: &[u8], digits: &Digits) -> Option<Vec<u8>> {
    let mut bytes = decode(value, digits)?;
    let sum = bytes.split_off(bytes.len().checked_sub(SUM)?);
    (checksum(&bytes) == *sum).then_some(bytes)
}

fn checksum(body: &[u8]) -> [u8; SUM] {
    let twice = Sha256::digest(Sha256::digest(body));
    std::array::from_fn(|i| twice.get(i).copied().unwrap_or_default())
}

fn decode(text: &[u8], digits: &Digits) -> Option<Vec<u8>> {
    if text.is_empty() || text.len() > LONGEST {
        return None;
    }
    let mut bytes: Vec<u8> = Vec::with_capacity(text.len());
    for char in text {
        let mut carry = digits.iter().position(|digit| digit == char)?;
        for byte in &mut bytes {
            carry += usize::from(*byte) * 58;
            *byte = (carry & 0xff) as u8;
            carry >>= 8;
        }
        while carry > 0 {
            bytes.push((carry & 0xff) as u8);
            carry >>= 8;
        }
    }
    bytes.extend(text.iter().take_while(|char| **char == digits[0]).map(|_| 0));
    bytes.reverse();
    Some(bytes)
}

fn encode(bytes: &[u8], digits: &Digits) -> Vec<u8> {
    let mut numbers: Vec<u8> = Vec::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let mut carry = usize::from(*byte);
        for number in &mut numbers {
            carry += usize::from(*number) << 8;
            *number = (carry % 58) as u8;
            carry /= 58;
        }
        while carry > 0 {
            numbers.push((carry % 58) as u8);
            carry /= 58;
        }
    }
    let zeros = bytes.iter().take_while(|byte| **byte == 0).map(|_| 0);
    numbers.extend(zeros);
    numbers.iter().rev().filter_map(|number| digits.get(usize::from(*number)).copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_what_it_encodes_with_leading_zeros() {
        // Vectors of draft-msporny-base58.
        assert_eq!(encode(b"Hello World!", DIGITS), b"2NEpo7TZRRrLZSi2U");
        assert_eq!(encode(&[0, 0, 0x28, 0x7f, 0xb4, 0xcd], DIGITS), b"11233QC4");
        assert_eq!(decode(b"11233QC4", DIGITS).unwrap(), [0, 0, 0x28, 0x7f, 0xb4, 0xcd]);
    }

    /// The first address ever used, which is public by nature.
    #[test]
    fn accepts_the_genesis_address() {
        let input =
            Input { value: b"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", over: None, equals: None };
        assert_eq!(check(&input), Some(""));
    }

    /// The seed of the ledger's first account, which was made from the words
    /// `masterpassphrase` and belongs to nobody.
    #[test]
    fn accepts_the_genesis_seed_of_the_xrp_ledger() {
        let holds = |value: &[u8]| check_xrp(&Input { value, over: None, equals: None });
        assert_eq!(holds(b"snoPBrXtMeMyMHUVTgbuqAfg1SUTb"), Some("secp256k1 seed"));
        assert_eq!(holds(b"snoPBrXtMeMyMHUVTgbuqAfg1SUTa"), None);
        assert_eq!(holds(b"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"), None);
    }
}
