//! From a leak to its end, as docs/leak.md walks it: an Azure DevOps personal
//! access token and an Azure Service Management certificate in a repository.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "only tests are here")]

mod support;

use std::path::Path;
use std::process::Command;

use data_encoding::BASE64;
use stanch_test_servers::{Conjur, Moto, Vault};
use support::{Run, World, secret};

type Vars = Vec<(String, String)>;

/// A run with these variables, and `git` to be found.
fn stanch(world: &World, vars: &Vars, args: &[&str]) -> Run {
    let mut command = world.command(args);
    command
        .envs(vars.iter().map(|(name, value)| (name, value)))
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1");
    Run::from(command.output().unwrap())
}

/// What `stanch` says, which never holds one of the values.
fn told(world: &World, vars: &Vars, args: &[&str], code: i32, values: &[&str]) -> String {
    let run = stanch(world, vars, args);
    let all = format!("{}{}", run.out, run.err);
    for value in values {
        assert!(!all.contains(value), "{args:?} shows a value");
        assert!(!all.contains(&value[value.len() / 2..]), "{args:?} shows half of a value");
    }
    assert_eq!(run.code, code, "{args:?}\n{all}");
    all
}

/// A PKCS#12 store with a key and a certificate as the Azure portal made them.
fn certificate(folder: &Path) -> String {
    let openssl = |args: &str| {
        let done = Command::new("openssl")
            .args(args.split(' '))
            .current_dir(folder)
            .output()
            .expect("openssl is installed by `cargo xtask test`");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    openssl(
        "req -x509 -newkey rsa:2048 -sha1 -nodes -days 365 -subj /CN=Windows-Azure-Tools \
         -keyout key.pem -out cert.pem",
    );
    openssl(
        "pkcs12 -export -legacy -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-RC2-40 -macalg sha1 \
         -nomaciter -passout pass: -inkey key.pem -in cert.pem -out store.pfx",
    );
    BASE64.encode(&std::fs::read(folder.join("store.pfx")).unwrap())
}

/// A repository with both leaks.
fn leaked() -> (World, String, String) {
    let (world, keys) = (World::repository(), tempfile::tempdir().unwrap());
    let (token, store) = (secret("azure-devops-pat"), certificate(keys.path()));
    world.write(
        "deploy.py",
        format!(
            "import base64\n\nORGANIZATION = \"https://dev.azure.com/contoso\"\nPAT = \"{token}\"\n\n\n\
             def headers():\n    auth = base64.b64encode(f\":{{PAT}}\".encode()).decode()\n    \
             return {{\"Authorization\": f\"Basic {{auth}}\"}}\n"
        ),
    );
    world.write(
        "old.publishsettings",
        format!(
            "<PublishData>\n  <PublishProfile SchemaVersion=\"2.0\" \
             PublishMethod=\"AzureServiceManagementAPI\">\n    <Subscription \
             ServiceManagementUrl=\"https://management.core.windows.net\" \
             Id=\"11111111-2222-3333-4444-555555555555\" Name=\"Demo\" \
             ManagementCertificate=\"{store}\" />\n  </PublishProfile>\n</PublishData>\n"
        ),
    );
    world.commit("first");
    (world, token, store)
}

/// Managers with the variables that lead to them, and how a value is read
/// back without Stanch.
fn managers(
    vault: &Vault,
    moto: &Moto,
    conjur: &Conjur,
) -> [(&'static str, &'static str, Vars); 3] {
    let pair = |name: &str, value: String| (name.to_owned(), value);
    [
        (
            "vault",
            "vault:secret/azure-devops-pat#api_key",
            vec![pair("VAULT_ADDR", vault.url()), pair("VAULT_TOKEN", vault.root_token())],
        ),
        ("aws", "aws:azure-devops-pat", moto.variables(moto.admin())),
        (
            "conjur",
            "conjur:azure-devops-pat",
            vec![
                pair("CONJUR_APPLIANCE_URL", conjur.url()),
                pair("CONJUR_ACCOUNT", conjur.account().to_owned()),
                pair("CONJUR_AUTHN_LOGIN", conjur.admin().to_owned()),
                pair("CONJUR_AUTHN_API_KEY", conjur.api_key(conjur.admin())),
            ],
        ),
    ]
}

#[test]
fn a_token_goes_from_the_code_into_each_manager() {
    let (vault, moto, conjur) = (Vault::start(), Moto::start(), Conjur::start());
    for (id, address, vars) in managers(&vault, &moto, &conjur) {
        let (world, token, store) = leaked();
        let values = [token.as_str(), store.as_str()];
        let none = Vars::new();

        let scan = told(&world, &none, &["scan", "."], 1, &values);
        assert!(scan.contains("Azure DevOps personal access token"), "{scan}");
        assert!(scan.contains("Azure Service Management certificate"), "{scan}");

        let page = told(&world, &none, &["explain", "deploy.py:4"], 0, &values);
        for fact in ["contoso", "deploy.py:4", "revoke"] {
            assert!(page.contains(fact), "{fact}: {page}");
        }

        // Whoever may not write there changes no file either.
        let before = std::fs::read(world.tree().join("deploy.py")).unwrap();
        let args = ["fix", "deploy.py:4", "--to", id, "--store"];
        told(&world, &none, &args, 2, &values);
        assert_eq!(std::fs::read(world.tree().join("deploy.py")).unwrap(), before);

        told(&world, &vars, &args, 0, &values);
        let after = std::fs::read_to_string(world.tree().join("deploy.py")).unwrap();
        assert!(!after.contains(&token));
        let path = if id == "vault" { "secret/azure-devops-pat" } else { "azure-devops-pat" };
        assert!(after.contains(&format!("\"{path}\"")), "{after}");
        let kept = stanch(&world, &vars, &["secret", "get", address, "--reveal"]);
        assert!(kept.out == token, "{id}: {}", kept.err);
        told(&world, &none, &["scan", "deploy.py"], 0, &values);

        // The commit before still has it, and the history says so.
        let past = told(&world, &none, &["scan", "git"], 1, &values);
        assert!(past.contains("Azure DevOps personal access token"), "{past}");
    }
}

#[test]
fn what_is_there_under_the_same_name_is_not_written_over() {
    let (world, vault) = (leaked().0, Vault::start());
    let conjur = Conjur::start();
    let moto = Moto::start();
    let [(_, address, vars), ..] = managers(&vault, &moto, &conjur);
    let mut command = world.command(&["secret", "put", address]);
    command.envs(vars.iter().map(|(name, value)| (name, value)));
    command.stdin(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"somebody else's").unwrap();
    assert!(child.wait().unwrap().success());
    let run = stanch(&world, &vars, &["fix", "deploy.py:4", "--to", "vault", "--store"]);
    assert_eq!(run.code, 2, "{}", run.out);
    assert!(run.err.contains("holds another value"), "{}", run.err);
    let kept = stanch(&world, &vars, &["secret", "get", address, "--reveal"]);
    assert_eq!(kept.out, "somebody else's");
}

#[test]
fn a_certificate_is_explained_stored_and_left_to_a_person() {
    let (world, token, store) = leaked();
    let values = [token.as_str(), store.as_str()];
    let none = Vars::new();
    let page = told(&world, &none, &["explain", "old.publishsettings:3"], 0, &values);
    for fact in ["Windows-Azure-Tools", "11111111-2222-3333-4444-555555555555", "humbprint"] {
        assert!(page.contains(fact), "{fact}: {page}");
    }
    // The file cannot ask a variable for its certificate.
    let left = told(&world, &none, &["fix", "old.publishsettings:3"], 1, &values);
    assert!(left.contains("delete") || left.contains("Delete"), "{left}");

    let (vault, moto, conjur) = (Vault::start(), Moto::start(), Conjur::start());
    for (_, address, vars) in managers(&vault, &moto, &conjur) {
        let put = ["secret", "put", address, "--finding", "old.publishsettings:3"];
        told(&world, &vars, &put, 0, &values);
        let kept = stanch(&world, &vars, &["secret", "get", address, "--reveal"]);
        assert!(kept.out == store, "{address}: {}", kept.err);
    }
}
