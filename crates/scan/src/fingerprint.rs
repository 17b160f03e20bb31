//! Fingerprints: how a secret is known again without being kept.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::secret::Secret;

/// The key that fingerprints are made with. Without it nobody can test guesses
/// of a secret against a baseline.
#[derive(Clone)]
pub struct FingerprintKey {
    /// The keyed hash before its first byte: setting it up costs as much as
    /// hashing a value. None if the key is refused, which no key is.
    keyed: Option<Hmac<Sha256>>,
}

impl FingerprintKey {
    /// A key of any length; 32 random bytes are right.
    pub fn new(bytes: &[u8]) -> FingerprintKey {
        FingerprintKey { keyed: Hmac::new_from_slice(bytes).ok() }
    }

    /// Names the key without giving it away: 8 hex digits.
    pub fn id(&self) -> String {
        hex(&self.hash(&[b"stanch key id"]), 4)
    }

    /// The fingerprint of a secret: 32 hex digits of an HMAC-SHA-256 over
    /// detector id and the values of all parts. It says nothing of where the
    /// secret stands, so it survives moved lines, renames and line endings.
    pub fn fingerprint<'s>(
        &self,
        detector: &str,
        values: impl IntoIterator<Item = &'s Secret>,
    ) -> String {
        let mut fields = vec![detector.as_bytes()];
        // CRLF and LF checkouts of one file hold one secret.
        let unified: Vec<Zeroizing<Vec<u8>>> = values
            .into_iter()
            .map(|v| Zeroizing::new(v.expose().iter().copied().filter(|b| *b != b'\r').collect()))
            .collect();
        fields.extend(unified.iter().map(|v| v.as_slice()));
        hex(&self.hash(&fields), 16)
    }

    fn hash(&self, fields: &[&[u8]]) -> [u8; 32] {
        // HMAC takes keys of every length.
        let Some(mut mac) = self.keyed.clone() else { return [0; 32] };
        for field in fields {
            mac.update(&(field.len() as u64).to_le_bytes());
            mac.update(field);
        }
        mac.finalize().into_bytes().into()
    }
}

fn hex(bytes: &[u8], len: usize) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0');
    bytes.iter().take(len).flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_depends_on_key_detector_and_value_only() {
        let key = FingerprintKey::new(&[7; 32]);
        let print = |key: &FingerprintKey, id, value: &str| {
            key.fingerprint(id, [&Secret::new(value.as_bytes())])
        };
        assert_eq!(print(&key, "a", "x\r\ny"), print(&key, "a", "x\ny"));
        assert_ne!(print(&key, "a", "x"), print(&key, "b", "x"));
        assert_ne!(print(&key, "a", "x"), print(&FingerprintKey::new(&[8; 32]), "a", "x"));
        assert_eq!(print(&key, "a", "x").len(), 32);
    }
}
