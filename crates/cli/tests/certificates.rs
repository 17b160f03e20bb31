//! A private key is told of the certificate that lies elsewhere.

mod support;

use data_encoding::BASE64;
use ed25519_dalek::{Signer, SigningKey};
use sha2::{Digest, Sha256};
use support::World;

/// The object identifier of Ed25519, 1.3.101.112, with its tag.
const ED25519: [u8; 5] = [6, 3, 43, 101, 112];

fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = content.len();
    let mut out = match u8::try_from(length) {
        Ok(short) if short < 0x80 => vec![tag, short],
        _ => vec![tag, 0x82, (length >> 8) as u8, length as u8],
    };
    out.extend(content);
    out
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    der(0x30, parts)
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = BASE64.encode(der);
    let lines: Vec<&str> =
        (0..text.len()).step_by(64).map(|at| &text[at..text.len().min(at + 64)]).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// A private key in PKCS #8 and a certificate for it, signed by itself.
fn pair(seed: &str, name: &str) -> (String, String) {
    let seed = Sha256::digest(seed.as_bytes());
    let key = SigningKey::from_bytes(&seed.into());
    let algorithm = sequence(&[&ED25519]);
    let private = sequence(&[&[2, 1, 0], &algorithm, &der(4, &[&der(4, &[&seed])])]);
    let bits = |bytes: &[u8]| der(3, &[&[0], bytes]);
    let public = sequence(&[&algorithm, &bits(key.verifying_key().as_bytes())]);
    // One common name, 2.5.4.3.
    let name =
        sequence(&[&der(0x31, &[&sequence(&[&[6, 3, 85, 4, 3], &der(12, &[name.as_bytes()])])])]);
    let validity = sequence(&[&der(23, &[b"260101000000Z"]), &der(23, &[b"360101000000Z"])]);
    let version = der(0xa0, &[&[2, 1, 2]]);
    let body = sequence(&[&version, &[2, 1, 1], &algorithm, &name, &validity, &name, &public]);
    let signature = key.sign(&body).to_bytes();
    let certificate = sequence(&[&body, &algorithm, &bits(&signature)]);
    (pem("PRIVATE KEY", &private), pem("CERTIFICATE", &certificate))
}

#[test]
fn a_key_in_one_file_is_linked_to_its_certificate_in_another() {
    let world = World::new();
    let (key, certificate) = pair("one", "shop.example.org");
    let (_, other) = pair("two", "other.example.org");
    // The certificate is read after its key, and before it, and beside a stranger.
    for (key_name, certificate_name) in [("a/tls.key", "z/tls.crt"), ("z/tls.key", "a/tls.crt")] {
        let _ = std::fs::remove_dir_all(world.tree().join("a"));
        let _ = std::fs::remove_dir_all(world.tree().join("z"));
        world.write(key_name, &key).write(certificate_name, &certificate).write("b.crt", &other);
        let run = world.run(&["scan", ".", "--threads", "1"]);
        assert_eq!(run.code, 1, "{}", run.err);
        assert!(run.out.contains("1 finding, 1 secret"), "{}", run.out);
        assert!(run.out.contains("certificate subject: CN=shop.example.org"), "{}", run.out);
        let file = format!("certificate file: ./{certificate_name}");
        assert!(run.out.contains(&file), "{}", run.out);
        assert!(!run.out.contains("other.example.org"), "{}", run.out);
        // A stream waits for the certificate too.
        let run = world.run(&["scan", ".", "--format", "jsonl", "-q"]);
        let found: serde_json::Value = serde_json::from_str(run.out.trim()).unwrap();
        assert_eq!(found["facts"]["certificate subject"], "CN=shop.example.org");
        assert_eq!(found["facts"]["certificate file"], format!("./{certificate_name}"));
    }
}

#[test]
fn a_key_without_its_certificate_is_told_alone_and_a_certificate_is_no_finding() {
    let world = World::new();
    let (key, _) = pair("one", "shop.example.org");
    let (_, other) = pair("two", "other.example.org");
    world.write("a.crt", &other);
    assert_eq!(world.run(&["scan", "."]).code, 0);
    world.write("b.key", &key);
    let run = world.run(&["scan", "."]);
    assert_eq!(run.code, 1);
    assert!(!run.out.contains("certificate"), "{}", run.out);
}
