//! From requests to engines and back.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::{Query, State as Shared};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::kv::{Asked, Engine};
use super::state::{State, mount_of};
use crate::random;

/// Status and body; the body is null where there is none.
pub(super) type Answer = (u16, Value);

/// An answer of `errors`.
pub(super) fn error(status: u16, said: &[&str]) -> Answer {
    (status, json!({ "errors": said }))
}

/// An answer of `data`.
pub(super) fn found(data: Value, lease: u64) -> Answer {
    let body = json!({
        "request_id": random(36),
        "lease_id": "",
        "renewable": false,
        "lease_duration": lease,
        "data": data,
        "wrap_info": null,
        "warnings": null,
        "auth": null,
        "mount_type": "kv",
    });
    (200, body)
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
    let path = percent_decode_str(uri.path()).decode_utf8_lossy().into_owned();
    state.seen.push(format!("{method} {path}"));
    let (status, body) = answer(&mut state, method.as_str(), &path, &headers, &query, &body);
    let status = StatusCode::from_u16(status).expect("a status of HTTP");
    let headers = [("content-type", "application/json"), ("cache-control", "no-store")];
    if body.is_null() {
        return (status, [headers[1]]).into_response();
    }
    (status, headers, format!("{body}\n")).into_response()
}

fn answer(
    state: &mut State,
    method: &str,
    path: &str,
    headers: &HeaderMap,
    query: &HashMap<String, String>,
    body: &[u8],
) -> Answer {
    let Some(path) = path.strip_prefix("/v1/") else { return error(404, &[]) };
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let "sys/health" | "sys/seal-status" = path {
        return about(path, state.sealed, query);
    }
    if state.sealed {
        return error(503, &["Vault is sealed"]);
    }
    let body: Value = match serde_json::from_slice(body) {
        Ok(body) => body,
        Err(_) if body.is_empty() => Value::Null,
        Err(_) => return error(400, &["failed to parse JSON input: invalid character"]),
    };
    // The namespace stands in the header, or in front of the path.
    let mut namespace = header("x-vault-namespace").unwrap_or("").trim_matches('/').to_owned();
    let mut path = path.to_owned();
    let in_path = state
        .namespaces
        .keys()
        .filter(|name| !name.is_empty())
        .find(|name| path.starts_with(&format!("{name}/")));
    if let Some(name) = in_path.cloned() {
        path.drain(..=name.len());
        namespace = name;
    }
    if let Some(login) = login(state, method, &path, &body) {
        return login;
    }
    let bearer = header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let token = header("x-vault-token").or(bearer).unwrap_or("").to_owned();
    if !state.tokens.contains_key(&token) {
        return error(403, &["permission denied"]);
    }
    if !state.namespaces.contains_key(&namespace) {
        return error(404, &[&format!("no handler for route \"{path}\". route entry not found.")]);
    }
    let method = match (method, query.get("list").map(String::as_str)) {
        ("GET", Some("true")) => "LIST",
        (method, _) => method,
    };
    if let Some(answer) = system(state, method, &namespace, &path, &token, &body) {
        return answer;
    }
    if state.may(&token, &path, capability(state, &namespace, method, &path)) != Some(true) {
        return error(403, &["1 error occurred:\n\t* permission denied\n\n"]);
    }
    if method != "GET"
        && method != "LIST"
        && let Some((namespace, path, data)) = state.overtake.take()
    {
        state.put(&namespace, &path, data);
    }
    let engines = state.namespaces.get_mut(&namespace).expect("checked above");
    // A list of a whole mount may leave out the slash at its end.
    let found = mount_of(engines, &path)
        .or_else(|| (method == "LIST").then(|| mount_of(engines, &format!("{path}/")))?);
    let Some((mount, rest)) = found else {
        return error(404, &[&format!("no handler for route \"{path}\". route entry not found.")]);
    };
    let version = query.get("version").and_then(|version| version.parse().ok());
    let asked = Asked { method, path: &rest, version, body: &body };
    engines.get_mut(&mount).expect("just found").answer(&asked)
}

/// What a policy must give for a request.
fn capability(state: &State, namespace: &str, method: &str, path: &str) -> &'static str {
    match method {
        "GET" => "read",
        "LIST" => "list",
        "DELETE" => "delete",
        "PATCH" => "patch",
        _ => {
            let plain = path.replacen("/data/", "/", 1);
            if state.newest(namespace, &plain).is_some() { "update" } else { "create" }
        }
    }
}

fn about(path: &str, sealed: bool, query: &HashMap<String, String>) -> Answer {
    if path == "sys/seal-status" {
        let body = json!({
            "type": "shamir", "initialized": true, "sealed": sealed, "t": 1, "n": 1,
            "progress": 0, "nonce": "", "version": "1.14.8", "cluster_name": "test",
        });
        return (200, body);
    }
    let code = query.get("sealedcode").and_then(|code| code.parse().ok()).unwrap_or(503);
    let body = json!({
        "initialized": true, "sealed": sealed, "standby": false,
        "performance_standby": false, "replication_performance_mode": "disabled",
        "replication_dr_mode": "disabled", "server_time_utc": 1_767_225_600,
        "version": "1.14.8", "cluster_name": "test",
    });
    (if sealed { code } else { 200 }, body)
}

