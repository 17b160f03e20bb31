//! Finds the value that belongs to a name, in whatever language the text is.
//!
//! The order of the tests is the order of their yield: what follows the
//! identifier rules out most hits, the words of the identifier most of the rest.

mod literal;
mod operand;
mod spaced;

use std::ops::Range;

use super::name::{Root, promise, promise_of, root_at};
use super::{Assignment, Form};
use literal::quoted;
use operand::operand;
use spaced::{curl, previous_word, secure_string, word};

/// Longest identifier that is read on either side of the root, in bytes.
const NAME_REACH: usize = 64;
/// Shortest and longest value worth judging, in bytes.
const VALUE_BYTES: std::ops::RangeInclusive<usize> = 4..=1024;

/// The assignment whose name has its head at `hit`, the position of a root in `text`.
///
/// Looks a bounded way around and never allocates.
pub fn assignment(text: &[u8], hit: usize) -> Option<Assignment> {
    let (root, len) = root_at(text, hit)?;
    match root {
        Root::Curl => return curl(text, hit),
        Root::SecureString => return secure_string(text, hit),
        _ => {}
    }
    let right = hit + len;
    if runs_on(text, root, right) {
        return None;
    }
    let reach = text.len().min(right + NAME_REACH);
    let mut end = right;
    while end < reach && text.get(end).is_some_and(|byte| IDENT[usize::from(*byte)]) {
        end += 1;
    }
    // A sentence may end right behind the word.
    while end > right && text.get(end - 1) == Some(&b'.') {
        end -= 1;
    }
    let follow = follow(text, end)?;
    let reach = hit.saturating_sub(NAME_REACH);
    let mut start = hit;
    while start > reach && text.get(start - 1).is_some_and(|byte| IDENT[usize::from(*byte)]) {
        start -= 1;
    }
    while start < hit && text.get(start).is_some_and(|byte| matches!(byte, b'.' | b'-')) {
        start += 1;
    }
    // The `n` of a line break inside a literal is not part of the name.
    if start > 0
        && text.get(start - 1) == Some(&b'\\')
        && start < hit
        && text.get(start).is_some_and(|byte| matches!(byte, b'n' | b'r' | b't'))
    {
        start += 1;
    }
    let name = start..end;
    let ident = text.get(name.clone())?;
    if ident.len() > NAME_REACH {
        return None;
    }
    // Behind an operator nearly anything is a value, so the name decides first; elsewhere the
    // notation is the stricter test.
    let by_name = matches!(follow, Follow::Operator(_));
    if by_name {
        promise(ident, hit - start)?;
    }
    let (value, form) = value_of(text, &name, follow)?;
    if !by_name {
        promise(ident, hit - start)?;
    }
    finish(text, name, value, form)
}

/// Whether the root is only the beginning of another word, such as `keyboard` or `passed`.
#[inline]
fn runs_on(text: &[u8], root: Root, right: usize) -> bool {
    let (Some(&last), Some(&next)) = (text.get(right - 1), text.get(right)) else { return false };
    next.is_ascii_alphabetic()
        && !(last.is_ascii_lowercase() && next.is_ascii_uppercase())
        && !match root {
            Root::Pass => matches!(next | 0x20, b'w' | b'p' | b'c'),
            Root::Secret | Root::Token | Root::Key => next | 0x20 == b's',
            Root::Cred => matches!(next | 0x20, b'e' | b's'),
            Root::Auth => next | 0x20 == b'o',
            Root::Pwd | Root::Dsn | Root::Curl | Root::SecureString => false,
        }
}

/// Whether a byte may belong to an identifier, dotted and dashed ones included.
const IDENT: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        table[byte] =
            (byte as u8).is_ascii_alphanumeric() || matches!(byte as u8, b'_' | b'-' | b'.');
        byte += 1;
    }
    table
};

