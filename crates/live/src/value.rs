//! A secret's value on its way to or from a manager.

use ring::{hmac, rand};
use zeroize::Zeroizing;

/// A secret's value. It has no `Debug`, `Display` or `Serialize`, and its
/// memory is wiped when it is dropped.
#[derive(Clone)]
pub struct Value(Zeroizing<Vec<u8>>);

impl Value {
    /// Takes the bytes over.
    pub fn new(bytes: Vec<u8>) -> Value {
        Value(Zeroizing::new(bytes))
    }

    /// The bytes themselves. Every caller is a place where a secret could
    /// leave the program.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The bytes as text, if they are UTF-8; what is said of
    /// [`Value::expose`] holds here too.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// Whether both are the same, in a time that does not tell how much of
    /// them is.
    pub fn same(&self, other: &Value) -> bool {
        let random = rand::SystemRandom::new();
        // Without randomness the tags are still those of a keyed hash, only
        // with a key that is known; the comparison stays right.
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &random)
            .unwrap_or_else(|_| hmac::Key::new(hmac::HMAC_SHA256, &[0; 32]));
        hmac::verify(&key, self.expose(), hmac::sign(&key, other.expose()).as_ref()).is_ok()
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::new(text.as_bytes().to_vec())
    }
}
