//! String literals that the source code around them joins.

use std::ops::Range;

use super::builder::Builder;
use super::{Decoded, Encoding, Limits};

/// Most literals in one text: a token may be spelled character by character.
const MOST_PIECES: usize = 256;
/// Most bytes of source code that one text is gathered from.
const MOST_BYTES: usize = 8192;
/// Most bytes between two literals.
const LONGEST_JOIN: usize = 256;
/// Most bytes between a run and the quote that opens its literal.
const LONGEST_LEAD: usize = 256;
/// Shortest run that the engine asks about.
const LEAST_RUN: usize = 20;
/// Chains longer than one text are entered anew every so many bytes.
const STEP: usize = 1024;

/// The joined contents of the literals around a root such as `" +`.
///
/// `at` is the position of its quote, which closes the first literal. `None`
/// also if an earlier root with the same three bytes, so that the engine asks
/// about it as well, gives out the same chain.
pub fn concatenation_at(text: &[u8], at: usize, limits: &Limits) -> Option<Decoded> {
    if !is_quote(*text.get(at)?) {
        return None;
    }
    let root = text.get(at..at + 3)?;
    let comma = in_call(text, at);
    join_after(text, at, comma)?;
    let literal = literal_before(text, at)?;
    chain(text, literal, comma, limits, |earlier| {
        earlier.end / STEP == at / STEP
            && text.get(earlier.end..).is_some_and(|rest| rest.starts_with(root))
    })
}

/// The joined contents of the literals of which the one around `run` is one:
/// `"a" + "b"`, adjacent literals (also on several lines), `.`, `..`, `&`, `||`,
/// `<>`, `++`, and commas inside `concat!(…)` and its relatives.
///
/// `None` also if an earlier literal of the chain has a run of the same kinds of
/// characters, so that the engine asks about it as well.
pub fn concatenation_around(text: &[u8], run: Range<usize>, limits: &Limits) -> Option<Decoded> {
    let literal = literal_around(text, run.clone())?;
    let comma = in_call(text, literal.start);
    if join_after(text, literal.end, comma).is_none()
        && join_before(text, literal.start - 1, comma).is_none()
    {
        return None;
    }
    let kinds = text.get(run)?.iter().fold(0, |kinds, &byte| kinds | kind(byte));
    chain(text, literal.clone(), comma, limits, |earlier| {
        earlier.start / STEP == literal.start / STEP
            && text.get(earlier.clone()).is_some_and(|bytes| has_run(bytes, kinds))
    })
}

/// Gathers the chain that `literal` (its contents) is part of; `None` if it is
/// alone, or if `is_earlier` says that a literal before it gives out the chain.
fn chain(
    text: &[u8],
    literal: Range<usize>,
    comma: bool,
    limits: &Limits,
    is_earlier: impl Fn(&Range<usize>) -> bool,
) -> Option<Decoded> {
    let mut first = literal.clone();
    // Half of either bound is left for what follows.
    for _ in 0..MOST_PIECES / 2 {
        let Some(earlier) = join_before(text, first.start - 1, comma)
            .and_then(|close| literal_before(text, close))
            .filter(|earlier| literal.end - earlier.start <= MOST_BYTES / 2)
        else {
            break;
        };
        if is_earlier(&earlier) {
            return None;
        }
        first = earlier;
    }

    let mut builder = Builder::new(text, limits);
    let mut pieces = 0;
    let mut span = first.clone();
    let mut piece = first;
    for _ in 0..MOST_PIECES {
        pieces += usize::from(!piece.is_empty());
        builder.copy(piece.clone());
        span.end = piece.end;
        let Some(next) = join_after(text, piece.end, comma)
            .and_then(|open| literal_after(text, open))
            .filter(|next| next.end - span.start <= MOST_BYTES && builder.room() > 0)
        else {
            break;
        };
        builder.skip(piece.end..next.start);
        piece = next;
    }
    if pieces < 2 { None } else { builder.finish(Encoding::Concatenation, span) }
}

/// The contents of the literal that a run is in.
fn literal_around(text: &[u8], run: Range<usize>) -> Option<Range<usize>> {
    let lead = text.get(run.start.saturating_sub(LONGEST_LEAD)..run.start)?;
    let close = text.get(run.end).filter(|&&byte| is_quote(byte));
    let whole = close.is_some_and(|quote| lead.last() == Some(quote));
    let escaped = |bytes: &[u8]| bytes.ends_with(b"\\");
    if whole && !escaped(lead.get(..lead.len() - 1)?) && !escaped(text.get(run.clone())?) {
        return Some(run);
    }
    let mut quote = memchr::memrchr3(b'"', b'\'', b'`', lead)?;
    while !slashes_before(lead, quote).is_multiple_of(2) {
        quote = memchr::memrchr3(b'"', b'\'', b'`', lead.get(..quote)?)?;
    }
    if memchr::memchr(b'\n', lead.get(quote..)?).is_some() {
        return None;
    }
    let literal = literal_after(text, run.start - lead.len() + quote)?;
    (literal.end >= run.end).then_some(literal)
}

