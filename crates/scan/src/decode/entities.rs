//! HTML character references, in the stretch without white space around one of them.

use super::builder::Builder;
use super::{Decoded, Encoding, Limits};

/// How far a stretch reaches before its first and after its last reference.
const REACH: usize = 4096;

/// The text around a numeric character reference with all references decoded.
///
/// `at` is the position of its `&`. `None` also if an earlier reference that
/// begins with the same three bytes, so that the engine asks about it as well,
/// gives out the same stretch.
pub fn entities_at(text: &[u8], at: usize, limits: &Limits) -> Option<Decoded> {
    reference(text.get(at..)?)?;
    let root = text.get(at..at + 3)?;
    let step = (limits.bytes / 2).max(1);
    let mut start = at;
    while start > at.saturating_sub(REACH) {
        let before = start - 1;
        if text.get(before).is_none_or(u8::is_ascii_whitespace) {
            break;
        }
        // A stretch longer than the limit is entered anew every half limit.
        let rest = text.get(before..)?;
        if rest.starts_with(root) && before / step == at / step && reference(rest).is_some() {
            return None;
        }
        start = before;
    }

    let mut builder = Builder::new(text, limits);
    let mut copied = start;
    let mut last = at;
    // A long stretch before the root must not leave the root itself no room.
    if at - start > limits.bytes / 2 {
        start = at - limits.bytes / 2;
        copied = start;
    }
    let mut here = start;
    while here < last.saturating_add(REACH) && builder.room() > here - copied {
        let Some(&byte) = text.get(here) else { break };
        if byte.is_ascii_whitespace() {
            break;
        }
        let found = if byte == b'&' { reference(text.get(here..)?) } else { None };
        let Some((length, char)) = found else {
            here += 1;
            continue;
        };
        builder.copy(copied..here);
        builder.char(here..here + length, char);
        here += length;
        copied = here;
        last = here;
    }
    builder.copy(copied..here);
    builder.finish(Encoding::HtmlEntities, start..here)
}

/// The character reference at the start of `text`, and its length.
fn reference(text: &[u8]) -> Option<(usize, char)> {
    let (radix, digits, before) = match text {
        [b'&', b'#', b'x' | b'X', digits @ ..] => (16, digits, 3),
        [b'&', b'#', digits @ ..] => (10, digits, 2),
        [b'&', rest @ ..] => {
            let (name, char) = NAMED.iter().find(|(name, _)| rest.starts_with(name.as_bytes()))?;
            return Some((name.len() + 1, *char));
        }
        _ => return None,
    };
    let is_digit = |byte: &&u8| char::from(**byte).is_digit(radix);
    let length = digits.iter().take(8).take_while(is_digit).count();
    let mut value = 0_u32;
    for &digit in digits.get(..length).filter(|_| (1..8).contains(&length))? {
        value = value * radix + char::from(digit).to_digit(radix)?;
    }
    // Browsers do without the semicolon, so those who hide text can as well.
    let semicolon = usize::from(digits.get(length) == Some(&b';'));
    let char = char::from_u32(value).filter(|&char| char != '\0')?;
    Some((before + length + semicolon, char))
}

/// Named references that stand for characters of tokens and of source code,
/// <https://html.spec.whatwg.org/multipage/named-characters.html>.
const NAMED: [(&str, char); 19] = [
    ("amp;", '&'),
    ("quot;", '"'),
    ("apos;", '\''),
    ("lt;", '<'),
    ("gt;", '>'),
    ("nbsp;", ' '),
    ("equals;", '='),
    ("colon;", ':'),
    ("sol;", '/'),
    ("bsol;", '\\'),
    ("lowbar;", '_'),
    ("period;", '.'),
    ("plus;", '+'),
    ("commat;", '@'),
    ("percnt;", '%'),
    ("dollar;", '$'),
    ("semi;", ';'),
    ("comma;", ','),
    ("num;", '#'),
];

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { bytes: 1 << 16 };

    fn at(text: &str, root: &str) -> Option<String> {
        let found = entities_at(text.as_bytes(), text.find(root).unwrap(), &LIMITS)?;
        Some(String::from_utf8(found.text).unwrap())
    }

    #[test]
    fn references_around_a_root_are_decoded() {
        let text = "<p> key&equals;&quot;&#103;&#104;p_&#x41;bc&#48&quot; more";
        assert_eq!(at(text, "&#103").unwrap(), "key=\"ghp_Abc0\"");
    }

    #[test]
    fn a_match_is_placed_exactly() {
        let text = b"x=&#103;&#104;p_0 ";
        let found = entities_at(text, 2, &LIMITS).unwrap();
        assert_eq!(found.text, b"x=ghp_0");
        assert_eq!(found.outer(2..4), 2..14);
        assert_eq!(found.outer(4..6), 14..16);
    }

    #[test]
    fn a_later_root_of_the_same_kind_gives_nothing_new() {
        let text = "&#103;&#104;&#95;";
        assert!(entities_at(text.as_bytes(), 0, &LIMITS).is_some());
        assert!(entities_at(text.as_bytes(), 6, &LIMITS).is_none());
    }

    #[test]
    fn what_is_no_reference_gives_nothing() {
        for text in ["&#;", "&#x;", "&#1114112;", "&#99999999999;", "& #1", "&#"] {
            assert!(entities_at(text.as_bytes(), 0, &LIMITS).is_none(), "{text}");
        }
        assert!(entities_at(b"&#49;", 5, &LIMITS).is_none());
        assert!(entities_at(b"&#49;", 50, &LIMITS).is_none());
    }
}
