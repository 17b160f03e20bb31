//! Base64 and base64url, on one line or many, and the parts of JSON Web Tokens.

use std::ops::Range;

use data_encoding::BASE64_NOPAD;

use super::content::{SNIFF, printable, promising, reveal};
use super::{Decoded, Encoding, Limits};

/// Shortest encoded word outside a JSON Web Token.
const LEAST: usize = 20;
/// Shortest part of a JSON Web Token: `{"a":1}`.
const LEAST_PART: usize = 10;
/// Shortest line that may go on in the next one.
const LEAST_LINE: usize = 60;
/// Longest line that is recognised as part of a body.
const LONGEST_LINE: usize = 1024;
/// Most bytes between two lines of a body: quotes, operators, indentation.
const LONGEST_BREAK: usize = 48;

/// Every base64 word in the run that can be read.
pub(super) fn words(text: &[u8], run: Range<usize>, limits: &Limits, out: &mut Vec<Decoded>) {
    let mut at = run.start;
    let mut after_header = false;
    while at < run.end {
        let end = word_end(text, at, run.end);
        let mut next = end + 1;
        if end - at >= LEAST_PART {
            let json = text.get(at..).is_some_and(|rest| rest.starts_with(b"eyJ"));
            let header = json && text.get(end..).is_some_and(|rest| rest.starts_with(b".eyJ"));
            let found = if header || (json && after_header) {
                part(text, at..end, limits)
            } else {
                word(text, at..end, limits)
            };
            if let Some(decoded) = found {
                next = next.max(decoded.span.end);
                out.push(decoded);
            }
            after_header = header;
        }
        at = next;
    }
}

/// Header or payload of a JSON Web Token; may be short.
fn part(text: &[u8], span: Range<usize>, limits: &Limits) -> Option<Decoded> {
    let mut symbols = Symbols::new(limits);
    symbols.take(text.get(span.clone())?);
    reveal(symbols.decode(), 2, Encoding::JwtPart, span, limits)
}

/// What one word says, with the lines that continue it.
#[inline]
pub(super) fn word(text: &[u8], word: Range<usize>, limits: &Limits) -> Option<Decoded> {
    if word.len() < LEAST {
        return None;
    }
    let start = start_of_readable(text, word.clone())?;
    body(text, start, word, limits)
}

fn body(text: &[u8], start: usize, word: Range<usize>, limits: &Limits) -> Option<Decoded> {
    if continues_earlier_line(text, start..word.end, limits) {
        return None;
    }
    let mut symbols = Symbols::new(limits);
    let line = symbols.take(text.get(start..word.end)?);
    let width = word.end - start;
    let mut end = start + line;
    if width >= LEAST_LINE && line == width && text.get(end) != Some(&b'=') {
        end = symbols.take_lines(text, end, width);
    }
    while text.get(end) == Some(&b'=') && end < word.end + 2 {
        end += 1;
    }
    let encoding = if symbols.url { Encoding::Base64Url } else { Encoding::Base64 };
    reveal(symbols.decode(), LEAST / 4 * 3, encoding, start..end, limits)
}

/// Where in a word something readable may begin: at its start, after the signs
/// that no readable text begins with, or after its last slash.
#[inline]
fn start_of_readable(text: &[u8], word: Range<usize>) -> Option<usize> {
    let mut start = word.start;
    // In `\nSGVs` the `n` belongs to the line break.
    let escaped = start.checked_sub(1).and_then(|before| text.get(before)) == Some(&b'\\');
    if escaped && matches!(text.get(start), Some(b'n' | b'r' | b't')) {
        start += 1;
    }
    let bytes = text.get(start..word.end)?;
    if sniff(bytes) {
        return Some(start);
    }
    let signs = bytes.iter().take_while(|b| matches!(b, b'/' | b'+' | b'-' | b'_')).count();
    if signs > 0 && bytes.get(signs..).is_some_and(sniff) {
        return Some(start + signs);
    }
    let slash = memchr::memrchr(b'/', bytes)? + 1;
    (slash > signs && bytes.get(slash..).is_some_and(sniff)).then_some(start + slash)
}

