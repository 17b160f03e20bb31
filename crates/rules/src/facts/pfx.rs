//! Opens PKCS#12 files (PFX), RFC 7292. Written here rather than taken from a
//! library, as no library lets its caller bound the rounds of the bags inside.

use super::{
    asn1::{self, BMP, SEQUENCE, SET, Walk},
    pbe::{self, Budget, Failure, Password},
};

/// A file that parses, before any password is tried.
pub(super) struct Pfx<'a> {
    content: &'a [u8],
    mac: Option<Mac<'a>>,
}

struct Mac<'a> {
    hash: String,
    value: &'a [u8],
    salt: &'a [u8],
    rounds: u64,
}

/// What a password opened.
#[derive(Default)]
pub(super) struct Contents {
    /// Certificates in DER.
    pub(super) certificates: Vec<Vec<u8>>,
    /// Private keys as PKCS#8 in DER.
    pub(super) keys: Vec<Vec<u8>>,
    /// Names given to the bags.
    pub(super) names: Vec<String>,
    /// The key storage provider that Windows notes.
    pub(super) provider: Option<String>,
    /// Encryption of the bags, each once.
    pub(super) schemes: Vec<String>,
}

const DATA: &str = "1.2.840.113549.1.7.1";
const ENCRYPTED_DATA: &str = "1.2.840.113549.1.7.6";
const DEEPEST: u8 = 4;
const MOST_BAGS: usize = 64;

/// Reads the outer structure; `None` where it is no PKCS#12 at all.
pub(super) fn parse(der: &[u8]) -> Option<Pfx<'_>> {
    let mut fields = Walk(der).sequence()?;
    (fields.small()? == 3).then_some(())?;
    let mut info = fields.sequence()?;
    (info.oid()? == DATA).then_some(())?;
    let content = info.tagged(0xa0)?.walk().octets()?;
    Walk(content).sequence()?;
    let mac = fields.sequence().and_then(mac);
    Some(Pfx { content, mac })
}

fn mac(mut fields: Walk<'_>) -> Option<Mac<'_>> {
    let mut digest = fields.sequence()?;
    let hash = digest.sequence()?.oid()?;
    let value = digest.octets()?;
    let salt = fields.octets()?;
    let rounds = if fields.0.is_empty() { 1 } else { fields.small()? };
    Some(Mac { hash, value, salt, rounds })
}

impl Pfx<'_> {
    /// The MAC's hash and rounds.
    pub(super) fn mac_name(&self) -> Option<String> {
        let mac = self.mac.as_ref()?;
        let hash = match mac.hash.as_str() {
            // Here the rounds stand elsewhere (RFC 9579).
            "1.2.840.113549.1.5.14" => return Some("PBMAC1".into()),
            "1.3.14.3.2.26" => "SHA-1",
            "2.16.840.1.101.3.4.2.1" => "SHA-256",
            "2.16.840.1.101.3.4.2.2" => "SHA-384",
            "2.16.840.1.101.3.4.2.3" => "SHA-512",
            other => other,
        };
        Some(format!("{hash}, iterations {}", mac.rounds))
    }

    /// Opens the bags. A file without a MAC, or with an unknown one, is opened
    /// where its bags decrypt to what they should be.
    pub(super) fn open(
        &self,
        password: &Password,
        budget: &mut Budget,
    ) -> Result<Contents, Failure> {
        if let Some(mac) = &self.mac {
            let salted = (mac.salt, mac.rounds);
            match pbe::mac_holds(&mac.hash, mac.value, self.content, password, salted, budget) {
                Ok(true) | Err(Failure::Unsupported) => {}
                Ok(false) => return Err(Failure::Wrong),
                Err(failure) => return Err(failure),
            }
        }
        let mut contents = Contents::default();
        let mut infos = Walk(self.content).sequence().ok_or(Failure::Wrong)?;
        for _ in 0..MOST_BAGS {
            let Some(info) = infos.sequence() else { break };
            safe(info, password, budget, &mut contents)?;
        }
        Ok(contents)
    }
}

