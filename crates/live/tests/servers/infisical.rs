//! The API of Infisical, after
//! <https://infisical.com/docs/api-reference/overview/introduction>.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json as j};

use super::{Answer, Asked, Served, json, random, serve};

pub(crate) const PROJECT: &str = "64c1a0f2-proj";

pub(crate) struct Infisical {
    pub(crate) served: Served,
    pub(crate) state: Arc<Mutex<State>>,
}

pub(crate) struct State {
    pub(crate) client: String,
    pub(crate) secret: String,
    pub(crate) approvals: bool,
    tokens: Vec<String>,
    /// All values of a secret, by folder and name.
    pub(crate) secrets: BTreeMap<(String, String), Vec<String>>,
}

impl Infisical {
    pub(crate) fn start() -> Infisical {
        let state = Arc::new(Mutex::new(State {
            client: random(36),
            secret: random(64),
            approvals: false,
            tokens: Vec::new(),
            secrets: BTreeMap::new(),
        }));
        Infisical { served: serve(&state, handle), state }
    }
}

impl State {
    /// A new token.
    pub(crate) fn token(&mut self) -> String {
        let token = random(60);
        self.tokens.push(token.clone());
        token
    }
}

fn handle(state: &mut State, asked: &Asked) -> Answer {
    let (method, path) = asked.path();
    if (method, &path[..]) == ("POST", &["api", "v1", "auth", "universal-auth", "login"]) {
        let body = asked.json().unwrap_or_default();
        if body["clientId"] != j!(state.client) || body["clientSecret"] != j!(state.secret) {
            return error(401, "Invalid credentials");
        }
        let token = state.token();
        return json(200, j!({ "accessToken": token, "expiresIn": 7200, "tokenType": "Bearer" }));
    }
    let given = asked.header("authorization").strip_prefix("Bearer ").unwrap_or_default();
    if !state.tokens.iter().any(|token| token == given) {
        return error(401, "Token missing");
    }
    let ["api", "v3", "secrets", "raw", rest @ ..] = &path[..] else {
        return error(404, "Not found");
    };
    let body = asked.json().unwrap_or_default();
    let said = |name: &str| match method {
        "GET" => asked.asks(name).to_owned(),
        _ => body[name].as_str().unwrap_or_default().to_owned(),
    };
    if said("workspaceId") != PROJECT || said("environment") != "prod" {
        return error(403, "You are not a member of this project");
    }
    let folder = said("secretPath");
    match (method, rest) {
        ("GET", []) => {
            let names = state.secrets.iter().filter(|((at, _), _)| *at == folder);
            let all: Vec<Value> = names.map(|((_, name), all)| secret(name, all)).collect();
            json(200, j!({ "secrets": all, "imports": [] }))
        }
        ("GET", [name]) => {
            let all = state.secrets.get(&(folder, (*name).to_owned()));
            let all = all.map_or(&[][..], Vec::as_slice);
            let version: usize = asked.asks("version").parse().unwrap_or(all.len());
            match all.get(..version).filter(|all| !all.is_empty()) {
                Some(all) => json(200, j!({ "secret": secret(name, all) })),
                None => error(404, "Secret not found"),
            }
        }
        ("POST" | "PATCH", [name]) => {
            let key = (folder, (*name).to_owned());
            let there = state.secrets.contains_key(&key);
            if method == "POST" && there {
                return error(400, "Secret already exist");
            }
            if method == "PATCH" && !there {
                return error(404, "Secret not found");
            }
            let Some(value) = body["secretValue"].as_str() else {
                return error(422, "secretValue is required");
            };
            if state.approvals {
                return json(200, j!({ "approval": { "id": "1", "status": "open" } }));
            }
            let all = state.secrets.entry(key).or_default();
            all.push(value.to_owned());
            json(200, j!({ "secret": secret(name, all) }))
        }
        _ => error(404, "Not found"),
    }
}

fn secret(name: &str, all: &[String]) -> Value {
    j!({
        "id": "s", "secretKey": name, "secretValue": all.last(), "version": all.len(),
        "type": "shared", "environment": "prod", "secretValueHidden": false,
        "updatedAt": "2025-06-15T15:06:40.000Z",
    })
}

fn error(status: u16, message: &str) -> Answer {
    json(status, j!({ "statusCode": status, "message": message, "error": "Error" }))
}
