//! Seed phrases of BIP-39: 12, 15, 18, 21 or 24 English words of eleven bits
//! each, the last of which are the start of a SHA-256 of the others.
//!
//! Whatever stands between the words is left out, so that a phrase in a list,
//! with numbers or over several lines is checked as well.
//!
//! Source: <https://github.com/bitcoin/bips/blob/master/bip-0039.mediawiki>;
//! `bip39/english.txt` is the English word list of that standard, under MIT.

use std::ops::Range;
use std::sync::LazyLock;

use sha2::{Digest, Sha256};

use super::{Input, put};

/// The list, sorted.
static WORDS: LazyLock<Vec<&'static [u8]>> =
    LazyLock::new(|| include_bytes!("bip39/english.txt").trim_ascii().split(is_end).collect());

/// Bits of a word.
const BITS: usize = 11;
const LONGEST_WORD: usize = 8;
const MOST_WORDS: usize = 24;
/// A phrase in a list has quotes, commas and indentation between its words.
const LONGEST: usize = 2048;

pub(super) fn check(input: &Input<'_>) -> Option<&'static str> {
    let places = parse(input.value)?;
    holds(&places).then_some(match places.len() {
        12 => "12 words",
        15 => "15 words",
        18 => "18 words",
        21 => "21 words",
        _ => "24 words",
    })
}

/// Writes words of the list over those of the sample, each as long as the one
/// that it takes the place of.
pub(super) fn seal(
    value: &mut [u8],
    _over: Option<Range<usize>>,
    _equals: Option<Range<usize>>,
) -> bool {
    let spans = spans(value);
    if !is_count(spans.len()) {
        return false;
    }
    let Some(choices) =
        spans.iter().map(|span| of_length(span.len())).collect::<Option<Vec<&[u16]>>>()
    else {
        return false;
    };
    let mut seed = value.iter().fold(0xcbf2_9ce4_8422_2325_u64, |sum, b| {
        (sum ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3)
    });
    let mut places: Vec<u16> = choices
        .iter()
        .map(|choice| {
            seed = seed.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
            choice.get((seed >> 33) as usize % choice.len()).copied().unwrap_or_default()
        })
        .collect();
    if !mend(&mut places, &choices) {
        return false;
    }
    spans.iter().zip(&places).all(|(span, place)| {
        WORDS.get(usize::from(*place)).is_some_and(|word| put(value, span.clone(), word))
    })
}

/// Turns the last two words until the checksum holds.
fn mend(places: &mut [u16], choices: &[&[u16]]) -> bool {
    let end = places.len();
    let (Some(before), Some(last)) = (choices.get(end - 2), choices.get(end - 1)) else {
        return false;
    };
    before.iter().any(|first| {
        last.iter().any(|second| {
            if let Some([a, b]) = places.get_mut(end - 2..) {
                (*a, *b) = (*first, *second);
            }
            holds(places)
        })
    })
}

/// The words as places in the list; none where a word is not in it, or where
/// no phrase has so many.
pub(crate) fn parse(value: &[u8]) -> Option<Vec<u16>> {
    if value.len() > LONGEST {
        return None;
    }
    let spans = spans(value);
    if !is_count(spans.len()) {
        return None;
    }
    spans.into_iter().map(|span| place(value.get(span)?)).collect()
}

/// The word at a place of the list.
pub(crate) fn word(place: u16) -> Option<&'static [u8]> {
    WORDS.get(usize::from(place)).copied()
}

fn place(word: &[u8]) -> Option<u16> {
    if word.len() > LONGEST_WORD {
        return None;
    }
    let word = word.to_ascii_lowercase();
    u16::try_from(WORDS.binary_search(&word.as_slice()).ok()?).ok()
}

/// Whether the bits at the end are those of the SHA-256 of all before them.
fn holds(places: &[u16]) -> bool {
    let sum_bits = places.len() / 3;
    let mut bytes = [0u8; MOST_WORDS * BITS / 8 + 1];
    for (nr, place) in places.iter().enumerate() {
        for bit in 0..BITS {
            let at = nr * BITS + bit;
            if let Some(byte) = bytes.get_mut(at / 8) {
                *byte |= ((place >> (BITS - 1 - bit) & 1) as u8) << (7 - at % 8);
            }
        }
    }
    let Some((entropy, rest)) = bytes.split_at_checked(places.len() * 4 / 3) else { return false };
    let digest = Sha256::digest(entropy);
    let top = |bytes: &[u8]| bytes.first().map(|byte| byte >> (8 - sum_bits));
    top(rest) == top(&digest)
}