/// Whether the first symbols decode to something promising.
#[inline]
fn sniff(word: &[u8]) -> bool {
    // Most words are identifiers, and their first symbols settle it.
    let Some(first) = word.first_chunk::<4>().filter(|first| MAY_BEGIN[first[0] as usize]) else {
        return false;
    };
    if word.len() < LEAST {
        return false;
    }
    match group(first) {
        Some([first, second, _]) if printable(first) => {
            let may_follow = printable(second) || matches!(second, 0xc2..=0xf4 | 0 | 1 | 0x9c);
            if !may_follow {
                return false;
            }
        }
        Some([0xc2..=0xff, 0x80..=0xff, _] | [0x1f, 0x8b, _]) => {}
        Some(_) => return false,
        None => return slashed(word),
    }
    let mut sample = [0; SNIFF];
    for (bytes, symbols) in sample.chunks_exact_mut(3).zip(word.chunks_exact(4)) {
        let Some(decoded) = symbols.first_chunk().and_then(group) else { return slashed(word) };
        bytes.copy_from_slice(&decoded);
    }
    promising(&sample)
}

/// The three bytes of four symbols.
#[inline]
fn group(symbols: &[u8; 4]) -> Option<[u8; 3]> {
    let [a, b, c, d] = symbols.map(|symbol| VALUES[symbol as usize]);
    if a | b | c | d == NONE {
        return None;
    }
    Some([a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d])
}

/// Whether a slash that JSON writers put a backslash before may have spoiled the
/// sample; too rare for a longer look.
fn slashed(word: &[u8]) -> bool {
    word.iter().take(SNIFF / 3 * 4).any(|&symbol| symbol == b'\\')
}

/// Symbols of a word, gathered in the standard alphabet.
struct Symbols {
    symbols: Vec<u8>,
    limit: usize,
    url: bool,
}

impl Symbols {
    fn new(limits: &Limits) -> Self {
        Self {
            symbols: Vec::with_capacity(128.min(symbol_limit(limits))),
            limit: symbol_limit(limits),
            url: false,
        }
    }

    /// Takes a line up to the first byte that is no symbol; returns how many bytes that were.
    fn take(&mut self, line: &[u8]) -> usize {
        let mut at = 0;
        loop {
            let rest = line.get(at..).unwrap_or_default();
            let rest =
                rest.get(..rest.len().min(self.limit - self.symbols.len())).unwrap_or_default();
            let is_symbol = |byte: &&u8| VALUES[**byte as usize] != NONE;
            let length = rest.iter().take_while(is_symbol).count();
            let from = self.symbols.len();
            self.symbols.extend_from_slice(rest.get(..length).unwrap_or_default());
            for symbol in self.symbols.get_mut(from..).unwrap_or_default() {
                self.url |= matches!(symbol, b'-' | b'_');
                *symbol = match *symbol {
                    b'-' => b'+',
                    b'_' => b'/',
                    other => other,
                };
            }
            at += length;
            if self.symbols.len() >= self.limit
                || !matches!(line.get(at..), Some([b'\\', b'/', ..]))
            {
                return at;
            }
            at += 1;
        }
    }

    /// Takes following lines of the same width and one last shorter one;
    /// returns where the last taken line ends.
    fn take_lines(&mut self, text: &[u8], mut end: usize, width: usize) -> usize {
        while let Some(start) = next_line(text, end) {
            let line = text.get(start..text.len().min(start + width + 1)).unwrap_or_default();
            let length = line.iter().take_while(|&&byte| is_symbol(byte, self.url)).count();
            if length == 0 || length > width || self.symbols.len() >= self.limit {
                break;
            }
            let taken = self.take(line.get(..length).unwrap_or_default());
            end = start + taken;
            if taken < width {
                break;
            }
        }
        end
    }