/// The paths that need no token.
fn login(state: &mut State, method: &str, path: &str, body: &Value) -> Option<Answer> {
    if method != "POST" && method != "PUT" {
        return None;
    }
    let text = |field: &str| body[field].as_str().unwrap_or("").to_owned();
    let (token, refused) = match path {
        "auth/approle/login" => (
            state.login(false, &text("role_id"), &text("secret_id")),
            error(400, &["invalid role or secret ID"]),
        ),
        "auth/kubernetes/login" => {
            (state.login(true, &text("role"), &text("jwt")), error(403, &["permission denied"]))
        }
        _ => return None,
    };
    let Some(token) = token else { return Some(refused) };
    let accessor = state.tokens.get(&token).map(|token| token.accessor.clone());
    let (_, mut body) = found(Value::Null, 0);
    body["auth"] = json!({
        "client_token": token,
        "accessor": accessor,
        "policies": ["default"],
        "token_policies": ["default"],
        "metadata": {},
        "lease_duration": 1200,
        "renewable": true,
        "entity_id": random(36),
        "token_type": "service",
        "orphan": true,
        "mfa_requirement": null,
        "num_uses": 0,
    });
    Some((200, body))
}

/// `sys/` and `auth/token/`.
fn system(
    state: &mut State,
    method: &str,
    namespace: &str,
    path: &str,
    token: &str,
    body: &Value,
) -> Option<Answer> {
    let about = |mount: &str, engine: &Engine| {
        json!({
            "type": "kv", "path": mount, "options": { "version": engine.version() },
            "accessor": format!("kv_{}", mount.trim_end_matches('/')), "description": "",
            "config": { "default_lease_ttl": 0, "force_no_cache": false, "max_lease_ttl": 0 },
            "external_entropy_access": false, "local": false, "seal_wrap": false,
            "uuid": "00000000-0000-0000-0000-000000000000",
        })
    };
    if let Some(wanted) = path.strip_prefix("sys/internal/ui/mounts/") {
        let engines = state.namespaces.get(namespace)?;
        let wanted = format!("{wanted}/");
        let fitting = engines.iter().find(|(mount, _)| wanted.starts_with(mount.as_str()));
        // Who may do nothing below a mount may not know that it is there.
        return Some(match fitting.filter(|(mount, _)| state.may_anything(token, mount)) {
            Some((mount, engine)) => found(about(mount, engine), 0),
            None => error(
                403,
                &[&format!(
                    "preflight capability check returned 403, please ensure client's policies grant access to path \"{wanted}\""
                )],
            ),
        });
    }
    match (method, path) {
        ("GET", "auth/token/lookup-self") => {
            let held = state.tokens.get(token)?;
            let policy = if held.policies.is_none() { "root" } else { "default" };
            let data = json!({
                "accessor": held.accessor, "creation_ttl": 0, "display_name": "token",
                "entity_id": "", "expire_time": null, "explicit_max_ttl": 0, "id": token,
                "meta": null, "num_uses": 0, "orphan": true, "path": "auth/token/create",
                "policies": [policy], "ttl": 0, "type": "service",
            });
            Some(found(data, 0))
        }
        (_, "auth/token/revoke-self") => {
            state.tokens.remove(token);
            Some((204, Value::Null))
        }
        _ if !path.starts_with("sys/") => None,
        _ if state.may(token, path, "update") != Some(true) => {
            Some(error(403, &["1 error occurred:\n\t* permission denied\n\n"]))
        }
        ("GET", "sys/mounts") => {
            let engines = state.namespaces.get(namespace)?;
            let all: serde_json::Map<_, _> = engines
                .iter()
                .map(|(mount, engine)| (mount.clone(), about(mount, engine)))
                .collect();
            Some(found(Value::Object(all), 0))
        }
        ("POST" | "PUT", _) if path.starts_with("sys/mounts/") => {
            let mount =
                format!("{}/", path.trim_start_matches("sys/mounts/").trim_end_matches('/'));
            let engines = state.namespaces.get_mut(namespace)?;
            if engines.contains_key(&mount) {
                return Some(error(400, &[&format!("path is already in use at {mount}")]));
            }
            let second = body["options"]["version"] == "2" || body["type"] == "kv-v2";
            let engine = if second {
                Engine::V2(Default::default(), false)
            } else {
                Engine::V1(Default::default())
            };
            engines.insert(mount, engine);
            Some((204, Value::Null))
        }
        ("POST" | "PUT", "sys/seal") => {
            state.sealed = true;
            Some((204, Value::Null))
        }
        _ => Some(error(404, &["unsupported path"])),
    }
}
