//! Google Cloud Secret Manager with Google's token service, after
//! <https://cloud.google.com/secret-manager/docs/reference/rest> and RFC 7523.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::{Arc, Mutex};

use ring::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use serde_json::{Value, json as j};

use super::{Answer, Asked, Clock, Served, json, random, serve};

pub(crate) const PROJECT: &str = "stanch-tests";
const MAIL: &str = "writer@stanch-tests.iam.gserviceaccount.com";

pub(crate) struct Gcp {
    pub(crate) served: Served,
    pub(crate) state: Arc<Mutex<State>>,
    pem: String,
}

pub(crate) struct State {
    public: Vec<u8>,
    refresh: String,
    /// Where the token service says it is: what a JWT must be meant for.
    pub(crate) audience: String,
    tokens: Vec<String>,
    pub(crate) secrets: BTreeMap<String, Vec<Option<Vec<u8>>>>,
    clock: Clock,
}

impl Gcp {
    pub(crate) fn start() -> Gcp {
        let made = Command::new("openssl")
            .args(["genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"])
            .output()
            .expect("cannot run openssl; install the Debian package openssl");
        let pem = String::from_utf8(made.stdout).unwrap();
        let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let der = data_encoding::BASE64.decode(body.as_bytes()).unwrap();
        let public = RsaKeyPair::from_pkcs8(&der).unwrap().public_key().as_ref().to_vec();
        let state = Arc::new(Mutex::new(State {
            public,
            refresh: random(40),
            audience: String::new(),
            tokens: Vec::new(),
            secrets: BTreeMap::new(),
            clock: Clock::default(),
        }));
        Gcp { served: serve(&state, handle), state, pem }
    }

    /// A service account's key file for a token service at an address.
    pub(crate) fn key_file(&self, url: &str) -> String {
        let at = format!("{url}/token");
        self.state.lock().unwrap().audience.clone_from(&at);
        j!({
            "type": "service_account",
            "project_id": PROJECT,
            "private_key_id": "1",
            "private_key": self.pem,
            "client_email": MAIL,
            "token_uri": at,
        })
        .to_string()
    }

    /// A token that somebody else fetched.
    pub(crate) fn token(&self) -> String {
        let token = format!("ya29.{}", random(60));
        self.state.lock().unwrap().tokens.push(token.clone());
        token
    }

    /// What a user's login leaves behind.
    pub(crate) fn user_file(&self, url: &str) -> String {
        j!({
            "type": "authorized_user",
            "client_id": "client",
            "client_secret": "not much of a secret",
            "refresh_token": self.state.lock().unwrap().refresh,
            "quota_project_id": PROJECT,
            "token_uri": format!("{url}/token"),
        })
        .to_string()
    }
}

fn handle(state: &mut State, asked: &Asked) -> Answer {
    let (method, path) = asked.path();
    if path == ["token"] {
        return token(state, asked);
    }
    let given = asked.header("authorization").strip_prefix("Bearer ").unwrap_or_default();
    if !state.tokens.iter().any(|token| token == given) && !self_signed(state, given) {
        return error(401, "UNAUTHENTICATED");
    }
    let ["v1", "projects", project, "secrets", rest @ ..] = &path[..] else {
        return error(404, "NOT_FOUND");
    };
    if *project != PROJECT {
        return error(403, "PERMISSION_DENIED");
    }
    let full = |name: &str| format!("projects/{project}/secrets/{name}");
    match (method, rest) {
        ("POST", []) => {
            let name = asked.asks("secretId").to_owned();
            let fits = asked.json().is_some_and(|it| it["replication"]["automatic"].is_object());
            if !fits || name.is_empty() {
                return error(400, "INVALID_ARGUMENT");
            }
            if state.secrets.contains_key(&name) {
                return error(409, "ALREADY_EXISTS");
            }
            state.secrets.insert(name.clone(), Vec::new());
            json(200, j!({ "name": full(&name) }))
        }
        ("GET", []) => {
            let names: Vec<&String> = state.secrets.keys().collect();
            let from: usize = asked.asks("pageToken").parse().unwrap_or(0);
            let some: Vec<Value> =
                names.iter().skip(from).take(2).map(|name| j!({ "name": full(name) })).collect();
            let next = if from + 2 < names.len() { (from + 2).to_string() } else { String::new() };
            json(200, j!({ "secrets": some, "nextPageToken": next }))
        }
        ("POST", [name]) => {
            let Some(name) = name.strip_suffix(":addVersion") else {
                return error(404, "NOT_FOUND");
            };
            let Some(versions) = state.secrets.get_mut(name) else {
                return error(404, "NOT_FOUND");
            };
            let payload = asked.json().unwrap_or_default()["payload"].clone();
            let data = payload["data"].as_str().unwrap_or_default();
            let Ok(data) = data_encoding::BASE64.decode(data.as_bytes()) else {
                return error(400, "INVALID_ARGUMENT");
            };
            if data.len() > 64 << 10 || payload["dataCrc32c"] != j!(sum(&data).to_string()) {
                return error(400, "INVALID_ARGUMENT");
            }
            versions.push(Some(data));
            let id = versions.len();
            json(200, j!({ "name": format!("{}/versions/{id}", full(name)), "state": "ENABLED" }))
        }
        ("GET", [name, "versions"]) => {
            let Some(versions) = state.secrets.get(*name) else { return error(404, "NOT_FOUND") };
            let mut all: Vec<Value> = Vec::new();
            for (at, data) in versions.iter().enumerate().rev() {
                let kept = if data.is_some() { "ENABLED" } else { "DESTROYED" };
                all.push(j!({
                    "name": format!("{}/versions/{}", full(name), at + 1),
                    "state": kept,
                    "createTime": state.clock.stamp(),
                }));
            }
            json(200, j!({ "versions": all, "totalSize": versions.len() }))
        }
        ("GET", [name, "versions", which]) => {
            let Some(which) = which.strip_suffix(":access") else {
                return error(404, "NOT_FOUND");
            };
            let versions = state.secrets.get(*name).map_or(&[][..], Vec::as_slice);
            let at = match which {
                "latest" => versions.len(),
                number => number.parse().unwrap_or(0),
            };
            match at.checked_sub(1).and_then(|at| versions.get(at)) {
                None => error(404, "NOT_FOUND"),
                Some(None) => error(400, "FAILED_PRECONDITION"),
                Some(Some(data)) => json(
                    200,
                    j!({
                        "name": format!("{}/versions/{at}", full(name)),
                        "payload": {
                            "data": data_encoding::BASE64.encode(data),
                            "dataCrc32c": sum(data).to_string(),
                        },
                    }),
                ),
            }
        }
        _ => error(404, "NOT_FOUND"),
    }
}

