//! The value behind an operator: a literal, a wrapped literal, a fallback or a bare word.

use std::ops::Range;

use super::literal::quoted;
use super::{alternative, blanks, run_to, starts_line};
use crate::generic::Form;
use crate::generic::words::find_ignoring_case;

/// The value at `at`; `tight` says that no blank stood around the operator.
pub(super) fn operand(
    text: &[u8],
    name: &Range<usize>,
    at: usize,
    form: Form,
    tight: bool,
) -> Option<(Range<usize>, Form)> {
    let mut next = at + blanks(text, at);
    let tight = tight && next == at;
    match *text.get(next)? {
        b'\n' | b'\r' => {
            // Formatters put a long literal on a line of its own.
            next +=
                text.get(next..)?.iter().take(80).take_while(|b| b.is_ascii_whitespace()).count();
            return quoted(text, next).map(|(value, _)| (value, form));
        }
        b'[' | b'(' => {
            let inside = next + 1;
            if let Some((value, _)) = quoted(text, inside + blanks(text, inside)) {
                return Some((value, form));
            }
            if text.get(next..)?.starts_with(b"[]byte(") {
                return quoted(text, next + 7).map(|(value, _)| (value, Form::Wrapped));
            }
            return None;
        }
        b'{' | b'<' | b')' | b'}' | b']' | b',' | b';' | b'|' | b'>' => return None,
        b'=' | b'.' | b'?' => return None,
        _ => {}
    }
    if tight && closes_literal(text, name.start, *text.get(next)?) {
        return None;
    }
    if let Some((value, _)) = quoted(text, next) {
        return Some((value, form));
    }
    if form == Form::Compare {
        return None;
    }
    if text.get(next..)?.starts_with(b"${") {
        let inside = text.get(next + 2..)?;
        let end = run_to(inside, 256, |byte| matches!(byte, b'}' | b'\n'));
        let inside_text = inside.get(..end)?;
        let split = inside_text.windows(2).position(|w| w == b":-" || w == b":=")?;
        return Some((next + 2 + split + 2..next + 2 + end, Form::Default));
    }
    expression(text, next).or_else(|| bare(text, name, next, tight))
}

/// Whether a quote behind `password=` ends a literal that holds the name: `"password=" + p`.
fn closes_literal(text: &[u8], name: usize, quote: u8) -> bool {
    if !matches!(quote, b'"' | b'\'' | b'`') {
        return false;
    }
    let head = text.get(name.saturating_sub(200)..name).unwrap_or_default();
    let line = head.rsplit(|&byte| byte == b'\n').next().unwrap_or_default();
    let marks = line
        .iter()
        .enumerate()
        .filter(|(at, byte)| **byte == quote && (*at == 0 || line.get(at - 1) != Some(&b'\\')));
    marks.count() % 2 == 1
}

/// A call or property that carries a literal: `String("x")`, `process.env.P || "x"`.
fn expression(text: &[u8], at: usize) -> Option<(Range<usize>, Form)> {
    let rest = text.get(at..)?;
    let path = run_to(rest, 80, |byte| {
        !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b':'))
    });
    let callee = rest.get(..path)?;
    if !callee.first()?.is_ascii_alphabetic() {
        return None;
    }
    if callee == b"new" || callee == b"await" || callee == b"lambda" {
        let next = at + path;
        return expression(text, next + blanks(text, next));
    }
    let mut next = at + path;
    let open = next + usize::from(text.get(next) == Some(&b'!'));
    if matches!(text.get(open), Some(b'(' | b'[')) {
        let inside = open + 1;
        let first = quoted(text, inside + blanks(text, inside));
        let Some((value, end)) = first else {
            // `getenv(NAME, "x")` and `f(x) || "y"` end within the line.
            let tail = text.get(inside..)?;
            let close = run_to(tail, 80, |byte| matches!(byte, b')' | b']' | b'\n' | b'"'));
            return matches!(tail.get(close), Some(b')' | b']'))
                .then(|| after_space(text, inside + close + 1))?;
        };
        let after = end + blanks(text, end);
        return match text.get(after)? {
            b')' | b']' if wraps(callee) => Some((value, Form::Wrapped)),
            b',' if reads_env(callee) => {
                let second = after + 1;
                quoted(text, second + blanks(text, second)).map(|(value, _)| (value, Form::Default))
            }
            b',' if wraps(callee) => Some((value, Form::Wrapped)),
            b')' | b']' => after_space(text, after + 1),
            _ => None,
        };
    }
    next += blanks(text, next);
    if next > at + path { alternative(text, next) } else { None }
}