fn safe(
    mut info: Walk<'_>,
    password: &Password,
    budget: &mut Budget,
    contents: &mut Contents,
) -> Result<(), Failure> {
    let kind = info.oid().ok_or(Failure::Wrong)?;
    let mut inner = info.tagged(0xa0).ok_or(Failure::Wrong)?.walk();
    match kind.as_str() {
        DATA => bags(inner.octets().ok_or(Failure::Wrong)?, password, budget, contents, 0),
        ENCRYPTED_DATA => {
            let mut data = inner.sequence().ok_or(Failure::Wrong)?;
            data.small().ok_or(Failure::Wrong)?;
            let mut content = data.sequence().ok_or(Failure::Wrong)?;
            content.oid().ok_or(Failure::Wrong)?;
            let algorithm = content.tagged(SEQUENCE).ok_or(Failure::Wrong)?.whole;
            let cipher = content.tagged(0x80).ok_or(Failure::Wrong)?.body;
            contents.note(algorithm);
            let plain = pbe::decrypt(algorithm, cipher, password, budget)?;
            bags(&plain, password, budget, contents, 0)
        }
        // Encrypted to a public key: nothing that a password opens.
        _ => Err(Failure::Unsupported),
    }
}

fn bags(
    der: &[u8],
    password: &Password,
    budget: &mut Budget,
    contents: &mut Contents,
    depth: u8,
) -> Result<(), Failure> {
    let mut all = Walk(der).sequence().ok_or(Failure::Wrong)?;
    for _ in 0..MOST_BAGS {
        let Some(mut bag) = all.sequence() else { break };
        let kind = bag.oid().ok_or(Failure::Wrong)?;
        let value = bag.tagged(0xa0).ok_or(Failure::Wrong)?.body;
        match kind.as_str() {
            "1.2.840.113549.1.12.10.1.1" => contents.keys.push(value.to_vec()),
            "1.2.840.113549.1.12.10.1.2" => {
                let mut key = Walk(value).sequence().ok_or(Failure::Wrong)?;
                let algorithm = key.tagged(SEQUENCE).ok_or(Failure::Wrong)?.whole;
                contents.note(algorithm);
                let cipher = key.octets().ok_or(Failure::Wrong)?;
                contents.keys.push(pbe::decrypt(algorithm, cipher, password, budget)?);
            }
            "1.2.840.113549.1.12.10.1.3" => {
                let inner = certificate(value).ok_or(Failure::Unsupported)?;
                contents.certificates.push(inner.to_vec());
            }
            "1.2.840.113549.1.12.10.1.6" if depth < DEEPEST => {
                bags(value, password, budget, contents, depth + 1)?;
            }
            _ => {}
        }
        if let Some(attributes) = bag.tagged(SET) {
            contents.attributes(attributes.walk());
        }
    }
    Ok(())
}

fn certificate(value: &[u8]) -> Option<&[u8]> {
    let mut bag = Walk(value).sequence()?;
    bag.oid()?;
    bag.tagged(0xa0)?.walk().octets()
}

impl Contents {
    fn note(&mut self, algorithm: &[u8]) {
        if let Some(name) = pbe::name(algorithm)
            && !self.schemes.contains(&name)
        {
            self.schemes.push(name);
        }
    }

    fn attributes(&mut self, mut attributes: Walk<'_>) {
        for _ in 0..8 {
            let Some(mut attribute) = attributes.sequence() else { return };
            let kind = attribute.oid();
            let text = attribute
                .tagged(asn1::SET)
                .and_then(|values| values.walk().tagged(BMP))
                .map(|text| utf16(text.body));
            match (kind.as_deref(), text) {
                (Some("1.2.840.113549.1.9.20"), Some(name)) if !self.names.contains(&name) => {
                    self.names.push(name);
                }
                (Some("1.3.6.1.4.1.311.17.1"), Some(name)) => self.provider = Some(name),
                _ => {}
            }
        }
    }
}

fn utf16(bytes: &[u8]) -> String {
    let units = bytes
        .chunks_exact(2)
        .map(|pair| pair.iter().fold(0_u16, |unit, byte| (unit << 8) | u16::from(*byte)));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}