/// The contents of the literal whose opening quote is at `open`; it ends on its line.
fn literal_after(text: &[u8], open: usize) -> Option<Range<usize>> {
    let quote = *text.get(open).filter(|&&quote| is_quote(quote))?;
    let stop = text.len().min(open.saturating_add(MOST_BYTES));
    let mut at = open + 1;
    loop {
        at += memchr::memchr3(quote, b'\\', b'\n', text.get(at..stop)?)?;
        match text.get(at)? {
            b'\\' => at += 2,
            b'\n' => return None,
            _ => return Some(open + 1..at),
        }
    }
}

/// The contents of the literal whose closing quote is at `close`.
fn literal_before(text: &[u8], close: usize) -> Option<Range<usize>> {
    let quote = *text.get(close).filter(|&&quote| is_quote(quote))?;
    let floor = close.saturating_sub(MOST_BYTES);
    let mut end = close;
    loop {
        let at = floor + memchr::memrchr2(quote, b'\n', text.get(floor..end)?)?;
        if text.get(at) == Some(&b'\n') {
            return None;
        }
        if slashes_before(text.get(floor..)?, at - floor).is_multiple_of(2) {
            return Some(at + 1..close);
        }
        end = at;
    }
}

/// How many backslashes stand right before `at`.
fn slashes_before(text: &[u8], at: usize) -> usize {
    text.get(..at).unwrap_or_default().iter().rev().take_while(|&&byte| byte == b'\\').count()
}

/// The opening quote of the literal that is joined to one closed at `close`.
fn join_after(text: &[u8], close: usize, comma: bool) -> Option<usize> {
    let stop = text.len().min(close.saturating_add(LONGEST_JOIN));
    let rest = text.get(close + 1..stop)?;
    let mut at = blank(rest);
    let operator = operator(rest.get(at..)?, comma);
    at += operator;
    at += blank(rest.get(at..)?);
    let prefix = rest.get(at..)?.iter().take(2).take_while(|byte| is_prefix(**byte)).count();
    at += prefix;
    is_quote(*rest.get(at)?).then_some(close + 1 + at)
}

/// The closing quote of the literal to which one opened at `open` is joined.
fn join_before(text: &[u8], open: usize, comma: bool) -> Option<usize> {
    let floor = open.saturating_sub(LONGEST_JOIN);
    let before = text.get(floor..open)?;
    // Nothing between two literals contains a quote, so the last one before is
    // it, if reading on from there leads here. Most often something else stands
    // right before, and a look at that is cheaper.
    if !before.last().is_some_and(|&byte| is_join(byte) || is_quote(byte)) {
        return None;
    }
    let close = before.iter().rposition(|&byte| !is_join(byte))?;
    let close = floor + close;
    (is_quote(*text.get(close)?) && join_after(text, close, comma) == Some(open)).then_some(close)
}

/// Length of white space, with the marks that let a line go on in the next.
fn blank(text: &[u8]) -> usize {
    let mut at = 0;
    loop {
        at += match text.get(at..) {
            Some([b' ' | b'\t' | b'\r' | b'\n', ..]) => 1,
            Some([b'\\' | b'_' | b'`', b'\n', ..]) => 2,
            Some([b'\\' | b'_' | b'`', b'\r', b'\n', ..]) => 3,
            _ => return at,
        };
    }
}

/// Length of the operator at the start; 0 if there is none.
fn operator(text: &[u8], comma: bool) -> usize {
    match text {
        [b'+', b'+', ..] | [b'.', b'.', ..] | [b'|', b'|', ..] | [b'<', b'>', ..] => 2,
        [b'+' | b'.' | b'&', ..] => 1,
        [b',', ..] if comma => 1,
        _ => 0,
    }
}

/// Whether the position is among the arguments of a function that joins them.
fn in_call(text: &[u8], at: usize) -> bool {
    let before = text.get(at.saturating_sub(LONGEST_LEAD * 2)..at).unwrap_or_default();
    let Some(open) = memchr::memrchr(b'(', before) else { return false };
    let name = before.get(open.saturating_sub(11)..open).unwrap_or_default();
    let name = name.strip_suffix(b"!").unwrap_or(name);
    let ends = |with: &[u8]| {
        let from = name.len().checked_sub(with.len());
        from.and_then(|from| name.get(from..)).is_some_and(|end| end.eq_ignore_ascii_case(with))
    };
    ends(b"concat") || ends(b"concatenate")
}