fn after_space(text: &[u8], at: usize) -> Option<(Range<usize>, Form)> {
    alternative(text, at + blanks(text, at))
}

fn last_segment(callee: &[u8]) -> &[u8] {
    callee.rsplit(|byte| matches!(byte, b'.' | b':')).next().unwrap_or_default()
}

/// Calls that hand their literal on unchanged or decoded.
fn wraps(callee: &[u8]) -> bool {
    let last = last_segment(callee);
    const WRAPPERS: &[&[u8]] = &[
        b"string",
        b"str",
        b"bytes",
        b"byte",
        b"from",
        b"some",
        b"secret",
        b"secretstr",
        b"secretstring",
        b"new",
        b"encode",
        b"b64decode",
        b"base64",
        b"decode",
        b"atob",
        b"unhexlify",
        b"fromhex",
        b"securestring",
        b"key",
        b"password",
        b"ptr",
        b"stringptr",
        b"of",
        b"bytearray",
        b"pointer",
        b"strptr",
        b"value",
        b"just",
        b"box",
        b"tochararray",
        b"decodestring",
        b"symmetricsecuritykey",
        b"getbytes",
        b"frombase64string",
        b"fernet",
    ];
    let makes = !last.get(..3).is_some_and(|verb| verb.eq_ignore_ascii_case(b"get"))
        && [&b"credential"[..], b"password", b"secret"]
            .iter()
            .any(|root| find_ignoring_case(last, root));
    makes || WRAPPERS.iter().any(|word| last.eq_ignore_ascii_case(word))
}

/// Calls whose first argument names a variable and whose second is the default.
fn reads_env(callee: &[u8]) -> bool {
    let last = last_segment(callee);
    callee.windows(3).any(|window| window.eq_ignore_ascii_case(b"env"))
        || [&b"get"[..], b"config", b"getproperty", b"fetch", b"getoption", b"getordefault"]
            .iter()
            .any(|word| last.eq_ignore_ascii_case(word))
}

/// A bare value, to the end of its line or to the next delimiter.
fn bare(text: &[u8], name: &Range<usize>, at: usize, tight: bool) -> Option<(Range<usize>, Form)> {
    let rest = text.get(at..text.len().min(at + 1100))?;
    if starts_line(text, name.start) {
        let line = rest.get(..run_to(rest, 1100, |byte| matches!(byte, b'\n' | b'\r')))?;
        let mut end = line.len();
        for window in 1..line.len() {
            let blank = line.get(window - 1).is_some_and(|b| matches!(b, b' ' | b'\t'));
            let byte = line.get(window);
            let comment =
                byte == Some(&b'#') || (byte == Some(&b'/') && line.get(window + 1) == Some(&b'/'));
            // Without blanks around the operator, a blank ends the value as in a shell.
            if blank && (comment || tight) {
                end = window - 1;
                break;
            }
        }
        let mut value = line.get(..end)?.trim_ascii_end();
        while let Some((b',' | b';' | b'\\', head)) = value.split_last() {
            value = head.trim_ascii_end();
        }
        // An environment line inside quotes: `- "PASSWORD=x"`.
        let quote = name.start.checked_sub(1).and_then(|before| text.get(before));
        if let Some(quote @ (b'"' | b'\'')) = quote {
            value = value.strip_suffix(&[*quote]).unwrap_or(value);
        }
        return Some((at..at + value.len(), Form::Line));
    }
    let end = run_to(rest, 1100, |byte| {
        byte.is_ascii_whitespace()
            || matches!(
                byte,
                b',' | b';'
                    | b'"'
                    | b'\''
                    | b'`'
                    | b'<'
                    | b'>'
                    | b')'
                    | b'}'
                    | b']'
                    | b'\\'
                    | b'|'
                    | b'&'
            )
    });
    Some((at..at + end, Form::Inline))
}

/// The longest quoted run inside the text of a JSON object, which holds the secret if any does.
pub(super) fn longest_string(value: &[u8]) -> Option<Range<usize>> {
    let mut best: Option<Range<usize>> = None;
    let mut start = None;
    for (at, &byte) in value.iter().enumerate() {
        if byte != b'"' {
            continue;
        }
        let slash = usize::from(at > 0 && value.get(at - 1) == Some(&b'\\'));
        if let Some(open) = start {
            let end = at - slash;
            if end > open && best.as_ref().is_none_or(|best: &Range<usize>| best.len() < end - open)
            {
                best = Some(open..end);
            }
            start = None;
        } else {
            start = Some(at + 1);
        }
    }
    best
}
