//! Signature version 4 against AWS's own test vectors: the Apache-licensed
//! suite at <https://github.com/awslabs/aws-c-auth/tree/main/tests/aws-signing-test-suite>.
#![expect(clippy::unwrap_used, reason = "only tests are here")]

use std::time::{Duration, SystemTime};

use stanch_live::Value;
use stanch_live::aws::{Request, Signer, sign};

/// 2015-08-30T12:36:00Z
const TIME: Duration = Duration::from_secs(1_440_938_160);

fn signature(request: &Request<'_>, session: Option<&str>) -> String {
    // Amazon's example key, in two halves so that nobody takes it for one.
    let key = ["wJalrXUtnFEMI/K7MDENG", "+bPxRfiCYEXAMPLEKEY"].concat();
    let session = session.map(Value::from);
    let signer = Signer {
        access_key: "AKIDEXAMPLE",
        secret_key: &Value::from(key.as_str()),
        session: session.as_ref(),
        region: "us-east-1",
        service: "service",
    };
    let headers = sign(request, &signer, SystemTime::UNIX_EPOCH + TIME).unwrap();
    assert_eq!(headers["x-amz-date"], "20150830T123600Z");
    headers["authorization"].to_str().unwrap().to_owned()
}

fn bare<'r>(method: &'r str, url: &'r str) -> Request<'r> {
    Request { method, url, headers: &[], body: b"" }
}

const HEAD: &str =
    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request";

#[test]
fn get_vanilla() {
    let signature = signature(&bare("GET", "https://example.amazonaws.com/"), None);
    let wanted = "SignedHeaders=host;x-amz-date, \
                  Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
    assert_eq!(signature, format!("{HEAD}, {wanted}"));
}

#[test]
fn get_vanilla_with_session_token() {
    let token = "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267";
    let signature = signature(&bare("GET", "https://example.amazonaws.com/"), Some(token));
    let wanted = "SignedHeaders=host;x-amz-date;x-amz-security-token, \
                  Signature=07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8";
    assert_eq!(signature, format!("{HEAD}, {wanted}"));
}

#[test]
fn post_vanilla_query() {
    let url = "https://example.amazonaws.com/?Param1=value1";
    let signature = signature(&bare("POST", url), None);
    let wanted = "SignedHeaders=host;x-amz-date, \
                  Signature=28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11";
    assert_eq!(signature, format!("{HEAD}, {wanted}"));
}

#[test]
fn the_body_is_part_of_the_signature() {
    let url = "https://example.amazonaws.com/";
    let one = Request { method: "POST", url, headers: &[], body: b"one" };
    let two = Request { body: b"two", ..one };
    assert_ne!(signature(&one, None), signature(&two, None));
}
