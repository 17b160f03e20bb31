//! One combination: plants a value, runs the program, takes it away again.

use std::fs;
use std::process::{Command, Stdio};

use libtest_mimic::Failed;
use stanch_remedy::snippet::{Snippet, snippet};
use stanch_remedy::{Language, Manager, Reference};
use stanch_test_servers::random;

use crate::languages::{self, Program};
use crate::peers::{self, As, Variables};

/// What a program of a combination asks for.
pub(crate) fn reference(language: Language, manager: Manager) -> Reference {
    Reference {
        variable: "SNIPPET_TEST_KEY".to_owned(),
        path: format!("test/{}-{}", language.id(), manager.id()),
        field: Some("api_key".to_owned()),
    }
}

pub(crate) fn written(language: Language, manager: Manager) -> Snippet {
    snippet(language, manager, &reference(language, manager))
        .unwrap_or_else(|| panic!("no snippet for {} and {}", language.id(), manager.id()))
}

struct Ran {
    good: bool,
    out: String,
    err: String,
}

fn run(program: &Program, variables: &Variables) -> Result<Ran, Failed> {
    let home = tempfile::tempdir()?;
    let mut command = Command::new(&program.command[0]);
    command
        .args(&program.command[1..])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home.path())
        .env("LANG", "C.UTF-8")
        .envs(program.variables.iter().cloned())
        .envs(variables.iter().cloned())
        .stdin(Stdio::null());
    let output = command.output().map_err(|error| {
        format!("cannot run {}: {error}; `cargo xtask test` installs it", program.command[0])
    })?;
    Ok(Ran {
        good: output.status.success(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// The whole check of one combination.
pub(crate) fn check(language: Language, manager: Manager) -> Result<(), Failed> {
    let printing = languages::program(language, manager, true)?;
    let plain = languages::program(language, manager, false)?;
    let value = random(40);
    let reference = reference(language, manager);
    let folder = tempfile::tempdir()?;
    let with = |who: As| -> Variables {
        let mut all = peers::variables(manager, who);
        if manager == Manager::Kubernetes {
            all.push(("SECRETS_DIR".to_owned(), folder.path().display().to_string()));
        }
        all
    };
    let named = match manager {
        Manager::Env => reference.variable.clone(),
        Manager::Kubernetes => reference.path.replace('/', "-"),
        _ => reference.path.clone(),
    };
    let fails = |what: &str, variables: &Variables, words: &[&str]| -> Result<(), Failed> {
        let ran = run(&printing, variables)?;
        let said = format!("{}{}", ran.out, ran.err);
        if ran.good {
            return Err(format!("{what}: it ended as if all was well: {said}").into());
        }
        if !ran.out.is_empty() {
            return Err(format!("{what}: it gave something: {said}").into());
        }
        if !said.contains(&named) || !words.iter().any(|word| said.contains(word)) {
            return Err(format!("{what}: it does not say {named} and {words:?}: {said}").into());
        }
        let credentials = ["VAULT_TOKEN", "CONJUR_AUTHN_API_KEY", "AWS_SECRET_ACCESS_KEY"];
        let mut secrets = variables.iter().filter(|(name, _)| credentials.contains(&name.as_str()));
        if said.contains(&value) || secrets.any(|(_, key)| said.contains(key)) {
            return Err(format!("{what}: it shows a secret").into());
        }
        Ok(())
    };

    fails(
        "missing",
        &with(As::Reader),
        &["no secret", "no value", "not set", "There is no", "cannot be read"],
    )?;
    let mut reader = with(As::Reader);
    match manager {
        Manager::Env => {
            reader.push((reference.variable.clone(), String::new()));
            fails("empty", &reader, &["not set"])?;
            reader.pop();
            reader.push((reference.variable.clone(), value.clone()));
        }
        Manager::Kubernetes => {
            fs::create_dir(folder.path().join(&named))?;
            let file = folder.path().join(&named).join("api_key");
            fs::write(&file, "")?;
            fails("empty", &reader, &["empty"])?;
            fs::write(&file, &value)?;
        }
        _ => peers::plant(manager, &reference.path, &value),
    }
    let ran = run(&printing, &reader)?;
    if !ran.good || ran.out != value {
        let shown = format!("{}{}", ran.out, ran.err).replace(&value, "(the value)");
        return Err(format!("it did not give the value: {shown}").into());
    }
    let ran = run(&plain, &reader)?;
    if !ran.good || !ran.out.contains("40 characters") || (ran.out + &ran.err).contains(&value) {
        return Err("the program as it is shown fails, or shows the value".into());
    }
    if matches!(manager, Manager::AwsSecretsManager | Manager::Vault | Manager::Conjur) {
        fails("no permission", &with(As::Stranger), &["may not read"])?;
        fails("unreachable", &with(As::Lost), &["cannot be reached"])?;
    }
    Ok(())
}
