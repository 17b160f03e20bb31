//! What looks like a secret and is none, by what stands around it.

use std::ops::Range;
use std::sync::LazyLock;

use super::name::lists;
use super::words::WordSet;

/// How far before and behind a value its neighbours are looked for, in bytes.
const SIGHT: usize = 400;

/// Names that stand beside keys wherever something is encrypted, and seldom
/// elsewhere.
#[rustfmt::skip]
static CRYPTOGRAPHY: &[u128] = &lists::pack([
    b"algorithm", b"cipher", b"digest", b"input", b"iter", b"iterations", b"iv", b"kdf",
    b"keylen", b"mac", b"nonce", b"prf", b"privatekey", b"publickey", b"salt",
]);

/// Names that only test vectors have beside keys: what comes out is known.
#[rustfmt::skip]
static OUTCOMES: &[u128] = &lists::pack([
    b"aad", b"adata", b"ciphertext", b"cleartext", b"ct", b"derive", b"dklen", b"expected",
    b"expectedoutput", b"ikm", b"msg", b"okm", b"output", b"peerkey", b"plaintext", b"prk",
    b"pt", b"result", b"sharedsecret", b"tag",
]);

/// Why the value at `span`, which is called `name`, is no secret.
pub(super) fn around(text: &[u8], name: &[u8], span: &Range<usize>) -> Option<&'static str> {
    let before = text.get(span.start.saturating_sub(SIGHT)..span.start).unwrap_or_default();
    let behind = text.len().min(span.end + SIGHT);
    let behind = text.get(span.end..behind).unwrap_or_default();
    if name.eq_ignore_ascii_case(b"key") && selects(before, behind) {
        return Some("the key of a label selector");
    }
    if behind.trim_ascii_start().starts_with(b"-----BEGIN ") {
        return Some("the name of the block below it");
    }
    if is_vector(before, behind) {
        return Some("one of the test vectors of an algorithm");
    }
    None
}

/// Why a value is no secret, by what it is called and its own form.
pub(super) fn itself(name: &[u8], value: &[u8]) -> Option<&'static str> {
    // A password may hold a slash too, but seldom begins with one.
    let is_path = || matches!(value, [b'/' | b'$', ..] | [b'~', b'/', ..] | [_, b':', b'\\', ..]);
    if name.eq_ignore_ascii_case(b"pwd") && is_path() {
        return Some("the working directory");
    }
    let handshake = b"sec-websocket-";
    if name.get(..handshake.len()).is_some_and(|head| head.eq_ignore_ascii_case(handshake)) {
        return Some("a number of a handshake, used once");
    }
    if value.ends_with(b"_request") && value.iter().filter(|b| **b == b'/').count() >= 3 {
        return Some("the scope of a signed request");
    }
    let dots = value.iter().filter(|b| **b == b'.').count();
    if dots >= 3 && value.iter().all(|b| b.is_ascii_digit() || *b == b'.') {
        return Some("an object identifier or an address");
    }
    if is_date(value) {
        return Some("a date");
    }
    None
}

