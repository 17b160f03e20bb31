//! Which identifiers promise a secret: the root must be the head of the name.

pub(super) mod lists;

use super::Kind;
use lists::{
    BEFORE_ELSEWHERE, GLUED_AUTH, GLUED_PASS, LEADS_ELSEWHERE, NEUTRAL_TAIL, OTHER_KEY, OTHER_TAIL,
    OTHER_TOKEN, STRONG_KEY, WEAK_SECRET, WEAK_TOKEN, pack_word,
};

/// The roots, in the order in which the first byte tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Root {
    Pass,
    Pwd,
    Secret,
    Token,
    Key,
    Cred,
    Auth,
    Dsn,
    Curl,
    SecureString,
}

/// What an identifier promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Promise {
    pub(super) root: Root,
    pub(super) kind: Kind,
    pub(super) strength: Strength,
    /// A word stands behind the root which the lists do not know.
    pub(super) unknown_tail: bool,
}

/// What the name `password` promises.
pub(super) const PASSWORD: Promise = Promise {
    root: Root::Pass,
    kind: Kind::Password,
    strength: Strength::Strong,
    unknown_tail: false,
};

/// How firmly a name promises a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// `key`, `auth`, `page_token`: usually something else.
    Weak,
    /// `token`, `pass`, `some_key`.
    Medium,
    /// `password`, `api_key`, `client_secret`, `access_token`.
    Strong,
}

/// The root that begins at `at`, with its length in bytes.
#[inline]
pub(super) fn root_at(text: &[u8], at: usize) -> Option<(Root, usize)> {
    let rest = text.get(at..)?;
    let is =
        |word: &[u8]| rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    let (root, word): (Root, &[u8]) = match rest.first()? | 0x20 {
        b'p' if is(b"pass") => (Root::Pass, b"pass"),
        b'p' => (Root::Pwd, b"pwd"),
        b's' if is(b"securestring") => (Root::SecureString, b"securestring"),
        b's' => (Root::Secret, b"secret"),
        b't' => (Root::Token, b"token"),
        b'k' => (Root::Key, b"key"),
        b'c' if is(b"cred") => (Root::Cred, b"cred"),
        b'c' => (Root::Curl, b"curl"),
        b'a' => (Root::Auth, b"auth"),
        b'd' => (Root::Dsn, b"dsn"),
        _ => return None,
    };
    is(word).then_some((root, word.len()))
}

/// What `ident` promises, whose root lies at `at`; `None` if the root is not its head.
pub(super) fn promise(ident: &[u8], at: usize) -> Option<Promise> {
    let (root, len) = root_at(ident, at)?;
    let tail = ident.get(at + len..)?;
    let continuations: &[&[u8]] = match root {
        Root::Pass => {
            &[b"words", b"word", b"phrases", b"phrase", b"wd", b"code", b"wort", b"wrd", b"w"]
        }
        Root::Secret | Root::Token | Root::Key => &[b"s"],
        Root::Cred => &[b"entials", b"ential", b"s"],
        Root::Auth => &[b"orization"],
        _ => &[],
    };
    let full = continuations
        .iter()
        .find(|word| tail.get(..word.len()).is_some_and(|t| t.eq_ignore_ascii_case(word)))
        .map_or(0, |word| word.len());
    let last = *ident.get(at + len + full - 1)?;
    let tail = tail.get(full..)?;
    if let Some(&next) = tail.first() {
        let boundary =
            !next.is_ascii_alphabetic() || (next.is_ascii_uppercase() && last.is_ascii_lowercase());
        if !boundary {
            return None;
        }
    }
    let mut unknown_tail = false;
    for word in Words::new(tail) {
        match tail_word(word) {
            Tail::Neutral => {}
            Tail::Other => return None,
            Tail::Unknown => unknown_tail = true,
        }
    }

    let head = ident.get(..at)?;
    let first = *ident.get(at)?;
    let glued = head.last().is_some_and(|&before| {
        before.is_ascii_alphabetic()
            && !(before.is_ascii_lowercase() && first.is_ascii_uppercase())
            && !(before.is_ascii_uppercase()
                && first.is_ascii_uppercase()
                && ident.get(at + 1).is_some_and(u8::is_ascii_lowercase))
    });
    let before = Words::new(head).last().unwrap_or_default();
    let before = pack_word(before);
    if Words::new(head).next().is_some_and(|word| leads_elsewhere(pack_word(word))) {
        return None;
    }

    let strength = match root {
        Root::Pass if full > 1 => Strength::Strong,
        Root::Pass => {
            if unknown_tail || (glued && !glued_pass(before)) || before_elsewhere(before) {
                return None;
            }
            if before == 0 { Strength::Medium } else { Strength::Strong }
        }
        Root::Pwd | Root::Curl | Root::SecureString => Strength::Strong,
        Root::Secret => {
            if before_elsewhere(before) {
                return None;
            }
            if listed(WEAK_SECRET, before) { Strength::Weak } else { Strength::Strong }
        }
        Root::Token => match before {
            _ if before_elsewhere(before) || listed(OTHER_TOKEN, before) => return None,
            _ if listed(WEAK_TOKEN, before) => Strength::Weak,
            0 => Strength::Medium,
            _ => Strength::Strong,
        },
        Root::Key => {
            if strong_key(before) {
                Strength::Strong
            } else if glued || other_key(before) || unknown_tail {
                return None;
            } else if before == 0 {
                Strength::Weak
            } else {
                Strength::Medium
            }
        }
        Root::Cred => {
            if (glued && full == 0) || before_elsewhere(before) {
                return None;
            }
            if full > 1 { Strength::Medium } else { Strength::Weak }
        }
        Root::Auth => {
            if (glued && !listed(GLUED_AUTH, before)) || unknown_tail || before_elsewhere(before) {
                return None;
            }
            if full > 1 || before == pack_word(b"master") {
                Strength::Medium
            } else {
                Strength::Weak
            }
        }
        Root::Dsn => {
            if glued {
                return None;
            }
            Strength::Weak
        }
    };
    let kind = match root {
        Root::Pass | Root::Pwd | Root::Curl | Root::SecureString => Kind::Password,
        Root::Secret => Kind::Secret,
        Root::Token => Kind::Token,
        Root::Key => Kind::Key,
        Root::Cred | Root::Auth | Root::Dsn => Kind::Credential,
    };
    Some(Promise { root, kind, strength, unknown_tail })
}

