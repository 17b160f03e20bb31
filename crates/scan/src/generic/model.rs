//! From features to a probability: plain rules first, then a logistic model.

mod weights;

use std::ops::Range;
use std::sync::LazyLock;

use super::context::{self, FileKind, Place};
use super::name::{PASSWORD, Promise, Root, Strength, promise_of};
use super::noise;
use super::placeholder::placeholder;
use super::value::{self, Shape};
use super::words::{contains_any_word, find_ignoring_case, is_word};
use super::{Assignment, Form, Judgement, Kind};
use weights::WEIGHTS;

/// How many features the model has.
pub const FEATURES: usize = weights::WEIGHTS.len();
/// The features of one assignment, in the order of the weights; nearly all lie in 0..=1.
pub type Features = [f32; FEATURES];

/// How likely the assignment's value is a secret, and why; reasons against it
/// begin with `against: `.
pub fn judge(text: &[u8], assignment: &Assignment, place: &Place) -> Judgement {
    let name = text.get(assignment.name.clone()).unwrap_or_default();
    let kind = promise_of(name).map_or(Kind::Secret, |promise| promise.kind);
    judgement(kind, features(text, assignment, place))
}

/// The same for a value that its form says to be a password, such as that of a
/// URL.
pub fn judge_password(text: &[u8], value: Range<usize>, place: &Place) -> Judgement {
    judgement(Kind::Password, features_of(text, b"password", PASSWORD, value, Form::Quoted, place))
}

/// The same for the password of `user:password` in base64; none if it is no
/// such thing.
pub fn judge_login(value: &[u8], place: &Place) -> Option<Judgement> {
    let login = data_encoding::BASE64.decode(value).ok()?;
    let colon = memchr::memchr(b':', &login)?;
    let end = login.len();
    Some(judge_password(&login, colon + 1..end, place))
}

/// The probability that the model gives to features.
pub fn weigh(features: &Features) -> f32 {
    let sum: f32 = WEIGHTS.iter().zip(features).map(|(weight, it)| weight.weight * it).sum();
    1.0 / (1.0 + (-sum).exp())
}

fn judgement(kind: Kind, features: Result<Features, &'static str>) -> Judgement {
    match features {
        Err(reason) => Judgement { probability: 0.01, kind, reasons: vec![reason] },
        Ok(features) => {
            static AGAINST: LazyLock<Vec<String>> = LazyLock::new(|| {
                WEIGHTS.iter().map(|weight| format!("against: {}", weight.label)).collect()
            });
            let mut parts: Vec<(f32, usize, &'static str)> = WEIGHTS
                .iter()
                .zip(features)
                .enumerate()
                .map(|(at, (weight, feature))| (weight.weight * feature, at, weight.label))
                .collect();
            let probability = weigh(&features);
            parts.retain(|part| part.0.abs() > 0.2 && !part.2.is_empty());
            parts.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
            let reason = |(share, at, label): (f32, usize, &'static str)| match AGAINST.get(at) {
                Some(against) if share < 0.0 => against.as_str(),
                _ => label,
            };
            Judgement {
                probability,
                kind,
                reasons: parts.into_iter().take(5).map(reason).collect(),
            }
        }
    }
}

/// The features of an assignment, or the rule that already decides against it.
pub fn features(
    text: &[u8],
    assignment: &Assignment,
    place: &Place,
) -> Result<Features, &'static str> {
    let name = text.get(assignment.name.clone()).unwrap_or_default();
    let Some(promise) = promise_of(name) else { return Err("the name promises no secret") };
    let before = assignment.name.start.checked_sub(1).and_then(|at| text.get(at));
    if before == Some(&b'@') && context::comment(context::line(text, assignment.name.start).0) {
        return Err("a parameter that a comment explains");
    }
    features_of(text, name, promise, assignment.value.clone(), assignment.form, place)
}