    fn decode(mut self) -> Vec<u8> {
        // A remainder of one symbol holds no whole byte, of two one, of three two.
        let whole = self.symbols.len() / 4 * 3 + (self.symbols.len() % 4).saturating_sub(1);
        match self.symbols.len() % 4 {
            1 => drop(self.symbols.pop()),
            2 => self.symbols.extend_from_slice(b"AA"),
            3 => self.symbols.push(b'A'),
            _ => {}
        }
        let mut bytes = BASE64_NOPAD.decode(&self.symbols).unwrap_or_default();
        bytes.truncate(whole);
        bytes
    }
}

/// Whether the word is a line of a body that an earlier line gives out already.
///
/// Without this a body of n lines would be decoded n times. A body longer than
/// the limit is entered anew every half limit, by position in the text.
fn continues_earlier_line(text: &[u8], word: Range<usize>, limits: &Limits) -> bool {
    let Some(earlier) = earlier_line(text, word.start) else { return false };
    let step = (symbol_limit(limits) / 2).max(1);
    earlier.len() >= LEAST_LINE
        && earlier.len() >= word.len()
        && earlier.start / step == word.start / step
        && next_line(text, earlier.end) == Some(word.start)
        && text.get(earlier).is_some_and(sniff)
}

/// The stretch of symbols on the line before `start`.
fn earlier_line(text: &[u8], start: usize) -> Option<Range<usize>> {
    let mut end = start;
    let mut newline = false;
    while end > start.saturating_sub(LONGEST_BREAK) {
        match text.get(end.saturating_sub(2)..end)? {
            [b'\\', b'n'] => {
                newline = true;
                end -= 2;
            }
            [b'\\', b'r'] => end -= 2,
            [.., b'\n'] => {
                newline = true;
                end -= 1;
            }
            [b' ' | b'\t' | b'"' | b'\'', b'+'] => end -= 1,
            [.., byte] if is_break(*byte) => end -= 1,
            _ => break,
        }
    }
    if !newline {
        return None;
    }
    let line = text.get(end.saturating_sub(LONGEST_LINE)..end)?;
    let length = line.iter().rev().take_while(|&&byte| VALUES[byte as usize] != NONE).count();
    let mut start = end - length;
    let escaped = start.checked_sub(1).and_then(|before| text.get(before)) == Some(&b'\\');
    if escaped && matches!(text.get(start), Some(b'n' | b'r')) {
        start += 1;
    }
    Some(start..end)
}

/// Where the line after a line of base64 that ends at `end` has its first symbol.
fn next_line(text: &[u8], end: usize) -> Option<usize> {
    let mut at = end;
    let mut newline = false;
    while at < end + LONGEST_BREAK {
        match text.get(at..)? {
            [b'\\', b'n', ..] => {
                newline = true;
                at += 2;
            }
            [b'\\', b'r', ..] => at += 2,
            [b'\n', ..] => {
                newline = true;
                at += 1;
            }
            [b'+', ..] if !newline && at > end => at += 1,
            [byte, ..] if is_break(*byte) => at += 1,
            _ => break,
        }
    }
    newline.then_some(at)
}

/// Bytes that may stand between two lines of a body, next to line ends and `+`.
fn is_break(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\t'
            | b'\r'
            | b'"'
            | b'\''
            | b','
            | b'\\'
            | b'.'
            | b'&'
            | b'#'
            | b'*'
            | b'>'
            | b'|'
    )
}

/// End of the word at `at`: symbols, and `\/` as JSON writers have it.
fn word_end(text: &[u8], at: usize, end: usize) -> usize {
    let rest = text.get(at..end).unwrap_or_default();
    let mut length = 0;
    while let Some(&byte) = rest.get(length) {
        let slash = byte == b'\\' && rest.get(length + 1) == Some(&b'/');
        if VALUES[byte as usize] == NONE && !slash {
            break;
        }
        length += 1;
    }
    at + length
}