/// The promise of a whole identifier, judged by its last root.
pub(super) fn promise_of(ident: &[u8]) -> Option<Promise> {
    if matches!(ident, b"-u" | b"--user") {
        return Some(Promise {
            root: Root::Curl,
            kind: Kind::Password,
            strength: Strength::Strong,
            unknown_tail: false,
        });
    }
    (0..ident.len()).rev().find_map(|at| promise(ident, at))
}

/// Whether a sorted list holds the word.
fn listed(list: &[u128], word: u128) -> bool {
    list.binary_search(&word).is_ok()
}

enum Tail {
    /// Says which one or in what coding, and keeps the promise.
    Neutral,
    /// The name is about something else, or a later root is its head.
    Other,
    Unknown,
}

fn tail_word(word: &[u8]) -> Tail {
    let digits = word.iter().all(u8::is_ascii_digit);
    let word = pack_word(word);
    if digits || listed(NEUTRAL_TAIL, word) {
        Tail::Neutral
    } else if listed(OTHER_TAIL, word) {
        Tail::Other
    } else {
        Tail::Unknown
    }
}

/// A first word that turns the name into a question, a count or an event.
fn leads_elsewhere(word: u128) -> bool {
    listed(LEADS_ELSEWHERE, word)
}

/// A word before the root which makes it a different thing.
fn before_elsewhere(word: u128) -> bool {
    listed(BEFORE_ELSEWHERE, word)
}

fn glued_pass(word: u128) -> bool {
    listed(GLUED_PASS, word)
}

/// Words before `key` that make it a secret.
fn strong_key(word: u128) -> bool {
    listed(STRONG_KEY, word)
}

/// Words before `key` that make it something else.
fn other_key(word: u128) -> bool {
    listed(OTHER_KEY, word)
}

/// The words of an identifier: parted by punctuation, camel humps and digits.
pub(super) struct Words<'a> {
    rest: &'a [u8],
}

impl<'a> Words<'a> {
    pub(super) fn new(ident: &'a [u8]) -> Self {
        Self { rest: ident }
    }
}

impl<'a> Iterator for Words<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let start = self.rest.iter().position(u8::is_ascii_alphanumeric)?;
        let word = self.rest.get(start..)?;
        let mut end = 1;
        while let (Some(&before), Some(&byte)) = (word.get(end - 1), word.get(end)) {
            let after = word.get(end + 1).copied().unwrap_or(b'_');
            let same = byte.is_ascii_alphanumeric()
                && before.is_ascii_digit() == byte.is_ascii_digit()
                && !(before.is_ascii_lowercase() && byte.is_ascii_uppercase())
                && !(before.is_ascii_uppercase()
                    && byte.is_ascii_uppercase()
                    && after.is_ascii_lowercase());
            if !same {
                break;
            }
            end += 1;
        }
        self.rest = word.get(end..).unwrap_or_default();
        word.get(..end)
    }
}
