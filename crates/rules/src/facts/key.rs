//! Private keys: PEM of every label, DER, and what their public half hashes to.

use num_bigint::BigUint;
use sha2::{Digest, Sha256};

use super::{
    Fact, Input, Reading,
    asn1::{self, Walk, bit_string, integer, oid, tlv},
    fact, openssh, pbe, pem,
};

pub(super) const RSA: &str = "1.2.840.113549.1.1.1";
pub(super) const EC: &str = "1.2.840.10045.2.1";
pub(super) const ED25519: &str = "1.3.101.112";
pub(super) const P256: &str = "1.2.840.10045.3.1.7";
pub(super) const P384: &str = "1.3.132.0.34";
pub(super) const P521: &str = "1.3.132.0.35";

/// What is known of a private key.
pub(super) struct PrivateKey {
    /// Such as "RSA 2048" or "EC P-256".
    pub(super) algorithm: String,
    /// The SubjectPublicKeyInfo of the public half, in DER.
    pub(super) spki: Option<Vec<u8>>,
}

/// SHA-256 of the SubjectPublicKeyInfo that belongs to a private key, given as
/// PEM or as DER (PKCS#8, PKCS#1, SEC 1); `None` where it is encrypted, of a
/// rare kind, or no key. Equal to that of a certificate for the same key.
pub fn spki_sha256_of_private_key(pem_or_der: &[u8]) -> Option<[u8; 32]> {
    let spki = |key: PrivateKey| key.spki.map(|spki| Sha256::digest(spki).into());
    match pem::blocks(pem_or_der).first() {
        Some(block) if block.label.starts_with("OPENSSH") => {
            openssh::parse(&block.der)?.spki.map(|spki| Sha256::digest(spki).into())
        }
        Some(block) => parse(&block.der).and_then(spki),
        None => parse(&pem::der(pem_or_der)?).and_then(spki),
    }
}

pub(super) fn read(input: &Input<'_>) -> Reading {
    let blocks = pem::blocks(input.value);
    let block = blocks.iter().find(|block| block.label.contains("PRIVATE KEY"));
    let facts = match block {
        Some(block) => of_block(block),
        // Its checksum line keeps this block from being one of RFC 7468.
        None if input.value.trim_ascii_start().starts_with(b"-----BEGIN PGP PRIVATE KEY") => {
            Some(vec![fact("key type", "OpenPGP")])
        }
        None => pem::der(input.value).and_then(|der| parse(&der)).map(|key| of_key(&key)),
    };
    facts.map_or(Reading::Rejected("no private key inside"), Reading::Facts)
}

fn of_block(block: &pem::Block) -> Option<Vec<Fact>> {
    if block.label.starts_with("PGP") {
        return Some(vec![fact("key type", "OpenPGP")]);
    }
    if block.label.starts_with("OPENSSH") {
        return openssh::parse(&block.der).map(openssh::Key::facts);
    }
    if block.header("proc-type").is_some_and(|value| value.contains("ENCRYPTED")) {
        let info = block.header("dek-info").and_then(|info| info.split(',').next());
        return Some(vec![
            fact("key type", block.label.trim_end_matches(" PRIVATE KEY")),
            fact("encrypted", "yes"),
            fact("cipher", info.unwrap_or("unknown")),
            fact("key derivation", "MD5, one round"),
        ]);
    }
    if let Some(scheme) = encrypted_info(&block.der) {
        return Some(vec![fact("encrypted", "yes"), fact("cipher", scheme)]);
    }
    parse(&block.der).map(|key| of_key(&key))
}

/// The encryption scheme of an EncryptedPrivateKeyInfo.
fn encrypted_info(der: &[u8]) -> Option<String> {
    let mut fields = Walk(der).sequence()?;
    let scheme = fields.tagged(asn1::SEQUENCE)?;
    fields.octets()?;
    pbe::name(scheme.whole)
}

pub(super) fn of_key(key: &PrivateKey) -> Vec<Fact> {
    let mut facts = vec![fact("key type", &*key.algorithm), fact("encrypted", "no")];
    facts.extend(key.spki.as_deref().map(spki_fact));
    facts
}

pub(super) fn spki_fact(spki: &[u8]) -> Fact {
    fact("SPKI SHA-256", data_encoding::HEXLOWER.encode(&Sha256::digest(spki)))
}

/// PKCS#8, PKCS#1, or SEC 1.
pub(super) fn parse(der: &[u8]) -> Option<PrivateKey> {
    let mut fields = Walk(der).sequence()?;
    let version = fields.small()?;
    let first = fields.0.first()?;
    match (*first, version) {
        (asn1::SEQUENCE, _) => pkcs8(fields),
        (asn1::INTEGER, 0 | 1) => pkcs1(fields),
        (asn1::OCTETS, 1) => sec1(fields, None),
        _ => None,
    }
}

