use data_encoding::{BASE32_NOPAD, BASE64, BASE64URL_NOPAD};
use proptest::{collection::vec, prelude::*};

use super::*;

fn read_value(kind: &str, value: &[u8]) -> Reading {
    read(kind, &Input { value, text: value, span: 0..value.len() })
}

fn facts(kind: &str, value: &[u8]) -> Vec<(&'static str, String)> {
    match read_value(kind, value) {
        Reading::Facts(facts) => facts.into_iter().map(|fact| (fact.name, fact.value)).collect(),
        Reading::Rejected(why) => panic!("{kind} rejected: {why}"),
    }
}

fn said(kind: &str, value: &[u8], expected: &[(&'static str, &str)]) {
    let expected: Vec<_> =
        expected.iter().map(|(name, text)| (*name, (*text).to_owned())).collect();
    assert_eq!(facts(kind, value), expected);
}

#[test]
fn kinds_are_sorted_and_known() {
    assert!(kinds().is_sorted());
    assert!(kinds().iter().all(|kind| is_known(kind)));
    assert!(!is_known("no-such-kind"));
    assert_eq!(read_value("no-such-kind", b"x"), Reading::Facts(Vec::new()));
}

#[test]
fn an_access_key_id_tells_its_account() {
    let account = 123_456_789_012_u64;
    let bits = (account << 7) | (1 << 47);
    let bytes = [&bits.to_be_bytes()[2..], &[0x5a; 4]].concat();
    let id = format!("ASIA{}", BASE32_NOPAD.encode(&bytes));
    let expected = [("key type", "temporary access key"), ("account id", "123456789012")];
    said("aws-key-id", id.as_bytes(), &expected);
    // Amazon's documentation example is of the older scheme.
    said("aws-key-id", b"AKIAIOSFODNN7EXAMPLE", &[("key type", "long-term access key")]);
    assert!(matches!(read_value("aws-key-id", b"WXYZ"), Reading::Rejected(_)));
}

#[test]
fn a_web_token_tells_issuer_and_times() {
    let part = |json: &str| BASE64URL_NOPAD.encode(json.as_bytes());
    let header = part(r#"{"alg":"RS256","typ":"JWT","kid":"k1"}"#);
    let payload =
        part(r#"{"iss":"https://id.example","aud":["a","b"],"sub":"me","exp":1700000000}"#);
    let expected = [
        ("algorithm", "RS256"),
        ("type", "JWT"),
        ("key id", "k1"),
        ("issuer", "https://id.example"),
        ("audience", "a, b"),
        ("subject", "me"),
        ("expires", "2023-11-14T22:13:20Z"),
    ];
    said("jwt", format!("{header}.{payload}.AAAA").as_bytes(), &expected);
    assert!(matches!(read_value("jwt", b"eyJ.eyJ.x"), Reading::Rejected(_)));
}

#[test]
fn a_service_account_is_read_from_the_file_around_its_key() {
    let text = r#"x = {"type": "service_account", "project_id": "p1", "private_key_id": "0a",
        "private_key": "KEY", "client_email": "a@p1.example"}"#;
    let at = text.find("KEY").unwrap();
    let input = Input { value: b"KEY", text: text.as_bytes(), span: at..at + 3 };
    let expected = [("account", "a@p1.example"), ("project", "p1"), ("key id", "0a")];
    let expected = expected.map(|(name, value)| fact(name, value)).to_vec();
    assert_eq!(read("gcp-service-account", &input), Reading::Facts(expected));
}

#[test]
fn a_url_tells_all_but_its_password() {
    let expected = [
        ("scheme", "postgres"),
        ("user", "app"),
        ("host", "db.example"),
        ("port", "5432"),
        ("database", "main"),
    ];
    said("url-credentials", b"postgres://app:hidden@db.example:5432/main?ssl=1", &expected);
    let text = b"DATABASE_URL=\"postgres://app:hid/den@db.example:5432/main\"";
    let at = text.windows(3).position(|window| window == b"hid").unwrap();
    let read = read("url-credentials", &Input { value: b"hid/den", text, span: at..at + 7 });
    let Reading::Facts(found) = read else { panic!("rejected") };
    assert!(found.contains(&fact("host", "db.example")));
    assert!(found.iter().all(|fact| !fact.value.contains("hid")), "{found:?}");
}

#[test]
fn a_token_in_the_place_of_the_user_is_not_told() {
    let url = b"https://abcdef0123456789:x-oauth-basic@git.example/o/r.git";
    said("url-credentials", url, &[("scheme", "https"), ("host", "git.example")]);
    let value = &url[8..24];
    let read = read("url-credentials", &Input { value, text: url, span: 8..24 });
    let expected = vec![fact("scheme", "https"), fact("host", "git.example")];
    assert_eq!(read, Reading::Facts(expected));
}

#[test]
fn times_beyond_all_calendars_are_left_out() {
    assert_eq!(rfc3339(0).as_deref(), Some("1970-01-01T00:00:00Z"));
    assert_eq!(rfc3339(u64::MAX), None);
}

#[test]
fn tokens_name_their_kind_and_owner() {
    said("github-token", b"ghs_x", &[("kind", "GitHub App installation token")]);
    said("stripe-key", b"rk_test_x", &[("kind", "restricted key"), ("mode", "test")]);
    said("telegram-bot", b"123456:AAx", &[("bot id", "123456")]);
    let expected = [
        ("kind", "bot token"),
        ("workspace number", "123456789012"),
        ("user number", "1234567890123"),
    ];
    said("slack-token", b"xoxb-123456789012-1234567890123-x", &expected);
    let token = format!("{}.x.y", BASE64.encode(b"175928847299117063").trim_end_matches('='));
    let expected = [("user id", "175928847299117063"), ("account created", "2016-04-30T11:18:25Z")];
    said("discord-bot", token.as_bytes(), &expected);
}

#[test]
fn a_gitlab_token_names_user_and_organization() {
    let payload = [b"o:1\nu:zz\n".as_slice(), &[7; 16], &[16]].concat();
    let mut token = format!("glpat-{}.01.000000000", BASE64URL_NOPAD.encode(&payload)).into_bytes();
    assert!(crate::checksum::seal("gitlab-routable", &mut token, None, None));
    let expected = [
        ("kind", "personal, project or group access token"),
        ("organization id", "1"),
        ("user id", "1295"),
    ];
    said("gitlab-token", &token, &expected);
}

#[test]
fn an_azure_devops_token_tells_its_month() {
    let mut token = format!("{}JQQJ99CKACAAAAAAAAAAAAASAZDO0000", "a".repeat(52)).into_bytes();
    assert!(crate::checksum::seal("azure-devops-cask", &mut token, None, None));
    let found = facts("azure-devops-pat", &token);
    assert!(found.contains(&("kind", "personal access token".into())), "{found:?}");
    assert!(found.contains(&("created", "2026-11".into())), "{found:?}");
    assert!(found.iter().any(|(name, value)| *name == "correlating id" && value.len() == 20));
    assert!(facts("azure-key", &token).contains(&("service", "Azure DevOps".into())));
    token[3] ^= 1;
    assert!(matches!(read_value("azure-devops-pat", &token), Reading::Rejected(_)));
}

#[test]
fn docker_auth_names_user_and_registry() {
    let auth = BASE64.encode(b"robot:hidden");
    let text = format!(r#"{{"auths": {{"registry.example": {{ "auth": "{auth}" }} }} }}"#);
    let at = text.find(&auth).unwrap();
    let span = at..at + auth.len();
    let read = read("docker-auth", &Input { value: auth.as_bytes(), text: text.as_bytes(), span });
    let expected = vec![fact("user", "robot"), fact("registry", "registry.example")];
    assert_eq!(read, Reading::Facts(expected));
}

#[test]
fn a_kubeconfig_names_server_and_login() {
    let text = b"apiVersion: v1\nclusters:\n- cluster:\n    server: https://k8s.example:6443\n  name: c\ncurrent-context: prod\nusers:\n- name: u\n  user:\n    token: hidden\n";
    let expected =
        [("server", "https://k8s.example:6443"), ("context", "prod"), ("login", "bearer token")];
    said("kubeconfig", text, &expected);
}

#[test]
fn a_putty_key_tells_its_encryption() {
    let text = b"PuTTY-User-Key-File-3: ssh-ed25519\r\nEncryption: aes256-cbc\r\nComment: me@host\r\nKey-Derivation: Argon2id\r\n";
    let expected = [
        ("format", "PuTTY"),
        ("version", "3"),
        ("key type", "ssh-ed25519"),
        ("encrypted", "yes"),
        ("cipher", "aes256-cbc"),
        ("comment", "me@host"),
        ("key derivation", "Argon2id"),
    ];
    said("putty-key", text, &expected);
}

/// Builds the format by hand, as PROTOCOL.key describes it.
#[test]
fn an_openssh_key_tells_comment_and_public_half() {
    let string = |bytes: &[u8]| [&(bytes.len() as u32).to_be_bytes(), bytes].concat();
    let public = ed25519_dalek::SigningKey::from_bytes(&[7; 32]).verifying_key().to_bytes();
    let public_part = [string(b"ssh-ed25519"), string(&public)].concat();
    let private = [
        vec![1, 2, 3, 4, 1, 2, 3, 4],
        public_part.clone(),
        string(&[7; 64]),
        string(b"me@laptop"),
        vec![1, 2, 3],
    ]
    .concat();
    let blob = [
        b"openssh-key-v1\0".to_vec(),
        string(b"none"),
        string(b"none"),
        string(b""),
        vec![0, 0, 0, 1],
        string(&public_part),
        string(&private),
    ]
    .concat();
    let pem = format!(
        "-----BEGIN {0}-----\n{1}\n-----END {0}-----\n",
        "OPENSSH PRIVATE KEY",
        BASE64.encode(&blob)
    );
    let found = facts("private-key", pem.as_bytes());
    assert!(found.contains(&("key type", "Ed25519".into())), "{found:?}");
    assert!(found.contains(&("comment", "me@laptop".into())), "{found:?}");
    assert!(found.contains(&("encrypted", "no".into())), "{found:?}");
    // The same key as PKCS#8 hashes to the same public half.
    let pkcs8 = asn1::tlv(
        asn1::SEQUENCE,
        &[
            &asn1::integer(&[]),
            &asn1::tlv(asn1::SEQUENCE, &[&asn1::oid(key::ED25519)]),
            &asn1::tlv(asn1::OCTETS, &[&asn1::tlv(asn1::OCTETS, &[&[7; 32]])]),
        ],
    );
    let hash = spki_sha256_of_private_key(&pkcs8);
    assert!(hash.is_some());
    assert_eq!(spki_sha256_of_private_key(pem.as_bytes()), hash);
}

#[test]
fn what_is_no_key_is_rejected() {
    let pem = format!("-----BEGIN {0}-----\nMIIB...\n-----END {0}-----", "RSA PRIVATE KEY");
    for (kind, value) in [
        ("private-key", pem.as_bytes()),
        ("certificate", b"MIIBAAAA"),
        ("pkcs12", b"MIIBAAAA"),
        ("publishsettings", b"<PublishData></PublishData>"),
        ("putty-key", b"nothing"),
    ] {
        assert!(matches!(read_value(kind, value), Reading::Rejected(_)), "{kind}");
    }
}

#[test]
fn control_characters_do_not_pass() {
    assert_eq!(fact("comment", "a\u{1b}[31mb").value, "a\u{fffd}[31mb");
}

/// Starts that lead the readers deep into their formats.
const STARTS: [&[u8]; 8] = [
    b"",
    b"-----BEGIN PRIVATE KEY-----\nMII",
    b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA",
    b"\x30\x82\x01\x00\x02\x01\x03\x30\x81\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01\xa0",
    b"<PublishData><PublishProfile ManagementCertificate=\"MII",
    b"eyJhbGciOiJub25lIn0.",
    b"postgres://a:b@",
    b"\x30\x81\x90\x30\x81\x80\xa0\x03\x02\x01\x02\x02\x01\x01\x30\x03\x06\x01\x2a\x30\x00\x30\x1e\x17\x0d",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in vec(any::<u8>(), 0..300), a in 0..700_usize, b in 0..700_usize) {
        let printable: Vec<u8> = bytes.iter().map(|byte| b'+' + byte % 80).collect();
        for start in STARTS {
            for tail in [&bytes, &printable] {
                let value = [start, tail].concat();
                for kind in kinds() {
                    read(kind, &Input { value: &value, text: &value, span: a..b });
                    read(kind, &Input { value: tail, text: &value, span: start.len()..value.len() });
                }
                spki_sha256_of_private_key(&value);
                spki_sha256_of_certificate(&value);
            }
        }
    }
}
