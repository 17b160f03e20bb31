//! Who we say we are, with every manager: each way to log in that it has, and
//! what is said where it is refused or nothing is set.
#![expect(clippy::unwrap_used, reason = "only tests are here")]

mod servers;

use std::sync::Arc;

use servers::rig::{self, Make, Rig};
use servers::{Files, azure, gcp, infisical, random, value};
use stanch_live::{Kind, Problem, Settings, VaultLogin, Written};
use stanch_test_servers::{Conjur, Vault};

/// What is needed to store the secret of the tests in a Vault.
const WRITER: &[(&str, &[&str])] = &[("secret/data/azure-devops/*", &["read", "create", "update"])];

/// The variables that a credential is made of, of managers that get it from
/// the environment.
const CREDENTIALS: [(Make, &[&str]); 9] = [
    (rig::vault, &["VAULT_TOKEN"]),
    (rig::aws, &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]),
    (rig::conjur, &["CONJUR_AUTHN_LOGIN", "CONJUR_AUTHN_API_KEY"]),
    (rig::azure_vault, &["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"]),
    (rig::repository, &["GITHUB_TOKEN"]),
    (rig::project, &["GITLAB_TOKEN"]),
    (rig::config, &["DOPPLER_TOKEN"]),
    (rig::item, &["OP_CONNECT_TOKEN"]),
    (
        rig::folder,
        &["INFISICAL_UNIVERSAL_AUTH_CLIENT_ID", "INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET"],
    ),
];

#[test]
fn a_credential_that_is_wrong_is_told_and_not_shown() {
    for (rig, names) in CREDENTIALS {
        let (old, mut rig) = (value(), rig());
        rig.plant(&old);
        for name in names {
            let right = rig.vars()[*name].clone();
            rig = rig.with(&[(name, &random(40))], &[]);
            let error = rig.put(&value()).expect_err(rig.name);
            // Vault may say the same of a token that may not do something.
            let vault = rig.kind() == Kind::Vault && error.problem == Problem::Forbidden;
            assert!(vault || error.problem == Problem::Unauthorised, "{name}: {error}");
            assert_eq!(error.written, Written::No, "{name}: {error}");
            assert!(error.next.contains("expired"), "{name}: {error}");
            assert_eq!(rig.held().as_ref(), Some(&old), "{name}");
            rig = rig.with(&[(name, &right)], &[]);
        }
        rig.stores(&rig.settings());
    }
}

#[test]
fn a_credential_that_is_not_set_is_named() {
    for (rig, names) in CREDENTIALS {
        for name in names {
            let rig = rig().with(&[(name, "")], &[]);
            // AWS looks on in profiles.
            let place = if rig.kind() == Kind::Aws { "the profile default" } else { name };
            rig.lacks(&rig.settings(), place, "");
            let rig = rig.with(&[], &[name]);
            rig.lacks(&rig.settings(), place, "");
        }
    }
}

#[test]
fn a_credential_that_fits_into_no_header_is_told_and_not_shown() {
    let cases: [(Make, &str); 5] = [
        (rig::vault, "VAULT_TOKEN"),
        (rig::repository, "GITHUB_TOKEN"),
        (rig::project, "GITLAB_TOKEN"),
        (rig::config, "DOPPLER_TOKEN"),
        (rig::item, "OP_CONNECT_TOKEN"),
    ];
    for (rig, name) in cases {
        let rig = rig();
        let right = rig.vars()[name].clone();
        let broken = format!("{}\nX-Other: {}", random(20), random(20));
        let rig = rig.with(&[(name, &broken)], &[]);
        rig.lacks(&rig.settings(), "", "a line break or a control character");
        // One at the end comes from `$(cat file)` or an editor.
        let rig = rig.with(&[(name, &format!("{right}\n"))], &[]);
        rig.stores(&rig.settings());
    }
}

/// The same settings with a login to Vault.
fn by(login: VaultLogin, mut settings: Settings) -> Settings {
    settings.login = Some(login);
    settings
}

