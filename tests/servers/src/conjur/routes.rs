//! From requests to what is held, and back.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::extract::{Query, State as Shared};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use data_encoding::{BASE64, BASE64URL};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::policy;
use super::state::{ACCOUNT, State};
use crate::random;

/// Status, content type and body.
type Answer = (u16, &'static str, Vec<u8>);

fn text(status: u16, body: impl Into<Vec<u8>>) -> Answer {
    (status, "text/plain", body.into())
}

fn answer_json(status: u16, body: &Value) -> Answer {
    (status, "application/json; charset=utf-8", body.to_string().into_bytes())
}

fn error(status: u16, code: &str, message: &str) -> Answer {
    answer_json(status, &json!({ "error": { "code": code, "message": message } }))
}

/// Every request.
pub(super) async fn handle(
    Shared(state): Shared<Arc<Mutex<State>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    Query(query): Query<HashMap<String, String>>,
    body: Bytes,
) -> Response {
    let mut state = state.lock().expect("no thread of the server panicked");
    let path = uri.path().to_owned();
    state.seen.push(format!("{method} {path}"));
    // Slashes inside an id may be encoded or not, so a segment is decoded
    // after the path is split.
    let parts: Vec<String> = path
        .trim_start_matches('/')
        .splitn(4, '/')
        .map(|part| percent_decode_str(part).decode_utf8_lossy().into_owned())
        .collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let asked = Asked { method: method.as_str(), headers: &headers, query: &query, body: &body };
    let (status, kind, body) = answer(&mut state, &asked, &parts);
    let status = StatusCode::from_u16(status).expect("a status of HTTP");
    let mut response = (status, [("content-type", kind)], body).into_response();
    if parts.last().is_some_and(|last| *last == "authenticate" && asked.wants_base64()) {
        let encoding = axum::http::HeaderValue::from_static("base64");
        response.headers_mut().insert("content-encoding", encoding);
    }
    response
}

struct Asked<'a> {
    method: &'a str,
    headers: &'a HeaderMap,
    query: &'a HashMap<String, String>,
    body: &'a [u8],
}

impl Asked<'_> {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    fn wants_base64(&self) -> bool {
        self.header("accept-encoding").split(',').any(|coding| coding.trim() == "base64")
    }

    /// Login and password or key of basic authentication.
    fn basic(&self) -> Option<(String, String)> {
        let encoded = self.header("authorization").strip_prefix("Basic ")?;
        let decoded = String::from_utf8(BASE64.decode(encoded.trim().as_bytes()).ok()?).ok()?;
        let (login, secret) = decoded.split_once(':')?;
        Some((login.to_owned(), secret.to_owned()))
    }
}

fn answer(state: &mut State, asked: &Asked, parts: &[&str]) -> Answer {
    match (asked.method, parts) {
        ("GET", ["authn", ACCOUNT, "login"]) => login(state, asked),
        ("PUT", ["authn", ACCOUNT, "api_key"]) => rotate(state, asked),
        ("POST", ["authn", ACCOUNT, login, "authenticate"]) => authenticate(state, asked, login),
        (_, ["authn", ..]) => text(401, ""),
        _ => {
            let Some(login) = bearer(state, asked) else {
                return text(401, "Authorization missing");
            };
            signed_in(state, asked, parts, &login)
        }
    }
}

fn login(state: &State, asked: &Asked) -> Answer {
    let Some((login, secret)) = asked.basic() else { return text(401, "") };
    let key = state.keys.get(&login);
    let fits = key == Some(&secret) || (login == "admin" && secret == state.password);
    match key {
        Some(key) if fits => text(200, key.clone()),
        _ => text(401, ""),
    }
}