fn run<'a>(bytes: impl Iterator<Item = &'a u8>, keep: impl Fn(u8) -> bool) -> usize {
    bytes.take(NAME_REACH + 1).take_while(|byte| keep(**byte)).count()
}

/// What comes behind the identifier, as far as the next byte tells.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Follow {
    /// An operator that ties a value to the name, at this position.
    Operator(usize),
    /// The quote that ends the name, at this position; its width with backslashes.
    Quote(usize, usize),
    /// `(` of a call.
    Call(usize),
    /// `>` of a start tag.
    Tag(usize),
    /// Blanks and then a word or literal at this position.
    Word(usize),
    /// The line ends.
    Line(usize),
    /// Something that separates the name from what follows: `)`, `|`, `?`.
    Other(usize),
}

#[inline]
fn follow(text: &[u8], end: usize) -> Option<Follow> {
    Some(match *text.get(end)? {
        b'=' | b':' => Follow::Operator(end),
        b'"' | b'\'' | b'`' => Follow::Quote(end, 1),
        b'\\' => {
            let slashes = run(text.get(end..)?.iter(), |byte| byte == b'\\');
            match text.get(end + slashes)? {
                b'"' | b'\'' => Follow::Quote(end, slashes + 1),
                _ => return None,
            }
        }
        b'(' => Follow::Call(end),
        b'>' => Follow::Tag(end),
        b'\n' | b'\r' => Follow::Line(end),
        b'?' | b'|' | b'!' => Follow::Other(end),
        b' ' | b'\t' => {
            let next = end + blanks(text, end);
            match *text.get(next)? {
                b'=' | b':' => Follow::Operator(next),
                b'|' | b'!' | b'?' | b'<' => Follow::Other(next),
                b')' | b',' | b';' | b'}' | b'.' | b'{' | b'+' | b'/' | b'\n' | b'\r' => {
                    return None;
                }
                _ => Follow::Word(next),
            }
        }
        _ => return None,
    })
}

fn value_of(text: &[u8], name: &Range<usize>, follow: Follow) -> Option<(Range<usize>, Form)> {
    match follow {
        Follow::Operator(at) => after_operator(text, name, at, Form::Quoted),
        Follow::Quote(at, width) => after_quote(text, name, at, width),
        Follow::Call(at) => call(text, name, at),
        Follow::Tag(at) => element(text, name, at),
        Follow::Word(at) => word(text, name, at),
        Follow::Line(at) => next_field(text, name, at),
        Follow::Other(at) => alternative(text, at),
    }
}

/// `= x`, `: x`, `:= x`, `=> x`, `== x`, and a type between `:` and `=`.
fn after_operator(
    text: &[u8],
    name: &Range<usize>,
    at: usize,
    plain: Form,
) -> Option<(Range<usize>, Form)> {
    let rest = text.get(at..)?;
    let starts = |operator: &[u8]| rest.starts_with(operator);
    let (width, form) = if starts(b"===") || starts(b"!==") {
        (3, Form::Compare)
    } else if starts(b"==") || starts(b"!=") {
        (2, Form::Compare)
    } else if starts(b"::") || starts(b"=~") || (starts(b":") && preceded_by_colon(text, name)) {
        // A path of the program, a pattern, a resource name such as `arn:…:secret:…`.
        return None;
    } else if starts(b":=") || starts(b"=>") {
        (2, plain)
    } else if starts(b":-") {
        // The default of a shell variable.
        let value = text.get(at + 2..)?;
        let end = run_to(value, 256, |byte| matches!(byte, b'}' | b'\n' | b' '));
        return (value.get(end) == Some(&b'}')).then_some((at + 2..at + 2 + end, Form::Default));
    } else {
        (1, plain)
    };
    let value = at + width;
    if starts(b":")
        && width == 1
        && let Some(typed) = typed(text, value)
    {
        return operand(text, name, typed, plain, true);
    }
    operand(text, name, value, form, width == 1 && value == name.end + 1)
}

