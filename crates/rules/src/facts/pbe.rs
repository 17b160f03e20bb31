//! Password-based encryption of PKCS#5 and PKCS#12, with a budget: the file
//! names the number of rounds, so a hostile one could ask for years.
//!
//! Source: RFC 8018, RFC 7292 appendix B and C.

use cbc::cipher::{BlockModeDecrypt, InnerIvInit, KeyIvInit, block_padding::Pkcs7};
use pbkdf2::pbkdf2_hmac;
use sha1::{Digest, Sha1};
use sha2::{Sha256, Sha384, Sha512};

use super::asn1::Walk;

/// Rounds that may be spent on one value, over all passwords.
pub(super) struct Budget(u64);

const MOST_ROUNDS: u64 = 100_000;
const BUDGET: u64 = 400_000;
const LONGEST_SALT: usize = 1024;

/// Why a decryption gave nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// The password does not fit, or the data are broken.
    Wrong,
    /// The scheme is not known here.
    Unsupported,
    /// More rounds than allowed.
    TooManyRounds,
}

impl Budget {
    pub(super) fn new() -> Self {
        Self(BUDGET)
    }

    pub(super) fn spend(&mut self, rounds: u64) -> Result<u32, Failure> {
        let rounds = rounds.max(1);
        if rounds > MOST_ROUNDS {
            return Err(Failure::TooManyRounds);
        }
        self.0 = self.0.checked_sub(rounds).ok_or(Failure::TooManyRounds)?;
        u32::try_from(rounds).map_err(|_| Failure::TooManyRounds)
    }
}

/// A password in both forms that the schemes take.
pub(super) struct Password {
    /// UTF-16, big-endian, with two zero bytes at the end; or nothing at all,
    /// as some programs write an empty password.
    pub(super) bmp: Vec<u8>,
    utf8: Vec<u8>,
}

impl Password {
    pub(super) fn new(text: &str) -> Self {
        let bmp = text.encode_utf16().chain([0]).flat_map(u16::to_be_bytes).collect();
        Self { bmp, utf8: text.as_bytes().to_vec() }
    }

    pub(super) fn absent() -> Self {
        Self { bmp: Vec::new(), utf8: Vec::new() }
    }
}

/// The name of an AlgorithmIdentifier for encryption.
pub(super) fn name(algorithm: &[u8]) -> Option<String> {
    let mut fields = Walk(algorithm).sequence()?;
    let oid = fields.oid()?;
    Some(match oid.as_str() {
        PBES2 => {
            let mut parameters = fields.sequence()?;
            let kdf = parameters.sequence()?.oid()?;
            let cipher = parameters.sequence()?.oid()?;
            let kdf = match kdf.as_str() {
                PBKDF2 => "PBKDF2",
                "1.3.6.1.4.1.11591.4.11" => "scrypt",
                _ => "unknown derivation",
            };
            let cipher = match cipher.as_str() {
                AES128 => "AES-128-CBC",
                AES192 => "AES-192-CBC",
                AES256 => "AES-256-CBC",
                DES3 => "3DES-CBC",
                other => other,
            };
            format!("PBES2 with {kdf} and {cipher}")
        }
        PBE_3DES => "pbeWithSHA1And3-KeyTripleDES-CBC".into(),
        PBE_2DES => "pbeWithSHA1And2-KeyTripleDES-CBC".into(),
        PBE_RC2_128 => "pbeWithSHA1And128BitRC2-CBC".into(),
        PBE_RC2_40 => "pbeWithSHA1And40BitRC2-CBC".into(),
        "1.2.840.113549.1.12.1.1" => "pbeWithSHA1And128BitRC4".into(),
        "1.2.840.113549.1.12.1.2" => "pbeWithSHA1And40BitRC4".into(),
        "1.2.840.113549.1.5.3" => "pbeWithMD5AndDES-CBC".into(),
        "1.2.840.113549.1.5.10" => "pbeWithSHA1AndDES-CBC".into(),
        _ => return None,
    })
}

const PBES2: &str = "1.2.840.113549.1.5.13";
const PBKDF2: &str = "1.2.840.113549.1.5.12";
const PBE_3DES: &str = "1.2.840.113549.1.12.1.3";
const PBE_2DES: &str = "1.2.840.113549.1.12.1.4";
const PBE_RC2_128: &str = "1.2.840.113549.1.12.1.5";
const PBE_RC2_40: &str = "1.2.840.113549.1.12.1.6";
const AES128: &str = "2.16.840.1.101.3.4.1.2";
const AES192: &str = "2.16.840.1.101.3.4.1.22";
const AES256: &str = "2.16.840.1.101.3.4.1.42";
const DES3: &str = "1.2.840.113549.3.7";

