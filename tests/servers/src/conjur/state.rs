//! What a Conjur holds, apart from HTTP.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::random;

/// The one account.
pub(super) const ACCOUNT: &str = "test";

/// How many versions of a secret are kept.
const KEPT: usize = 20;

/// Everything in it.
pub(super) struct State {
    pub(super) password: String,
    /// API keys by login: `admin`, `host/app`.
    pub(super) keys: BTreeMap<String, String>,
    /// Access tokens: whose, and until when.
    pub(super) tokens: BTreeMap<String, (String, Instant)>,
    pub(super) life: Duration,
    /// Versions that are kept, with their numbers.
    pub(super) variables: BTreeMap<String, Vec<(usize, Vec<u8>)>>,
    pub(super) permissions: BTreeSet<(String, String, String)>,
    pub(super) policies: BTreeMap<String, u64>,
    pub(super) seen: Vec<String>,
}

impl State {
    pub(super) fn new() -> State {
        let mut state = State {
            // Conjur's rule for passwords.
            password: format!("Aa1!{}", random(16)),
            keys: BTreeMap::new(),
            tokens: BTreeMap::new(),
            life: Duration::from_secs(8 * 60),
            variables: BTreeMap::new(),
            permissions: BTreeSet::new(),
            policies: BTreeMap::new(),
            seen: Vec::new(),
        };
        state.key("admin");
        state
    }

    /// The key of a role, which is made if it is not there.
    pub(super) fn key(&mut self, login: &str) -> String {
        self.keys.entry(login.to_owned()).or_insert_with(new_key).clone()
    }

    pub(super) fn rotate(&mut self, login: &str) -> String {
        let key = new_key();
        self.keys.insert(login.to_owned(), key.clone());
        key
    }

    pub(super) fn permit(&mut self, login: &str, variable: &str, privileges: &[&str]) {
        for privilege in privileges {
            let known = (login.to_owned(), variable.to_owned(), (*privilege).to_owned());
            self.permissions.insert(known);
        }
    }

    /// Whether a role may do something with a variable; an empty privilege
    /// means anything at all, which is what makes it visible.
    pub(super) fn may(&self, login: &str, variable: &str, privilege: &str) -> bool {
        login == "admin"
            || self.permissions.iter().any(|(who, what, able)| {
                who == login && what == variable && (privilege.is_empty() || able == privilege)
            })
    }

    /// A new version of a variable that is there.
    pub(super) fn add(&mut self, variable: &str, value: Vec<u8>) {
        let versions = self.variables.entry(variable.to_owned()).or_default();
        let number = versions.last().map_or(1, |(number, _)| number + 1);
        versions.push((number, value));
        let old = versions.len().saturating_sub(KEPT);
        versions.drain(..old);
    }
}

/// Conjur's API keys are of lower-case letters and digits.
fn new_key() -> String {
    random(52).to_ascii_lowercase()
}
