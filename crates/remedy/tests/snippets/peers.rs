//! The managers that snippets read from.

use std::sync::{Mutex, MutexGuard, OnceLock};

use stanch_remedy::Manager;
use stanch_test_servers::{Conjur, Moto, Vault, nowhere};

/// Variables of a program.
pub(crate) type Variables = Vec<(String, String)>;

static MOTO: Mutex<Option<Moto>> = Mutex::new(None);
static VAULT: OnceLock<Vault> = OnceLock::new();
static CONJUR: OnceLock<Conjur> = OnceLock::new();

fn moto() -> MutexGuard<'static, Option<Moto>> {
    // A test that failed while it held the lock has left the server as it was.
    let mut held = MOTO.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    held.get_or_insert_with(Moto::start);
    held
}

pub(crate) fn stop() {
    drop(MOTO.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).take());
}

/// Who asks, and where.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum As {
    /// Somebody who may read.
    Reader,
    /// Somebody who is known and may not.
    Stranger,
    /// A reader who is sent where nobody listens.
    Lost,
}

/// Puts a value where a snippet looks for it.
pub(crate) fn plant(manager: Manager, path: &str, value: &str) {
    match manager {
        Manager::AwsSecretsManager => {
            let object = format!("{{\"api_key\":\"{value}\"}}");
            moto().as_ref().unwrap().put(path, &object);
        }
        Manager::Vault => {
            VAULT.get_or_init(Vault::start).put("", &format!("secret/{path}"), "api_key", value);
        }
        Manager::Conjur => {
            let conjur = CONJUR.get_or_init(Conjur::start);
            conjur.put(path, value);
            conjur.permit("host/reader", path, &["read", "execute"]);
            conjur.permit("host/stranger", path, &["read"]);
        }
        _ => {}
    }
}

/// The variables that the manager's clients read; the last one is secret.
pub(crate) fn variables(manager: Manager, who: As) -> Variables {
    let mut all: Variables = match manager {
        Manager::AwsSecretsManager => {
            let held = moto();
            let moto = held.as_ref().unwrap();
            let keys = if who == As::Stranger { moto.stranger() } else { moto.admin() };
            moto.variables(keys)
        }
        Manager::Vault => {
            let vault = VAULT.get_or_init(Vault::start);
            let policy: &[(&str, &[&str])] =
                if who == As::Stranger { &[] } else { &[("secret/data/*", &["read"])] };
            vec![
                ("VAULT_ADDR".to_owned(), vault.url()),
                ("VAULT_TOKEN".to_owned(), vault.token(policy)),
            ]
        }
        Manager::Conjur => {
            let conjur = CONJUR.get_or_init(Conjur::start);
            let login = if who == As::Stranger { "host/stranger" } else { "host/reader" };
            vec![
                ("CONJUR_APPLIANCE_URL".to_owned(), conjur.url()),
                ("CONJUR_ACCOUNT".to_owned(), conjur.account().to_owned()),
                ("CONJUR_AUTHN_LOGIN".to_owned(), login.to_owned()),
                ("CONJUR_AUTHN_API_KEY".to_owned(), conjur.api_key(login)),
            ]
        }
        _ => Vec::new(),
    };
    if who == As::Lost {
        for (name, value) in &mut all {
            if matches!(name.as_str(), "AWS_ENDPOINT_URL" | "VAULT_ADDR" | "CONJUR_APPLIANCE_URL") {
                *value = nowhere();
            }
        }
    }
    all
}
