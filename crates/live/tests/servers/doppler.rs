//! The API of Doppler, after <https://docs.doppler.com/reference/secrets-update>.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::json as j;

use super::{Answer, Asked, Served, json, random, serve};

pub(crate) struct Doppler {
    pub(crate) served: Served,
    pub(crate) state: Arc<Mutex<State>>,
}

pub(crate) struct State {
    pub(crate) token: String,
    pub(crate) secrets: BTreeMap<String, String>,
}

impl Doppler {
    pub(crate) fn start() -> Doppler {
        let state = Arc::new(Mutex::new(State { token: random(40), secrets: BTreeMap::new() }));
        Doppler { served: serve(&state, handle), state }
    }
}

fn handle(state: &mut State, asked: &Asked) -> Answer {
    let (method, path) = asked.path();
    if asked.header("authorization") != format!("Bearer {}", state.token) {
        return failure(401, "Invalid Auth token");
    }
    let here = |project: &str, config: &str| project == "backend" && config == "prd";
    if method == "GET" && !here(asked.asks("project"), asked.asks("config")) {
        return failure(404, "Could not find requested project");
    }
    match (method, &path[..]) {
        ("GET", ["v3", "configs", "config", "secret"]) => {
            match state.secrets.get(asked.asks("name")) {
                Some(value) => {
                    let value = j!({ "raw": value, "computed": value });
                    json(200, j!({ "name": asked.asks("name"), "value": value, "success": true }))
                }
                None => failure(404, "Could not find requested secret"),
            }
        }
        ("GET", ["v3", "configs", "config", "secrets", "names"]) => {
            let names: Vec<&String> = state.secrets.keys().collect();
            json(200, j!({ "names": names, "success": true }))
        }
        ("POST", ["v3", "configs", "config", "secrets"]) => {
            let Some(body) = asked.json() else { return failure(400, "Invalid JSON") };
            let text = |name: &str| body[name].as_str().unwrap_or_default();
            if !here(text("project"), text("config")) {
                return failure(404, "Could not find requested project");
            }
            let Some([change]) = body["change_requests"].as_array().map(Vec::as_slice) else {
                return failure(400, "`secrets` or `change_requests` is required");
            };
            let name = change["name"].as_str().unwrap_or_default();
            let original = change["originalName"].as_str();
            let now = state.secrets.get(name).cloned();
            let fits = match (&now, original) {
                (None, None) => true,
                (Some(now), Some(original)) => {
                    let wanted = change["originalValue"].as_str();
                    original == name && wanted.is_none_or(|wanted| wanted == now)
                }
                _ => false,
            };
            let Some(value) = change["value"].as_str().filter(|_| fits) else {
                return failure(400, "The secret has changed since it was read");
            };
            state.secrets.insert(name.to_owned(), value.to_owned());
            json(200, j!({ "secrets": { name: { "raw": value } }, "success": true }))
        }
        _ => failure(404, "Not found"),
    }
}

fn failure(status: u16, message: &str) -> Answer {
    json(status, j!({ "messages": [message], "success": false }))
}