fn pkcs8(mut fields: Walk<'_>) -> Option<PrivateKey> {
    let mut algorithm = fields.sequence()?;
    let name = algorithm.oid()?;
    let inner = fields.octets()?;
    let _attributes = fields.tagged(0xa0);
    let public = fields.tagged(0x81).and_then(|item| item.body.get(1..));
    match name.as_str() {
        RSA => {
            let mut key = Walk(inner).sequence()?;
            key.small()?;
            pkcs1(key)
        }
        EC => {
            let mut key = Walk(inner).sequence()?;
            key.small()?;
            sec1(key, algorithm.oid())
        }
        ED25519 => {
            let seed: [u8; 32] = Walk(inner).octets()?.try_into().ok()?;
            let public = ed25519_dalek::SigningKey::from_bytes(&seed).verifying_key().to_bytes();
            Some(PrivateKey { algorithm: "Ed25519".into(), spki: Some(ed25519_spki(&public)) })
        }
        other => Some(PrivateKey {
            algorithm: algorithm_name(other).unwrap_or(other).to_owned(),
            spki: public.map(|key| {
                tlv(asn1::SEQUENCE, &[&tlv(asn1::SEQUENCE, &[&oid(other)]), &bit_string(key)])
            }),
        }),
    }
}

fn pkcs1(mut fields: Walk<'_>) -> Option<PrivateKey> {
    let modulus = fields.unsigned().filter(|modulus| modulus.len() >= 32)?;
    let exponent = fields.unsigned().filter(|exponent| !exponent.is_empty())?;
    // A DSA key has the same shape (p, q, g, y, x), with a q far above any
    // public exponent in use.
    if exponent.len() >= 20 {
        return Some(PrivateKey { algorithm: format!("DSA {}", bit_length(modulus)), spki: None });
    }
    // The private exponent must be there; the rest may be missing.
    match fields.unsigned() {
        Some(private) if !private.is_empty() => Some(PrivateKey {
            algorithm: format!("RSA {}", bit_length(modulus)),
            spki: Some(rsa_spki(modulus, exponent)),
        }),
        _ => None,
    }
}

fn sec1(mut fields: Walk<'_>, curve: Option<String>) -> Option<PrivateKey> {
    let scalar = fields.octets()?;
    let inner = fields.tagged(0xa0).and_then(|item| item.walk().oid());
    let curve = curve.or(inner)?;
    let stored =
        fields.tagged(0xa1).and_then(|item| item.walk().any()).and_then(|b| asn1::bits(&b));
    let public = match (curve.as_str(), stored) {
        (_, Some(point)) => Some(point.to_vec()),
        (P256, None) => p256::ecdsa::SigningKey::from_slice(scalar)
            .ok()
            .map(|key| key.verifying_key().to_sec1_bytes().to_vec()),
        (P384, None) => p384::ecdsa::SigningKey::from_slice(scalar)
            .ok()
            .map(|key| key.verifying_key().to_sec1_bytes().to_vec()),
        _ => None,
    };
    Some(PrivateKey {
        algorithm: format!("EC {}", curve_name(&curve)),
        spki: public.map(|point| ec_spki(&curve, &point)),
    })
}

/// Algorithm and size of a SubjectPublicKeyInfo: `("RSA", 2048)`.
pub(super) fn describe_spki(spki: &[u8]) -> Option<(String, Option<u64>)> {
    let mut fields = Walk(spki).sequence()?;
    let mut algorithm = fields.sequence()?;
    let name = algorithm.oid()?;
    Some(match name.as_str() {
        RSA => {
            let (modulus, _) = rsa_parts(spki)?;
            (format!("RSA {}", bit_length(modulus)), Some(bit_length(modulus)))
        }
        EC => (format!("EC {}", curve_name(&algorithm.oid()?)), None),
        other => (algorithm_name(other).unwrap_or(other).to_owned(), None),
    })
}

/// Modulus and public exponent.
pub(super) fn rsa_parts(spki: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut fields = Walk(spki).sequence()?;
    (fields.sequence()?.oid()? == RSA).then_some(())?;
    let mut key = Walk(asn1::bits(&fields.any()?)?).sequence()?;
    Some((key.unsigned()?, key.unsigned()?))
}

pub(super) fn rsa_spki(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    let key = tlv(asn1::SEQUENCE, &[&integer(modulus), &integer(exponent)]);
    let algorithm = tlv(asn1::SEQUENCE, &[&oid(RSA), &[5, 0]]);
    tlv(asn1::SEQUENCE, &[&algorithm, &bit_string(&key)])
}

pub(super) fn ec_spki(curve: &str, point: &[u8]) -> Vec<u8> {
    let algorithm = tlv(asn1::SEQUENCE, &[&oid(EC), &oid(curve)]);
    tlv(asn1::SEQUENCE, &[&algorithm, &bit_string(point)])
}

pub(super) fn ed25519_spki(point: &[u8]) -> Vec<u8> {
    let algorithm = tlv(asn1::SEQUENCE, &[&oid(ED25519)]);
    tlv(asn1::SEQUENCE, &[&algorithm, &bit_string(point)])
}

pub(super) fn bit_length(number: &[u8]) -> u64 {
    BigUint::from_bytes_be(number).bits()
}

fn curve_name(oid: &str) -> &str {
    match oid {
        P256 => "P-256",
        P384 => "P-384",
        P521 => "P-521",
        "1.3.132.0.10" => "secp256k1",
        other => other,
    }
}

fn algorithm_name(oid: &str) -> Option<&'static str> {
    Some(match oid {
        ED25519 => "Ed25519",
        "1.3.101.110" => "X25519",
        "1.3.101.111" => "X448",
        "1.3.101.113" => "Ed448",
        "1.2.840.10040.4.1" => "DSA",
        "1.2.840.113549.1.1.10" => "RSA-PSS",
        "1.2.840.113549.1.3.1" => "Diffie-Hellman",
        _ => return None,
    })
}