fn rotate(state: &mut State, asked: &Asked) -> Answer {
    let own = asked.basic().filter(|(login, secret)| {
        state.keys.get(login) == Some(secret) || (login == "admin" && *secret == state.password)
    });
    let caller = own.map(|(login, _)| login).or_else(|| bearer(state, asked));
    let Some(caller) = caller else { return text(401, "") };
    let whose = match asked.query.get("role") {
        None => caller.clone(),
        Some(role) => {
            let id = role.strip_prefix(&format!("{ACCOUNT}:")).unwrap_or(role);
            match id.split_once(':') {
                Some(("host", id)) => format!("host/{id}"),
                Some((_, id)) => id.to_owned(),
                None => id.to_owned(),
            }
        }
    };
    if whose != caller && caller != "admin" {
        return text(401, "");
    }
    if !state.keys.contains_key(&whose) {
        return text(401, "");
    }
    text(200, state.rotate(&whose))
}

fn authenticate(state: &mut State, asked: &Asked, login: &str) -> Answer {
    if state.keys.get(login).map(String::as_bytes) != Some(asked.body) {
        return text(401, "");
    }
    let issued = jiff::Timestamp::now().as_second();
    let claims = json!({ "sub": login, "iat": issued }).to_string();
    let header = json!({ "alg": "conjur.org/slosilo/v2", "kid": random(32) }).to_string();
    let token = json!({
        "protected": BASE64URL.encode(header.as_bytes()),
        "payload": BASE64URL.encode(claims.as_bytes()),
        "signature": BASE64URL.encode(random(32).as_bytes()),
    })
    .to_string();
    let until = Instant::now() + state.life;
    let encoded = BASE64.encode(token.as_bytes());
    state.tokens.insert(encoded.clone(), (login.to_owned(), until));
    if asked.wants_base64() {
        text(200, encoded)
    } else {
        (200, "application/json; charset=utf-8", token.into_bytes())
    }
}

/// Who a token stands for, if it is still good.
fn bearer(state: &State, asked: &Asked) -> Option<String> {
    let given = asked.header("authorization").strip_prefix("Token token=")?;
    let (login, until) = state.tokens.get(given.trim_matches('"'))?;
    (until.saturating_duration_since(Instant::now()) > Duration::ZERO).then(|| login.clone())
}

fn signed_in(state: &mut State, asked: &Asked, parts: &[&str], login: &str) -> Answer {
    match (asked.method, parts) {
        ("GET", ["whoami"]) => {
            let issued = jiff::Timestamp::now().to_string();
            let about = json!({
                "client_ip": "127.0.0.1", "user_agent": asked.header("user-agent"),
                "account": ACCOUNT, "username": login, "token_issued_at": issued,
            });
            answer_json(200, &about)
        }
        ("GET", ["secrets"]) => batch(state, asked, login),
        ("GET", ["secrets", ACCOUNT, "variable", id]) => read(state, asked, login, id),
        ("POST", ["secrets", ACCOUNT, "variable", id]) => write(state, asked, login, id),
        ("POST" | "PUT" | "PATCH", ["policies", ACCOUNT, "policy", branch]) => {
            load(state, asked, login, branch)
        }
        ("GET", ["resources"] | ["resources", ACCOUNT] | ["resources", ACCOUNT, "variable"]) => {
            let search = asked.query.get("search");
            let visible: Vec<Value> = state
                .variables
                .keys()
                .filter(|id| state.may(login, id, ""))
                .filter(|id| search.is_none_or(|search| id.contains(search.as_str())))
                .map(|id| resource(state, id))
                .collect();
            if asked.query.get("count").is_some_and(|count| count == "true") {
                return answer_json(200, &json!({ "count": visible.len() }));
            }
            answer_json(200, &Value::Array(visible))
        }
        ("GET", ["resources", ACCOUNT, "variable", id]) => {
            if state.variables.contains_key(*id) && state.may(login, id, "") {
                answer_json(200, &resource(state, id))
            } else {
                unknown(id)
            }
        }
        _ => error(404, "not_found", "The requested path is not there."),
    }
}

