//! Whether a value is given to something that holds secrets: the question that
//! a detector asks whose values look like many others, such as 32 hexadecimal
//! digits.

/// How far before a value is looked, in bytes.
const SIGHT: usize = 96;

/// Most bytes of quotes, blanks and signs between a name and its value.
const GLUE_MAX: usize = 14;

/// Longest part of a name behind its word, as in `key_tests`.
const TAIL_MAX: usize = 13;

/// Words at the end of the names of what holds secrets.
const WORDS: [&[u8]; 13] = [
    b"key",
    b"token",
    b"secret",
    b"password",
    b"passwd",
    b"pwd",
    b"auth",
    b"authorization",
    b"bearer",
    b"credential",
    b"credentials",
    b"login",
    b"value",
];

/// Whether the value that begins at `at` is given to something that holds
/// secrets.
pub(crate) fn to_secret(text: &[u8], at: usize) -> bool {
    let (before, name) = sight(text, at);
    let glue = before.len() - name.len();
    let is_given = || is_option(name) || is_named(untyped(name));
    is_argument(before) || is_login(before) || ((1..=GLUE_MAX).contains(&glue) && is_given())
}

/// Whether it is given to what ends in one of these words of lower case.
pub(crate) fn to_one_of(text: &[u8], at: usize, words: &[String]) -> bool {
    let (before, name) = sight(text, at);
    let glue = before.len() - name.len();
    glue <= GLUE_MAX && words.iter().any(|word| ends_with(before, glue, word.as_bytes()))
}

/// What stands before a value, with and without the signs between.
fn sight(text: &[u8], at: usize) -> (&[u8], &[u8]) {
    let before = text.get(at.saturating_sub(SIGHT)..at).unwrap_or_default();
    let glue = before.iter().rev().take_while(|b| is_glue(**b)).count();
    (before, before.get(..before.len() - glue).unwrap_or_default())
}

fn is_glue(byte: u8) -> bool {
    byte.is_ascii_whitespace() || b"\"'`:=,>|?()[]\\@".contains(&byte)
}

/// `Client("` and `Client(id, "`: the first arguments of a call; in Ruby these
/// have no parentheses, but then names stand before.
fn is_argument(before: &[u8]) -> bool {
    let [call @ .., b'"' | b'\'' | b'`'] = before else { return false };
    let named = |b: u8| b.is_ascii_alphabetic() || matches!(b, b'_' | b')' | b']');
    if let [.., last, b','] = call.trim_ascii_end()
        && named(*last)
    {
        return true;
    }
    let from = call.iter().rposition(|b| matches!(b, b'\n' | b'[' | b'{' | b')' | b'}'));
    let call = call.get(from.map_or(0, |at| at + 1)..).unwrap_or_default();
    let Some(open) = call.iter().rposition(|b| *b == b'(') else { return false };
    call.get(open..).unwrap_or_default().iter().filter(|b| **b == b',').count() < 3
}

/// `//user:` of a URL, and `-u user:` of a command.
fn is_login(before: &[u8]) -> bool {
    let Some(user) = before.strip_suffix(b":") else { return false };
    let is_user = |b: &u8| !b.is_ascii_whitespace() && !b"/:\"'@".contains(b);
    let len = user.iter().rev().take(60).take_while(|b| is_user(b)).count();
    let lead = user.get(..user.len() - len).unwrap_or_default();
    let option = lead.strip_suffix(b"\"").or(lead.strip_suffix(b"'")).unwrap_or(lead);
    lead.ends_with(b"//") || option.trim_ascii_end().ends_with(b"-u")
}

/// ` -k`: an option of one letter.
fn is_option(name: &[u8]) -> bool {
    matches!(name, [.., b' ' | b'\t', b'-', letter] if letter.is_ascii_alphabetic())
}

/// A name without the type behind it: `key: &'static str`, `key string`.
fn untyped(name: &[u8]) -> &[u8] {
    let typed = [&b"str"[..], b"String", b"string"].iter().find_map(|t| name.strip_suffix(*t));
    let Some(rest) = typed else { return name };
    let rest = rest.strip_suffix(b"'static ").unwrap_or(rest);
    let rest = rest.strip_suffix(b"&").unwrap_or(rest);
    let sign = |b: &u8| matches!(b, b' ' | b':');
    match rest.iter().rev().take_while(|b| sign(b)).count() {
        len @ 1..=3 => rest.get(..rest.len() - len).unwrap_or_default(),
        _ => name,
    }
}

/// Whether one of [`WORDS`] is the last of a name, or has little behind it:
/// `keys`, `KEY2`, `token_test`, `secretValue`.
fn is_named(name: &[u8]) -> bool {
    let is_tail = |tail: &[u8]| match *tail {
        [] | [b's' | b'0'..=b'9'] => true,
        [b'_' | b'-', ref word @ ..] => {
            !word.is_empty() && word.iter().all(u8::is_ascii_alphanumeric)
        }
        [b'A'..=b'Z', ref word @ ..] => word.iter().all(u8::is_ascii_alphanumeric),
        _ => false,
    };
    (0..=TAIL_MAX.min(name.len())).any(|len| {
        let (head, tail) = name.split_at(name.len() - len);
        is_tail(tail) && WORDS.iter().any(|word| ends_with(head, 0, word))
    })
}

/// Whether a text ends in a word of lower case, and in at most `glue` bytes
/// behind it.
fn ends_with(text: &[u8], glue: usize, word: &[u8]) -> bool {
    (0..=glue).any(|behind| {
        let end = text.len().saturating_sub(behind);
        end.checked_sub(word.len())
            .and_then(|start| text.get(start..end))
            .is_some_and(|part| part.eq_ignore_ascii_case(word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assigned(before: &str) -> bool {
        to_secret(before.as_bytes(), before.len())
    }

    #[test]
    fn what_holds_a_secret_has_a_word_for_it() {
        for before in [
            "KEY=",
            "acme_token: '",
            "\"api-keys\": [\"",
            "secretValue := \"",
            "TOKEN_2 = ",
            "authorization: Bearer ",
            "const KEY: &'static str = \"",
            "var apiKey string = \"",
            "config[\"token\"] = \"",
            "key_tests = \"",
        ] {
            assert!(assigned(before), "{before}");
        }
        for before in
            ["", "commit ", "sha256 = \"", "monkeys_of_all_sorts: ", "[\"", "keyhole = \""]
        {
            assert!(!assigned(before), "{before}");
        }
    }

    #[test]
    fn an_argument_a_login_and_an_option_hold_it_too() {
        for before in [
            "Client(\"",
            "new Client( '",
            "Client(id, \"",
            "provider :acme, ENV['ID'], '",
            "curl -u me:",
            "curl -u 'me:",
            "https://me:",
            "tool -k ",
        ] {
            assert!(assigned(before), "{before}");
        }
        for before in ["check([\"", "f(a)[\"", "all: \"a\", \"", "12:", "x-k "] {
            assert!(!assigned(before), "{before}");
        }
    }

    #[test]
    fn a_detector_may_know_other_words() {
        let words = ["app_id".to_owned(), "/v3/".to_owned()];
        let assigned = |before: &str| to_one_of(before.as_bytes(), before.len(), &words);
        assert!(assigned("APP_ID = \""));
        assert!(assigned("https://api.example/v3/"));
        assert!(!assigned("app_idea = \""));
    }
}
