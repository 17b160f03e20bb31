//! Values that stand for a secret without being one.

use std::sync::LazyLock;

use super::words::{WordSet, contains_any_word};

/// Why `value` is a placeholder, a template reference, a documentation example or a test
/// pattern; `None` if it may be a secret.
///
/// Random values of any length pass: the words that are looked for inside a value are so long
/// that chance does not produce them.
pub fn placeholder(value: &[u8]) -> Option<&'static str> {
    let value = value.trim_ascii();
    let Some((&first, &last)) = value.first().zip(value.last()) else { return Some("is empty") };
    if reference(value, first, last) {
        return Some("refers to a variable or template");
    }
    if masked(value) {
        return Some("is masked or repeats a character");
    }
    if counts(value) {
        return Some("counts through the alphabet, digits or keyboard");
    }
    if escapes(value) {
        return Some("is nothing but escaped signs");
    }
    if directives(value) {
        return Some("is a format that values are put into");
    }
    const NOTHING: &[&[u8]] = &[
        b"none",
        b"null",
        b"nil",
        b"true",
        b"false",
        b"undefined",
        b"empty",
        b"n/a",
        b"todo",
        b"fixme",
        b"tbd",
        b"foo",
        b"bar",
        b"baz",
        b"foobar",
        b"foobaz",
        b"blah",
        b"abc",
        b"bogus",
        b"nope",
        b"yes",
        b"no",
        b"on",
        b"off",
        b"string",
        b"unset",
        b"default",
        b"required",
        b"optional",
        b"disabled",
        b"enabled",
        b"unknown",
        b"value",
        b"text",
        b"prompt",
        b"auto",
    ];
    if NOTHING.iter().any(|word| value.eq_ignore_ascii_case(word)) {
        return Some("is a stand-in word");
    }
    if INSIDE.is_in(value) {
        return Some("says that it is an example or placeholder");
    }
    const WORDS: &[&[u8]] = &[
        b"your", b"dummy", b"fake", b"sample", b"replace", b"insert", b"hidden", b"masked",
        b"mock", b"invalid", b"todo", b"foo",
    ];
    if contains_any_word(value, WORDS) {
        return Some("says that it is an example or placeholder");
    }
    None
}

/// `0x%016llx`, `%#02x`: nothing but directives of `printf`.
fn directives(value: &[u8]) -> bool {
    let mut rest = value.strip_prefix(b"0x").unwrap_or(value);
    let mut seen = false;
    while let Some(at) = memchr::memchr(b'%', rest) {
        let plain = rest.get(..at).unwrap_or_default();
        let tail = rest.get(at + 1..).unwrap_or_default();
        let is_flag = |b: &u8| {
            b.is_ascii_digit()
                || matches!(b, b'#' | b'-' | b'+' | b'.' | b'*' | b'l' | b'h' | b'z' | b'j')
        };
        let flags = tail.iter().take_while(|b| is_flag(b)).count();
        let is_directive = matches!(
            tail.get(flags),
            Some(b'd' | b'i' | b'u' | b'x' | b'X' | b'o' | b's' | b'c' | b'p' | b'f' | b'g' | b'e')
        );
        if !is_directive || plain.iter().any(u8::is_ascii_alphanumeric) {
            return false;
        }
        seen = true;
        rest = tail.get(flags + 1..).unwrap_or_default();
    }
    // What is left is punctuation, or the escape of a line's end.
    let end = rest.strip_suffix(b"\\n").unwrap_or(rest);
    seen && !end.iter().any(u8::is_ascii_alphanumeric)
}

/// `%F0%9F%98%80`: a sign that tests URLs, and no password that somebody chose.
fn escapes(value: &[u8]) -> bool {
    let foreign =
        |w: &&[u8]| w[0] == b'%' && w[1] >= b'8' && w[1..].iter().all(u8::is_ascii_hexdigit);
    let escaped = value.windows(3).filter(foreign).count() * 3;
    escaped >= 6 && value.len() - escaped <= 2
}

/// What says of a value that it is none, wherever it stands in it.
static INSIDE: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::any_case(&[
        b"example",
        b"changeme",
        b"change_me",
        b"change-me",
        b"change_this",
        b"change-this",
        b"changethis",
        b"placeholder",
        b"redacted",
        b"replaceme",
        b"replace_me",
        b"replace-me",
        b"replace_with",
        b"replace-with",
        b"notreal",
        b"not-real",
        b"not_real",
        b"deadbeef",
        b"do-not-use",
        b"donotuse",
        b"foobar",
        b"your_",
        b"your-",
        b"yourpass",
        b"yoursecret",
        b"yourtoken",
        b"yourkey",
        b"yourapi",
        b"your api",
        b"insert_",
        b"insert-",
        b"_here",
        b"-here",
        b"lorem",
        b"_removed",
        b"xxxxx",
        b"*****",
        b"<your",
        b"{your",
        b"[your",
        b"fill_in",
        b"fillme",
        b"fill-me",
        b"enter_your",
        b"setme",
        b"dummy",
        b"fake-",
        b"fake_",
        b"-fake",
        b"_fake",
        b"sanitized",
        b"unchanged_me",
    ])
});