/// Whether a value begins with a date of ISO 8601 and goes on like a time.
fn is_date(value: &[u8]) -> bool {
    let form = |(at, byte): (usize, &u8)| match at {
        4 | 7 => *byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    let Some((head, rest)) = value.split_at_checked(10) else { return false };
    head.iter().enumerate().all(form)
        && rest.iter().all(|b| b.is_ascii_digit() || b"T Z:+-.".contains(b))
}

/// Whether neighbouring names say that an algorithm is tested here.
fn is_vector(before: &[u8], behind: &[u8]) -> bool {
    // One bit for each name that was seen.
    let (mut names, mut outcomes) = (0u32, 0u32);
    let mut note = |part: &[u8]| {
        let Some(name) = name_of(part) else { return };
        let name = lists::pack_word(name);
        if let Ok(at) = OUTCOMES.binary_search(&name) {
            outcomes |= 1 << at;
        } else if let Ok(at) = CRYPTOGRAPHY.binary_search(&name) {
            names |= 1 << at;
        }
    };
    // Several may stand on one line: `{key: "…", iv: "…", pt: "…"}`.
    let parted = |b: &u8| matches!(b, b'\n' | b',' | b'{' | b';' | b'(');
    // The part right before the value is its own name.
    before.rsplit(parted).skip(1).take(24).for_each(&mut note);
    behind.split(parted).skip(1).take(24).for_each(&mut note);
    outcomes != 0 && outcomes.count_ones() + names.count_ones() > 1
}

/// The name that something is assigned to.
fn name_of(part: &[u8]) -> Option<&[u8]> {
    let end = part.iter().take(40).position(|b| matches!(b, b':' | b'='))?;
    let name = part.get(..end)?;
    let is_name = |b: &u8| b.is_ascii_alphanumeric();
    let first = name.iter().position(is_name)?;
    let last = name.iter().rposition(is_name)?;
    // Of `Ctrl.salt` the last word counts.
    let name = name.get(first..=last)?;
    name.rsplit(|b| !b.is_ascii_alphanumeric()).next()
}

/// Whether an entry `key` belongs to a selector or toleration of Kubernetes.
fn selects(before: &[u8], behind: &[u8]) -> bool {
    static BEFORE: LazyLock<WordSet> = LazyLock::new(|| {
        WordSet::exact(&[b"matchExpressions", b"matchFields", b"tolerations", b"taints"])
    });
    static BEHIND: LazyLock<WordSet> =
        LazyLock::new(|| WordSet::exact(&[b"operator", b"effect", b"tolerationSeconds"]));
    BEHIND.is_in(behind.get(..160).unwrap_or(behind)) || BEFORE.is_in(before)
}

/// Whether the value at `span` is the hash of something that is no secret: it
/// has the length of one, and the name or path before it says so.
pub(crate) fn is_hash(text: &[u8], span: &Range<usize>) -> bool {
    /// How far before the value its name is looked for, in bytes.
    const SIGHT: usize = 48;
    static WORDS: LazyLock<WordSet> = LazyLock::new(|| {
        WordSet::any_case(&[
            b"sha1",
            b"sha2",
            b"sha3",
            b"sha5",
            b"_sha",
            b"sha\"",
            b"sha'",
            b"sha:",
            b"sha=",
            b"hash\"",
            b"hash'",
            b"hash:",
            b"hash=",
            b"_hash",
            b"md5",
            b"digest",
            b"checksum",
            b"integrity",
            b"commit",
            b"etag",
            b"revision",
            b"fingerprint",
            b"thumbprint",
            b"/tree/",
            b"/blob/",
            b"statuses/",
        ])
    });
    let value = text.get(span.clone()).unwrap_or_default();
    if !matches!(value.len(), 32 | 40 | 64 | 96 | 128) || !value.iter().all(u8::is_ascii_hexdigit) {
        return false;
    }
    let before = text.get(span.start.saturating_sub(SIGHT)..span.start).unwrap_or_default();
    let line = before.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    WORDS.is_in(before.get(line..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(text: &str, name: &str, value: &str) -> Option<&'static str> {
        let start = text.find(value).unwrap();
        around(text.as_bytes(), name.as_bytes(), &(start..start + value.len()))
    }

    #[test]
    fn names_are_sorted() {
        assert!(OUTCOMES.is_sorted() && CRYPTOGRAPHY.is_sorted());
        assert!(OUTCOMES.len() <= 32 && CRYPTOGRAPHY.len() <= 32);
    }

    #[test]
    fn a_vector_has_an_outcome_beside_its_key() {
        let vector = "Cipher = AES-128-CBC\nKey = 5f81\nIV = 0001\nPlaintext = 6bc1\n";
        assert!(why(vector, "Key", "5f81").is_some());
        let go = "{key: \"5f81\", nonce: \"00\", aad: \"\", want: \"77\"},";
        assert!(why(go, "key", "5f81").is_some());
        let settings = "cipher: aes-256-cbc\nkey: 5f81\niv: 0001\nsalt: 7\n";
        assert_eq!(why(settings, "key", "5f81"), None);
    }

    #[test]
    fn a_key_beside_a_tag_is_no_vector() {
        assert_eq!(why("key: 5f81\ntag: v1\n", "key", "5f81"), None);
        let state =
            "\"password\": \"5f81\",\n\"result\": \"x\",\n\"secret\": \"y\",\n\"key\": 1,\n";
        assert_eq!(why(state, "password", "5f81"), None);
        assert_eq!(why("password = \"5f81\"\nmsg = \"hello\"\n", "password", "5f81"), None);
    }

    #[test]
    fn some_values_tell_themselves() {
        let none = |name: &str, value: &str| itself(name.as_bytes(), value.as_bytes()).is_some();
        assert!(none("PWD", "/srv/app/src"));
        assert!(none("Sec-WebSocket-Key", "dGhlIG5vbmNlIGlzIG5vbmUuLg=="));
        assert!(none("Credential", "ID/20260101/eu/s3/aws4_request"));
        assert!(none("OID_AUTH", "1.3.6.1.5.5.7.3.1"));
        assert!(none("key2", "1979-05-27T00:32:00-07:00"));
        assert!(!none("PWD", "kR8tzQ1w"));
        assert!(!none("pwd", "kR8/zQ1w"));
        assert!(!none("key", "1979-05-27-kR8tzQ1w"));
        assert!(!none("pin", "19790527"));
    }

    #[test]
    fn a_selector_has_an_operator() {
        let selector = "- key: app.example/tier-7\n  operator: In\n  values: [a]\n";
        assert!(why(selector, "key", "app.example/tier-7").is_some());
        assert_eq!(why("key: app7\nname: x\n", "key", "app7"), None);
    }
}
