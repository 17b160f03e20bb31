//! What a value looks like, without regard to where it stands.

use stanch_rules::entropy::shannon;

use super::words::{bigram_score, word_coverage};

/// Measured properties of a value.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    pub(super) len: usize,
    pub(super) lower: usize,
    pub(super) upper: usize,
    pub(super) digits: usize,
    /// Printable ASCII other than letters, digits, `_ - . /` and blanks.
    pub(super) symbols: usize,
    pub(super) joiners: usize,
    pub(super) spaces: usize,
    pub(super) foreign: usize,
    pub(super) transitions: usize,
    pub(super) entropy: f32,
    /// Share of the letters that belong to known words, 0..=1.
    pub(super) words: f32,
    /// How much the letter pairs resemble English, 0..=1.
    pub(super) english: f32,
    pub(super) hex: bool,
    pub(super) uuid: bool,
}

impl Shape {
    pub(super) fn of(value: &[u8]) -> Self {
        let count = |test: fn(u8) -> bool| value.iter().filter(|byte| test(**byte)).count();
        let class = |byte: u8| match byte {
            b'a'..=b'z' => 0,
            b'A'..=b'Z' => 1,
            b'0'..=b'9' => 2,
            _ => 3,
        };
        let letters = count(|byte| byte.is_ascii_alphabetic());
        let hex = value.len() >= 16
            && value.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'-')
            && value.iter().any(u8::is_ascii_digit);
        Self {
            len: value.len(),
            lower: count(|byte| byte.is_ascii_lowercase()),
            upper: count(|byte| byte.is_ascii_uppercase()),
            digits: count(|byte| byte.is_ascii_digit()),
            symbols: count(|byte| byte.is_ascii_punctuation() && !joins(byte)),
            joiners: count(joins),
            spaces: count(|byte| matches!(byte, b' ' | b'\t')),
            foreign: count(|byte| !byte.is_ascii()),
            transitions: value
                .iter()
                .zip(value.iter().skip(1))
                .filter(|(a, b)| class(**a) != class(**b))
                .count(),
            entropy: shannon(value),
            words: if letters == 0 { 0.0 } else { word_coverage(value) as f32 / letters as f32 },
            english: bigram_score(value),
            hex,
            uuid: uuid(value),
        }
    }

    /// Entropy as a share of what the classes of characters that are there allow, 0..=1.
    pub(super) fn evenness(&self) -> f32 {
        let size = |is_there: bool, size: u8| if is_there { f32::from(size) } else { 0.0 };
        let alphabet = size(self.lower > 0, 26)
            + size(self.upper > 0, 26)
            + size(self.digits > 0, 10)
            + size(self.symbols + self.joiners + self.spaces > 0, 16);
        let most = alphabet.min(self.len as f32).log2();
        if most > 0.0 { (self.entropy / most).min(1.0) } else { 0.0 }
    }

    pub(super) fn letters(&self) -> usize {
        self.lower + self.upper
    }
}

fn joins(byte: u8) -> bool {
    matches!(byte, b'_' | b'-' | b'.' | b'/')
}