fn preceded_by_colon(text: &[u8], name: &Range<usize>) -> bool {
    name.start.checked_sub(1).and_then(|before| text.get(before)) == Some(&b':')
}

/// The position behind the `=` of `: Type = value`, if there is a type.
fn typed(text: &[u8], at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let length = run_to(rest, 60, |byte| {
        !(byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'_' | b'&'
                    | b'<'
                    | b'>'
                    | b'['
                    | b']'
                    | b'.'
                    | b':'
                    | b'|'
                    | b'?'
                    | b' '
                    | b'*'
                    | b'\''
            ))
    });
    let end = at + length;
    let kind = text.get(at..end)?;
    (text.get(end) == Some(&b'=')
        && !matches!(text.get(end + 1), Some(b'=' | b'>'))
        && kind.last() == Some(&b' ')
        && kind.iter().any(u8::is_ascii_alphabetic))
    .then_some(end + 1)
}

/// What follows a quoted name: an operator, an index bracket, a list or a sibling field.
fn after_quote(
    text: &[u8],
    name: &Range<usize>,
    at: usize,
    width: usize,
) -> Option<(Range<usize>, Form)> {
    let quote = text.get(at + width - 1)?;
    let mut next = at + width;
    let opened = name.start.checked_sub(1).and_then(|before| text.get(before)) == Some(quote);
    next += blanks(text, next);
    match text.get(next)? {
        b']' => {
            next += 1;
            next += blanks(text, next);
            match text.get(next)? {
                b'=' | b'!' => after_operator(text, name, next, Form::Quoted),
                b'|' | b'?' => alternative(text, next),
                _ => None,
            }
        }
        b':' | b'=' => after_operator(text, name, next, Form::Quoted),
        b'!' => after_operator(text, name, next, Form::Quoted),
        b'>' if opened => element(text, name, next),
        b',' if opened => {
            if let Some(found) = next_field(text, name, next + 1) {
                return Some(found);
            }
            let after = next + 1;
            let (value, end) = quoted(text, after + blanks(text, after))?;
            if env_call(text, name.start.checked_sub(width)?) {
                return Some((value, Form::Default));
            }
            // Two literals alone in brackets are a pair, more of them a list.
            let head =
                text.get(name.start.saturating_sub(width + 8)..name.start.checked_sub(width)?)?;
            let opens = matches!(head.trim_ascii_end().last(), Some(b'(' | b'[' | b'{'));
            let next = end + blanks(text, end);
            let alone = match text.get(next)? {
                b')' | b']' | b'}' => true,
                b',' => quoted(text, next + 1 + blanks(text, next + 1)).is_none(),
                _ => false,
            };
            (opens && alone).then_some((value, Form::Pair))
        }
        b')' if opened => {
            let after = next + 1;
            alternative(text, after + blanks(text, after))
        }
        b'{' if opened => block_default(text, name, next),
        b'\n' | b'\r' => next_field(text, name, next),
        _ if opened && next > at + width => next_field(text, name, next),
        _ => None,
    }
}

/// Whether the call whose first argument starts with the quote at `quote` reads a variable.
fn env_call(text: &[u8], quote: usize) -> bool {
    let Some(head) = text.get(quote.saturating_sub(24)..quote) else { return false };
    let Some(head) = head.strip_suffix(b"(") else { return false };
    let called = run(head.iter().rev(), |byte| IDENT[usize::from(byte)]);
    head.get(head.len() - called..).is_some_and(|path| {
        path.windows(3).any(|w| w.eq_ignore_ascii_case(b"env"))
            || path.to_ascii_lowercase_ends(b"get")
    })
}

trait EndsIgnoringCase {
    fn to_ascii_lowercase_ends(&self, end: &[u8]) -> bool;
}

