//! A server that answers as Vault and OpenBao do: key-value engines of both
//! versions, tokens, policies, AppRole and Kubernetes logins, namespaces, the
//! seal. After <https://developer.hashicorp.com/vault/api-docs>.

mod kv;
mod routes;
mod state;

use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use serde_json::{Map, Value};

use crate::fault::{Fault, Faults};
use crate::serve::{self, Served};
use state::State;

/// A running Vault: KV version 2 below `secret/`, version 1 below `kv1/`, in
/// the root namespace and in `team-a`.
pub struct Vault {
    served: Served,
    faults: Faults,
    state: Arc<Mutex<State>>,
}

/// A role of AppRole.
#[derive(Clone)]
pub struct AppRole {
    /// `role_id`
    pub role_id: String,
    /// `secret_id`
    pub secret_id: String,
}

impl Vault {
    /// Starts it.
    pub fn start() -> Vault {
        let faults = Faults::default();
        let state = Arc::new(Mutex::new(State::new()));
        let router = Router::new().fallback(routes::handle).with_state(Arc::clone(&state));
        let served = serve::serve(router, faults.clone(), words);
        Vault { served, faults, state }
    }

    /// `VAULT_ADDR`
    pub fn url(&self) -> String {
        format!("http://{}", self.served.address)
    }

    /// A token that may do everything.
    pub fn root_token(&self) -> String {
        self.state().root.clone()
    }

    /// A token that may do what the policies say: path patterns as in a
    /// policy (`secret/data/app/*`) with their capabilities (`read`). Without
    /// policies it may do nothing: 403.
    pub fn token(&self, policies: &[(&str, &[&str])]) -> String {
        self.state().token(state::policies(policies))
    }

    /// A role for AppRole logins, with such policies.
    pub fn app_role(&self, policies: &[(&str, &[&str])]) -> AppRole {
        let (role_id, secret_id) = self.state().app_role(state::policies(policies));
        AppRole { role_id, secret_id }
    }

    /// Lets the service account token `jwt` log in as the Kubernetes role
    /// `role`.
    pub fn kubernetes_role(&self, role: &str, jwt: &str, policies: &[(&str, &[&str])]) {
        self.state().kubernetes_role(role, jwt, state::policies(policies));
    }

    /// Writes a secret as its owner would: a new version in a KV version 2.
    /// `path` begins with the engine's path, without `data/`; in front of it
    /// the namespace, if it is not the root.
    pub fn put(&self, namespace: &str, path: &str, field: &str, value: &str) {
        let mut data = Map::new();
        data.insert(field.to_owned(), Value::from(value));
        self.state().put(namespace, path, data);
    }

    /// The newest data at a path, as [`Vault::put`] names it.
    pub fn get(&self, namespace: &str, path: &str) -> Option<Value> {
        self.state().newest(namespace, path)
    }

    /// Says what was asked, in order, as `METHOD path`.
    pub fn seen(&self) -> Vec<String> {
        self.state().seen.clone()
    }

    /// Seals it: everything answers 503 until it is unsealed.
    pub fn seal(&self, sealed: bool) {
        self.state().sealed = sealed;
    }

    /// Writes must carry a check-and-set parameter from now on.
    pub fn require_cas(&self, namespace: &str, mount: &str) {
        self.state().require_cas(namespace, mount);
    }

    /// Just before the next write is done, somebody else writes this: a
    /// version conflict for whoever uses check-and-set.
    pub fn overtake_next_write(&self, namespace: &str, path: &str, field: &str, value: &str) {
        let mut data = Map::new();
        data.insert(field.to_owned(), Value::from(value));
        self.state().overtake = Some((namespace.to_owned(), path.to_owned(), data));
    }

    /// The next `times` requests meet a fault.
    pub fn fail(&self, fault: Fault, times: usize) {
        self.faults.set(Some(fault), times);
    }

    /// Ends the fault.
    pub fn heal(&self) {
        self.faults.set(None, 0);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no thread of the server panicked")
    }
}

fn words(status: u16) -> (&'static str, String) {
    let said = match status {
        400 => "invalid request",
        403 => "permission denied",
        429 => "request path \"secret\": rate limit quota exceeded",
        503 => "Vault is sealed",
        _ => "internal error",
    };
    ("application/json", serde_json::json!({ "errors": [said] }).to_string())
}
