//! Verification of a certificate's signature by a public key: public data only,
//! so plain arithmetic is enough and no side channel matters.

use num_bigint::BigUint;
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::{
    asn1::{self, Walk, bits, oid, tlv},
    key::{ED25519, P256, P384, rsa_parts},
};

/// The name of a signature algorithm, the OID itself where it is a rare one.
pub(super) fn name(oid: &str) -> &str {
    match oid {
        "1.2.840.113549.1.1.4" => "md5WithRSAEncryption",
        SHA1_RSA => "sha1WithRSAEncryption",
        SHA256_RSA => "sha256WithRSAEncryption",
        SHA384_RSA => "sha384WithRSAEncryption",
        SHA512_RSA => "sha512WithRSAEncryption",
        "1.2.840.113549.1.1.10" => "RSASSA-PSS",
        "1.2.840.10045.4.1" => "ecdsa-with-SHA1",
        SHA256_ECDSA => "ecdsa-with-SHA256",
        SHA384_ECDSA => "ecdsa-with-SHA384",
        SHA512_ECDSA => "ecdsa-with-SHA512",
        ED25519 => "Ed25519",
        other => other,
    }
}

const SHA1_RSA: &str = "1.2.840.113549.1.1.5";
const SHA256_RSA: &str = "1.2.840.113549.1.1.11";
const SHA384_RSA: &str = "1.2.840.113549.1.1.12";
const SHA512_RSA: &str = "1.2.840.113549.1.1.13";
const SHA256_ECDSA: &str = "1.2.840.10045.4.3.2";
const SHA384_ECDSA: &str = "1.2.840.10045.4.3.3";
const SHA512_ECDSA: &str = "1.2.840.10045.4.3.4";

/// Whether `signature` over `message` verifies; `None` for other algorithms.
pub(super) fn verifies(
    algorithm: &str,
    spki: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Option<bool> {
    let sha256 = || Sha256::digest(message).to_vec();
    let sha384 = || Sha384::digest(message).to_vec();
    let sha512 = || Sha512::digest(message).to_vec();
    match algorithm {
        SHA1_RSA => rsa(spki, "1.3.14.3.2.26", &Sha1::digest(message), signature),
        SHA256_RSA => rsa(spki, "2.16.840.1.101.3.4.2.1", &sha256(), signature),
        SHA384_RSA => rsa(spki, "2.16.840.1.101.3.4.2.2", &sha384(), signature),
        SHA512_RSA => rsa(spki, "2.16.840.1.101.3.4.2.3", &sha512(), signature),
        SHA256_ECDSA => ecdsa(spki, &sha256(), signature),
        SHA384_ECDSA => ecdsa(spki, &sha384(), signature),
        SHA512_ECDSA => ecdsa(spki, &sha512(), signature),
        ED25519 => {
            let point = public_bits(spki)?.1.try_into().ok()?;
            let key = ed25519_dalek::VerifyingKey::from_bytes(&point).ok()?;
            let signature = ed25519_dalek::Signature::from_slice(signature).ok()?;
            Some(key.verify_strict(message, &signature).is_ok())
        }
        _ => None,
    }
}

/// RSASSA-PKCS1-v1_5 of RFC 8017. Sizes are bounded, as the cost grows with them.
fn rsa(spki: &[u8], digest: &str, hash: &[u8], signature: &[u8]) -> Option<bool> {
    let (modulus, exponent) = rsa_parts(spki)?;
    if modulus.len() > 1024 || exponent.len() > 8 || modulus.len() < 64 {
        return None;
    }
    let opened = BigUint::from_bytes_be(signature)
        .modpow(&BigUint::from_bytes_be(exponent), &BigUint::from_bytes_be(modulus))
        .to_bytes_be();
    let info = tlv(
        asn1::SEQUENCE,
        &[&tlv(asn1::SEQUENCE, &[&oid(digest), &[5, 0]]), &tlv(asn1::OCTETS, &[hash])],
    );
    // The leading zero byte of the block is lost in the number.
    let filler = vec![0xff; modulus.len().checked_sub(info.len() + 3)?];
    let expected = [[1].as_slice(), &filler, &[0], &info].concat();
    Some(signature.len() <= modulus.len() && opened == expected)
}

fn ecdsa(spki: &[u8], hash: &[u8], signature: &[u8]) -> Option<bool> {
    let (curve, point) = public_bits(spki)?;
    match curve?.as_str() {
        P256 => {
            let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(point).ok()?;
            let signature = p256::ecdsa::Signature::from_der(signature).ok()?;
            Some(key.verify_prehash(hash, &signature).is_ok())
        }
        P384 => {
            let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(point).ok()?;
            let signature = p384::ecdsa::Signature::from_der(signature).ok()?;
            Some(key.verify_prehash(hash, &signature).is_ok())
        }
        _ => None,
    }
}

/// The curve, where there is one, and the key's bits.
fn public_bits(spki: &[u8]) -> Option<(Option<String>, &[u8])> {
    let mut fields = Walk(spki).sequence()?;
    let mut algorithm = fields.sequence()?;
    algorithm.oid()?;
    Some((algorithm.oid(), bits(&fields.any()?)?))
}