impl EndsIgnoringCase for [u8] {
    fn to_ascii_lowercase_ends(&self, end: &[u8]) -> bool {
        self.len() >= end.len() && self[self.len() - end.len()..].eq_ignore_ascii_case(end)
    }
}

/// `setPassword("x")`, `.password("x")`, `password.equals("x")`.
fn call(text: &[u8], name: &Range<usize>, at: usize) -> Option<(Range<usize>, Form)> {
    let argument = at + 1;
    let (value, end) = quoted(text, argument + blanks(text, argument))?;
    let ident = text.get(name.clone())?;
    let closes = matches!(text.get(end + blanks(text, end))?, b')' | b',');
    let compares =
        ident.to_ascii_lowercase_ends(b".equals") || ident.to_ascii_lowercase_ends(b".eq");
    let segment = ident.rsplit(|&byte| byte == b'.').next()?;
    if !compares {
        promise_of(segment)?;
    }
    let first = super::name::Words::new(segment).next()?;
    let sets = [&b"set"[..], b"with", b"using", b"update", b"change"]
        .iter()
        .any(|verb| first.eq_ignore_ascii_case(verb));
    let builds = segment.len() < ident.len()
        || name.start.checked_sub(1).and_then(|before| text.get(before)) == Some(&b'.');
    if !closes {
        None
    } else if compares {
        Some((value, Form::Compare))
    } else if sets || (builds && ident.iter().any(u8::is_ascii_lowercase)) {
        Some((value, Form::Call))
    } else {
        None
    }
}

/// `<password>x</password>`; the name may carry a namespace.
fn element(text: &[u8], name: &Range<usize>, at: usize) -> Option<(Range<usize>, Form)> {
    let reach = name.start.saturating_sub(80)..name.start;
    let head = text.get(reach)?;
    let open = head.iter().rposition(|byte| matches!(byte, b'<' | b'>' | b'\n'))?;
    if head.get(open) != Some(&b'<') {
        return None;
    }
    let start = at + 1;
    let rest = text.get(start..)?;
    let end = run_to(rest, 1024, |byte| matches!(byte, b'<' | b'\n'));
    (rest.get(end..)?.starts_with(b"</")).then_some(())?;
    Some((start..start + end, Form::Element))
}

/// A field beside the one that holds the name: `name: P` and `value: x`, in either notation.
fn next_field(text: &[u8], name: &Range<usize>, at: usize) -> Option<(Range<usize>, Form)> {
    let mut next = at;
    next += run(text.get(next..)?.iter(), |byte| byte.is_ascii_whitespace() || byte == b',');
    let rest = text.get(next..)?;
    let quotes = usize::from(matches!(rest.first()?, b'"' | b'\''));
    let rest = rest.get(quotes..)?;
    if !matches!(rest.first()? | 0x20, b'v' | b'd') {
        return None;
    }
    let word = [&b"value"[..], b"default", b"val"].into_iter().find(|word| {
        rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
    })?;
    next += quotes + word.len();
    next += usize::from(quotes == 1 && matches!(text.get(next)?, b'"' | b'\''));
    next += blanks(text, next);
    if !matches!(text.get(next)?, b':' | b'=') {
        return None;
    }
    let head = text.get(name.start.saturating_sub(24)..name.start)?;
    let head = head.rsplit(|&byte| byte == b'\n').next()?;
    let field = [&b"name"[..], b"key", b"variable"]
        .iter()
        .any(|field| super::words::find_ignoring_case(head, field));
    if !field || !head.iter().any(|byte| matches!(byte, b':' | b'=')) {
        return None;
    }
    let (value, _) = operand(text, &(next..next), next + 1, Form::Quoted, false)?;
    Some((value, Form::Fields))
}

