//! A server that answers as CyberArk Conjur does: login, authentication with
//! tokens that end, policies that make variables, secrets with versions,
//! permissions. After Conjur's OpenAPI description
//! (<https://github.com/cyberark/conjur-openapi-spec>).

mod policy;
mod routes;
mod state;

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;

use crate::fault::{Fault, Faults};
use crate::serve::{self, Served};
use state::State;

/// A running Conjur with the account `test` and its user `admin`.
pub struct Conjur {
    served: Served,
    faults: Faults,
    state: Arc<Mutex<State>>,
}

impl Conjur {
    /// Starts it.
    pub fn start() -> Conjur {
        let faults = Faults::default();
        let state = Arc::new(Mutex::new(State::new()));
        let router = Router::new().fallback(routes::handle).with_state(Arc::clone(&state));
        let served = serve::serve(router, faults.clone(), words);
        Conjur { served, faults, state }
    }

    /// `CONJUR_APPLIANCE_URL`
    pub fn url(&self) -> String {
        format!("http://{}", self.served.address)
    }

    /// `CONJUR_ACCOUNT`
    pub fn account(&self) -> &'static str {
        state::ACCOUNT
    }

    /// `CONJUR_AUTHN_LOGIN` of the one who may do everything.
    pub fn admin(&self) -> &'static str {
        "admin"
    }

    /// The administrator's password, for a login.
    pub fn password(&self) -> String {
        self.state().password.clone()
    }

    /// `CONJUR_AUTHN_API_KEY` of a user, or of a host as `host/NAME`. Users and
    /// hosts that are not there are made, and may do nothing.
    pub fn api_key(&self, login: &str) -> String {
        self.state().key(login)
    }

    /// Lets a role do something (`read`, `execute`, `update`) with a variable.
    pub fn permit(&self, login: &str, variable: &str, privileges: &[&str]) {
        self.state().permit(login, variable, privileges);
    }

    /// Makes a variable and gives it a value.
    pub fn put(&self, variable: &str, value: &str) {
        let mut state = self.state();
        state.variables.entry(variable.to_owned()).or_default();
        state.add(variable, value.as_bytes().to_vec());
    }

    /// The newest value of a variable.
    pub fn get(&self, variable: &str) -> Option<String> {
        let state = self.state();
        let (_, value) = state.variables.get(variable)?.last()?;
        Some(String::from_utf8_lossy(value).into_owned())
    }

    /// Says what was asked, in order, as `METHOD path`.
    pub fn seen(&self) -> Vec<String> {
        self.state().seen.clone()
    }

    /// How long access tokens live from now on; 8 minutes at first.
    pub fn set_token_life(&self, life: Duration) {
        self.state().life = life;
    }

    /// Access tokens that are out become worthless.
    pub fn expire_tokens(&self) {
        self.state().tokens.clear();
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

/// Conjur says nothing with 401 and 403.
fn words(status: u16) -> (&'static str, String) {
    match status {
        401 | 403 => ("text/plain", String::new()),
        _ => {
            let error = serde_json::json!({ "code": "error", "message": "provoked by the test" });
            ("application/json", serde_json::json!({ "error": error }).to_string())
        }
    }
}