fn symbol_limit(limits: &Limits) -> usize {
    (limits.bytes / 3).saturating_mul(4)
}

fn is_symbol(byte: u8, url: bool) -> bool {
    match byte {
        b'+' | b'/' => !url,
        b'-' | b'_' => url,
        _ => byte.is_ascii_alphanumeric(),
    }
}

/// Whether something readable may begin with a symbol, which has six bits of its first byte.
static MAY_BEGIN: [bool; 256] = {
    let mut table = [false; 256];
    let mut symbol = 0;
    while symbol < 256 {
        let value = VALUES[symbol];
        // Tab and line ends, the magic of gzip, printable ASCII, UTF-8, a UTF-16 mark.
        table[symbol] = matches!(value, 2 | 3 | 7..=31 | 48..=61 | 63);
        symbol += 1;
    }
    table
};

const NONE: u8 = 0xff;

/// Value of a symbol of either alphabet.
static VALUES: [u8; 256] = {
    let mut values = [NONE; 256];
    let mut value = 0;
    while value < 26 {
        values[b'A' as usize + value] = value as u8;
        values[b'a' as usize + value] = value as u8 + 26;
        if value < 10 {
            values[b'0' as usize + value] = value as u8 + 52;
        }
        value += 1;
    }
    values[b'+' as usize] = 62;
    values[b'-' as usize] = 62;
    values[b'/' as usize] = 63;
    values[b'_' as usize] = 63;
    values
};

