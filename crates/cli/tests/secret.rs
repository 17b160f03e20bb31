//! `stanch secret`, as it is typed, against AWS (moto), Vault and Conjur.
#![expect(clippy::unwrap_used, reason = "only tests are here")]

mod support;

use std::process::Stdio;

use stanch_test_servers::{Conjur, Fault, Moto, Vault, nowhere, random};
use support::{Run, World};

/// A run with these variables and this on standard input.
fn run(world: &World, vars: &[(String, String)], args: &[&str], input: &str) -> Run {
    use std::io::Write;
    let mut command = world.command(args);
    command.envs(vars.iter().map(|(name, value)| (name, value)));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // It may fail before it reads.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    Run::from(child.wait_with_output().unwrap())
}

fn shows_not(run: &Run, value: &str) {
    for part in [value, &value[..8], &value[value.len() - 8..]] {
        assert!(!run.out.contains(part) && !run.err.contains(part), "{}{}", run.out, run.err);
    }
}

fn vault_vars(vault: &Vault) -> Vec<(String, String)> {
    vec![("VAULT_ADDR".to_owned(), vault.url()), ("VAULT_TOKEN".to_owned(), vault.root_token())]
}

#[test]
fn a_value_goes_from_standard_input_into_each_manager_and_comes_back() {
    let world = World::new();
    let (vault, moto, conjur) = (Vault::start(), Moto::start(), Conjur::start());
    let conjur_vars = vec![
        ("CONJUR_APPLIANCE_URL".to_owned(), conjur.url()),
        ("CONJUR_ACCOUNT".to_owned(), conjur.account().to_owned()),
        ("CONJUR_AUTHN_LOGIN".to_owned(), conjur.admin().to_owned()),
        ("CONJUR_AUTHN_API_KEY".to_owned(), conjur.api_key(conjur.admin())),
    ];
    let cases = [
        ("vault:secret/azure-devops/pat", vault_vars(&vault)),
        ("vault:kv1/azure-devops/pat", vault_vars(&vault)),
        ("aws:azure-devops/pat", moto.variables(moto.admin())),
        ("aws:azure-devops/both#api_key", moto.variables(moto.admin())),
        ("conjur:azure-devops/pat", conjur_vars),
    ];
    for (address, vars) in cases {
        let value = random(52);
        let put = run(&world, &vars, &["secret", "put", address], &format!("{value}\n"));
        assert_eq!(put.code, 0, "{address}: {}", put.err);
        assert!(put.out.starts_with("created "), "{}", put.out);
        assert!(put.out.contains("read back and the same"), "{}", put.out);
        shows_not(&put, &value);

        let again = run(&world, &vars, &["secret", "put", address], &value);
        assert_eq!(again.code, 0, "{address}: {}", again.err);
        assert!(again.out.contains("nothing was written"), "{}", again.out);

        let get = run(&world, &vars, &["secret", "get", address], "");
        assert_eq!(get.code, 0, "{address}: {}", get.err);
        assert!(get.out.contains("--reveal"), "{}", get.out);
        shows_not(&get, &value);
        let get = run(&world, &vars, &["secret", "get", address, "--format", "json"], "");
        shows_not(&get, &value);

        let shown = run(&world, &vars, &["secret", "get", address, "--reveal"], "");
        assert_eq!(shown.out, value, "{address}");

        let next = random(52);
        let args = ["secret", "put", address, "--format", "json"];
        let put = run(&world, &vars, &args, &next);
        let said: serde_json::Value = serde_json::from_str(&put.out).unwrap();
        assert_eq!(said["outcome"], "updated", "{}", put.out);
        assert_eq!(said["verified"], true, "{}", put.out);
        shows_not(&put, &next);

        let list = address.rsplit_once('/').unwrap().0;
        let list = run(&world, &vars, &["secret", "list", list], "");
        assert_eq!(list.code, 0, "{address}: {}", list.err);
        assert!(list.out.contains("azure-devops"), "{address}: {}", list.out);
        shows_not(&list, &next);
        let versions = run(&world, &vars, &["secret", "versions", address], "");
        if address.starts_with("vault:kv1") {
            assert_eq!(versions.code, 2);
            assert!(versions.err.contains("keeps no older versions"), "{}", versions.err);
            continue;
        }
        assert_eq!(versions.code, 0, "{address}: {}", versions.err);
        assert_eq!(versions.out.lines().count(), 2, "{}", versions.out);
        let oldest = versions.out.lines().last().unwrap().split(' ').next().unwrap();
        let args = ["secret", "get", address, "--reveal", "--version", oldest];
        assert_eq!(run(&world, &vars, &args, "").out, value, "{address}");
    }
}