/// Whether there is a run with at least these kinds of characters.
fn has_run(bytes: &[u8], kinds: u8) -> bool {
    bytes.split(|&byte| kind(byte) == 0).any(|run| {
        run.len() >= LEAST_RUN && run.iter().fold(0, |all, &byte| all | kind(byte)) & kinds == kinds
    })
}

fn kind(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        b'0'..=b'9' => 4,
        b'_' | b'-' | b'+' | b'/' | b'=' | b'.' | b'~' | b'%' | b'\\' => 8,
        _ => 0,
    }
}

fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

/// Letters that may stand right before a literal: raw, bytes, wide, formatted.
fn is_prefix(byte: u8) -> bool {
    matches!(
        byte,
        b'b' | b'B' | b'r' | b'R' | b'u' | b'U' | b'f' | b'F' | b'L' | b'N' | b'@' | b'$'
    )
}

fn is_join(byte: u8) -> bool {
    is_prefix(byte)
        || matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'\\' | b'_')
        || matches!(byte, b'+' | b'.' | b'|' | b'<' | b'>' | b'&' | b',')
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { bytes: 1 << 16 };

    fn around(text: &str, word: &str) -> Option<String> {
        let start = text.find(word).unwrap();
        let found = concatenation_around(text.as_bytes(), start..start + word.len(), &LIMITS)?;
        Some(String::from_utf8(found.text).unwrap())
    }

    #[test]
    fn literals_are_joined_as_languages_do() {
        for text in [
            r#"let k = "abc" + "def" + 'ghi';"#,
            r#"let k = "abc"+"def"+"ghi";"#,
            "k = \"abc\" \\\n  \"def\" \\\n  \"ghi\"",
            "const char *k = \"abc\"\n   \"def\"\n   L\"ghi\";",
            r#"$k = "abc" . 'def' . "ghi";"#,
            "k = \"abc\" & _\n  \"def\" & _\r\n  \"ghi\"",
            r#"k = "abc" .. "def" .. "ghi""#,
            r#"k = b"abc" rb"def" f"ghi""#,
            r#"concat!("abc", "def", "ghi")"#,
            r#"CONCAT('abc', 'def', 'ghi')"#,
            r#"k = 'abc' || 'def' || 'ghi'"#,
            r#"k="abc"'def'"ghi""#,
        ] {
            for word in ["abc", "def", "ghi"] {
                assert_eq!(around(text, word).as_deref(), Some("abcdefghi"), "{text} at {word}");
            }
        }
    }

    #[test]
    fn what_is_not_joined_stays_alone() {
        for text in [
            r#"["abc", "def"]"#,
            r#"{"abc": "def"}"#,
            r#"f("abc" + name + "def")"#,
            "k = \"abc\" // comment\n  + \"def\"",
            "\"abc\";\n\"def\"",
            r#""abc""#,
            "abc",
        ] {
            assert_eq!(around(text, "abc"), None, "{text}");
        }
    }

    #[test]
    fn a_root_gives_the_whole_chain_once() {
        let text = br#"k = "ab" + "cd" + "ef""#;
        let found = concatenation_at(text, 7, &LIMITS).unwrap();
        assert_eq!(found.text, b"abcdef");
        assert_eq!(found.outer(1..3), 6..13);
        assert_eq!(found.outer(2..4), 12..14);
        assert_eq!(found.span, 5..21);
        assert_eq!(concatenation_at(text, 14, &LIMITS), None);
    }

    #[test]
    fn a_chain_of_any_length_is_covered() {
        let text: Vec<String> = (0..3000).map(|n| format!("'<{n:04}>'")).collect();
        let text = text.join(" + ");
        let mut found = Vec::new();
        for at in memchr::memmem::find_iter(text.as_bytes(), b"' +") {
            found.extend(concatenation_at(text.as_bytes(), at, &LIMITS));
        }
        assert!(found.iter().map(|d| d.text.len()).sum::<usize>() < text.len() * 4);
        for n in 0..3000 {
            let mark = format!("<{n:04}>");
            assert!(found.iter().any(|d| d.text.windows(6).any(|w| w == mark.as_bytes())), "{n}");
        }
    }

    #[test]
    fn escaped_quotes_do_not_end_a_literal() {
        assert_eq!(around(r#""a\"abc" + "d\"e""#, "abc").as_deref(), Some(r#"a\"abcd\"e"#));
    }
}
