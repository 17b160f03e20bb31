//! Values that follow their name after a blank: options, directives, declarations.

use std::ops::Range;

use super::literal::quoted;
use super::{blanks, finish, run, run_to, starts_line};
use crate::generic::{Assignment, Form};

/// A blank and a word: typed declarations, options, and languages that need no operator.
pub(super) fn word(text: &[u8], name: &Range<usize>, at: usize) -> Option<(Range<usize>, Form)> {
    let byte = *text.get(at)?;
    let ident = text.get(name.clone())?;
    let before = |distance: usize| name.start.checked_sub(distance).and_then(|i| text.get(i));
    if !may_take_word(text, name.start, at, byte) {
        return None;
    }
    // Options: `--password x`; the dashes belong to the identifier's left side.
    if before(1) == Some(&b'-') {
        let option = before(2) == Some(&b'-')
            || before(2).is_none_or(|byte| byte.is_ascii_whitespace() || *byte == b'"');
        if !option || byte == b'-' {
            return None;
        }
        return option_value(text, at).map(|value| (value, Form::Flag));
    }
    if ident.eq_ignore_ascii_case(b"sshpass") {
        let rest = text.get(at..)?.strip_prefix(b"-p")?;
        let value = at + 2 + run(rest.iter(), |byte| byte == b' ');
        return option_value(text, value).map(|value| (value, Form::Flag));
    }
    if byte == b'"' || byte == b'\'' {
        // `variable "db_password"` is handled at its own hit; SQL says PASSWORD 'x'.
        let sql = ident.eq_ignore_ascii_case(b"password")
            && byte == b'\''
            && (ident[0] == b'P'
                || previous_word(text, name.start).eq_ignore_ascii_case(b"with")
                || previous_word(text, name.start).eq_ignore_ascii_case(b"encrypted"));
        let directive = starts_line(text, name.start) && directive(ident);
        return (sql || directive)
            .then(|| quoted(text, at))?
            .map(|(value, _)| (value, Form::Space));
    }
    if byte.is_ascii_alphabetic() || matches!(byte, b'[' | b'*' | b'&') {
        // `password string = "x"`.
        let rest = text.get(at..)?;
        let width = run_to(rest, 40, |byte| byte.is_ascii_whitespace() || byte == b'=');
        let next = at + width + blanks(text, at + width);
        if text.get(next) == Some(&b'=') && text.get(next + 1) != Some(&b'=') {
            let value = next + 1;
            let (value, _) = quoted(text, value + blanks(text, value))?;
            return Some((value, Form::Quoted));
        }
    }
    let previous = previous_word(text, name.start);
    let declares = matches!(previous, b"ENV" | b"ARG" | b"setenv" | b"login" | b"env");
    let netrc = ident == b"password" && previous_but_one(text, name.start) == b"login";
    let directive = directive(ident) && starts_line(text, name.start);
    if !(declares || netrc || directive) {
        return None;
    }
    if previous == b"login" && !netrc {
        return None;
    }
    let rest = text.get(at..)?;
    let end = at + run_to(rest, 1024, |byte| byte.is_ascii_whitespace());
    let alone = declares || netrc || {
        let after = end + blanks(text, end);
        text.get(after).is_none_or(|byte| matches!(byte, b'\n' | b'\r' | b'#'))
    };
    alone.then_some((at..end, Form::Space))
}

/// A cheap test that refuses prose: what stands right before the name and behind the word.
#[inline]
fn may_take_word(text: &[u8], name: usize, at: usize, byte: u8) -> bool {
    let head = text.get(name.saturating_sub(8)..name).unwrap_or_default();
    match head.iter().rev().find(|byte| !matches!(byte, b' ' | b'\t')) {
        None
        | Some(b'\n' | b'-' | b'G' | b'V' | b'v' | b'n' | b'*' | b'#' | b';' | b'"' | b'\'') => {
            return true;
        }
        Some(_) => {}
    }
    if matches!(byte, b'"' | b'\'' | b'-') {
        return true;
    }
    // A .netrc entry may stand on one line.
    let head = text.get(name.saturating_sub(64)..name).unwrap_or_default();
    if text.get(name..at).is_some_and(|ident| ident.starts_with(b"password"))
        && memchr::memmem::find(head, b"login ").is_some()
    {
        return true;
    }
    // A type and an equals sign.
    let Some(rest) = text.get(at..) else { return false };
    let width = run_to(rest, 40, |byte| byte.is_ascii_whitespace() || byte == b'=');
    text.get(at + width + blanks(text, at + width)) == Some(&b'=')
}