#[test]
fn approle_logs_in_to_vault() {
    let server = Arc::new(Vault::start());
    let role = server.app_role(WRITER);
    let vars = [("VAULT_ROLE_ID", role.role_id.as_str()), ("VAULT_SECRET_ID", &role.secret_id)];
    // A token in the environment is not what is asked for.
    let rig = rig::vault_with(&server, "").with(&[("VAULT_TOKEN", &random(28))], &[]);
    let rig = rig.with(&vars, &[]);
    let settings = |rig: &Rig| by(VaultLogin::AppRole, rig.settings());
    rig.stores(&settings(&rig));
    assert_eq!(server.seen()[0], "POST /v1/auth/approle/login");
    for (name, _) in vars {
        let rig = rig::vault_with(&server, "").with(&vars, &[]).with(&[(name, &random(36))], &[]);
        let error = rig.is_unauthorised(&settings(&rig));
        assert!(error.place.ends_with("/v1/auth/approle/login"), "{error}");
        let rig = rig.with(&[], &[name]);
        rig.lacks(&settings(&rig), name, "is not set");
    }
    let weak = server.app_role(&[("secret/data/azure-devops/*", &["read"])]);
    let vars = [("VAULT_ROLE_ID", weak.role_id.as_str()), ("VAULT_SECRET_ID", &weak.secret_id)];
    let rig = rig.with(&vars, &[]);
    let old = rig.held();
    let error = rig.put_with(&settings(&rig), &value()).unwrap_err();
    assert_eq!((&error.problem, error.written), (&Problem::Forbidden, Written::No), "{error}");
    assert!(error.next.contains("`create` and `update`"), "{error}");
    assert_eq!(rig.held(), old);
}

#[test]
fn the_token_of_a_pod_logs_in_to_vault() {
    let (server, files, token) = (Arc::new(Vault::start()), Files::new(), random(80));
    server.kubernetes_role("writer", &token, WRITER);
    let path = files.add("token", &format!("{token}\n"));
    let rig = rig::vault_with(&server, "").with(&[], &["VAULT_TOKEN"]);
    let settings = |rig: &Rig, role: Option<&str>| {
        let mut settings = by(VaultLogin::Kubernetes, rig.settings());
        settings.role = role.map(str::to_owned);
        settings.service_account = files.path().into();
        settings
    };
    rig.stores(&settings(&rig, Some("writer")));
    assert_eq!(server.seen()[0], "POST /v1/auth/kubernetes/login");
    rig.lacks(&settings(&rig, None), "--role", "needs a role");
    let error = rig.put_with(&settings(&rig, Some("reader")), &value()).unwrap_err();
    assert_eq!(error.problem, Problem::Forbidden, "{error}");
    let rig = rig.with(&[("VAULT_ROLE", "writer")], &[]);
    rig.stores(&settings(&rig, None));
    files.add("token", "\n");
    rig.lacks(&settings(&rig, None), &path, "is empty");
    let elsewhere = files.add("projected/token", &token);
    let rig = rig.with(&[("VAULT_KUBERNETES_TOKEN_FILE", &elsewhere)], &[]);
    rig.stores(&settings(&rig, None));
    let rig = rig.with(&[("VAULT_KUBERNETES_TOKEN_FILE", "/nowhere/token")], &[]);
    rig.lacks(&settings(&rig, None), "/nowhere/token", "cannot be read");
}

#[test]
fn the_namespace_of_vault_comes_from_a_flag_or_the_environment() {
    let server = Arc::new(Vault::start());
    let role = server.app_role(WRITER);
    let rig = || rig::vault_with(&server, "team-a");
    for name in ["VAULT_NAMESPACE", "BAO_NAMESPACE"] {
        for namespace in ["team-a", "team-a/"] {
            let rig = rig().with(&[(name, namespace)], &[]);
            rig.stores(&rig.settings());
        }
    }
    let rig = rig().with(&[("VAULT_NAMESPACE", "team-b")], &[]);
    let old = rig.held();
    assert!(rig.put(&value()).is_err());
    let flag = |rig: &Rig| {
        let mut settings = rig.settings();
        settings.namespace = Some("team-a".to_owned());
        settings
    };
    assert_eq!(rig.held(), old);
    rig.stores(&flag(&rig));
    let vars = [("VAULT_ROLE_ID", role.role_id.as_str()), ("VAULT_SECRET_ID", &role.secret_id)];
    let rig = rig.with(&vars, &["VAULT_TOKEN"]);
    rig.stores(&by(VaultLogin::AppRole, flag(&rig)));
    assert_eq!(server.get("", "secret/azure-devops/pat"), None);
}

#[test]
fn a_token_of_vault_comes_from_the_environment_or_the_home() {
    let server = Arc::new(Vault::start());
    let (good, bad) = (server.token(WRITER), server.token(&[]));
    let rig = rig::vault_with(&server, "").with(&[], &["VAULT_TOKEN"]);
    rig.lacks(&rig.settings(), "VAULT_TOKEN", "is not set");
    std::fs::write(rig.path(".vault-token"), format!("{good}\n")).unwrap();
    rig.stores(&rig.settings());
    std::fs::write(rig.path(".vault-token"), &bad).unwrap();
    assert_eq!(rig.put(&value()).unwrap_err().problem, Problem::Forbidden);
    let rig = rig.with(&[("BAO_TOKEN", &good)], &[]);
    rig.stores(&rig.settings());
    let rig = rig.with(&[("VAULT_TOKEN", &good), ("BAO_TOKEN", &bad)], &[]);
    rig.stores(&rig.settings());
    std::fs::write(rig.path(".vault-token"), " \n").unwrap();
    let rig = rig.with(&[], &["VAULT_TOKEN", "BAO_TOKEN"]);
    rig.lacks(&rig.settings(), ".vault-token", "is empty");
}

