//! Text in whatever encoding a file has, as UTF-8 with a way back.

/// How a file's bytes stand for characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Utf8,
    /// Any bytes; each stands for the character of its number, so that what is
    /// not touched comes back as it was.
    Bytes,
    Utf16Le,
    Utf16Be,
}

/// A file's text, with offsets in both directions.
pub(super) struct Text {
    coding: Coding,
    text: String,
    /// For every character: where it begins in the text and in the file. Empty
    /// if both are the same.
    map: Vec<(usize, usize)>,
}

impl Text {
    /// None for what is no text.
    pub(super) fn decode(bytes: &[u8]) -> Option<Text> {
        match bytes {
            [0xff, 0xfe, ..] => return utf16(bytes, Coding::Utf16Le),
            [0xfe, 0xff, ..] => return utf16(bytes, Coding::Utf16Be),
            _ => {}
        }
        if bytes.contains(&0) {
            return None;
        }
        if let Ok(text) = std::str::from_utf8(bytes) {
            return Some(Text { coding: Coding::Utf8, text: text.to_owned(), map: Vec::new() });
        }
        let mut text = String::with_capacity(bytes.len() * 2);
        let mut map = Vec::with_capacity(bytes.len() + 1);
        for (at, byte) in bytes.iter().enumerate() {
            map.push((text.len(), at));
            text.push(char::from(*byte));
        }
        map.push((text.len(), bytes.len()));
        Some(Text { coding: Coding::Bytes, text, map })
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn is_utf16(&self) -> bool {
        matches!(self.coding, Coding::Utf16Le | Coding::Utf16Be)
    }

    /// Offset in the text of an offset in the file.
    pub(super) fn decoded(&self, at: usize) -> usize {
        if self.map.is_empty() {
            return at;
        }
        let index = self.map.partition_point(|(_, original)| *original < at);
        self.map.get(index).map_or(self.text.len(), |(text, _)| *text)
    }

    /// Offset in the file of an offset in the text.
    pub(super) fn original(&self, at: usize) -> usize {
        if self.map.is_empty() {
            return at;
        }
        let index = self.map.partition_point(|(text, _)| *text < at);
        self.map.get(index).or(self.map.last()).map_or(0, |(_, original)| *original)
    }

    /// Text as the file has it.
    pub(super) fn encode(&self, text: &[u8]) -> Vec<u8> {
        let text = String::from_utf8_lossy(text);
        match self.coding {
            Coding::Utf8 => text.into_owned().into_bytes(),
            Coding::Bytes => {
                text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
            }
            Coding::Utf16Le => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Coding::Utf16Be => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        }
    }
}

fn utf16(bytes: &[u8], coding: Coding) -> Option<Text> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    let units = pairs.iter().map(|pair| match coding {
        Coding::Utf16Be => u16::from_be_bytes(*pair),
        _ => u16::from_le_bytes(*pair),
    });
    let mut text = String::with_capacity(bytes.len());
    let mut map = Vec::with_capacity(pairs.len() + 1);
    let mut at = 0;
    for unit in char::decode_utf16(units) {
        // A half of a pair could not be written back.
        let c = unit.ok()?;
        map.push((text.len(), at));
        text.push(c);
        at += c.len_utf16() * 2;
    }
    map.push((text.len(), at));
    Some(Text { coding, text, map })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_touched_comes_back_as_it_was() {
        let utf16: Vec<u8> =
            "\u{feff}a=\"😀\"\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in [&b"abc\xe4\xff\r\n"[..], "ä€😀".as_bytes(), &utf16, b""] {
            let text = Text::decode(bytes).unwrap();
            assert_eq!(text.encode(text.as_str().as_bytes()), bytes);
            for (at, _) in text.as_str().char_indices() {
                assert_eq!(text.decoded(text.original(at)), at);
            }
            assert_eq!(text.original(text.as_str().len()), bytes.len());
        }
        assert!(Text::decode(b"a\0b").is_none() && Text::decode(b"\xff\xfea").is_none());
    }
}
