//! Clients that know the real servers vouch for ours.
#![expect(clippy::unwrap_used, reason = "only tests are here")]

use std::process::Command;

use stanch_test_servers::{Conjur, Vault, tools};

fn run(script: &str, variables: &[(&str, String)]) {
    let script = format!("{}/tests/clients/{script}", env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(tools::python_libraries().join("bin/python"))
        .arg(script)
        .env_clear()
        .envs(variables.iter().map(|(name, value)| (*name, value)))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn hvac_finds_what_it_expects_of_vault() {
    let vault = Vault::start();
    let role = vault.app_role(&[("secret/data/shared/*", &["read"])]);
    let variables = [
        ("VAULT_ADDR", vault.url()),
        ("VAULT_TOKEN", vault.root_token()),
        ("ROLE_ID", role.role_id),
        ("SECRET_ID", role.secret_id),
    ];
    run("vault.py", &variables);
}

#[test]
fn the_official_client_finds_what_it_expects_of_conjur() {
    let conjur = Conjur::start();
    let variables = [
        ("CONJUR_APPLIANCE_URL", conjur.url()),
        ("CONJUR_ACCOUNT", conjur.account().to_owned()),
        ("CONJUR_PASSWORD", conjur.password()),
        ("CONJUR_AUTHN_API_KEY", conjur.api_key("admin")),
    ];
    run("conjur.py", &variables);
}
