//! OpenSSH's own private key format; its public half is never encrypted.
//!
//! Source: <https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key>

use super::{
    Fact, fact,
    key::{P256, P384, P521, bit_length, ec_spki, ed25519_spki, rsa_spki, spki_fact},
};

/// What is known of a key.
pub(super) struct Key {
    algorithm: String,
    cipher: String,
    kdf: String,
    comment: Option<String>,
    /// The SubjectPublicKeyInfo of the public half, in DER.
    pub(super) spki: Option<Vec<u8>>,
}

impl Key {
    pub(super) fn facts(self) -> Vec<Fact> {
        let mut facts = vec![fact("key type", self.algorithm), fact("format", "OpenSSH")];
        if self.cipher == "none" {
            facts.push(fact("encrypted", "no"));
        } else {
            facts.push(fact("encrypted", "yes"));
            facts.push(fact("cipher", self.cipher));
            facts.push(fact("key derivation", self.kdf));
        }
        facts
            .extend(self.comment.filter(|text| !text.is_empty()).map(|text| fact("comment", text)));
        facts.extend(self.spki.as_deref().map(spki_fact));
        facts
    }
}

pub(super) fn parse(bytes: &[u8]) -> Option<Key> {
    let mut rest = bytes.strip_prefix(b"openssh-key-v1\0")?;
    let cipher = text(string(&mut rest)?);
    let kdf = text(string(&mut rest)?);
    string(&mut rest)?;
    (u32(&mut rest)? == 1).then_some(())?;
    let public = string(&mut rest)?;
    let private = string(&mut rest)?;
    let mut fields = public;
    let kind = string(&mut fields)?;
    let (algorithm, spki) = match kind {
        b"ssh-rsa" => {
            let (exponent, modulus) = (string(&mut fields)?, string(&mut fields)?);
            (format!("RSA {}", bit_length(modulus)), Some(rsa_spki(modulus, exponent)))
        }
        b"ssh-ed25519" => ("Ed25519".to_owned(), Some(ed25519_spki(string(&mut fields)?))),
        _ if kind.starts_with(b"ecdsa-sha2-") => {
            let (curve, point) = (string(&mut fields)?, string(&mut fields)?);
            let (name, oid) = match curve {
                b"nistp256" => ("EC P-256", P256),
                b"nistp384" => ("EC P-384", P384),
                _ => ("EC P-521", P521),
            };
            (name.to_owned(), Some(ec_spki(oid, point)))
        }
        other => (text(other), None),
    };
    let comment = (cipher == "none").then(|| comment(kind, private)).flatten();
    Some(Key { algorithm, cipher, kdf, comment, spki })
}

/// The comment behind the private fields of the usual kinds.
fn comment(kind: &[u8], mut private: &[u8]) -> Option<String> {
    (u32(&mut private)? == u32(&mut private)?).then_some(())?;
    (string(&mut private)? == kind).then_some(())?;
    let fields = match kind {
        b"ssh-rsa" => 6,
        b"ssh-ed25519" => 2,
        b"ssh-dss" => 5,
        _ if kind.starts_with(b"ecdsa-sha2-") => 3,
        _ => return None,
    };
    for _ in 0..fields {
        string(&mut private)?;
    }
    string(&mut private).map(text)
}

fn u32(rest: &mut &[u8]) -> Option<u32> {
    let (number, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(u32::from_be_bytes(*number))
}

fn string<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(u32(rest)?).ok()?;
    let (text, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(text)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