/// Decrypts with the scheme that `algorithm`, an AlgorithmIdentifier, names.
pub(super) fn decrypt(
    algorithm: &[u8],
    data: &[u8],
    password: &Password,
    budget: &mut Budget,
) -> Result<Vec<u8>, Failure> {
    let mut fields = Walk(algorithm).sequence().ok_or(Failure::Unsupported)?;
    let oid = fields.oid().ok_or(Failure::Unsupported)?;
    let mut parameters = fields.sequence().ok_or(Failure::Unsupported)?;
    if oid == PBES2 {
        return pbes2(parameters, data, password, budget);
    }
    let salt = salt(parameters.octets())?;
    let rounds = budget.spend(parameters.small().ok_or(Failure::Unsupported)?)?;
    let derive = |id, length| kdf::<Sha1, 64>(id, &password.bmp, salt, rounds, length);
    let iv = || derive(2, 8);
    match oid.as_str() {
        PBE_3DES => cbc_decrypt::<des::TdesEde3>(&derive(1, 24), &iv(), data),
        PBE_2DES => cbc_decrypt::<des::TdesEde2>(&derive(1, 16), &iv(), data),
        PBE_RC2_128 => rc2_decrypt(&derive(1, 16), 128, &iv(), data),
        PBE_RC2_40 => rc2_decrypt(&derive(1, 5), 40, &iv(), data),
        _ => Err(Failure::Unsupported),
    }
}

fn pbes2(
    mut parameters: Walk<'_>,
    data: &[u8],
    password: &Password,
    budget: &mut Budget,
) -> Result<Vec<u8>, Failure> {
    let bad = Failure::Unsupported;
    let mut derivation = parameters.sequence().ok_or(bad)?;
    if derivation.oid().as_deref() != Some(PBKDF2) {
        return Err(bad);
    }
    let mut derivation = derivation.sequence().ok_or(bad)?;
    let salt = salt(derivation.octets())?;
    // A key of up to 32 bytes takes at most two blocks, of two hashes a round.
    let asked = derivation.small().ok_or(bad)?;
    let rounds = budget.spend(asked)?;
    let _length = derivation.small();
    let prf = derivation.sequence().and_then(|mut prf| prf.oid());
    let mut cipher = parameters.sequence().ok_or(bad)?;
    let name = cipher.oid().ok_or(bad)?;
    let iv = cipher.octets().ok_or(bad)?;
    let mut key = vec![
        0;
        match name.as_str() {
            AES128 => 16,
            AES192 | DES3 => 24,
            AES256 => 32,
            _ => return Err(bad),
        }
    ];
    match prf.as_deref() {
        None | Some("1.2.840.113549.2.7") => {
            pbkdf2_hmac::<Sha1>(&password.utf8, salt, rounds, &mut key);
        }
        Some("1.2.840.113549.2.9") => {
            pbkdf2_hmac::<Sha256>(&password.utf8, salt, rounds, &mut key);
        }
        Some("1.2.840.113549.2.10") => {
            pbkdf2_hmac::<Sha384>(&password.utf8, salt, rounds, &mut key);
        }
        Some("1.2.840.113549.2.11") => {
            pbkdf2_hmac::<Sha512>(&password.utf8, salt, rounds, &mut key);
        }
        _ => return Err(bad),
    }
    match name.as_str() {
        AES128 => cbc_decrypt::<aes::Aes128>(&key, iv, data),
        AES192 => cbc_decrypt::<aes::Aes192>(&key, iv, data),
        AES256 => cbc_decrypt::<aes::Aes256>(&key, iv, data),
        _ => cbc_decrypt::<des::TdesEde3>(&key, iv, data),
    }
}

fn salt(salt: Option<&[u8]>) -> Result<&[u8], Failure> {
    salt.filter(|salt| salt.len() <= LONGEST_SALT).ok_or(Failure::Unsupported)
}

fn cbc_decrypt<C>(key: &[u8], iv: &[u8], data: &[u8]) -> Result<Vec<u8>, Failure>
where
    C: cbc::cipher::BlockCipherDecrypt + cbc::cipher::KeyInit,
{
    let cipher = cbc::Decryptor::<C>::new_from_slices(key, iv).map_err(|_| Failure::Unsupported)?;
    let mut data = data.to_vec();
    let plain = cipher.decrypt_padded::<Pkcs7>(&mut data).map_err(|_| Failure::Wrong)?;
    Ok(plain.to_vec())
}

