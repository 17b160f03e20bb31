//! PKCS#12 stores, binary or as base64 text.

use data_encoding::BASE64;

use super::{Recognizers, base64_body};
use crate::engine::Engine;
use crate::layer::Layer;
use crate::resolve::RawMatch;
use crate::secret::Secret;
use stanch_rules::facts::{self, Reading};

/// Largest store that is read.
const STORE_MAX: usize = 1 << 20;

/// A text that is a store as a whole: `SEQUENCE { INTEGER 3, SEQUENCE …`.
pub(super) fn binary(all: &Recognizers, engine: &Engine, layer: &mut Layer<'_>) {
    let Some(rule) = all.pkcs12 else { return };
    let text = layer.text;
    let [0x30, 0x82, a, b, 0x02, 0x01, 0x03, 0x30, ..] = *text else { return };
    let len = 4 + usize::from(u16::from_be_bytes([a, b]));
    if text.len() < len || len > STORE_MAX {
        return;
    }
    store(all, engine, layer, rule, &text[..len], 0..len);
}

impl Recognizers {
    /// A store written as base64, beginning at `at`: one by itself, or the
    /// certificate of a `.publishsettings` file.
    pub(crate) fn base64_store(&self, engine: &Engine, layer: &mut Layer<'_>, at: usize) {
        let text = layer.text;
        // `30 82 xx xx 02 01 03 30` in base64.
        let [b'M', b'I', b'I'..=b'L', _, _, b'A' | b'Q' | b'g' | b'w', b'I', b'B', b'A', b'z', ..] =
            text[at..]
        else {
            return;
        };
        let (body, span) = base64_body(text, at, STORE_MAX);
        let attribute = &text[at.saturating_sub(64)..at];
        let in_settings = memchr::memmem::find(attribute, b"ManagementCertificate").is_some();
        let rule = if in_settings { self.publishsettings.or(self.pkcs12) } else { self.pkcs12 };
        let Some(rule) = rule else { return };
        let whole = body.len() / 4 * 4;
        match BASE64.decode(&body[..whole]) {
            Ok(der) => store(self, engine, layer, rule, &der, span),
            Err(_) => layer.trace(rule, span, false, || {
                "the base64 text of a PKCS#12 store is damaged".to_owned()
            }),
        }
    }
}

/// A store that was found at a span of the text.
fn store(
    all: &Recognizers,
    engine: &Engine,
    layer: &mut Layer<'_>,
    rule: usize,
    der: &[u8],
    span: std::ops::Range<usize>,
) {
    let input = facts::Input { value: der, text: layer.text, span: span.clone() };
    let kind = if Some(rule) == all.publishsettings { "publishsettings" } else { "pkcs12" };
    let known = match facts::read(kind, &input) {
        Reading::Facts(facts) => facts,
        Reading::Rejected(reason) => {
            layer.trace(rule, span, false, || reason.to_owned());
            return;
        }
    };
    let azure = known.iter().any(|f| f.name == "subject" && f.value.contains("Windows Azure"));
    let rule = if azure { all.publishsettings.unwrap_or(rule) } else { rule };
    layer.trace(rule, span.clone(), true, || "a PKCS#12 store".to_owned());
    layer.found.push(RawMatch {
        rule,
        whole: span.clone(),
        span,
        secret: Secret::new(der),
        parts: Vec::new(),
        confidence: engine.rule(rule).confidence,
        evidence: vec!["a well-formed PKCS#12 store".to_owned()],
        facts: known,
        encodings: Vec::new(),
        mark: 0,
    });
}
