//! The servers start, answer, and fail when told to.

use std::time::Duration;

use stanch_test_servers::{Conjur, Fault, Moto, Vault, http, nowhere, random};

fn status(url: &str, headers: &[(&str, &str)]) -> u16 {
    http::request("GET", url, headers, "").map_or(0, |answer| answer.status)
}

#[test]
fn vault_gives_what_was_put_and_fails_when_told() {
    let (vault, value) = (Vault::start(), random(32));
    vault.put("", "secret/app/key", "api_key", &value);
    let url = format!("{}/v1/secret/data/app/key", vault.url());
    let root = vault.root_token();
    let token = [("x-vault-token", root.as_str())];
    let answer = http::request("GET", &url, &token, "").unwrap();
    let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(body["data"]["data"]["api_key"], value.as_str());
    let nobody = vault.token(&[]);
    assert_eq!(status(&url, &[("x-vault-token", &nobody)]), 403);
    let reader = vault.token(&[("secret/data/app/*", &["read"])]);
    assert_eq!(status(&url, &[("x-vault-token", &reader)]), 200);
    assert_eq!(status(&url.replace("key", "none"), &token), 404);
    vault.seal(true);
    assert_eq!(status(&url, &token), 503);
    vault.seal(false);
    vault.fail(Fault::Status(429), 1);
    assert_eq!(status(&url, &token), 429);
    assert_eq!(status(&url, &token), 200);
    vault.fail(Fault::HangUp, 1);
    assert_eq!(status(&url, &token), 0);
    vault.fail(Fault::Hang(Duration::from_millis(20)), 1);
    assert_eq!(status(&url, &token), 0);
    vault.fail(Fault::Html, 1);
    assert!(http::request("GET", &url, &token, "").unwrap().body.contains("<html>"));
    vault.fail(Fault::LoseAnswer, 1);
    let new = format!(r#"{{"data":{{"api_key":"{value}2"}}}}"#);
    assert!(http::request("POST", &url, &token, &new).is_ok_and(|a| a.status == 0));
    assert_eq!(vault.get("", "secret/app/key").unwrap()["api_key"], format!("{value}2"));
}

#[test]
fn a_write_that_is_overtaken_conflicts() {
    let vault = Vault::start();
    vault.put("", "secret/app", "api_key", "one");
    vault.overtake_next_write("", "secret/app", "api_key", "other");
    let root = vault.root_token();
    let url = format!("{}/v1/secret/data/app", vault.url());
    let write = r#"{"options":{"cas":1},"data":{"api_key":"two"}}"#;
    let answer = http::request("POST", &url, &[("x-vault-token", &root)], write).unwrap();
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains("did not match the current version"));
    assert_eq!(vault.get("", "secret/app").unwrap()["api_key"], "other");
}

#[test]
fn moto_gives_what_was_put_and_fails_when_told() {
    let (moto, value) = (Moto::start(), random(32));
    moto.put("app/key", &value);
    assert_eq!(moto.get("app/key", "AWSCURRENT"), Some(value));
    // A request without a good signature is turned away.
    let headers = [
        ("x-amz-target", "secretsmanager.GetSecretValue"),
        ("content-type", "application/x-amz-json-1.1"),
        (
            "authorization",
            "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/secretsmanager/aws4_request, SignedHeaders=host, Signature=none",
        ),
    ];
    let ask = || http::request("POST", &moto.url(), &headers, r#"{"SecretId":"app/key"}"#);
    let refused = ask().unwrap();
    assert!((400..500).contains(&refused.status), "{}", refused.body);
    moto.fail(Fault::Status(429), 1);
    assert_eq!(ask().unwrap().status, 429);
    moto.fail(Fault::Html, 1);
    assert!(ask().unwrap().body.contains("<html>"));
    moto.fail(Fault::LoseAnswer, 1);
    assert!(ask().map_or(0, |answer| answer.status) == 0);
}

#[test]
fn conjur_gives_what_was_put_and_fails_when_told() {
    let (conjur, value) = (Conjur::start(), random(32));
    conjur.put("app/key", &value);
    let key = conjur.api_key("host/app");
    let url = format!("{}/authn/test/host%2Fapp/authenticate", conjur.url());
    let base64 = [("accept-encoding", "base64")];
    let token = http::request("POST", &url, &base64, &key).unwrap();
    assert_eq!(token.status, 200);
    let bearer = format!("Token token=\"{}\"", token.body);
    let headers = [("authorization", bearer.as_str())];
    let url = format!("{}/secrets/test/variable/app%2Fkey", conjur.url());
    assert_eq!(status(&url, &headers), 404);
    conjur.permit("host/app", "app/key", &["read"]);
    assert_eq!(status(&url, &headers), 403);
    conjur.permit("host/app", "app/key", &["execute"]);
    assert_eq!(http::request("GET", &url, &headers, "").unwrap().body, value);
    conjur.expire_tokens();
    assert_eq!(status(&url, &headers), 401);
}

#[test]
fn nobody_listens_nowhere() {
    assert!(http::request("GET", &nowhere(), &[], "").is_err());
}