#[cfg(test)]
mod tests {
    use super::super::tests::{all, decode_all, decode_run};
    use super::*;
    use data_encoding::{BASE64, BASE64URL, BASE64URL_NOPAD};
    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};
    use std::io::Write;

    const TEXT: &str = "password = synthetic-value-0123456789";

    #[test]
    fn base64_is_read_with_and_without_padding_and_after_other_text() {
        for length in 16..TEXT.len() {
            let text = &TEXT[..length];
            let padded = BASE64.encode(text.as_bytes());
            for run in [
                padded.clone(),
                BASE64_NOPAD.encode(text.as_bytes()),
                format!("key={padded}"),
                format!("/{padded}"),
                format!("v1/{padded}"),
                format!("a.b.c.{padded}"),
                format!("a\\n{padded}"),
            ] {
                assert_eq!(all(&decode_run(run.as_bytes()), Encoding::Base64), [text], "{run}");
            }
        }
    }

    #[test]
    fn a_span_covers_the_word_and_its_padding() {
        let run = format!("key={}", BASE64.encode(&TEXT.as_bytes()[..16]));
        let found = decode_run(run.as_bytes());
        assert_eq!(found[0].span, 4..run.len());
        assert_eq!(found[0].outer(3..5), 4..run.len());
    }

    #[test]
    fn base64url_is_told_by_its_signs() {
        let text = "subjects?>>? = ~~~~ and some more";
        let run = BASE64URL.encode(text.as_bytes());
        assert!(run.contains(['-', '_']));
        assert_eq!(all(&decode_run(run.as_bytes()), Encoding::Base64Url), [text]);
    }

    #[test]
    fn slashes_that_json_escapes_are_part_of_the_word() {
        let text = "why?why?why?why?why?why?why?";
        let run = BASE64.encode(text.as_bytes()).replace('/', "\\/");
        assert!(run.contains('\\'));
        assert_eq!(all(&decode_run(run.as_bytes()), Encoding::Base64), [text]);
    }

    #[test]
    fn garbage_after_the_text_is_cut_off() {
        let mut bytes = TEXT.repeat(4).into_bytes();
        let length = bytes.len();
        bytes.extend((0..200_u8).map(|n| n.wrapping_mul(151) | 0x80));
        let found = all(&decode_run(BASE64.encode(&bytes).as_bytes()), Encoding::Base64);
        assert_eq!(found.len(), 1);
        assert!(found[0].len() >= length - 64 && found[0].len() < length + 64, "{found:?}");
    }

    /// A body of many lines, and what may stand before and after each.
    fn body(text: &str, width: usize, before: &str, after: &str) -> String {
        let encoded = BASE64.encode(text.as_bytes());
        let lines = encoded.as_bytes().chunks(width).map(|line| str::from_utf8(line).unwrap());
        lines.map(|line| format!("{before}{line}{after}")).collect()
    }

    #[test]
    fn a_body_of_many_lines_is_given_out_once() {
        let text: String = (0..200).map(|n| format!("line {n} of the text\n")).collect();
        for (before, after) in [
            ("", "\n"),
            ("", "\r\n"),
            ("    ", "\n"),
            ("  \"", "\",\n"),
            ("\"", "\" +\n"),
            ("# ", "\n"),
            ("\"", "\\n\"\n"),
            ("", "\\n"),
            ("", "\\r\\n"),
        ] {
            for width in [60, 64, 76] {
                let blob = format!("data:\n{}\nend", body(&text, width, before, after));
                let found = decode_all(blob.as_bytes());
                let base64 = all(&found, Encoding::Base64);
                assert_eq!(base64, [text.as_str()], "{before:?} {after:?} {width}");
            }
        }
    }

    #[test]
    fn a_body_longer_than_the_limit_is_entered_anew() {
        let text: String = (0..2000).map(|n| format!("<{n:05}>")).collect();
        let blob = body(&text, 76, "", "\n");
        let limits = Limits { bytes: 3000 };
        let mut out = Vec::new();
        let mut at = 0;
        for line in blob.split_inclusive('\n') {
            super::super::run(blob.as_bytes(), at..at + line.len() - 1, &limits, &mut out);
            at += line.len();
        }
        assert!(out.len() < 12, "{}", out.len());
        for n in 0..2000 {
            let mark = format!("<{n:05}>");
            let has = |d: &Decoded| d.text.windows(7).any(|w| w == mark.as_bytes());
            assert!(out.iter().any(has), "{mark}");
        }
    }

    #[test]
    fn compressed_text_is_inflated() {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(TEXT.as_bytes()).unwrap();
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(TEXT.as_bytes()).unwrap();
        for bytes in [gzip.finish().unwrap(), zlib.finish().unwrap()] {
            let run = BASE64.encode(&bytes);
            assert_eq!(all(&decode_run(run.as_bytes()), Encoding::Gzip), [TEXT], "{run}");
            let run = data_encoding::HEXLOWER.encode(&bytes);
            assert_eq!(all(&decode_run(run.as_bytes()), Encoding::Gzip), [TEXT], "{run}");
        }
    }

    #[test]
    fn a_compressed_bomb_stops_at_the_limit() {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(&vec![b'a'; 1 << 22]).unwrap();
        let run = BASE64.encode(&gzip.finish().unwrap());
        let mut out = Vec::new();
        let limits = Limits { bytes: 10_000 };
        super::super::run(run.as_bytes(), 0..run.len(), &limits, &mut out);
        assert_eq!(out[0].text.len(), 10_000);
    }

    #[test]
    fn utf16_as_powershell_takes_it_is_read() {
        let bytes: Vec<u8> = TEXT.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let run = BASE64.encode(&bytes);
        assert_eq!(all(&decode_run(run.as_bytes()), Encoding::Utf16Le), [TEXT]);
        let run = BASE64.encode(&[&[0xff, 0xfe], bytes.as_slice()].concat());
        assert_eq!(all(&decode_run(run.as_bytes()), Encoding::Utf16Le), [TEXT]);
    }

    #[test]
    fn header_and_payload_of_a_web_token_are_read() {
        let header = r#"{"alg":"none"}"#;
        let payload = r#"{"sub":"1","key":"synthetic"}"#;
        let encode = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
        let run = format!("Bearer={}.{}.{}", encode(header), encode(payload), "Zm9v");
        assert_eq!(all(&decode_run(run.as_bytes()), Encoding::JwtPart), [header, payload]);
    }
}
