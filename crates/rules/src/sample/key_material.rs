//! Samples for recognisers: blocks and stores that are built as their formats
//! demand and filled with seeded noise. None of them is a working key.

use data_encoding::BASE64;

use super::Random;

/// A sample for a recogniser; `label` is the PEM label where it has one.
pub(super) fn sample(recognizer: &str, label: &str, random: &mut Random) -> Option<String> {
    match recognizer {
        "assignment" => Some(password(random)),
        "pem" => Some(pem(label, random)),
        "pkcs12" | "publishsettings" => Some(BASE64.encode(&store(random))),
        _ => None,
    }
}

fn password(random: &mut Random) -> String {
    const SETS: [&[u8]; 4] =
        [b"abcdefghijkmnopqrstuvwxyz", b"ABCDEFGHJKLMNPQRSTUVWXYZ", b"23456789", b"!%*+^"];
    (0..20)
        .map(|at| {
            let set = SETS[[0, 1, 2, 0, 2, 1, 3, 0][at % 8]];
            char::from(set[random.below(set.len())])
        })
        .collect()
}

fn pem(label: &str, random: &mut Random) -> String {
    let der = match label {
        "RSA PRIVATE KEY" => {
            let mut body = integer(&[0]);
            for len in [256, 3, 256, 128, 128, 128, 128, 128] {
                body.extend(integer(&odd(len, random)));
            }
            tlv(0x30, &body)
        }
        "DSA PRIVATE KEY" => {
            let mut body = integer(&[0]);
            for len in [128, 20, 128, 128, 20] {
                body.extend(integer(&odd(len, random)));
            }
            tlv(0x30, &body)
        }
        "EC PRIVATE KEY" => {
            // prime256v1
            let curve = tlv(6, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]);
            tlv(0x30, &[integer(&[1]), tlv(4, &odd(32, random)), tlv(0xa0, &curve)].concat())
        }
        "ENCRYPTED PRIVATE KEY" => {
            // pbeWithSHA1And3-KeyTripleDES-CBC
            let kdf = [tlv(4, &odd(8, random)), integer(&[8, 0])].concat();
            let scheme = tlv(6, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 1, 3]);
            let algorithm = tlv(0x30, &[scheme, tlv(0x30, &kdf)].concat());
            tlv(0x30, &[algorithm, tlv(4, &odd(160, random))].concat())
        }
        "OPENSSH PRIVATE KEY" => openssh(random),
        "PGP PRIVATE KEY BLOCK" => [&[0x95, 0x03, 0x98, 4][..], &odd(600, random)].concat(),
        _ => pkcs8(random),
    };
    let body = BASE64.encode(&der);
    let lines: Vec<&str> =
        body.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    let header = if label.starts_with("PGP") { "\n" } else { "" };
    format!("-----BEGIN {label}-----\n{header}{}\n-----END {label}-----", lines.join("\n"))
}

/// An Ed25519 key in PKCS#8.
fn pkcs8(random: &mut Random) -> Vec<u8> {
    let algorithm = tlv(0x30, &tlv(6, &[0x2b, 0x65, 0x70]));
    let key = tlv(4, &tlv(4, &odd(32, random)));
    tlv(0x30, &[integer(&[0]), algorithm, key].concat())
}

/// A PKCS#12 store without encryption that holds one key.
fn store(random: &mut Random) -> Vec<u8> {
    const PKCS7_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1];
    const KEY_BAG: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 10, 1, 1];
    let noise = tlv(4, &odd(600, random));
    let attribute = tlv(0x30, &[tlv(6, &[0x2a, 3]), tlv(0x31, &noise)].concat());
    let bag =
        tlv(0x30, &[tlv(6, KEY_BAG), tlv(0xa0, &pkcs8(random)), tlv(0x31, &attribute)].concat());
    let contents = tlv(0x30, &bag);
    let data = |inner: &[u8]| tlv(0x30, &[tlv(6, PKCS7_DATA), tlv(0xa0, &tlv(4, inner))].concat());
    let safe = tlv(0x30, &data(&contents));
    tlv(0x30, &[integer(&[3]), data(&safe)].concat())
}

fn openssh(random: &mut Random) -> Vec<u8> {
    let string =
        |bytes: &[u8]| [&u32::try_from(bytes.len()).unwrap_or(0).to_be_bytes()[..], bytes].concat();
    let public = [string(b"ssh-ed25519"), string(&odd(32, random))].concat();
    let check = odd(4, random);
    let private = [
        check.clone(),
        check,
        public.clone(),
        string(&odd(64, random)),
        string(b"sample"),
        vec![1, 2, 3, 4, 5],
    ]
    .concat();
    [
        b"openssh-key-v1\0".to_vec(),
        string(b"none"),
        string(b"none"),
        string(b""),
        1u32.to_be_bytes().to_vec(),
        string(&public),
        string(&private),
    ]
    .concat()
}

/// Noise that is neither negative nor even as a number.
fn odd(len: usize, random: &mut Random) -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..len).map(|_| random.below(256) as u8).collect();
    if let Some(first) = bytes.first_mut() {
        *first = *first & 0x3f | 0x40;
    }
    if let Some(last) = bytes.last_mut() {
        *last |= 1;
    }
    bytes
}

fn integer(bytes: &[u8]) -> Vec<u8> {
    tlv(2, bytes)
}

/// A DER element.
fn tlv(tag: u8, body: &[u8]) -> Vec<u8> {
    let len = body.len();
    let head = match len {
        0..0x80 => vec![tag, len as u8],
        0x80..0x100 => vec![tag, 0x81, len as u8],
        _ => vec![tag, 0x82, (len >> 8) as u8, len as u8],
    };
    [head, body.to_vec()].concat()
}