fn token(state: &mut State, asked: &Asked) -> Answer {
    let form = asked.form();
    let field = |name: &str| form.get(name).cloned().unwrap_or_default();
    let good = match field("grant_type").as_str() {
        "urn:ietf:params:oauth:grant-type:jwt-bearer" => signed(state, &field("assertion")),
        "refresh_token" => {
            field("refresh_token") == state.refresh && field("client_id") == "client"
        }
        _ => false,
    };
    if asked.method != "POST" || !good {
        return json(400, j!({ "error": "invalid_grant" }));
    }
    let token = format!("ya29.{}", random(60));
    state.tokens.push(token.clone());
    json(200, j!({ "access_token": token, "expires_in": 3599, "token_type": "Bearer" }))
}

/// A JWT that is exchanged for a token.
fn signed(state: &State, jwt: &str) -> bool {
    let now = jiff::Timestamp::now().as_second();
    claims(state, jwt).is_some_and(|claims| {
        claims["aud"] == j!(state.audience)
            && claims["scope"] == "https://www.googleapis.com/auth/cloud-platform"
            && claims["iat"].as_i64().unwrap() <= now
            && (now..=now + 3600).contains(&claims["exp"].as_i64().unwrap())
    })
}

/// A JWT that Google's own clients show instead of a token.
fn self_signed(state: &State, jwt: &str) -> bool {
    claims(state, jwt).is_some_and(|claims| {
        claims["sub"] == MAIL
            && (claims["aud"] == "https://secretmanager.googleapis.com/"
                || claims["scope"] == "https://www.googleapis.com/auth/cloud-platform")
    })
}

/// What a JWT claims, if the service account signed it.
fn claims(state: &State, jwt: &str) -> Option<Value> {
    let parts: Vec<&str> = jwt.split('.').collect();
    let [header, claims, signature] = parts[..] else { return None };
    let part = |text: &str| data_encoding::BASE64URL_NOPAD.decode(text.as_bytes()).ok();
    let read = |text: &str| serde_json::from_slice::<Value>(&part(text)?).ok();
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &state.public);
    key.verify(format!("{header}.{claims}").as_bytes(), &part(signature)?).ok()?;
    let fits = read(header)?["alg"] == "RS256";
    read(claims).filter(|claims| fits && claims["iss"] == MAIL)
}

/// CRC-32C by its definition: the remainder by the polynomial 0x1EDC6F41,
/// bits taken lowest first.
fn sum(bytes: &[u8]) -> u32 {
    let mut register = u32::MAX;
    for bit in bytes.iter().flat_map(|byte| (0..8).map(move |at| byte >> at & 1)) {
        let top = register >> 31;
        register <<= 1;
        if top != u32::from(bit) {
            register ^= 0x1EDC_6F41;
        }
    }
    !register.reverse_bits()
}

fn error(status: u16, code: &str) -> Answer {
    json(status, j!({ "error": { "code": status, "message": "refused", "status": code } }))
}