/// `default = "x"` inside the block of `variable "db_password" {`.
fn block_default(text: &[u8], name: &Range<usize>, at: usize) -> Option<(Range<usize>, Form)> {
    if previous_word(text, name.start.checked_sub(1)?) != b"variable" {
        return None;
    }
    let block = text.get(at..text.len().min(at + 400))?;
    let block = block.get(..block.iter().position(|&byte| byte == b'}')?)?;
    let word = block.windows(7).position(|window| window == b"default")?;
    let mut next = at + word + 7;
    next += blanks(text, next);
    if text.get(next) != Some(&b'=') {
        return None;
    }
    next += 1;
    let (value, _) = quoted(text, next + blanks(text, next))?;
    Some((value, Form::Default))
}

/// `|| "x"`, `?? "x"`, `or "x"`, `!= "x"` and `?: string = "x"` behind a name.
fn alternative(text: &[u8], at: usize) -> Option<(Range<usize>, Form)> {
    let rest = text.get(at..)?;
    let (width, form) = if rest.starts_with(b"!==") {
        (3, Form::Compare)
    } else if rest.starts_with(b"!=") {
        (2, Form::Compare)
    } else if rest.starts_with(b"||=") || rest.starts_with(b"??=") {
        (3, Form::Quoted)
    } else if rest.starts_with(b"||") || rest.starts_with(b"??") || rest.starts_with(b"?:") {
        (2, Form::Default)
    } else if rest.starts_with(b"?=") || rest.starts_with(b"<-") {
        (2, Form::Quoted)
    } else if rest.starts_with(b"or ") {
        (3, Form::Default)
    } else {
        return None;
    };
    let next = at + width;
    let (value, _) = quoted(text, next + blanks(text, next))?;
    Some((value, form))
}

/// Strips an authentication scheme and blanks, and refuses values too short or too long.
fn finish(text: &[u8], name: Range<usize>, value: Range<usize>, form: Form) -> Option<Assignment> {
    let Range { mut start, mut end } = value;
    while start < end && text.get(start)?.is_ascii_whitespace() {
        start += 1;
    }
    while start < end && text.get(end - 1)?.is_ascii_whitespace() {
        end -= 1;
    }
    for scheme in [&b"Bearer "[..], b"Basic ", b"Token ", b"token ", b"bearer ", b"basic "] {
        if text.get(start..end)?.starts_with(scheme) {
            start += scheme.len();
            break;
        }
    }
    let value = text.get(start..end)?;
    if value.starts_with(b"{")
        && let Some(inner) = operand::longest_string(value)
    {
        (start, end) = (start + inner.start, start + inner.end);
    }
    let value = text.get(start..end)?;
    (VALUE_BYTES.contains(&value.len()) && !value.contains(&b'\n')).then_some(Assignment {
        name,
        value: start..end,
        form,
    })
}

/// Length of the run of blanks at `at`, at most a line's worth.
fn blanks(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    run(rest.iter(), |byte| matches!(byte, b' ' | b'\t'))
}

/// Length of the part of `bytes` before the first byte that `stops`, at most `limit`.
fn run_to(bytes: &[u8], limit: usize, stops: impl Fn(u8) -> bool) -> usize {
    bytes.iter().take(limit).take_while(|byte| !stops(**byte)).count()
}

/// Whether only blanks, list marks and declaring words stand between the line's start and `at`.
fn starts_line(text: &[u8], at: usize) -> bool {
    let head = text.get(at.saturating_sub(160)..at).unwrap_or_default();
    let cut = head.len() < at && !head.contains(&b'\n');
    let head = head.rsplit(|&byte| byte == b'\n').next().unwrap_or_default();
    !cut && head.split(|byte| matches!(byte, b' ' | b'\t')).all(|word| {
        matches!(
            word,
            b"" | b"-"
                | b"export"
                | b"set"
                | b"ENV"
                | b"ARG"
                | b"#"
                | b"//"
                | b";"
                | b"*"
                | b"\""
                | b"'"
                | b"$"
                | b"SET"
                | b"setx"
                | b">"
                | b"+"
                | b"-e"
                | b"--env"
                | b"##"
        )
    })
}