#[test]
fn the_previous_value_stays_reachable_by_its_staging_label() {
    let (world, moto) = (World::new(), Moto::start());
    let vars = moto.variables(moto.admin());
    let (first, second) = (random(40), random(40));
    for value in [&first, &second] {
        assert_eq!(run(&world, &vars, &["secret", "put", "aws:app"], value).code, 0);
    }
    assert_eq!(moto.get("app", "AWSCURRENT"), Some(second));
    assert_eq!(moto.get("app", "AWSPREVIOUS"), Some(first.clone()));
    let args = ["secret", "get", "aws:app", "--version", "AWSPREVIOUS", "--reveal"];
    assert_eq!(run(&world, &vars, &args, "").out, first);
}

#[test]
fn a_finding_is_stored_without_being_shown() {
    let (world, vault) = (World::new(), Vault::start());
    let token = support::token();
    world.write("app.env", format!("# settings\nGITHUB_TOKEN={token}\n"));
    let args = ["secret", "put", "vault:secret/github", "--finding", "app.env:2"];
    let put = run(&world, &vault_vars(&vault), &args, "");
    assert_eq!(put.code, 0, "{}", put.err);
    shows_not(&put, &token);
    assert_eq!(vault.get("", "secret/github").unwrap()["api_key"], token);
    let args = ["secret", "put", "vault:secret/github", "--finding", "app.env:1"];
    let put = run(&world, &vault_vars(&vault), &args, "");
    assert_eq!(put.code, 2);
    assert!(put.err.contains("app.env:1"), "{}", put.err);
}

#[test]
fn a_line_break_at_the_end_is_kept_only_if_it_is_asked_for() {
    let (world, vault) = (World::new(), Vault::start());
    let vars = vault_vars(&vault);
    for (input, flag, kept) in [
        ("a value\n", false, "a value"),
        ("a value\r\n", false, "a value"),
        ("a value\n\n", false, "a value\n"),
        ("a value\n", true, "a value\n"),
    ] {
        let mut args = vec!["secret", "put", "vault:secret/x"];
        args.extend(flag.then_some("--keep-newline"));
        assert_eq!(run(&world, &vars, &args, input).code, 0);
        assert_eq!(vault.get("", "secret/x").unwrap()["api_key"], kept);
    }
}

#[test]
fn other_fields_of_a_secret_stay_as_they_are() {
    let (world, vault) = (World::new(), Vault::start());
    vault.put("", "secret/app", "user", "somebody");
    let args = ["secret", "put", "vault:secret/app#password"];
    let put = run(&world, &vault_vars(&vault), &args, "a new password");
    assert_eq!(put.code, 0, "{}", put.err);
    let held = vault.get("", "secret/app").unwrap();
    assert_eq!(held, serde_json::json!({ "user": "somebody", "password": "a new password" }));
}

#[test]
fn vault_is_logged_in_to_by_role_in_a_namespace() {
    let (world, vault) = (World::new(), Vault::start());
    let may: &[(&str, &[&str])] = &[("secret/data/app", &["read", "create", "update"])];
    let role = vault.app_role(may);
    let vars = [
        ("VAULT_ADDR".to_owned(), vault.url()),
        ("VAULT_ROLE_ID".to_owned(), role.role_id),
        ("VAULT_SECRET_ID".to_owned(), role.secret_id),
    ];
    let args = ["secret", "put", "vault:secret/app", "--auth", "approle"];
    let put = run(&world, &vars, &args, "by role");
    assert_eq!(put.code, 0, "{}", put.err);

    let jwt = random(60);
    vault.kubernetes_role("app", &jwt, may);
    world.write("pod-token", &jwt);
    let vars = [
        ("VAULT_ADDR".to_owned(), vault.url()),
        ("VAULT_KUBERNETES_TOKEN_FILE".to_owned(), "pod-token".to_owned()),
    ];
    let args = ["secret", "put", "vault:secret/app", "--auth", "kubernetes", "--role", "app"];
    let put = run(&world, &vars, &args, "by pod");
    assert_eq!(put.code, 0, "{}", put.err);
    assert_eq!(vault.get("", "secret/app").unwrap()["api_key"], "by pod");

    let args = ["secret", "put", "vault:secret/app", "--namespace", "team-a"];
    let put = run(&world, &vault_vars(&vault), &args, "of the team");
    assert_eq!(put.code, 0, "{}", put.err);
    assert_eq!(vault.get("team-a", "secret/app").unwrap()["api_key"], "of the team");
    assert_eq!(vault.get("", "secret/app").unwrap()["api_key"], "by pod");
}

