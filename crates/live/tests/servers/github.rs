//! The API of GitHub for secrets of Actions, after
//! <https://docs.github.com/en/rest/actions/secrets>.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crypto_box::SecretKey;
use crypto_box::aead::OsRng;
use serde_json::{Value, json as j};

use super::{Answer, Asked, Clock, Served, json, random, serve};

pub(crate) struct GitHub {
    pub(crate) served: Served,
    pub(crate) state: Arc<Mutex<State>>,
}

pub(crate) struct State {
    pub(crate) token: String,
    pub(crate) key: SecretKey,
    /// By the path that they are in, and the name.
    pub(crate) secrets: BTreeMap<(String, String), Kept>,
    pub(crate) clock: Clock,
}

pub(crate) struct Kept {
    pub(crate) value: Vec<u8>,
    /// As it came, in base64.
    pub(crate) sealed: String,
    pub(crate) updated: String,
    pub(crate) visibility: Option<String>,
    pub(crate) repositories: Vec<u64>,
}

impl GitHub {
    pub(crate) fn start() -> GitHub {
        let state = Arc::new(Mutex::new(State {
            token: random(40),
            key: SecretKey::generate(&mut OsRng),
            secrets: BTreeMap::new(),
            clock: Clock::default(),
        }));
        GitHub { served: serve(&state, handle), state }
    }
}

impl State {
    pub(crate) fn put(&mut self, place: &str, name: &str, value: &str) {
        let updated = self.clock.stamp();
        let kept = Kept {
            value: value.as_bytes().to_vec(),
            sealed: String::new(),
            updated,
            visibility: (!place.contains('/')).then(|| "all".to_owned()),
            repositories: Vec::new(),
        };
        self.secrets.insert((place.to_owned(), name.to_owned()), kept);
    }
}

fn handle(state: &mut State, asked: &Asked) -> Answer {
    let (method, path) = asked.path();
    if asked.header("authorization") != format!("Bearer {}", state.token) {
        return json(401, j!({ "message": "Bad credentials" }));
    }
    let fits = asked.header("x-github-api-version") == "2022-11-28"
        && asked.header("accept") == "application/vnd.github+json"
        && !asked.header("user-agent").is_empty();
    if !fits {
        return json(403, j!({ "message": "Request forbidden by administrative rules." }));
    }
    let (place, rest) = match &path[..] {
        ["repos", "acme", "shop", "actions", "secrets", rest @ ..] => ("acme/shop", rest),
        ["repos", "acme", "shop", "environments", "prod", "secrets", rest @ ..] => {
            ("acme/shop@prod", rest)
        }
        ["orgs", "acme", "actions", "secrets", rest @ ..] => ("acme", rest),
        _ => return json(404, j!({ "message": "Not Found" })),
    };
    let key = |name: &str| (place.to_owned(), name.to_ascii_uppercase());
    match (method, rest) {
        ("GET", ["public-key"]) => {
            let public = data_encoding::BASE64.encode(state.key.public_key().as_bytes());
            json(200, j!({ "key_id": "5689", "key": public }))
        }
        ("GET", []) => {
            let all: Vec<Value> = state
                .secrets
                .iter()
                .filter(|((at, _), _)| at == place)
                .map(|((_, name), kept)| about(name, kept))
                .collect();
            json(200, j!({ "total_count": all.len(), "secrets": all }))
        }
        ("GET", [name]) => match state.secrets.get(&key(name)) {
            Some(kept) => json(200, about(name, kept)),
            None => json(404, j!({ "message": "Not Found" })),
        },
        ("GET", [name, "repositories"]) if place == "acme" => {
            let kept = &state.secrets[&key(name)];
            let all: Vec<Value> = kept.repositories.iter().map(|id| j!({ "id": id })).collect();
            json(200, j!({ "total_count": all.len(), "repositories": all }))
        }
        ("PUT", [name]) => {
            let Some(body) = asked.json() else { return json(400, j!({})) };
            let sealed = body["encrypted_value"].as_str().unwrap_or_default().to_owned();
            let opened = data_encoding::BASE64.decode(sealed.as_bytes()).ok();
            let opened = opened.and_then(|sealed| state.key.unseal(&sealed).ok());
            let (Some(value), true) = (opened, body["key_id"] == "5689") else {
                return json(422, j!({ "message": "Bad request" }));
            };
            let visibility = body["visibility"].as_str().map(str::to_owned);
            if (place == "acme") != visibility.is_some() {
                return json(422, j!({ "message": "Validation Failed" }));
            }
            let ids = body["selected_repository_ids"].as_array().cloned().unwrap_or_default();
            let updated = state.clock.stamp();
            let kept = Kept {
                value,
                sealed,
                updated,
                visibility,
                repositories: ids.iter().filter_map(Value::as_u64).collect(),
            };
            let old = state.secrets.insert(key(name), kept);
            Answer { status: if old.is_some() { 204 } else { 201 }, headers: vec![], body: vec![] }
        }
        _ => json(404, j!({ "message": "Not Found" })),
    }
}

fn about(name: &str, kept: &Kept) -> Value {
    let mut about = j!({
        "name": name, "created_at": "2025-06-15T15:06:40Z", "updated_at": kept.updated,
    });
    if let Some(visibility) = &kept.visibility {
        about["visibility"] = j!(visibility);
    }
    about
}
