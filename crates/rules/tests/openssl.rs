//! Facts of keys, certificates and key stores that the `openssl` program made.
//! The program must be there: a test that skips proves nothing.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "this is a test")]

use std::{path::Path, process::Command};

use data_encoding::BASE64;
use stanch_rules::facts::{
    self, Input, Reading, spki_sha256_of_certificate, spki_sha256_of_private_key,
};
use tempfile::TempDir;

/// Runs `openssl` in `folder`; arguments are separated by single spaces, `~`
/// stands for a space inside one. Returns what it printed.
fn openssl(folder: &Path, arguments: &str) -> String {
    let arguments = arguments.split(' ').map(|argument| argument.replace('~', " "));
    let output = Command::new("openssl").args(arguments).current_dir(folder).output();
    let output = output.expect("the openssl program runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn file(folder: &TempDir, name: &str) -> Vec<u8> {
    std::fs::read(folder.path().join(name)).unwrap()
}

fn certificate(key: &str, more: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    let fixed = "-nodes -keyout key.pem -out cert.pem -days 365 -subj /CN=Windows~Azure~Tools";
    openssl(folder.path(), &format!("req -x509 -newkey {key} {fixed}{more}"));
    folder
}

fn read(kind: &str, value: &[u8], text: &[u8]) -> Vec<(&'static str, String)> {
    let at = text.windows(value.len()).position(|window| window == value).unwrap();
    match facts::read(kind, &Input { value, text, span: at..at + value.len() }) {
        Reading::Facts(facts) => facts.into_iter().map(|fact| (fact.name, fact.value)).collect(),
        Reading::Rejected(why) => panic!("{kind} rejected: {why}"),
    }
}

#[track_caller]
fn has(facts: &[(&'static str, String)], name: &str, value: &str) {
    let found = facts.iter().any(|fact| fact.0 == name && fact.1 == value);
    assert!(found, "{name}: {value}\n{facts:#?}");
}

#[test]
fn a_legacy_key_store_opens_with_the_empty_password() {
    let folder = certificate("rsa:2048", " -sha1");
    openssl(
        folder.path(),
        "pkcs12 -export -legacy -inkey key.pem -in cert.pem -name sub-credentials \
         -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-RC2-40 -macalg sha1 -nomaciter -passout pass: \
         -out store.pfx",
    );
    let store = file(&folder, "store.pfx");
    let base64 = BASE64.encode(&store);
    for value in [store.as_slice(), base64.as_bytes()] {
        let found = read("pkcs12", value, value);
        has(&found, "MAC", "SHA-1, iterations 1");
        has(&found, "opened", "with the empty password");
        has(&found, "encryption", "pbeWithSHA1And40BitRC2-CBC");
        has(&found, "encryption", "pbeWithSHA1And3-KeyTripleDES-CBC");
        has(&found, "friendly name", "sub-credentials");
        has(&found, "key matches certificate", "yes");
        has(&found, "generator", "Azure publish settings download");
        has(&found, "subject", "CN=Windows Azure Tools");
        has(&found, "self-signed", "yes");
        has(&found, "weak", "signed with sha1WithRSAEncryption");
        has(&found, "key type", "RSA 2048");
    }
    let settings = format!(
        "<?xml version=\"1.0\"?>\n<PublishData>\n <PublishProfile SchemaVersion=\"2.0\" \
         PublishMethod=\"AzureServiceManagementAPI\">\n  <Subscription\n \
         ServiceManagementUrl=\"https://management.core.windows.net\"\n \
         Id=\"11111111-2222-3333-4444-555555555555\" Name=\"Pay &amp; Go\"\n \
         ManagementCertificate=\"{base64}\" />\n </PublishProfile>\n</PublishData>"
    );
    for value in [settings.as_bytes(), base64.as_bytes()] {
        let found = read("publishsettings", value, settings.as_bytes());
        has(&found, "subscription id", "11111111-2222-3333-4444-555555555555");
        has(&found, "subscription name", "Pay & Go");
        has(&found, "schema version", "2.0");
        has(&found, "cloud", "Azure");
        has(&found, "key matches certificate", "yes");
        assert!(found.iter().all(|fact| !fact.1.contains(&base64[..40])));
    }
}

#[test]
fn a_modern_key_store_opens_with_a_word_beside_it() {
    let folder = certificate("rsa:2048", "");
    let export = "pkcs12 -export -inkey key.pem -in cert.pem -passout pass:lemon-tree-7 -out s.pfx";
    openssl(folder.path(), export);
    let store = BASE64.encode(&file(&folder, "s.pfx"));
    let text = format!("cert: {store}\ncert_password: 'lemon-tree-7'\n");
    let found = read("pkcs12", store.as_bytes(), text.as_bytes());
    has(&found, "opened", "with a word beside it");
    has(&found, "encryption", "PBES2 with PBKDF2 and AES-256-CBC");
    has(&found, "key matches certificate", "yes");
    has(&found, "MAC", "SHA-256, iterations 2048");
    assert!(found.iter().all(|fact| !fact.1.contains("lemon")));
    let alone = read("pkcs12", store.as_bytes(), store.as_bytes());
    has(&alone, "opened", "no: password needed");
    assert!(alone.iter().all(|fact| fact.0 != "subject"));
}

#[test]
fn a_key_store_that_asks_for_too_much_work_is_left_closed() {
    let folder = certificate("ec -pkeyopt ec_paramgen_curve:P-256", "");
    let export =
        "pkcs12 -export -iter 150000 -inkey key.pem -in cert.pem -passout pass: -out s.pfx";
    openssl(folder.path(), export);
    let store = file(&folder, "s.pfx");
    has(&read("pkcs12", &store, &store), "opened", "no: too many iterations");
}

#[test]
fn keys_of_every_form_hash_to_their_certificate() {
    for (key, name) in [
        ("rsa:2048", "RSA 2048"),
        ("ec -pkeyopt ec_paramgen_curve:P-256", "EC P-256"),
        ("ec -pkeyopt ec_paramgen_curve:P-384", "EC P-384"),
        ("ed25519", "Ed25519"),
    ] {
        let folder = certificate(key, "");
        let (pem, cert) = (file(&folder, "key.pem"), file(&folder, "cert.pem"));
        let hash = spki_sha256_of_certificate(&cert).unwrap();
        assert_eq!(spki_sha256_of_private_key(&pem), Some(hash), "{key}");
        openssl(folder.path(), "pkey -in key.pem -outform DER -out key.der");
        assert_eq!(spki_sha256_of_private_key(&file(&folder, "key.der")), Some(hash), "{key}");
        has(&read("private-key", &pem, &pem), "key type", name);
        let escaped = String::from_utf8(pem).unwrap().replace('\n', "\\n");
        has(&read("private-key", escaped.as_bytes(), escaped.as_bytes()), "key type", name);
        let found = read("certificate", &cert, &cert);
        has(&found, "self-signed", "yes");
        has(&found, "key type", name);
        openssl(folder.path(), "x509 -in cert.pem -outform DER -out cert.der");
        assert_eq!(spki_sha256_of_certificate(&file(&folder, "cert.der")), Some(hash), "{key}");
        if key != "ed25519" {
            openssl(folder.path(), "pkey -in key.pem -traditional -out old.pem");
            let old = file(&folder, "old.pem");
            assert_eq!(spki_sha256_of_private_key(&old), Some(hash), "{key}");
        }
    }
}

#[test]
fn the_public_half_is_derived_where_the_key_leaves_it_out() {
    let folder = certificate("ec -pkeyopt ec_paramgen_curve:P-256", "");
    let hash = spki_sha256_of_certificate(&file(&folder, "cert.pem"));
    openssl(folder.path(), "ec -in key.pem -no_public -out bare.pem");
    assert_eq!(spki_sha256_of_private_key(&file(&folder, "bare.pem")), hash);
}

#[test]
fn encrypted_keys_name_their_cipher() {
    let folder = certificate("rsa:2048", "");
    openssl(folder.path(), "pkey -in key.pem -aes256 -passout pass:x1y2 -out new.pem");
    let new = file(&folder, "new.pem");
    let found = read("private-key", &new, &new);
    has(&found, "encrypted", "yes");
    has(&found, "cipher", "PBES2 with PBKDF2 and AES-256-CBC");
    openssl(folder.path(), "rsa -in key.pem -aes128 -traditional -passout pass:x1y2 -out old.pem");
    let old = file(&folder, "old.pem");
    let found = read("private-key", &old, &old);
    has(&found, "encrypted", "yes");
    has(&found, "cipher", "AES-128-CBC");
}

#[test]
fn a_thumbprint_is_what_openssl_says_and_a_changed_certificate_is_not_self_signed() {
    let folder = certificate("rsa:1024", "");
    let printed = openssl(folder.path(), "x509 -in cert.pem -noout -fingerprint -sha1");
    let (_, fingerprint) = printed.trim().split_once('=').unwrap();
    openssl(folder.path(), "x509 -in cert.pem -outform DER -out cert.der");
    let mut der = file(&folder, "cert.der");
    let found = read("certificate", &der, &der);
    has(&found, "thumbprint", &fingerprint.replace(':', ""));
    has(&found, "weak", "key of 1024 bits");
    let last = der.len() - 1;
    der[last] ^= 1;
    has(&read("certificate", &der, &der), "self-signed", "no");
}

#[test]
fn a_key_joined_from_lines_of_source_code_is_read() {
    let folder = certificate("rsa:2048", "");
    let pem = String::from_utf8(file(&folder, "key.pem")).unwrap();
    let lines: Vec<String> = pem.lines().map(|line| format!("    \"{line}\\n\" +")).collect();
    let source = lines.join("\n");
    has(&read("private-key", source.as_bytes(), source.as_bytes()), "key type", "RSA 2048");
}

/// Damage at every place of real files leads deeper than random bytes do.
#[test]
fn damaged_files_never_panic() {
    let folder = certificate("ec -pkeyopt ec_paramgen_curve:P-256", "");
    openssl(
        folder.path(),
        "pkcs12 -export -legacy -iter 1 -nomaciter -inkey key.pem -in cert.pem -passout pass: \
         -out s.pfx",
    );
    openssl(folder.path(), "pkey -in key.pem -outform DER -out key.der");
    openssl(folder.path(), "x509 -in cert.pem -outform DER -out cert.der");
    for name in ["s.pfx", "key.der", "cert.der"] {
        let whole = file(&folder, name);
        for at in 0..whole.len() {
            for change in [1, 0x80, 0xff] {
                let mut value = whole.clone();
                value[at] ^= change;
                for kind in ["certificate", "pkcs12", "private-key"] {
                    facts::read(kind, &Input { value: &value, text: &value, span: 0..at });
                }
                let cut = &whole[..at];
                facts::read("pkcs12", &Input { value: cut, text: cut, span: 0..at });
            }
        }
    }
}