#[test]
fn keys_come_from_a_profile() {
    let (world, moto) = (World::new(), Moto::start());
    let keys = moto.admin();
    world.write(
        "config",
        format!("[profile base]\nregion = {}\n[sso-session x]\nregion = nowhere\n", moto.region()),
    );
    world.write(
        "credentials",
        format!("[base]\naws_access_key_id = {}\naws_secret_access_key={}\n", keys.id, keys.secret),
    );
    let vars = [
        ("AWS_ENDPOINT_URL".to_owned(), moto.url()),
        ("AWS_CONFIG_FILE".to_owned(), "config".to_owned()),
        ("AWS_SHARED_CREDENTIALS_FILE".to_owned(), "credentials".to_owned()),
    ];
    let put = run(&world, &vars, &["secret", "put", "aws:app", "--profile", "base"], "by profile");
    assert_eq!(put.code, 0, "{}", put.err);
    assert_eq!(moto.get("app", "AWSCURRENT").as_deref(), Some("by profile"));
    let put = run(&world, &vars, &["secret", "put", "aws:app", "--profile", "no"], "x");
    assert_eq!(put.code, 2);
    assert!(put.err.contains("no such profile"), "{}", put.err);
}

#[test]
fn failures_are_told_and_show_nothing() {
    let (world, vault, moto) = (World::new(), Vault::start(), Moto::start());
    let old = random(30);
    vault.put("", "secret/app", "api_key", &old);
    let value = random(52);
    let put = |vars: &[(String, String)], address: &str, why: &str| {
        let args = ["secret", "put", address, "--timeout", "1"];
        let put = run(&world, vars, &args, &value);
        assert_eq!(put.code, 2, "{why}: {}", put.out);
        assert!(put.err.contains(why), "{why}: {}", put.err);
        assert!(put.err.contains("next: "), "{why}: {}", put.err);
        shows_not(&put, &value);
        assert_eq!(vault.get("", "secret/app").unwrap()["api_key"], old, "{why}");
    };
    let vars = vault_vars(&vault);
    vault.seal(true);
    put(&vars, "vault:secret/app", "it is sealed");
    vault.seal(false);
    vault.fail(Fault::Html, 1);
    put(&vars, "vault:secret/app", "HTML");
    vault.fail(Fault::Status(429), 1);
    put(&vars, "vault:secret/app", "too many requests");
    vault.fail(Fault::Hang(std::time::Duration::from_secs(5)), 1);
    put(&vars, "vault:secret/app", "no answer within 1 s");
    vault.overtake_next_write("", "secret/app", "other", "somebody else's");
    let args = ["secret", "put", "vault:secret/app"];
    let conflict = run(&world, &vars, &args, &value);
    assert_eq!(conflict.code, 2);
    assert!(conflict.err.contains("expected version 1, found version 2"), "{}", conflict.err);
    assert_eq!(vault.get("", "secret/app").unwrap()["other"], "somebody else's");

    vault.put("", "secret/app", "api_key", &old);
    let none = vault.token(&[]);
    let stranger = [("VAULT_ADDR".to_owned(), vault.url()), ("VAULT_TOKEN".to_owned(), none)];
    put(&stranger, "vault:secret/app", "permission denied");
    let gone =
        [("VAULT_ADDR".to_owned(), nowhere()), ("VAULT_TOKEN".to_owned(), vault.root_token())];
    put(&gone, "vault:secret/app", "cannot be reached");
    put(&[], "vault:secret/app", "VAULT_ADDR");
    put(&moto.variables(moto.stranger()), "aws:app", "permission denied");
    put(&vars, "vault:secret", "needs a mount and a path");
}

#[test]
fn a_value_is_never_an_argument() {
    let world = World::new();
    let put = world.run(&["secret", "put", "vault:secret/app", "the value"]);
    assert_eq!(put.code, 2);
    assert!(put.err.contains("unexpected argument"), "{}", put.err);
    let empty = run(&world, &[], &["secret", "put", "vault:secret/app"], "\n");
    assert!(empty.err.contains("no value on standard input"), "{}", empty.err);
    let help = world.run(&["secret", "put", "--help"]);
    for word in ["--token", "--password", "--secret-key", "--api-key"] {
        assert!(!help.out.contains(word), "{word}");
    }
}
