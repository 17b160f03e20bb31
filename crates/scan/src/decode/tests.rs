//! What all decoders have to keep to, and helpers for their own tests.

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
use proptest::prelude::*;

use super::*;

const LIMITS: Limits = Limits { bytes: 1 << 20 };

/// All results for a text that is one run.
pub(super) fn decode_run(text: &[u8]) -> Vec<Decoded> {
    let mut out = Vec::new();
    run(text, 0..text.len(), &LIMITS, &mut out);
    out
}

/// The texts of one encoding among results.
pub(super) fn all(found: &[Decoded], encoding: Encoding) -> Vec<String> {
    let of = found.iter().filter(|decoded| decoded.encoding == encoding);
    of.map(|decoded| String::from_utf8_lossy(&decoded.text).into_owned()).collect()
}

/// The runs of a text, as the engine finds them.
pub(super) fn runs(text: &[u8]) -> Vec<Range<usize>> {
    let is_run = |b: &u8| b.is_ascii_alphanumeric() || b"_-+/=.~%\\".contains(b);
    let mut at = 0;
    let mut runs = Vec::new();
    for piece in text.split(|b| !is_run(b)) {
        if piece.len() >= 20 {
            runs.push(at..at + piece.len());
        }
        at += piece.len() + 1;
    }
    runs
}

/// All results for all runs in a text.
pub(super) fn decode_all(text: &[u8]) -> Vec<Decoded> {
    let mut out = Vec::new();
    for range in runs(text) {
        run(text, range, &LIMITS, &mut out);
    }
    out
}

#[test]
fn ordinary_runs_are_not_decoded() {
    for text in [
        "some_long_function_name_in_snake_case",
        "SomeLongTypeNameInCamelCaseWithManyWords",
        "SOME_LONG_CONSTANT_NAME_IN_CAPITALS",
        "kebab-case-name-of-some-component-or-file",
        "src/decode/quoted_printable/mod.rs",
        "/usr/share/doc/packages/example/README.md",
        "../../../node_modules/example/dist/index.js",
        "com.example.application.services.internal.Handler",
        "https://example.org/some/long/path/to/a/page.html",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "550e8400-e29b-41d4-a716-446655440000",
        "0x0123456789abcdef0123456789abcdef",
        "1234567890123456789012345678901234567890",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "----------------------------------------",
        "========================================",
        "////////////////////////////////////////",
        "%d%s%5.2f%lu%zu%%%s%s%s%s%s%s",
        r"C:\Windows\System32\drivers\etc\hosts",
        r"\n\t\r\n\t\tindented\nagain\nand\nagain",
        "version=1.2.3-alpha.4+build.5678.release",
        "a=b=c=d=e=f=g=h=i=j=k=l=m",
    ] {
        let found = decode_run(text.as_bytes());
        assert!(found.is_empty(), "{text}: {found:?}");
    }
}

#[test]
fn source_code_is_hardly_ever_decoded() {
    let sources = [include_str!("mod.rs"), include_str!("builder.rs"), include_str!("content.rs")];
    for source in sources {
        // Their own examples of escapes aside.
        let lines = source.lines().filter(|line| !line.contains("\\u"));
        for line in lines {
            let found = decode_all(line.as_bytes());
            assert!(found.is_empty(), "{line}: {found:?}");
            for run in runs(line.as_bytes()) {
                assert_eq!(concatenation_around(line.as_bytes(), run, &LIMITS), None, "{line}");
            }
        }
        assert_eq!(utf16(source.as_bytes()), None);
        assert_eq!(utf16_strings(source.as_bytes(), &LIMITS), None);
    }
}

#[test]
fn random_tokens_are_hardly_ever_decoded() {
    // A small linear congruential generator, so that the share is reproducible.
    let mut state = 1_u64;
    let mut next = |below: u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let symbols = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut decoded = 0;
    for _ in 0..20_000 {
        let length = 20 + next(60);
        let token: Vec<u8> = (0..length).map(|_| symbols[next(64) as usize]).collect();
        decoded += usize::from(!decode_run(&token).is_empty());
    }
    assert!(decoded <= 4, "{decoded}");
}