fn features_of(
    text: &[u8],
    name: &[u8],
    promise: Promise,
    span: Range<usize>,
    form: Form,
    place: &Place,
) -> Result<Features, &'static str> {
    let value = text.get(span.clone()).unwrap_or_default();
    let (line, line_start) = context::line(text, span.start);
    let offset = span.start.saturating_sub(line_start);
    let file = place.file;
    let comment = context::comment(line);
    let bare = matches!(form, Form::Line | Form::Inline | Form::Space);
    if file == FileKind::Inert {
        return Err("a stylesheet, translation or lock file");
    }
    let quoted_text = bare && context::inside_literal(text, line, offset, span.start);
    if bare && file == FileKind::Code {
        if !comment && !quoted_text {
            return Err("an expression of the program");
        }
        if value.ends_with(b"!") || value.starts_with(b"stringify!") {
            return Err("a macro's name");
        }
    }
    if let Some(reason) = placeholder(value) {
        return Err(reason);
    }
    let shape = Shape::of(value);
    rule_out(value, &shape, form, promise.root, bare, name)?;
    if place.is_locale && (shape.digits == 0 || shape.spaces > 0) {
        return Err("a translation");
    }
    let hash_words = context::hash_words(line);
    if hash_words
        && shape.hex
        && !matches!(promise.root, Root::Pass | Root::Pwd)
        && promise.strength < Strength::Strong
    {
        return Err("a checksum");
    }

    if let Some(reason) = noise::itself(name, value).or_else(|| noise::around(text, name, &span)) {
        return Err(reason);
    }
    if shape.hex && !shape.uuid && context::hash_list(text, line_start, line.len(), shape.len) {
        return Err("one of a list of hashes");
    }

    let len = shape.len as f32;
    let flag = |condition: bool| if condition { 1.0 } else { 0.0 };
    let letters = shape.letters();
    let classes =
        [shape.lower, shape.upper, shape.digits, shape.symbols].iter().filter(|n| **n > 0).count();
    let words_only = shape.words >= 0.8 && shape.digits == 0 && shape.symbols == 0;
    if comment && bare && words_only {
        return Err("words of a comment");
    }
    let plain = shape.lower == shape.len && shape.len < 12 && shape.english > 0.6;
    if (words_only || plain) && promise.kind == Kind::Token {
        return Err("a token of a language, or words");
    }
    if name == b"PASS" && words_only {
        return Err("the result of a test");
    }
    let human = value::human_pattern(value);
    let identifier = value::identifier(value) && shape.joiners > 0;
    let humps = shape.lower > 0 && shape.upper > 0 && shape.joiners == 0;
    let names_itself = [&b"pass"[..], b"secret", b"token", b"key", b"pwd", b"cred", b"auth"]
        .iter()
        .any(|root| find_ignoring_case(value, root));
    const TESTED: &[&[u8]] =
        &[b"test", b"mock", b"sample", b"wrong", b"bad", b"old", b"new", b"my", b"some", b"the"];
    let tested = contains_any_word(value, TESTED);
    let base64 = shape.len >= 20
        && shape.lower > 0
        && shape.upper > 0
        && shape.digits > 0
        && value.iter().all(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_' | b'.')
        });
    let noise = shape.len >= 16
        && shape.digits > 0
        && letters > 0
        && shape.words < 0.4
        && shape.spaces == 0;
    let long_noise = noise && shape.len >= 28;
    let is_config = file == FileKind::Config || file == FileKind::Other;
    let strong = promise.strength == Strength::Strong;
    let weak = promise.strength == Strength::Weak;
    let password = promise.kind == Kind::Password;
    let prose = context::prose_neighbours(text, line_start, line.len());
    Ok([
        1.0,
        flag(shape.len < 6),
        flag((6..8).contains(&shape.len)),
        flag(shape.len >= 16),
        flag(shape.len >= 28),
        flag(shape.len > 100),
        flag(shape.digits > 0),
        shape.digits as f32 / len,
        flag(shape.symbols > 0),
        flag(shape.symbols > 2),
        flag(shape.lower > 0 && shape.upper > 0 && shape.transitions > 2),
        flag(classes >= 3),
        shape.entropy / 6.0,
        shape.transitions as f32 / len,
        shape.words,
        if letters >= 4 { shape.english } else { 0.6 },
        flag(words_only),
        flag(words_only && shape.spaces == 0 && shape.joiners == 0),
        flag(shape.hex),
        flag(shape.uuid),
        flag(base64),
        flag(noise),
        flag(long_noise),
        flag(identifier && shape.digits == 0),
        flag(identifier && shape.digits > 0 && !noise && !human),
        flag(value::constant(value)),
        flag(humps && shape.digits == 0 && shape.symbols == 0),
        flag(shape.lower == shape.len),
        flag(shape.spaces == 1),
        flag(shape.spaces > 1),
        flag(shape.digits == shape.len),
        flag(names_itself),
        flag(names_itself && shape.digits == 0 && shape.symbols == 0),
        flag(tested),
        flag(human),
        flag(human && password),
        flag(
            value.first().is_some_and(u8::is_ascii_uppercase)
                && shape.upper == 1
                && shape.digits == 0,
        ),
        flag(value.iter().any(|byte| {
            matches!(byte, b'(' | b')' | b'{' | b'}' | b'<' | b'>' | b'[' | b']' | b'\\')
        })),
        flag(
            value.iter().any(|byte| matches!(byte, b',' | b':' | b';' | b'?' | b'='))
                && !value.ends_with(b"="),
        ),
        flag(weak),
        flag(strong),
        flag(password),
        flag(password && strong),
        flag(promise.kind == Kind::Token),
        flag(promise.kind == Kind::Key),
        flag(promise.kind == Kind::Secret),
        flag(promise.kind == Kind::Credential),
        flag(!password && words_only),
        flag(!password && noise),
        flag(weak && !noise),
        flag(promise.unknown_tail),
        flag(form == Form::Line),
        flag(form == Form::Inline),
        flag(matches!(form, Form::Compare)),
        flag(matches!(form, Form::Call | Form::Wrapped)),
        flag(matches!(form, Form::Default | Form::Fields | Form::Pair)),
        flag(form == Form::Pair),
        flag(matches!(form, Form::Flag | Form::Space)),
        flag(bare && words_only),
        flag(file == FileKind::Code),
        flag(is_config),
        flag(file == FileKind::Docs),
        flag(place.is_test),
        flag(comment),
        flag(hash_words),
        flag(context::example_words(line)),
        (prose.min(3)) as f32 / 3.0,
        flag(prose > 0 && shape.spaces > 0),
        flag(shape.foreign > 0),
        flag(quoted_text),
        flag(is_word(value)),
        flag(name.iter().all(|byte| !byte.is_ascii_lowercase()) && name.contains(&b'_')),
        flag(password && noise),
        flag(password && shape.words < 0.5 && !noise && shape.spaces == 0),
        value::walks(value),
        value::repeats(value),
        shape.evenness(),
        flag(value::is_encoded_text(value)),
    ])
}