#[test]
fn a_user_a_host_and_a_token_log_in_to_conjur() {
    let server = Arc::new(Conjur::start());
    let rig = || rig::conjur_with(&server).with(&[], &["CONJUR_AUTHN_API_KEY"]);
    let rig_with = |vars: &[(&str, &str)]| rig().with(vars, &[]);
    let user = rig_with(&[("CONJUR_AUTHN_PASSWORD", &server.password())]);
    user.stores(&user.settings());
    let user = user.with(&[("CONJUR_AUTHN_PASSWORD", &random(20))], &[]);
    let error = user.is_unauthorised(&user.settings());
    assert!(error.place.ends_with("/login"), "{error}");
    let key = server.api_key("host/ci");
    server.permit("host/ci", "azure-devops/pat", &["read", "execute", "update"]);
    let host = rig_with(&[("CONJUR_AUTHN_LOGIN", "host/ci"), ("CONJUR_AUTHN_API_KEY", &key)]);
    host.stores(&host.settings());
    // What a login gives is a token, which others may have fetched.
    let token = authenticated(&server, &key);
    let files = Files::new();
    let encoded = data_encoding::BASE64.encode(token.as_bytes());
    for token in [token.as_str(), &encoded, &format!("{token}\n")] {
        let with = rig_with(&[("CONJUR_AUTHN_TOKEN", token)]).with(&[], &["CONJUR_AUTHN_LOGIN"]);
        with.stores(&with.settings());
        let path = files.add("token", token);
        // The file is what a sidecar keeps fresh.
        let vars = [("CONJUR_AUTHN_TOKEN_FILE", path.as_str()), ("CONJUR_AUTHN_TOKEN", "old")];
        let with = with.with(&vars, &[]);
        with.stores(&with.settings());
    }
    let with = rig_with(&[("CONJUR_AUTHN_TOKEN", &random(40))]);
    with.is_unauthorised(&with.settings());
    server.expire_tokens();
    let with = rig_with(&[("CONJUR_AUTHN_TOKEN", &token)]);
    with.is_unauthorised(&with.settings());
    let with = with.with(&[("CONJUR_AUTHN_TOKEN_FILE", "/nowhere/token")], &[]);
    with.lacks(&with.settings(), "/nowhere/token", "cannot be read");
    let with = rig().with(&[], &["CONJUR_ACCOUNT"]);
    with.lacks(&with.settings(), "CONJUR_ACCOUNT", "is not set");
}

/// An access token of Conjur, in JSON.
fn authenticated(server: &Conjur, key: &str) -> String {
    let url = format!("{}/authn/{}/host%2Fci/authenticate", server.url(), server.account());
    let answer = stanch_test_servers::http::request("POST", &url, &[], key).unwrap();
    assert_eq!(answer.status, 200);
    answer.body
}

#[test]
fn a_federated_token_logs_in_to_azure() {
    let (server, files) = (Arc::new(azure::Azure::start()), Files::new());
    let assertion = server.state.lock().unwrap().assertion.clone();
    let path = files.add("token", &format!("{assertion}\n"));
    let rig = rig::azure_with(&server);
    let rig = rig.with(&[("AZURE_FEDERATED_TOKEN_FILE", &path)], &["AZURE_CLIENT_SECRET"]);
    rig.stores(&rig.settings());
    let wrong = random(80);
    files.add("token", &wrong);
    let error = rig.is_unauthorised(&rig.settings());
    assert!(error.place.ends_with("/oauth2/v2.0/token"), "{error}");
    assert!(!format!("{error} {error:?}").contains(&wrong), "{error}");
    files.add("token", "");
    rig.lacks(&rig.settings(), &path, "is empty");
    // A secret that is set as well is what is meant.
    let secret = server.state.lock().unwrap().secret.clone();
    let rig = rig.with(&[("AZURE_CLIENT_SECRET", &secret)], &[]);
    rig.stores(&rig.settings());
}

