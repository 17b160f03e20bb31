//! Bech32 and Bech32m: human-readable part, `1`, data, six characters of a BCH
//! code; age private keys (`AGE-SECRET-KEY-1…`), Nostr keys (`nsec1…`).
//!
//! Source: BIP-173, BIP-350. Longer strings than BIP-173's 90 characters are
//! accepted, as age does for its recipients.

use std::ops::Range;

use super::{Input, put};

const CHARSET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const SUM: usize = 6;
const BECH32: u32 = 1;
const BECH32M: u32 = 0x2bc8_30a3;
const LONGEST: usize = 4096;

pub(super) fn check(input: &Input<'_>) -> Option<&'static str> {
    let (human, data) = split(input.value)?;
    match polymod(&human, &data) {
        BECH32 => Some("bech32"),
        BECH32M => Some("bech32m"),
        _ => None,
    }
}

/// Writes a Bech32 checksum over the last six characters.
pub(super) fn seal(
    value: &mut [u8],
    _over: Option<Range<usize>>,
    _equals: Option<Range<usize>>,
) -> bool {
    let upper = value.iter().any(u8::is_ascii_uppercase);
    let Some((human, mut data)) = split(value) else { return false };
    let at = data.len() - SUM;
    if let Some(sum) = data.get_mut(at..) {
        sum.fill(0);
    }
    let code = polymod(&human, &data) ^ BECH32;
    let sum: Vec<u8> = (0..SUM)
        .rev()
        .filter_map(|i| CHARSET.get(((code >> (5 * i)) & 31) as usize))
        .map(|char| if upper { char.to_ascii_uppercase() } else { *char })
        .collect();
    let end = value.len();
    put(value, end - SUM..end, &sum)
}

/// The human-readable part in lower case and the data as numbers below 32.
fn split(value: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let mixed =
        value.iter().any(u8::is_ascii_uppercase) && value.iter().any(u8::is_ascii_lowercase);
    if mixed || value.len() > LONGEST {
        return None;
    }
    let at = value.iter().rposition(|char| *char == b'1').filter(|at| *at > 0)?;
    let (human, data) = value.split_at_checked(at)?;
    let human = human.to_ascii_lowercase();
    if !human.iter().all(u8::is_ascii_graphic) {
        return None;
    }
    let data: Option<Vec<u8>> = data
        .get(1..)?
        .iter()
        .map(|char| CHARSET.iter().position(|c| *c == char.to_ascii_lowercase()).map(|p| p as u8))
        .collect();
    data.filter(|data| data.len() >= SUM).map(|data| (human, data))
}

fn polymod(human: &[u8], data: &[u8]) -> u32 {
    let high = human.iter().map(|char| char >> 5);
    let low = human.iter().map(|char| char & 31);
    let expanded = high.chain([0]).chain(low).chain(data.iter().copied());
    expanded.fold(1_u32, |sum, value| {
        let top = sum >> 25;
        let mut next = ((sum & 0x01ff_ffff) << 5) ^ u32::from(value);
        for (bit, generator) in
            [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3].iter().enumerate()
        {
            if (top >> bit) & 1 == 1 {
                next ^= generator;
            }
        }
        next
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(text: &str) -> Option<&'static str> {
        check(&Input { value: text.as_bytes(), over: None, equals: None })
    }

    #[test]
    fn agrees_with_the_vectors_of_bip_173_and_350() {
        for good in [
            "A12UEL5L",
            "a12uel5l",
            "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs",
            "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
            "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w",
            "?1ezyfcl",
        ] {
            assert_eq!(holds(good), Some("bech32"), "{good}");
        }
        for good in ["A1LQFN3A", "abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx", "?1v759aa"] {
            assert_eq!(holds(good), Some("bech32m"), "{good}");
        }
        for bad in ["pzry9x0s0muk", "1pzry9x0s0muk", "x1b4n0q5v", "li1dgmt3", "A1G7SGD8", "10a06t8"]
        {
            assert_eq!(holds(bad), None, "{bad}");
        }
    }
}