#[test]
fn names_are_kebab_case() {
    for encoding in [Encoding::Base64Url, Encoding::HtmlEntities, Encoding::QuotedPrintable] {
        assert!(
            encoding
                .name()
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b == b'-' || b.is_ascii_digit())
        );
    }
}

#[test]
fn a_chain_of_encodings_opens_call_by_call() {
    let token = "token=synthetic_0123456789";
    let once = BASE64.encode(token.as_bytes());
    let twice = HEXLOWER.encode(once.as_bytes());
    let thrice: String = twice.bytes().map(|b| format!("%{b:02X}")).collect();
    let found = decode_run(thrice.as_bytes());
    assert_eq!(all(&found, Encoding::Percent), [twice.as_str()]);
    let found = decode_run(&found[0].text);
    assert_eq!(all(&found, Encoding::Hex), [once.as_str()]);
    let found = decode_run(&found[0].text);
    assert_eq!(all(&found, Encoding::Base64), [token]);
}

/// Encodes each character of a text by one of several ways, as `choices` say;
/// the second result is where each character begins, and the end.
fn encode(
    text: &str,
    choices: &[u8],
    ways: &[&dyn Fn(char) -> String],
    before: &str,
) -> (String, Vec<usize>) {
    let mut encoded = before.to_owned();
    let mut starts = Vec::new();
    for (char, choice) in text.chars().zip(choices.iter().cycle()) {
        starts.push(encoded.len());
        encoded += &ways[usize::from(*choice) % ways.len()](char);
    }
    starts.push(encoded.len());
    (encoded, starts)
}

fn check_map(decoded: &Decoded, token: &str, starts: &[usize]) -> Result<(), TestCaseError> {
    let at = decoded.text.windows(token.len()).position(|w| w == token.as_bytes());
    let Some(at) = at else {
        return Err(TestCaseError::fail(format!("{token} not in {decoded:?}")));
    };
    for from in 0..token.len() {
        for to in [from + 1, token.len()] {
            prop_assert_eq!(decoded.outer(at + from..at + to), starts[from]..starts[to]);
        }
    }
    Ok(())
}

fn one(found: Vec<Decoded>, encoding: Encoding) -> Result<Decoded, TestCaseError> {
    let found: Vec<Decoded> = found.into_iter().filter(|d| d.encoding == encoding).collect();
    prop_assert_eq!(found.len(), 1, "{:?}", found);
    found.into_iter().next().ok_or_else(|| TestCaseError::fail("nothing found"))
}

fn plain(char: char) -> String {
    char.to_string()
}

