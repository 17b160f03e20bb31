//! The Luhn check digit of ISO/IEC 7812: payment cards, device numbers.

use std::ops::Range;

use super::Input;

const FEWEST: usize = 8;
const MOST: usize = 24;

/// Holds for 8 to 24 digits, with single spaces or hyphens between them.
pub(super) fn check(input: &Input<'_>) -> Option<&'static str> {
    (sum(input.over.unwrap_or(input.value))? == 0).then_some("")
}

/// Sets the last digit.
pub(super) fn seal(
    value: &mut [u8],
    over: Option<Range<usize>>,
    _equals: Option<Range<usize>>,
) -> bool {
    let whole = 0..value.len();
    let Some(part) = value.get_mut(over.unwrap_or(whole)) else { return false };
    if let Some(last) = part.last_mut() {
        *last = b'0';
    }
    let Some(rest) = sum(part) else { return false };
    if let Some(last) = part.last_mut() {
        *last += (10 - rest) % 10;
    }
    true
}

fn sum(text: &[u8]) -> Option<u8> {
    let mut total = 0;
    let mut digits = 0;
    for char in text.iter().rev().take(MOST * 2) {
        match char {
            b'0'..=b'9' => {
                let digit = char - b'0';
                let weighed = if digits % 2 == 1 { digit * 2 } else { digit };
                total = (total + weighed / 10 + weighed % 10) % 10;
                digits += 1;
            }
            b' ' | b'-' => {}
            _ => return None,
        }
    }
    ((FEWEST..=MOST).contains(&digits) && text.len() <= MOST * 2).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that card networks publish for tests.
    #[test]
    fn accepts_published_test_numbers() {
        for good in ["4111111111111111", "4111 1111 1111 1111", "378282246310005"] {
            let input = Input { value: good.as_bytes(), over: None, equals: None };
            assert_eq!(check(&input), Some(""), "{good}");
        }
        let input = Input { value: b"4111111111111112", over: None, equals: None };
        assert_eq!(check(&input), None);
    }
}