fn is_count(words: usize) -> bool {
    matches!(words, 12 | 15 | 18 | 21 | 24)
}

/// Where letters stand, up to one more word than a phrase has.
fn spans(value: &[u8]) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let mut at = 0;
    while at < value.len() && spans.len() <= MOST_WORDS {
        let rest = value.get(at..).unwrap_or_default();
        let len = rest.iter().take_while(|b| b.is_ascii_alphabetic()).count();
        if len > 0 {
            spans.push(at..at + len);
        }
        at += len + 1;
    }
    spans
}

/// The places of all words with so many letters; none where there are none.
fn of_length(len: usize) -> Option<&'static [u16]> {
    static PLACES: LazyLock<Vec<Vec<u16>>> = LazyLock::new(|| {
        let mut places = vec![Vec::new(); LONGEST_WORD + 1];
        for (nr, word) in (0u16..).zip(WORDS.iter()) {
            places.get_mut(word.len()).into_iter().for_each(|of: &mut Vec<u16>| of.push(nr));
        }
        places
    });
    PLACES.get(len).filter(|places| !places.is_empty()).map(Vec::as_slice)
}

fn is_end(byte: &u8) -> bool {
    *byte == b'\n'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(text: &str) -> Option<&'static str> {
        check(&Input { value: text.as_bytes(), over: None, equals: None })
    }

    #[test]
    fn the_list_is_that_of_the_standard() {
        assert_eq!(WORDS.len(), 2048);
        assert!(WORDS.is_sorted());
        let digest = Sha256::digest(include_bytes!("bip39/english.txt"));
        let head: Vec<u8> = digest.iter().copied().take(4).collect();
        assert_eq!(head, [0x2f, 0x5e, 0xed, 0x53]);
    }

    /// The standard's own vectors, of entropy 00…, 7f… and ff….
    #[test]
    fn agrees_with_the_vectors_of_the_standard() {
        let nothing = |words: usize, last: &str| format!("{}{last}", "abandon ".repeat(words - 1));
        assert_eq!(holds(&nothing(12, "about")), Some("12 words"));
        assert_eq!(holds(&nothing(18, "agent")), Some("18 words"));
        assert_eq!(holds(&nothing(24, "art")), Some("24 words"));
        assert_eq!(holds(&nothing(12, "art")), None);
        assert_eq!(holds(&format!("{}wrong", "zoo ".repeat(11))), Some("12 words"));
        let all = "legal winner thank year wave sausage worth useful legal winner thank yellow";
        assert_eq!(holds(all), Some("12 words"));
        assert_eq!(holds(&all.to_uppercase()), Some("12 words"));
        assert_eq!(holds(&all.replace(' ', "\", \"")), Some("12 words"));
        assert_eq!(holds(&all.replace(' ', "\n 7. ")), Some("12 words"));
    }

    #[test]
    fn one_last_word_in_sixteen_holds() {
        let text = |last: &[u8]| {
            format!("{}{}", "legal winner thank year ".repeat(3), String::from_utf8_lossy(last))
        };
        let head = |last: &[u8]| text(last).replacen("legal ", "", 1);
        let good = WORDS.iter().filter(|last| holds(&head(last)).is_some()).count();
        assert_eq!(good, 128);
        assert_eq!(holds(&text(b"legal")), None);
    }

    #[test]
    fn words_that_are_not_in_the_list_and_odd_numbers_of_them_do_not_hold() {
        assert_eq!(holds(&"abandon ".repeat(12)), None);
        assert_eq!(holds(&format!("{}abouts", "abandon ".repeat(11))), None);
        assert_eq!(holds(&format!("{}about", "abandon ".repeat(12))), None);
        assert_eq!(holds(&"zoo ".repeat(2000)), None);
        assert_eq!(holds(""), None);
    }
}