/// Bytes that mean something to some decoder, and some that do not.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop_oneof![
        4 => prop::sample::select(vec![
            "%41", "%", "\\u0041", "\\u{41}", "\\ud83d", "\\x41", "\\101", "\\\\", "\\", "&#65;", "&#x",
            "&#1", "&amp;", "=3D", "=\n", "=\r\n", "\n", "\\n", "\" + \"", "' .. '", "\"", "'", "`",
            "concat!(", ", ", "eyJhIjoxfQ", ".eyJhIjoxfQ.", "H4sI", "eJw", "SGVsbG8g", "cABhAHMA",
            "0x", "68656c6c6f", "/", "+", "==", "\u{e9}", " ", "\0", "p\0a\0s\0s\0", "{", "}", "_\n",
        ]).prop_map(|s| s.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..20),
        2 => "[A-Za-z0-9+/_=-]{1,80}".prop_map(String::into_bytes),
        1 => ("[A-Za-z0-9+/\"'=&#%-]{1,3}", 1..40_usize).prop_map(|(s, n)| s.repeat(n).into_bytes()),
    ];
    prop::collection::vec(pieces, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_bytes_ranges_and_limits_are_survived(
        text in hostile(),
        start in 0..1000_usize,
        length in 0..1000_usize,
        bytes in prop_oneof![0..40_usize, 0..5000_usize],
        from in 0..200_usize,
        to in 0..200_usize,
    ) {
        let limits = Limits { bytes };
        let mut out = Vec::new();
        run(&text, start..start + length, &limits, &mut out);
        for range in runs(&text) {
            run(&text, range.clone(), &limits, &mut out);
            out.extend(concatenation_around(&text, range, &limits));
        }
        out.extend(concatenation_around(&text, start..start + length, &limits));
        for at in 0..text.len() + 2 {
            out.extend(entities_at(&text, at, &limits));
            out.extend(concatenation_at(&text, at, &limits));
        }
        out.extend(utf16_strings(&text, &limits));
        out.push(utf16_decode(&text, utf16(&text).unwrap_or(Encoding::Utf16Be), &limits));
        for decoded in &out {
            prop_assert!(decoded.text.len() <= bytes, "{:?}", decoded);
            prop_assert!(decoded.span.start <= decoded.span.end);
            prop_assert!(decoded.span.end <= text.len());
            for inner in [from..to, 0..to, 0..decoded.text.len()] {
                let outer = decoded.outer(inner);
                prop_assert!(outer.start <= outer.end);
                prop_assert!(outer.start >= decoded.span.start && outer.end <= decoded.span.end, "{:?}", decoded);
            }
            if let Some(map) = &decoded.map {
                prop_assert!(map.is_sorted());
                prop_assert!(map.is_sorted_by_key(|anchor| anchor.1));
            }
        }
    }

    #[test]
    fn base64_round_trips(
        before in "[ -~]{0,40}",
        token in "[A-Za-z0-9_]{24,80}",
        after in "[ -~é€\n]{0,200}",
        kind in 0..6,
    ) {
        let text = format!("{before}={token}\n{after}");
        let bytes = text.as_bytes();
        let wrapped = |width: usize| {
            let encoded = BASE64.encode(bytes);
            let lines: Vec<&str> =
                encoded.as_bytes().chunks(width).map(|line| str::from_utf8(line).unwrap()).collect();
            lines.join("\n    ")
        };
        let blob = match kind {
            0 => BASE64.encode(bytes),
            1 => BASE64_NOPAD.encode(bytes),
            2 => BASE64URL.encode(bytes),
            3 => BASE64URL_NOPAD.encode(bytes),
            4 => wrapped(64),
            _ => wrapped(76),
        };
        let found = decode_all(format!("data: {blob}\n").as_bytes());
        prop_assert!(found.iter().any(|d| d.text == bytes), "{} {:?}", blob, found);
    }

    #[test]
    fn hex_round_trips(token in "[A-Za-z0-9_]{20,60}", upper: bool) {
        let hex = if upper { HEXUPPER.encode(token.as_bytes()) } else { HEXLOWER.encode(token.as_bytes()) };
        let decoded = one(decode_run(format!("k=0x{hex}").as_bytes()), Encoding::Hex)?;
        prop_assert_eq!(&decoded.text, token.as_bytes());
        prop_assert_eq!(decoded.outer(3..5), 4..4 + hex.len());
    }

    #[test]
    fn percent_round_trips(token in "[A-Za-z0-9_/+=.]{20,60}", choices in prop::collection::vec(0..2_u8, 1..9)) {
        let (text, starts) = encode(&token, &choices, &[&|c| format!("%{:02X}", c as u32), &plain], "url=%3d");
        check_map(&one(decode_run(text.as_bytes()), Encoding::Percent)?, &token, &starts)?;
    }

    #[test]
    fn escapes_round_trip(token in "[A-Za-z0-9_/+=.]{20,60}", choices in prop::collection::vec(0..5_u8, 1..9)) {
        let ways: [&dyn Fn(char) -> String; 5] = [
            &|c| format!("\\u{:04x}", c as u32),
            &|c| format!("\\x{:02X}", c as u32),
            &|c| format!("\\{:03o}", c as u32),
            &|c| format!("\\\\u{:04X}", c as u32),
            &plain,
        ];
        let (text, starts) = encode(&token, &choices, &ways, "\\u0061\\n");
        check_map(&one(decode_run(text.as_bytes()), Encoding::Escapes)?, &token, &starts)?;
    }

    #[test]
    fn entities_round_trip(token in "[A-Za-z0-9_/+=.]{20,60}", choices in prop::collection::vec(0..4_u8, 1..9)) {
        let ways: [&dyn Fn(char) -> String; 3] =
            [&|c| format!("&#{};", c as u32), &|c| format!("&#x{:x};", c as u32), &plain];
        let (text, starts) = encode(&token, &choices, &ways, "more <p>&lt;k=");
        let text = format!("{text}&#33;");
        let root = text.find("&#").unwrap();
        let decoded = entities_at(text.as_bytes(), root, &LIMITS);
        check_map(&one(decoded.into_iter().collect(), Encoding::HtmlEntities)?, &token, &starts)?;
    }

    #[test]
    fn quoted_printable_round_trips(token in "[A-Za-z0-9_/+.]{45,200}", before in 0..70_usize) {
        let mut text = format!("{} k=3D", "x".repeat(before));
        let mut line = text.len();
        let mut starts = Vec::new();
        for byte in token.chars() {
            if line == 75 {
                text += "=\r\n";
                line = 0;
            }
            starts.push(text.len());
            text.push(byte);
            line += 1;
        }
        starts.push(text.len());
        let found = decode_all(format!("{text}\r\n").as_bytes());
        let found = found.into_iter().filter(|d| d.encoding == Encoding::QuotedPrintable);
        let found = found.max_by_key(|d| d.text.len());
        let decoded = found.ok_or_else(|| TestCaseError::fail("nothing found"))?;
        let at = decoded.text.windows(token.len()).position(|w| w == token.as_bytes());
        prop_assert!(at.is_some(), "{:?}", decoded);
        for (index, &start) in starts.iter().take(token.len()).enumerate() {
            let at = at.unwrap_or_default() + index;
            prop_assert_eq!(decoded.outer(at..at + 1), start..start + 1);
        }
    }

    #[test]
    fn utf16_round_trips(text in "[ -~é€😀]{20,80}", big: bool) {
        let bytes = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
        let blob: Vec<u8> = text.encode_utf16().flat_map(bytes).collect();
        let encoding = if big { Encoding::Utf16Be } else { Encoding::Utf16Le };
        let decoded = utf16_decode(&blob, encoding, &LIMITS);
        prop_assert_eq!(&decoded.text, text.as_bytes());
        for (at, char) in text.char_indices() {
            let outer = text[..at].encode_utf16().count() * 2;
            prop_assert_eq!(
                decoded.outer(at..at + char.len_utf8()),
                outer..outer + char.len_utf16() * 2
            );
        }
    }

    #[test]
    fn concatenation_round_trips(
        token in "[A-Za-z0-9_/+=.]{20,60}",
        cuts in prop::collection::vec(1..12_usize, 1..9),
        operator in prop::sample::select(vec!["+", " + ", "\n  . ", " ..\n", " & _\n ", "\\\n", " || "]),
        quote in prop::sample::select(vec!['"', '\'', '`']),
    ) {
        let mut text = format!("key = {quote}");
        let mut starts = Vec::new();
        let mut left = 12;
        let mut cuts = cuts.into_iter().cycle();
        for char in token.chars() {
            if left == 0 {
                text += &format!("{quote}{operator}{quote}");
                left = cuts.next().unwrap_or(1);
            }
            starts.push(text.len());
            text.push(char);
            left -= 1;
        }
        text.push(quote);
        let root = starts[11] + 1;
        let decoded = concatenation_at(text.as_bytes(), root, &LIMITS);
        let decoded = decoded.ok_or_else(|| TestCaseError::fail(text.clone()))?;
        prop_assert_eq!(&decoded.text, token.as_bytes());
        for (index, &start) in starts.iter().enumerate() {
            prop_assert_eq!(decoded.outer(index..index + 1), start..start + 1);
        }
        let first = starts[0]..starts[11] + 1;
        prop_assert_eq!(concatenation_around(text.as_bytes(), first, &LIMITS), Some(decoded));
    }
}