/// Rules that no other feature can outweigh.
fn rule_out(
    value: &[u8],
    shape: &Shape,
    form: Form,
    root: Root,
    bare: bool,
    name: &[u8],
) -> Result<(), &'static str> {
    let phrase = find_ignoring_case(name, b"phrase") || find_ignoring_case(name, b"mnemonic");
    if name.eq_ignore_ascii_case(value) || find_ignoring_case(name, value) {
        return Err("the value repeats the name");
    }
    if shape.spaces > 1 && !phrase {
        return Err("a sentence");
    }
    if shape.foreign > 0 && (shape.spaces > 0 || shape.digits == 0) {
        return Err("a text in natural language");
    }
    if bare && value::code(value) {
        return Err("an expression");
    }
    if form == Form::Element && value.iter().any(|byte| matches!(byte, b'{' | b'}')) {
        return Err("a template");
    }
    if let Some(reason) = value::datum(value) {
        return Err(reason);
    }
    if value::location(value) {
        return Err("a path or address");
    }
    if value::few_bytes(value) {
        return Err("a few escaped bytes");
    }
    if value::punctuation(value) {
        return Err("a list of punctuation");
    }
    let digits = value.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if bare && digits > 1 && value.get(digits) == Some(&b':') && shape.digits == digits {
        return Err("a numbered message");
    }
    let is_id = shape.hex && matches!(shape.len, 16 | 40) && shape.lower == 0;
    if is_id && [&b"gpg"[..], b"pgp", b"recv"].iter().any(|word| find_ignoring_case(name, word)) {
        return Err("the id of a public key");
    }
    if value::words_in_base64(value) {
        return Err("words in base64");
    }
    if find_ignoring_case(value, b"TlRMTVNTUAA") {
        return Err("a message of NTLM, not a password");
    }
    if value.iter().any(|byte| byte.is_ascii_control()) {
        return Err("holds control characters");
    }
    if value.starts_with(b"ssh-")
        || value.starts_with(b"ecdsa-")
        || find_ignoring_case(value, b"public key")
        || value.starts_with(b"-----")
    {
        return Err("a public key, or a key block with a detector of its own");
    }
    if value::constant(value) && shape.words > 0.6 {
        return Err("a constant's name");
    }
    let segments = value.iter().filter(|byte| **byte == b'.').count() + 1;
    let lower = value.iter().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'.' | b'_'));
    if value::dotted(value) && (shape.words > 0.6 || (segments > 2 && lower)) {
        return Err("a dotted name");
    }
    if !value.iter().any(u8::is_ascii_alphanumeric) {
        return Err("no letters or digits");
    }
    if root == Root::Dsn && !(value.contains(&b'@') && value.contains(&b':')) {
        return Err("a data source without a password");
    }
    if shape.digits == shape.len
        && !matches!(root, Root::Pass | Root::Pwd | Root::Curl | Root::SecureString)
    {
        return Err("a number");
    }
    if root == Root::Key && shape.len < 8 {
        return Err("too short for a key");
    }
    Ok(())
}