#[test]
fn a_key_a_login_and_a_token_log_in_to_google() {
    let (rig, other) = (rig::google(), gcp::Gcp::start());
    rig.stores(&rig.settings());
    // The key of another account, for the same token service.
    let token_uri = format!("{}/token", rig.door.url());
    let key = other.key_file(&rig.door.url());
    assert!(key.contains(&token_uri));
    let written = |text: &str| std::fs::write(rig.path("other.json"), text).unwrap();
    let path = rig.path("other.json");
    written(&key);
    let with = |rig: Rig| rig.with(&[("GOOGLE_APPLICATION_CREDENTIALS", &path)], &[]);
    let rig = with(rig);
    let error = rig.is_unauthorised(&rig.settings());
    assert!(error.next.contains("may be deleted"), "{error}");
    let written = |text: &str| std::fs::write(rig.path("other.json"), text).unwrap();
    let json: serde_json::Value = serde_json::from_str(&key).unwrap();
    let pem = json["private_key"].as_str().unwrap().to_owned();
    let without = |field: &str, value: serde_json::Value| {
        let mut json = json.clone();
        json[field] = value;
        json.to_string()
    };
    for (text, why) in [
        (without("private_key", "-----BEGIN RSA PRIVATE KEY-----".into()), "no RSA key"),
        (without("private_key", pem.replace('A', "B").into()), "no RSA key"),
        (without("client_email", serde_json::Value::Null), "lacks a field"),
        (without("type", "external_account".into()), "gcloud auth print-access-token"),
        (without("token_uri", "http://evil.example/token".into()), "http would send"),
        (key[..key.len() / 2].to_owned(), "is no JSON"),
    ] {
        written(&text);
        rig.lacks(&rig.settings(), "", why);
        let error = rig.put(&value()).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(!pem.lines().any(|line| line.len() > 30 && shown.contains(&line[..30])), "{shown}");
    }
    let home = rig.path(".config/gcloud");
    std::fs::create_dir_all(&home).unwrap();
    let usual = format!("{home}/application_default_credentials.json");
    std::fs::copy(rig.path("user.json"), &usual).unwrap();
    let rig = rig.with(&[], &["GOOGLE_APPLICATION_CREDENTIALS"]);
    rig.stores(&rig.settings());
    std::fs::remove_file(&usual).unwrap();
    rig.lacks(&rig.settings(), "GOOGLE_APPLICATION_CREDENTIALS", "no default credentials");
    for name in ["CLOUDSDK_AUTH_ACCESS_TOKEN", "GOOGLE_OAUTH_ACCESS_TOKEN"] {
        let rig =
            rig::google().with(&[(name, &random(60)), ("GOOGLE_CLOUD_PROJECT", gcp::PROJECT)], &[]);
        rig.is_unauthorised(&rig.settings());
        let server = Arc::new(gcp::Gcp::start());
        let rig = rig.behind(&server.served.url()).with(&[(name, &server.token())], &[]);
        rig.put(&value()).unwrap();
        assert_eq!(server.state.lock().unwrap().secrets.len(), 1, "{name}");
    }
}

#[test]
fn a_token_or_a_client_logs_in_to_infisical() {
    let server = Arc::new(infisical::Infisical::start());
    let rig = rig::infisical_with(&server);
    let token = server.state.lock().unwrap().token();
    let without = &["INFISICAL_UNIVERSAL_AUTH_CLIENT_ID", "INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET"];
    let rig = rig.with(&[("INFISICAL_TOKEN", &token)], without);
    rig.stores(&rig.settings());
    let asked = rig.door.seen();
    assert!(!asked.iter().any(|it| it.contains("/auth/")), "{asked:?}");
    let rig = rig.with(&[("INFISICAL_TOKEN", &random(60))], &[]);
    rig.is_unauthorised(&rig.settings());
}

#[test]
fn other_names_of_tokens_are_read() {
    let cases: [(Make, &str, &str); 4] = [
        (rig::repository, "GITHUB_TOKEN", "GH_TOKEN"),
        (rig::repository, "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN"),
        (rig::repository, "GITHUB_TOKEN", "GITHUB_ENTERPRISE_TOKEN"),
        (rig::project, "GITLAB_TOKEN", "GITLAB_ACCESS_TOKEN"),
    ];
    for (rig, usual, other) in cases {
        let rig = rig();
        let token = rig.vars()[usual].clone();
        let rig = rig.with(&[(other, &token)], &[usual]);
        rig.stores(&rig.settings());
    }
    // The token for a server of one's own comes before that for github.com.
    let rig = rig::repository();
    let token = rig.vars()["GITHUB_TOKEN"].clone();
    let vars = [("GH_ENTERPRISE_TOKEN", token.as_str()), ("GITHUB_TOKEN", "for github.com")];
    let rig = rig.with(&vars, &[]);
    rig.stores(&rig.settings());
}
