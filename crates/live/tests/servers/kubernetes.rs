//! The API server of Kubernetes, as far as secrets go, after
//! <https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/secret-v1/>.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Map, Value, json as j};

use super::{Answer, Asked, Served, json, random, serve};

pub(crate) struct Kubernetes {
    pub(crate) served: Served,
    pub(crate) state: Arc<Mutex<State>>,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) token: String,
    version: u64,
    /// By namespace and name.
    pub(crate) secrets: BTreeMap<(String, String), Kept>,
}

#[derive(Default)]
pub(crate) struct Kept {
    pub(crate) data: Map<String, Value>,
    pub(crate) version: u64,
    pub(crate) immutable: bool,
}

impl Kubernetes {
    pub(crate) fn start() -> Kubernetes {
        let state = Arc::new(Mutex::new(State { token: random(40), ..State::default() }));
        Kubernetes { served: serve(&state, handle), state }
    }

    /// A kubeconfig for a server at an address.
    pub(crate) fn config(&self, url: &str) -> String {
        let token = &self.state.lock().unwrap().token;
        format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: test\n\
             clusters:\n- name: here\n  cluster:\n    server: {url}\n\
             contexts:\n- name: test\n  context: {{cluster: here, user: me, namespace: team-a}}\n\
             users:\n- name: me\n  user:\n    token: {token}\n"
        )
    }
}

impl State {
    pub(crate) fn put(&mut self, namespace: &str, name: &str, key: &str, value: &str) {
        self.version += 1;
        let version = self.version;
        let kept = self.secrets.entry((namespace.to_owned(), name.to_owned())).or_default();
        kept.version = version;
        kept.data.insert(key.to_owned(), j!(data_encoding::BASE64.encode(value.as_bytes())));
    }
}

fn handle(state: &mut State, asked: &Asked) -> Answer {
    let (method, path) = asked.path();
    // Whoever has a certificate instead has shown it before.
    let bearer = format!("Bearer {}", state.token);
    if asked.header("authorization") != if state.token.is_empty() { "" } else { &bearer } {
        return status(401, "Unauthorized");
    }
    let ["api", "v1", "namespaces", namespace, "secrets", rest @ ..] = &path[..] else {
        return status(404, "NotFound");
    };
    if !["team-a", "default"].contains(namespace) {
        return status(403, "Forbidden");
    }
    let key = |name: &str| ((*namespace).to_owned(), name.to_owned());
    match (method, rest) {
        ("GET", [name]) => match state.secrets.get(&key(name)) {
            Some(kept) => json(200, object(namespace, name, kept)),
            None => status(404, "NotFound"),
        },
        ("GET", []) => {
            let all = state.secrets.iter().filter(|((space, _), _)| space == namespace);
            let items: Vec<Value> =
                all.map(|((space, name), kept)| object(space, name, kept)).collect();
            json(200, j!({ "kind": "SecretList", "metadata": {}, "items": items }))
        }
        ("POST", []) => {
            let Some(body) = asked.json() else { return status(415, "UnsupportedMediaType") };
            let name = body["metadata"]["name"].as_str().unwrap_or_default().to_owned();
            let fits = body["apiVersion"] == "v1" && body["kind"] == "Secret" && !name.is_empty();
            let Some(data) = body["data"].as_object().filter(|data| fits && good(data)) else {
                return status(422, "Invalid");
            };
            if state.secrets.contains_key(&key(&name)) {
                return status(409, "AlreadyExists");
            }
            state.version += 1;
            let kept = Kept { data: data.clone(), version: state.version, immutable: false };
            let answer = object(namespace, &name, &kept);
            state.secrets.insert(key(&name), kept);
            json(201, answer)
        }
        ("PATCH", [name]) => {
            if asked.header("content-type") != "application/merge-patch+json" {
                return status(415, "UnsupportedMediaType");
            }
            let body: Value = serde_json::from_slice(&asked.body).unwrap_or_default();
            let Some(data) = body["data"].as_object().filter(|data| good(data)) else {
                return status(422, "Invalid");
            };
            let Some(kept) = state.secrets.get_mut(&key(name)) else {
                return status(404, "NotFound");
            };
            let wanted = body["metadata"]["resourceVersion"].as_str();
            if wanted.is_some_and(|wanted| wanted != kept.version.to_string()) {
                return status(409, "Conflict");
            }
            if kept.immutable {
                let text = "data: Forbidden: field is immutable when `immutable` is set";
                return json(422, j!({ "kind": "Status", "reason": "Invalid", "message": text }));
            }
            kept.data.extend(data.clone());
            state.version += 1;
            kept.version = state.version;
            json(200, object(namespace, name, kept))
        }
        _ => status(405, "MethodNotAllowed"),
    }
}

fn good(data: &Map<String, Value>) -> bool {
    data.values().all(|value| {
        value.as_str().is_some_and(|it| data_encoding::BASE64.decode(it.as_bytes()).is_ok())
    })
}

fn object(namespace: &str, name: &str, kept: &Kept) -> Value {
    j!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "namespace": namespace,
            "name": name,
            "resourceVersion": kept.version.to_string(),
            "creationTimestamp": "2025-06-15T15:06:40Z",
        },
        "type": "Opaque",
        "data": kept.data,
    })
}

fn status(code: u16, reason: &str) -> Answer {
    json(
        code,
        j!({ "apiVersion": "v1", "kind": "Status", "status": "Failure", "reason": reason,
             "message": "refused", "code": code }),
    )
}