fn rc2_decrypt(key: &[u8], bits: usize, iv: &[u8], data: &[u8]) -> Result<Vec<u8>, Failure> {
    let cipher = rc2::Rc2::new_with_eff_key_len(key, bits);
    let cipher =
        cbc::Decryptor::inner_iv_slice_init(cipher, iv).map_err(|_| Failure::Unsupported)?;
    let mut data = data.to_vec();
    let plain = cipher.decrypt_padded::<Pkcs7>(&mut data).map_err(|_| Failure::Wrong)?;
    Ok(plain.to_vec())
}

/// The MAC key of a PKCS#12 file: the hash's OID, and what it derives.
pub(super) fn mac_holds(
    hash: &str,
    expected: &[u8],
    content: &[u8],
    password: &Password,
    salted: (&[u8], u64),
    budget: &mut Budget,
) -> Result<bool, Failure> {
    let salt = salt(Some(salted.0))?;
    let rounds = budget.spend(salted.1)?;
    let bmp = &password.bmp;
    let mac = match hash {
        "1.3.14.3.2.26" => hmac_of::<Sha1>(&kdf::<Sha1, 64>(3, bmp, salt, rounds, 20), content),
        "2.16.840.1.101.3.4.2.1" => {
            hmac_of::<Sha256>(&kdf::<Sha256, 64>(3, bmp, salt, rounds, 32), content)
        }
        "2.16.840.1.101.3.4.2.2" => {
            hmac_of::<Sha384>(&kdf::<Sha384, 128>(3, bmp, salt, rounds, 48), content)
        }
        "2.16.840.1.101.3.4.2.3" => {
            hmac_of::<Sha512>(&kdf::<Sha512, 128>(3, bmp, salt, rounds, 64), content)
        }
        _ => return Err(Failure::Unsupported),
    };
    Ok(mac.as_deref() == Some(expected))
}

fn hmac_of<D: hmac::EagerHash>(key: &[u8], content: &[u8]) -> Option<Vec<u8>> {
    use hmac::{KeyInit, Mac};
    let mut mac = <hmac::Hmac<D> as KeyInit>::new_from_slice(key).ok()?;
    mac.update(content);
    Some(mac.finalize().into_bytes().to_vec())
}

/// RFC 7292, appendix B.2; `BLOCK` is the hash's input block in bytes.
fn kdf<D: Digest, const BLOCK: usize>(
    id: u8,
    password: &[u8],
    salt: &[u8],
    rounds: u32,
    length: usize,
) -> Vec<u8> {
    let fill = |bytes: &[u8]| -> Vec<u8> {
        let length = bytes.len().div_ceil(BLOCK) * BLOCK;
        bytes.iter().copied().cycle().take(length).collect()
    };
    let mut input = [fill(salt), fill(password)].concat();
    let mut out = Vec::with_capacity(length);
    loop {
        let mut hash = D::new().chain_update([id; BLOCK]).chain_update(&input).finalize();
        for _ in 1..rounds {
            hash = D::digest(&hash);
        }
        out.extend(hash.iter().copied().take(length - out.len()));
        if out.len() == length {
            return out;
        }
        let add: Vec<u8> = hash.iter().copied().cycle().take(BLOCK).collect();
        for block in input.chunks_mut(BLOCK) {
            let mut carry = 1_u16;
            for (digit, other) in block.iter_mut().zip(&add).rev() {
                carry += u16::from(*digit) + u16::from(*other);
                *digit = (carry & 0xff) as u8;
                carry >>= 8;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::asn1::{OCTETS, SEQUENCE, integer, oid, tlv},
        *,
    };

    #[test]
    fn hostile_round_counts_are_refused_before_any_work() {
        let salt = tlv(OCTETS, &[&[1; 8]]);
        let parameters = tlv(SEQUENCE, &[&salt, &integer(&[0x7f, 0xff, 0xff, 0xff])]);
        let algorithm = tlv(SEQUENCE, &[&oid(PBE_RC2_40), &parameters]);
        let outcome = decrypt(&algorithm, &[0; 8], &Password::new(""), &mut Budget::new());
        assert_eq!(outcome, Err(Failure::TooManyRounds));
    }
}
