//! Base58Check: base58 whose last four bytes are the start of the double
//! SHA-256 of the others; Bitcoin private keys (WIF) and extended keys.
//!
//! Source: <https://en.bitcoin.it/wiki/Base58Check_encoding>, BIP-32.

use std::ops::Range;

use sha2::{Digest, Sha256};

use super::{Input, put};

const DIGITS: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/// An extended key has 111 characters; base conversion is quadratic.
const LONGEST: usize = 128;
const SUM: usize = 4;

pub(super) fn check(input: &Input<'_>) -> Option<&'static str> {
    let bytes = decode(input.value)?;
    let (body, sum) = bytes.split_at_checked(bytes.len().checked_sub(SUM)?)?;
    if checksum(body) != sum {
        return None;
    }
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

/// Keeps the sample's length and, where its bytes allow it, its first
/// characters.
pub(super) fn seal(
    value: &mut [u8],
    _over: Option<Range<usize>>,
    _equals: Option<Range<usize>>,
) -> bool {
    let Some(mut bytes) = decode(value) else { return false };
    // A compressed WIF key ends in a byte that says so.
    if bytes.len() == 38
        && let Some(mark) = bytes.get_mut(33)
    {
        *mark = 1;
    }
    let Some(at) = bytes.len().checked_sub(SUM) else { return false };
    let Some(sum) = bytes.get(..at).map(checksum) else { return false };
    put(&mut bytes, at..at + SUM, &sum);
    let text = encode(&bytes);
    put(value, 0..value.len(), &text)
}

fn checksum(body: &[u8]) -> [u8; SUM] {
    let twice = Sha256::digest(Sha256::digest(body));
    std::array::from_fn(|i| twice.get(i).copied().unwrap_or_default())
}

fn decode(text: &[u8]) -> Option<Vec<u8>> {
    if text.is_empty() || text.len() > LONGEST {
        return None;
    }
    let mut bytes: Vec<u8> = Vec::with_capacity(text.len());
    for char in text {
        let mut carry = DIGITS.iter().position(|digit| digit == char)?;
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
    bytes.extend(text.iter().take_while(|char| **char == b'1').map(|_| 0));
    bytes.reverse();
    Some(bytes)
}

fn encode(bytes: &[u8]) -> Vec<u8> {
    let mut digits: Vec<u8> = Vec::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let mut carry = usize::from(*byte);
        for digit in &mut digits {
            carry += usize::from(*digit) << 8;
            *digit = (carry % 58) as u8;
            carry /= 58;
        }
        while carry > 0 {
            digits.push((carry % 58) as u8);
            carry /= 58;
        }
    }
    let zeros = bytes.iter().take_while(|byte| **byte == 0).map(|_| 0);
    digits.extend(zeros);
    digits.iter().rev().filter_map(|digit| DIGITS.get(usize::from(*digit)).copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_what_it_encodes_with_leading_zeros() {
        // Vectors of draft-msporny-base58.
        assert_eq!(encode(b"Hello World!"), b"2NEpo7TZRRrLZSi2U");
        assert_eq!(encode(&[0, 0, 0x28, 0x7f, 0xb4, 0xcd]), b"11233QC4");
        assert_eq!(decode(b"11233QC4").unwrap(), [0, 0, 0x28, 0x7f, 0xb4, 0xcd]);
    }

    /// The first address ever used, which is public by nature.
    #[test]
    fn accepts_the_genesis_address() {
        let input =
            Input { value: b"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", over: None, equals: None };
        assert_eq!(check(&input), Some(""));
    }
}
