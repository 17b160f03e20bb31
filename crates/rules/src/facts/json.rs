//! JSON inside or around the value: JSON Web Tokens and the key files of Google
//! service accounts.

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Map, Value};

use super::{Fact, Input, Reading, fact, key, rfc3339};

const LARGEST: usize = 1 << 16;

pub(super) fn web_token(input: &Input<'_>) -> Reading {
    let mut parts = input.value.split(|char| *char == b'.');
    let header = parts.next().and_then(object);
    let payload = parts.next().and_then(object);
    let (Some(header), Some(payload)) = (header, payload) else {
        return Reading::Rejected("header or payload is not a JSON object");
    };
    let mut facts = Vec::new();
    for (name, key) in [("algorithm", "alg"), ("type", "typ"), ("key id", "kid")] {
        facts.extend(text(&header, key).map(|value| fact(name, value)));
    }
    for (name, key) in [
        ("issuer", "iss"),
        ("audience", "aud"),
        ("subject", "sub"),
        ("role", "role"),
        ("scope", "scope"),
        ("tenant", "tid"),
        ("application", "appid"),
    ] {
        facts.extend(text(&payload, key).map(|value| fact(name, value)));
    }
    for (name, key) in [("issued", "iat"), ("not before", "nbf"), ("expires", "exp")] {
        let seconds = payload.get(key).and_then(seconds);
        facts.extend(seconds.and_then(rfc3339).map(|time| fact(name, time)));
    }
    Reading::Facts(facts)
}

/// The value is the whole file, or a part of one such as the private key.
pub(super) fn service_account(input: &Input<'_>) -> Reading {
    let Some(file) = parse(input.value).or_else(|| around(input)) else {
        return Reading::Facts(Vec::new());
    };
    let mut facts: Vec<Fact> = Vec::new();
    for (name, key) in [
        ("account", "client_email"),
        ("project", "project_id"),
        ("key id", "private_key_id"),
        ("client id", "client_id"),
    ] {
        facts.extend(text(&file, key).map(|value| fact(name, value)));
    }
    if let Some(pem) = file.get("private_key").and_then(Value::as_str)
        && let Some(hash) = key::spki_sha256_of_private_key(pem.as_bytes())
    {
        facts.push(fact("SPKI SHA-256", data_encoding::HEXLOWER.encode(&hash)));
    }
    Reading::Facts(facts)
}

/// The object of the text that the value stands in: from the last brace that
/// opens before it to the first that closes behind. Key files do not nest.
fn around(input: &Input<'_>) -> Option<Map<String, Value>> {
    let start = input.span.start.min(input.text.len());
    let end = input.span.end.clamp(start, input.text.len());
    let low = start.saturating_sub(LARGEST);
    let open = input.text.get(low..start)?.iter().rposition(|char| *char == b'{')? + low;
    let close = input.text.get(end..)?.iter().take(LARGEST).position(|char| *char == b'}')? + end;
    parse(input.text.get(open..=close)?)
}

fn parse(json: &[u8]) -> Option<Map<String, Value>> {
    if json.len() > 3 * LARGEST {
        return None;
    }
    serde_json::from_slice(json).ok()
}

fn object(part: &[u8]) -> Option<Map<String, Value>> {
    let mut lenient = BASE64URL_NOPAD.specification();
    lenient.check_trailing_bits = false;
    let end = part.iter().rposition(|char| *char != b'=')? + 1;
    parse(&lenient.encoding().ok()?.decode(part.get(..end)?).ok()?)
}

fn text(object: &Map<String, Value>, key: &str) -> Option<String> {
    match object.get(key)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(items) => {
            let items: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            (!items.is_empty()).then(|| items.join(", "))
        }
        _ => None,
    }
}

fn seconds(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_f64().filter(|time| *time >= 0.0).map(|time| time as u64))
}
