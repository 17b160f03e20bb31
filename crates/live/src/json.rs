//! JSON that may hold secrets, wiped when it is dropped.

use std::ops::Deref;

use zeroize::{Zeroize, Zeroizing};

use crate::Value;

/// A JSON value whose texts are wiped when it is dropped.
pub(crate) struct Json(pub(crate) serde_json::Value);

impl Json {
    /// Reads it; none if it is no JSON.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Json> {
        serde_json::from_slice(bytes).ok().map(Json)
    }

    /// The text at a JSON pointer.
    pub(crate) fn text(&self, pointer: &str) -> Option<&str> {
        self.0.pointer(pointer)?.as_str()
    }

    /// The text or number at a JSON pointer, as text.
    pub(crate) fn scalar(&self, pointer: &str) -> Option<String> {
        match self.0.pointer(pointer)? {
            serde_json::Value::String(text) => Some(text.clone()),
            serde_json::Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// The elements of the array at a JSON pointer; none of what is no array.
    pub(crate) fn array(&self, pointer: &str) -> &[serde_json::Value] {
        self.0.pointer(pointer).and_then(serde_json::Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// The text at a JSON pointer, as a secret.
    pub(crate) fn value(&self, pointer: &str) -> Option<Value> {
        self.text(pointer).map(Value::from)
    }

    /// As it is sent.
    pub(crate) fn bytes(&self) -> Zeroizing<Vec<u8>> {
        // Values are at most some kilobytes; a vector that need not grow
        // leaves no copies behind.
        let mut out = Zeroizing::new(Vec::with_capacity(256 << 10));
        // Writing JSON into memory cannot fail: the keys are all text.
        let _ = serde_json::to_writer(&mut *out, &self.0);
        out
    }
}

impl Deref for Json {
    type Target = serde_json::Value;

    fn deref(&self) -> &serde_json::Value {
        &self.0
    }
}

impl Drop for Json {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

/// The depth is bounded by that of the parser.
fn wipe(json: &mut serde_json::Value) {
    match json {
        serde_json::Value::String(text) => text.zeroize(),
        serde_json::Value::Array(items) => items.iter_mut().for_each(wipe),
        serde_json::Value::Object(members) => members.values_mut().for_each(wipe),
        _ => {}
    }
}