fn uuid(value: &[u8]) -> bool {
    value.len() == 36
        && value.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Letters first, then digits or symbols, as people make passwords: `summer2019!`.
pub(super) fn human_pattern(value: &[u8]) -> bool {
    let letters = value.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let rest = value.get(letters..).unwrap_or_default();
    let leet = value.iter().any(u8::is_ascii_alphabetic)
        && value.windows(3).any(|w| {
            w[0].is_ascii_alphabetic()
                && matches!(w[1], b'0' | b'1' | b'3' | b'4' | b'5' | b'7' | b'@' | b'$' | b'!')
                && w[2].is_ascii_alphabetic()
        });
    let tail = (3..=16).contains(&letters)
        && !rest.is_empty()
        && rest.len() <= 8
        && rest.iter().any(|byte| {
            !matches!(
                byte,
                b'.' | b'_' | b'-' | b':' | b'/' | b',' | b';' | b'(' | b')' | b'?' | b'='
            )
        })
        && rest.iter().all(|byte| byte.is_ascii_digit() || byte.is_ascii_punctuation());
    (5..=24).contains(&value.len()) && (tail || (leet && value.len() <= 16))
}

/// Names, labels and constants: words joined by `_`, `-`, `.`, `/`, `:` or humps, few digits.
pub(super) fn identifier(value: &[u8]) -> bool {
    value
        .first()
        .is_some_and(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-' | b'.' | b'#'))
        && value.iter().all(|byte| byte.is_ascii_alphanumeric() || joins(*byte) || *byte == b':')
}

/// `TOKEN_EXPIRED`, `E_AUTH`.
pub(super) fn constant(value: &[u8]) -> bool {
    value.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_')
        && value.contains(&b'_')
        && value.iter().filter(|byte| byte.is_ascii_digit()).count() * 4 < value.len()
}

/// `a.b.c`, with words rather than noise between the dots.
pub(super) fn dotted(value: &[u8]) -> bool {
    value.contains(&b'.')
        && value.split(|byte| *byte == b'.').all(|part| {
            !part.is_empty()
                && part.len() < 24
                && part.first().is_some_and(u8::is_ascii_alphabetic)
                && part
                    .iter()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        })
}

/// File system paths and addresses without credentials.
pub(super) fn location(value: &[u8]) -> bool {
    let starts = |start: &[u8]| value.starts_with(start);
    let address = value.windows(3).any(|window| window == b"://") && !value.contains(&b'@');
    let rooted = starts(b"./")
        || starts(b"../")
        || starts(b"~/")
        || starts(b"\\\\")
        || value.get(1..3) == Some(b":\\")
        || starts(b"//")
        || starts(b"/etc/")
        || starts(b"/var/")
        || starts(b"/usr/")
        || starts(b"/run/");
    let slashes = value.iter().filter(|byte| **byte == b'/').count();
    let path = starts(b"/") && word_coverage(value) * 2 >= value.len().saturating_sub(slashes);
    let extension = value
        .iter()
        .rposition(|byte| *byte == b'.')
        .and_then(|dot| value.get(dot + 1..))
        .is_some_and(|extension| {
            matches!(
                extension,
                b"pem"
                    | b"key"
                    | b"crt"
                    | b"json"
                    | b"yml"
                    | b"yaml"
                    | b"txt"
                    | b"js"
                    | b"ts"
                    | b"py"
                    | b"go"
                    | b"md"
                    | b"html"
                    | b"php"
                    | b"xml"
                    | b"cer"
                    | b"p12"
                    | b"pfx"
                    | b"jks"
                    | b"conf"
                    | b"sh"
                    | b"css"
                    | b"com"
                    | b"net"
                    | b"org"
                    | b"io"
            )
        });
    address || rooted || path || extension
}

/// Code rather than data: calls, member chains, type names, operators.
pub(super) fn code(value: &[u8]) -> bool {
    const TYPES: &[&[u8]] = &[
        b"string",
        b"str",
        b"String",
        b"bool",
        b"boolean",
        b"int",
        b"integer",
        b"number",
        b"bytes",
        b"any",
        b"unknown",
        b"object",
        b"void",
        b"char",
        b"float",
        b"Option",
        b"list",
        b"dict",
        b"None",
        b"self",
        b"this",
        b"[]byte",
        b"Buffer",
        b"never",
        b"usize",
        b"Uint8Array",
        b"scalar",
        b"password",
        b"array",
        b"secret",
        b"var",
        b"let",
        b"const",
        b"func",
        b"function",
        b"return",
        b"async",
        b"await",
        b"type",
        b"interface",
        b"struct",
        b"class",
        b"enum",
        b"vec",
        b"symbol",
    ];
    let word_end = value
        .iter()
        .position(|byte| {
            !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b':' | b'$'))
        })
        .unwrap_or(value.len());
    let head = value.get(..word_end).unwrap_or_default();
    let rest = value.get(word_end..).unwrap_or_default();
    let next = rest.first().copied().unwrap_or(b' ');
    TYPES.iter().any(|word| head == *word && !next.is_ascii_punctuation() || value == *word)
        || (!head.is_empty()
            && matches!(next, b'(' | b'[')
            && head.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_'))
        || (!head.is_empty() && next == b'<' && rest.contains(&b'>'))
        || value.ends_with(b"{")
        || value.ends_with(b"(")
        || value.ends_with(b"[")
        || value.windows(2).any(|w| {
            w == b"=>" || w == b"->" || w == b"()" || w == b"&&" || w == b"||" || w == b"::"
        })
        || value.starts_with(b"!")
        || value.starts_with(b"*")
        || value.starts_with(b"&")
        || value.starts_with(b"|")
        || value.starts_with(b">")
        || (dotted(value) && word_coverage(value) * 3 >= value.len() * 2)
}

/// The share of steps that go to a neighbour on the keyboard or in the alphabet, 0..=1.
pub(super) fn walks(value: &[u8]) -> f32 {
    const ROWS: &[u8] = b"qwertyuiop asdfghjkl zxcvbnm 1234567890";
    let beside = |a: u8, b: u8| {
        let (a, b) = (a.to_ascii_lowercase(), b.to_ascii_lowercase());
        a.is_ascii_alphanumeric()
            && b.is_ascii_alphanumeric()
            && (a.abs_diff(b) == 1 || ROWS.windows(2).any(|pair| pair == [a, b] || pair == [b, a]))
    };
    let steps = value.windows(2).filter(|pair| beside(pair[0], pair[1])).count();
    steps as f32 / value.len().max(2) as f32
}

/// The share of the value that its most frequent block of three takes, 0..=1.
pub(super) fn repeats(value: &[u8]) -> f32 {
    let value = value.get(..value.len().min(128)).unwrap_or(value);
    let mut blocks: Vec<&[u8]> = value.windows(3).collect();
    blocks.sort_unstable();
    let most = blocks.chunk_by(|a, b| a == b).map(<[_]>::len).max().unwrap_or(0);
    if most < 2 { 0.0 } else { (most * 3) as f32 / value.len() as f32 }
}

/// Whether a value is base64 of a printable text.
pub(super) fn is_encoded_text(value: &[u8]) -> bool {
    value.len() >= 12
        && value.len().is_multiple_of(4)
        && data_encoding::BASE64
            .decode(value.get(..value.len().min(64)).unwrap_or(value))
            .is_ok_and(|plain| plain.iter().all(|b| matches!(b, b' '..=b'~' | b'\n' | b'\r')))
}

/// Whether a value is nothing but escaped bytes, and too few for a key.
pub(super) fn few_bytes(value: &[u8]) -> bool {
    value.len() < 64
        && value.len().is_multiple_of(4)
        && value.chunks_exact(4).all(|escape| {
            escape.starts_with(b"\\x") && escape.iter().skip(2).all(u8::is_ascii_hexdigit)
        })
}

/// Whether a value has nearly every mark of punctuation.
pub(super) fn punctuation(value: &[u8]) -> bool {
    let marks = value.iter().filter(|byte| byte.is_ascii_punctuation());
    marks.collect::<std::collections::BTreeSet<_>>().len() >= 14
}

/// Whether a value is base64 of nothing but words, as in examples.
pub(super) fn words_in_base64(value: &[u8]) -> bool {
    if value.len() < 12 || !value.len().is_multiple_of(4) || value.len() > 200 {
        return false;
    }
    let Ok(plain) = data_encoding::BASE64.decode(value) else { return false };
    let letters = plain.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let is_text = plain.iter().all(|byte| {
        byte.is_ascii_alphabetic() || matches!(byte, b' ' | b'-' | b'_' | b'.' | b':' | b'\n')
    });
    let words = is_text && letters >= 6 && word_coverage(&plain) * 10 >= letters * 8;
    words || (plain.is_ascii() && super::placeholder(&plain).is_some())
}

/// Dates, colours, versions, addresses, names of algorithms and media types: data, no secrets.
pub(super) fn datum(value: &[u8]) -> Option<&'static str> {
    const ALGORITHMS: &[&[u8]] = &[
        b"md5",
        b"sha1",
        b"sha256",
        b"sha384",
        b"sha512",
        b"hs256",
        b"hs384",
        b"hs512",
        b"rs256",
        b"rs384",
        b"rs512",
        b"es256",
        b"es384",
        b"es512",
        b"ps256",
        b"bcrypt",
        b"scrypt",
        b"pbkdf2",
        b"argon2",
        b"argon2i",
        b"argon2id",
        b"ed25519",
        b"x25519",
        b"curve25519",
        b"secp256k1",
        b"p256",
        b"p384",
        b"p521",
        b"base64",
        b"base32",
        b"utf-8",
        b"utf8",
        b"oauth",
        b"oauth2",
        b"ldap",
        b"saml",
        b"saml2",
        b"kerberos",
        b"negotiate",
        b"ntlm",
        b"hawk",
        b"chacha20-poly1305",
        b"rsa-oaep",
        b"a256gcm",
        b"a128kw",
        b"a256kw",
        b"sessionid",
        b"jsessionid",
        b"phpsessid",
        b"inherit",
        b"openid",
        b"oidc",
        b"osxkeychain",
        b"wincred",
        b"libsecret",
        b"keychain",
        b"keyring",
        b"cram-md5",
        b"x509",
    ];
    const FAMILIES: &[&[u8]] = &[
        b"aes-",
        b"aes_",
        b"sha-",
        b"sha2-",
        b"sha3-",
        b"hmac-",
        b"hmacsha",
        b"scram-",
        b"rsa-",
        b"pbkdf2-",
        b"pbkdf2:",
        b"ecdsa-",
        b"ecdh",
        b"dir:",
        b"pkcs",
        b"rgb(",
        b"rgba(",
        b"hsl(",
        b"localhost",
    ];
    let starts = |start: &[u8]| {
        value.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
    };
    let digits_and =
        |others: &[u8]| value.iter().all(|byte| byte.is_ascii_digit() || others.contains(byte));
    let count = |wanted: u8| value.iter().filter(|byte| **byte == wanted).count();
    if ALGORITHMS.iter().any(|name| value.eq_ignore_ascii_case(name))
        || (value.len() < 28 && FAMILIES.iter().any(|family| starts(family)))
    {
        return Some("names an algorithm, a scheme or a host");
    }
    let hash = [
        &b"$2a$"[..],
        b"$2b$",
        b"$2y$",
        b"$argon2",
        b"$1$",
        b"$5$",
        b"$6$",
        b"$apr1$",
        b"{SSHA}",
        b"{SHA",
        b"pbkdf2_sha",
        b"$pbkdf2",
    ]
    .iter()
    .any(|mark| value.starts_with(mark));
    if hash {
        return Some("a password's hash");
    }
    if value.first() == Some(&b'#')
        && matches!(value.len(), 4 | 7 | 9)
        && value.get(1..).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
    {
        return Some("a colour");
    }
    let date = value.len() >= 8
        && value.first().is_some_and(u8::is_ascii_digit)
        && digits_and(b"-:/.TZ +")
        && (count(b'-') == 2 || count(b'/') == 2 || count(b':') == 2);
    let version = digits_and(b".:-") && count(b'.') >= 2
        || (value.first() == Some(&b'v')
            && value.get(1).is_some_and(u8::is_ascii_digit)
            && count(b'.') >= 1
            && value.len() < 16);
    if date || version {
        return Some("a date, version or address");
    }
    let rule = value.contains(&b'|')
        && value
            .iter()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"|:,_".contains(b))
        && word_coverage(value) * 2 >= value.len();
    if rule {
        return Some("a validation rule");
    }
    let pattern = [&b"(?"[..], b"[^", b"]+", b"]*", b".*", b"\\d", b"\\w", b"\\s", b"[a-z"]
        .iter()
        .any(|mark| value.windows(mark.len()).any(|window| window == *mark));
    if pattern
        && value.len() > 4
        && value.iter().filter(|b| b"()[]{}|\\*+^".contains(b)).count() > 2
    {
        return Some("a search pattern");
    }
    let mail = count(b'@') == 1
        && value
            .split(|byte| *byte == b'@')
            .nth(1)
            .is_some_and(|host| dotted(host) && host.len() >= 4)
        && value.split(|byte| *byte == b'@').next().is_some_and(|user| {
            user.len() > 1 && user.iter().all(|b| b.is_ascii_lowercase() || *b == b'.')
        });
    mail.then_some("an e-mail address")
}