fn resource(state: &State, id: &str) -> Value {
    let secrets: Vec<Value> = state
        .variables
        .get(id)
        .into_iter()
        .flatten()
        .map(|(number, _)| json!({ "version": number, "expires_at": null }))
        .collect();
    json!({
        "created_at": "2026-01-01T00:00:00.000+00:00", "id": format!("{ACCOUNT}:variable:{id}"),
        "owner": format!("{ACCOUNT}:user:admin"), "policy": format!("{ACCOUNT}:policy:root"),
        "permissions": [], "annotations": [], "secrets": secrets,
    })
}

fn unknown(id: &str) -> Answer {
    let said = format!("Variable '{id}' not found in account '{ACCOUNT}'");
    error(404, "not_found", &said)
}

fn empty(id: &str) -> Answer {
    let said = format!("CONJ00076E Variable {ACCOUNT}:variable:{id} is empty or not found.");
    error(404, "not_found", &said)
}

fn read(state: &State, asked: &Asked, login: &str, id: &str) -> Answer {
    // Who may do nothing with a variable may not know that it is there.
    let Some(versions) = state.variables.get(id).filter(|_| state.may(login, id, "")) else {
        return empty(id);
    };
    if !state.may(login, id, "execute") {
        return text(403, "");
    }
    let found = match asked.query.get("version").map(|version| version.parse::<usize>()) {
        None => versions.last(),
        Some(Ok(wanted)) => versions.iter().find(|(number, _)| *number == wanted),
        Some(Err(_)) => return error(422, "unprocessable_entity", "invalid type for version"),
    };
    match found {
        Some((_, value)) => (200, "application/octet-stream", value.clone()),
        None => empty(id),
    }
}

fn write(state: &mut State, asked: &Asked, login: &str, id: &str) -> Answer {
    if !state.variables.contains_key(id) || !state.may(login, id, "") {
        return unknown(id);
    }
    if !state.may(login, id, "update") {
        return text(403, "");
    }
    if asked.body.is_empty() {
        return error(422, "unprocessable_entity", "'value' may not be empty");
    }
    state.add(id, asked.body.to_vec());
    text(201, "")
}

fn batch(state: &State, asked: &Asked, login: &str) -> Answer {
    let mut all = serde_json::Map::new();
    let wanted = asked.query.get("variable_ids").map_or("", String::as_str);
    if wanted.is_empty() {
        return error(422, "unprocessable_entity", "variable_ids");
    }
    // Some clients ask for base64, so that any bytes can stand in JSON.
    let encoded = asked.wants_base64();
    for full in wanted.split(',') {
        let id = full.strip_prefix(&format!("{ACCOUNT}:variable:")).unwrap_or(full);
        let value = state
            .variables
            .get(id)
            .filter(|_| state.may(login, id, ""))
            .and_then(|versions| versions.last());
        let Some((_, value)) = value else { return empty(id) };
        if !state.may(login, id, "execute") {
            return text(403, "");
        }
        let value = if encoded {
            BASE64.encode(value)
        } else {
            match String::from_utf8(value.clone()) {
                Ok(value) => value,
                Err(_) => return error(406, "not_acceptable", "CONJ00133E binary secrets"),
            }
        };
        all.insert(full.to_owned(), Value::from(value));
    }
    answer_json(200, &Value::Object(all))
}

fn load(state: &mut State, asked: &Asked, login: &str, branch: &str) -> Answer {
    if branch != "root" && !state.policies.contains_key(branch) {
        let said = format!("Policy '{branch}' not found in account '{ACCOUNT}'");
        return error(404, "not_found", &said);
    }
    if login != "admin" {
        return text(403, "");
    }
    let Ok(yaml) = std::str::from_utf8(asked.body) else {
        return error(422, "validation_failed", "policy is not UTF-8");
    };
    match policy::load(state, branch, yaml) {
        Ok(loaded) => {
            let version = state.policies.entry(branch.to_owned()).or_insert(0);
            *version += 1;
            let roles: serde_json::Map<String, Value> = loaded
                .roles
                .into_iter()
                .map(|(id, key)| (id.clone(), json!({ "id": id, "api_key": key })))
                .collect();
            answer_json(201, &json!({ "created_roles": roles, "version": *version }))
        }
        Err(said) => error(422, "validation_failed", &said),
    }
}
