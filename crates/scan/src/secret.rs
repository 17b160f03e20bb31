//! A secret's value, kept from being shown by accident.

use zeroize::Zeroizing;

/// A secret's value. It has no `Debug`, `Display` or `Serialize`, and its
/// memory is wiped when it is dropped; whoever wants the bytes must ask.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes a value.
    pub fn new(value: &[u8]) -> Secret {
        Secret(Zeroizing::new(value.to_vec()))
    }

    /// The bytes themselves. Every caller is a place where a secret could
    /// leave the program.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The value with its middle hidden: at most the first and last four
    /// characters, and never more than a quarter of it.
    pub fn masked(&self) -> String {
        mask(&self.0)
    }
}

/// Hides the middle of a value. Of values shorter than 12 bytes, and of those
/// that are no text, nothing is shown; their length is not told either.
pub fn mask(value: &[u8]) -> String {
    let Ok(text) = std::str::from_utf8(value) else { return "********".to_owned() };
    let first_line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
    if text.lines().count() > 1 && first_line.starts_with("-----BEGIN") {
        return format!("{}…", printable(first_line));
    }
    let chars: Vec<char> = text.chars().collect();
    let shown = (chars.len() / 8).min(4);
    if chars.len() < 12 {
        return "********".to_owned();
    }
    let head: String = chars[..shown].iter().collect();
    let tail: String = chars[chars.len() - shown..].iter().collect();
    format!("{}********{}", printable(&head), printable(&tail))
}

/// A text without control characters and without marks that change the
/// direction of text, either of which could rewrite a terminal's screen.
pub fn printable(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\t' => ' ',
            c if c.is_control() => '\u{fffd}',
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                '\u{fffd}'
            }
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_most_a_quarter_is_shown() {
        assert_eq!(mask(b"hunter2!Q"), "********");
        assert_eq!(mask(b"abcdefghijklmnop"), "ab********op");
        assert_eq!(mask(&[b'a'; 100]), "aaaa********aaaa");
        assert_eq!(mask(&[0x30, 0x82, 0xff, 0x5d].repeat(10)), "********");
    }

    #[test]
    fn a_key_block_shows_its_label_only() {
        let block = "-----BEGIN RSA PRIVATE KEY-----\nabcdef\n-----END RSA PRIVATE KEY-----";
        assert_eq!(mask(block.as_bytes()), "-----BEGIN RSA PRIVATE KEY-----…");
    }

    #[test]
    fn control_characters_do_not_reach_a_terminal() {
        assert_eq!(printable("a\x1b[31m\u{202e}b"), "a\u{fffd}[31m\u{fffd}b");
    }
}