/// Marks of a template or of code that reads the value from elsewhere.
static REFERENCES: LazyLock<WordSet> = LazyLock::new(|| {
    WordSet::exact(&[
        b"${",
        b"{{",
        b"}}",
        b"<%",
        b"%>",
        b"%(",
        b"#{",
        b"$(",
        b"$[",
        b"@@",
        b"os.environ",
        b"process.env",
        b"getenv",
        b"secrets.",
        b"env.",
        b"ENV[",
        b"!vault",
        b"System.get",
        b"valueFrom",
        b"{%",
        b"\\(",
        b"+\"",
        b"\"+",
        b"' +",
        b"' .",
        b"\" .",
        b"data.vault",
        b"var.",
        b"local.",
        b"params.",
        b"__PASS",
        b"__SECRET",
        b"{0}",
        b"{1}",
        b"__TOKEN",
        b"%s",
        b"%v",
        b"{}",
        b"%@",
        b"ansible_vault",
    ])
});

/// `${X}`, `{{ x }}`, `<x>`, `%s`, `$VAR`, `os.environ`, `op://…` and their like.
fn reference(value: &[u8], first: u8, last: u8) -> bool {
    const STARTS: &[&[u8]] = &[
        b"op://",
        b"vault:",
        b"vault://",
        b"ref+",
        b"arn:aws:",
        b"ssm:",
        b"ssm://",
        b"ENC[",
        b"env:",
        b"file:",
        b"file://",
        b"projects/",
        b"@Microsoft.KeyVault",
        b"keyring:",
        b"secretsmanager:",
        b"secret://",
        b"%env",
        b"gcp-secret",
        b"awssm://",
    ];
    let name = |byte: &u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b':' | b' ' | b'>')
    };
    let inner = value.get(1..value.len() - 1).unwrap_or_default();
    let wrapped = matches!(
        (first, last),
        (b'<', b'>') | (b'[', b']') | (b'{', b'}') | (b'%', b'%') | (b'#', b'#')
    ) && inner
        .iter()
        .all(|byte| name(byte) || matches!(byte, b'\'' | b'"' | b'/' | b',' | b'|'));
    let rest = value.get(1..).unwrap_or_default();
    let variable = first == b'$'
        && rest.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_')
        && rest.iter().all(|byte| name(byte) || matches!(byte, b'[' | b']' | b'\''))
        && (!rest.iter().any(u8::is_ascii_digit)
            || rest.iter().all(|byte| !byte.is_ascii_lowercase()));
    wrapped
        || variable
        || (first == b'@'
            && !rest.is_empty()
            && rest.iter().all(|b| b.is_ascii_lowercase() || *b == b'_'))
        || (value.starts_with(b"__") && value.ends_with(b"__"))
        || STARTS.iter().any(|start| value.starts_with(start))
        || REFERENCES.is_in(value)
}

/// `xxxx`, `********`, `0000-0000`, `AAAAAA…`, `...`.
fn masked(value: &[u8]) -> bool {
    let mut counts = [0_usize; 256];
    for byte in value {
        counts[usize::from(byte.to_ascii_lowercase())] += 1;
    }
    let most = counts.iter().max().copied().unwrap_or(0);
    let kinds = counts.iter().filter(|count| **count > 0).count();
    kinds == 1
        || (value.len() >= 6 && most * 10 >= value.len() * 7)
        || (kinds == 2
            && value.len() >= 8
            && value.iter().any(|byte| matches!(byte, b'-' | b'_' | b' ' | b'*' | b'.')))
        || value.ends_with(b"...")
        || value.starts_with(b"...")
        || (!value.is_ascii() && value.windows(3).any(|window| window == "…".as_bytes()))
        || (value.len() >= 12 && repeats_block(value))
}

/// `abcabcabcabc`: a block of at most four bytes over and over.
fn repeats_block(value: &[u8]) -> bool {
    (1..=4)
        .any(|width| value.iter().zip(value.iter().skip(width)).all(|(byte, later)| byte == later))
}

/// `12345678`, `abcdefgh`, `0123456789abcdef`, `qwertyuiop`: nearly every step is the next one.
fn counts(value: &[u8]) -> bool {
    const ROWS: &[u8] = b"qwertyuiop asdfghjkl zxcvbnm";
    if value.len() < 8 {
        return false;
    }
    // `AABBCC` counts as `ABC` does, and so does `123.456`.
    let mut value: Vec<u8> = value.iter().copied().filter(u8::is_ascii_alphanumeric).collect();
    value.dedup();
    if value.len() < 4 {
        return false;
    }
    let lower = |byte: &u8| byte.to_ascii_lowercase();
    let has_digit = value.iter().any(u8::is_ascii_digit);
    let steps = value
        .iter()
        .zip(value.iter().skip(1))
        .filter(|(a, b)| {
            let (a, b) = (lower(a), lower(b));
            a.checked_add(1) == Some(b)
                || b.checked_add(1) == Some(a)
                || matches!((a, b), (b'9', b'0' | b'a') | (b'z', b'a' | b'0') | (b'0', b'9'))
                || (!has_digit && ROWS.windows(2).any(|pair| pair == [a, b]))
        })
        .count();
    steps * 100 >= (value.len() - 1) * 85
}
