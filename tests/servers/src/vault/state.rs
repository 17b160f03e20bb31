//! What a Vault holds, apart from HTTP.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::kv::{Engine, Versioned};
use crate::random;

/// Everything in it.
pub(super) struct State {
    pub(super) root: String,
    pub(super) sealed: bool,
    pub(super) tokens: BTreeMap<String, Token>,
    pub(super) namespaces: BTreeMap<String, Namespace>,
    pub(super) seen: Vec<String>,
    pub(super) overtake: Option<(String, String, Map<String, Value>)>,
    roles: Vec<Role>,
}

/// Engines by the path that they are mounted at, with a `/` at the end.
pub(super) type Namespace = BTreeMap<String, Engine>;

pub(super) struct Token {
    pub(super) accessor: String,
    /// None may do everything.
    pub(super) policies: Option<Policies>,
}

/// Path patterns with the capabilities that they give.
pub(super) type Policies = Vec<(String, Vec<String>)>;

struct Role {
    /// What the login has to say: role and secret.
    login: (String, String),
    kubernetes: bool,
    policies: Policies,
}

pub(super) fn policies(given: &[(&str, &[&str])]) -> Policies {
    given
        .iter()
        .map(|(path, able)| {
            ((*path).to_owned(), able.iter().map(|able| (*able).to_owned()).collect())
        })
        .collect()
}

impl State {
    pub(super) fn new() -> State {
        let root = format!("hvs.{}", random(24));
        let mut state = State {
            root: root.clone(),
            sealed: false,
            tokens: BTreeMap::new(),
            namespaces: BTreeMap::new(),
            seen: Vec::new(),
            overtake: None,
            roles: Vec::new(),
        };
        state.tokens.insert(root, Token { accessor: random(24), policies: None });
        for namespace in ["", "team-a"] {
            let mut engines = Namespace::new();
            engines.insert("secret/".to_owned(), Engine::V2(BTreeMap::new(), false));
            engines.insert("kv1/".to_owned(), Engine::V1(BTreeMap::new()));
            state.namespaces.insert(namespace.to_owned(), engines);
        }
        state
    }

    pub(super) fn token(&mut self, policies: Policies) -> String {
        let token = format!("hvs.{}", random(24));
        let held = Token { accessor: random(24), policies: Some(policies) };
        self.tokens.insert(token.clone(), held);
        token
    }

    pub(super) fn app_role(&mut self, policies: Policies) -> (String, String) {
        let login = (random(36), random(36));
        self.roles.push(Role { login: login.clone(), kubernetes: false, policies });
        login
    }

    pub(super) fn kubernetes_role(&mut self, role: &str, jwt: &str, policies: Policies) {
        let login = (role.to_owned(), jwt.to_owned());
        self.roles.push(Role { login, kubernetes: true, policies });
    }

    /// A token for who knows role and secret.
    pub(super) fn login(&mut self, kubernetes: bool, role: &str, secret: &str) -> Option<String> {
        let found = self.roles.iter().find(|known| {
            known.kubernetes == kubernetes && known.login.0 == role && known.login.1 == secret
        })?;
        let policies = found.policies.clone();
        Some(self.token(policies))
    }

    /// Whether a token may do something; none if there is no such token.
    pub(super) fn may(&self, token: &str, path: &str, capability: &str) -> Option<bool> {
        let Some(policies) = &self.tokens.get(token)?.policies else { return Some(true) };
        // Every token may look at itself and give itself up.
        if path.starts_with("auth/token/") && path.ends_with("-self") {
            return Some(true);
        }
        // The longest pattern that fits decides, as in Vault.
        let fitting = policies.iter().filter(|(pattern, _)| fits(pattern, path));
        let best = fitting.max_by_key(|(pattern, _)| pattern.len());
        Some(best.is_some_and(|(_, able)| able.iter().any(|able| able == capability)))
    }

    /// Whether a token may do anything at all below a path.
    pub(super) fn may_anything(&self, token: &str, mount: &str) -> bool {
        let Some(token) = self.tokens.get(token) else { return false };
        token
            .policies
            .as_ref()
            .is_none_or(|policies| policies.iter().any(|(pattern, _)| pattern.starts_with(mount)))
    }

    pub(super) fn put(&mut self, namespace: &str, path: &str, data: Map<String, Value>) {
        let engines = self.namespaces.get_mut(namespace).expect("a namespace of this server");
        let (mount, rest) = mount_of(engines, path).expect("a path below an engine");
        match engines.get_mut(&mount).expect("the engine just found") {
            Engine::V1(secrets) => {
                secrets.insert(rest, data);
            }
            Engine::V2(secrets, _) => {
                secrets.entry(rest).or_insert_with(Versioned::new).write(data);
            }
        }
    }

    pub(super) fn newest(&self, namespace: &str, path: &str) -> Option<Value> {
        let engines = self.namespaces.get(namespace)?;
        let (mount, rest) = mount_of(engines, path)?;
        match engines.get(&mount)? {
            Engine::V1(secrets) => secrets.get(&rest).cloned().map(Value::Object),
            Engine::V2(secrets, _) => {
                secrets.get(&rest)?.versions.last()?.data.clone().map(Value::Object)
            }
        }
    }

    pub(super) fn require_cas(&mut self, namespace: &str, mount: &str) {
        let engines = self.namespaces.get_mut(namespace).expect("a namespace of this server");
        if let Some(Engine::V2(_, required)) = engines.get_mut(&format!("{mount}/")) {
            *required = true;
        }
    }
}

/// The mount that a path is below, and the rest of the path.
pub(super) fn mount_of(engines: &Namespace, path: &str) -> Option<(String, String)> {
    let mount = engines.keys().find(|mount| path.starts_with(mount.as_str()))?;
    Some((mount.clone(), path.strip_prefix(mount.as_str())?.to_owned()))
}

/// `*` stands at the end only, `+` for one segment.
fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, open) = match pattern.strip_suffix('*') {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    if !pattern.contains('+') {
        return if open { path.starts_with(pattern) } else { path == pattern };
    }
    let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (None, Some(_)) => return open,
            (Some(_), None) => return false,
            (Some(want), Some(got)) => {
                let last_of_open = open && wanted.clone().next().is_none();
                if want != "+" && want != got && !(last_of_open && got.starts_with(want)) {
                    return false;
                }
            }
        }
    }
}