/// Names that take their value after a blank in configuration files.
fn directive(ident: &[u8]) -> bool {
    [&b"requirepass"[..], b"masterauth", b"password", b"passwd", b"pass", b"secret", b"dbpassword"]
        .iter()
        .any(|word| ident.eq_ignore_ascii_case(word))
}

/// The value of a command line option at `at`, quoted or up to a blank.
fn option_value(text: &[u8], at: usize) -> Option<Range<usize>> {
    if let Some((value, _)) = quoted(text, at) {
        return Some(value);
    }
    let rest = text.get(at..)?;
    let end = run_to(rest, 512, |byte| {
        byte.is_ascii_whitespace()
            || matches!(byte, b'"' | b'\'' | b'`' | b'|' | b';' | b')' | b',')
    });
    let end = end - usize::from(rest.get(..end)?.ends_with(b"\\"));
    Some(at..at + end)
}

/// `curl -u user:password`.
pub(super) fn curl(text: &[u8], hit: usize) -> Option<Assignment> {
    let edge = |byte: Option<&u8>| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric());
    if !edge(hit.checked_sub(1).and_then(|before| text.get(before)))
        || !matches!(text.get(hit + 4)?, b' ' | b'\t')
    {
        return None;
    }
    let line = text.get(hit + 4..text.len().min(hit + 300))?;
    let line = line.get(..run_to(line, 300, |byte| byte == b'\n'))?;
    let (at, width) = line
        .windows(4)
        .position(|w| w == b" -u ")
        .map(|at| (at + 1, 2))
        .or_else(|| line.windows(8).position(|w| w == b" --user ").map(|at| (at + 1, 6)))?;
    let option = hit + 4 + at;
    let argument = option + width;
    let argument = argument + blanks(text, argument);
    let pair = option_value(text, argument)?;
    let colon = text.get(pair.clone())?.iter().position(|&byte| byte == b':')?;
    finish(text, option..option + width, pair.start + colon + 1..pair.end, Form::Flag)
}

/// `ConvertTo-SecureString "x" -AsPlainText`.
pub(super) fn secure_string(text: &[u8], hit: usize) -> Option<Assignment> {
    let start = hit.checked_sub(10)?;
    if !text.get(start..hit)?.eq_ignore_ascii_case(b"ConvertTo-") {
        return None;
    }
    let end = hit + 12;
    let mut next = end + blanks(text, end);
    if text.get(next..next + 7).is_some_and(|word| word.eq_ignore_ascii_case(b"-String")) {
        next += 7;
        next += blanks(text, next);
    }
    let (value, _) = quoted(text, next)?;
    finish(text, start..end, value, Form::Flag)
}

/// The word before `at` on the same line, or nothing.
pub(super) fn previous_word(text: &[u8], at: usize) -> &[u8] {
    let head = text.get(at.saturating_sub(48)..at).unwrap_or_default();
    let head = head.trim_ascii_end_on_line();
    let length = run(head.iter().rev(), |byte| byte.is_ascii_alphanumeric() || byte == b'_');
    head.get(head.len() - length..).unwrap_or_default()
}

fn previous_but_one(text: &[u8], at: usize) -> &[u8] {
    let word = previous_word(text, at);
    let head = text.get(at.saturating_sub(48)..at).unwrap_or_default();
    let trimmed = head.trim_ascii_end_on_line().len();
    let start = at - (head.len() - trimmed) - word.len();
    previous_word(text, start)
}

trait TrimOnLine {
    fn trim_ascii_end_on_line(&self) -> &[u8];
}

impl TrimOnLine for [u8] {
    fn trim_ascii_end_on_line(&self) -> &[u8] {
        let blank = run(self.iter().rev(), |byte| matches!(byte, b' ' | b'\t'));
        self.get(..self.len() - blank).unwrap_or_default()
    }
}
