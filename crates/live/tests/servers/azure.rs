//! Azure Key Vault with the token service of Entra, after
//! <https://learn.microsoft.com/en-us/rest/api/keyvault/secrets/>.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json as j};

use super::{Answer, Asked, Clock, Served, json, random, serve};

pub(crate) struct Azure {
    pub(crate) served: Served,
    pub(crate) state: Arc<Mutex<State>>,
}

pub(crate) struct State {
    pub(crate) tenant: String,
    pub(crate) client: String,
    pub(crate) secret: String,
    /// The token of a federated identity that it accepts instead.
    pub(crate) assertion: String,
    /// What its challenge names; an evil one names another's.
    pub(crate) resource: String,
    pub(crate) secrets: BTreeMap<String, Vec<Kept>>,
    /// Names that were deleted and can be recovered.
    pub(crate) deleted: Vec<String>,
    pub(crate) clock: Clock,
    tokens: Vec<String>,
}

pub(crate) struct Kept {
    pub(crate) version: String,
    pub(crate) value: String,
    pub(crate) created: i64,
}

impl Azure {
    pub(crate) fn start() -> Azure {
        let state = Arc::new(Mutex::new(State {
            tenant: "7f3c1d52-8a14-4c0e-9b62-1e5f0a9d4c11".to_owned(),
            client: "c1d2e3f4-0000-4000-8000-000000000001".to_owned(),
            secret: random(40),
            assertion: random(80),
            resource: "https://vault.azure.net".to_owned(),
            secrets: BTreeMap::new(),
            deleted: Vec::new(),
            clock: Clock::default(),
            tokens: Vec::new(),
        }));
        Azure { served: serve(&state, handle), state }
    }
}

impl State {
    pub(crate) fn put(&mut self, name: &str, value: &str) -> String {
        let version = data_encoding::HEXLOWER.encode(random(16).as_bytes());
        let kept =
            Kept { version: version.clone(), value: value.to_owned(), created: self.clock.tick() };
        self.secrets.entry(name.to_owned()).or_default().push(kept);
        version
    }
}

fn handle(state: &mut State, asked: &Asked) -> Answer {
    let (method, path) = asked.path();
    if let [tenant, "oauth2", "v2.0", "token"] = path[..] {
        return token(state, asked, method, tenant);
    }
    let base = format!("http://{}", asked.header("host"));
    if asked.asks("api-version") != "7.4" {
        return error(400, "BadParameter");
    }
    let given = asked.header("authorization").strip_prefix("Bearer ").unwrap_or_default();
    if !state.tokens.iter().any(|token| token == given) {
        let mut answer = error(401, "Unauthorized");
        answer.headers.push((
            "www-authenticate",
            format!(
                "Bearer authorization=\"{base}/{}\", resource=\"{}\"",
                state.tenant, state.resource
            ),
        ));
        return answer;
    }
    match (method, &path[..]) {
        ("PUT", ["secrets", name]) => {
            let value = asked.json().and_then(|body| Some(body.get("value")?.as_str()?.to_owned()));
            let Some(value) = value else { return error(400, "BadParameter") };
            let fits = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
            if !fits || value.len() > 25 << 10 {
                return error(400, "BadParameter");
            }
            if state.deleted.iter().any(|deleted| deleted == name) {
                let mut body = j!({ "code": "Conflict" });
                body["innererror"] = j!({ "code": "ObjectIsDeletedButRecoverable" });
                return json(409, j!({ "error": body }));
            }
            state.put(name, &value);
            bundle(&base, state, name, None)
        }
        ("GET", ["secrets", name]) => bundle(&base, state, name, None),
        ("GET", ["secrets", name, "versions"]) => {
            let all = state.secrets.get(*name).map_or(&[][..], Vec::as_slice);
            let items = all.iter().map(|kept| item(&base, name, Some(&kept.version), kept));
            page(&base, asked, &format!("secrets/{name}/versions"), items.collect())
        }
        ("GET", ["secrets", name, version]) => bundle(&base, state, name, Some(version)),
        ("GET", ["secrets"]) => {
            let items = state.secrets.iter();
            let items = items.map(|(name, all)| item(&base, name, None, all.last().unwrap()));
            page(&base, asked, "secrets", items.collect())
        }
        _ => error(404, "NotFound"),
    }
}

fn token(state: &mut State, asked: &Asked, method: &str, tenant: &str) -> Answer {
    let form = asked.form();
    let is = |name: &str, value: &str| form.get(name).map(String::as_str) == Some(value);
    if method != "POST" || !is("grant_type", "client_credentials") {
        return json(400, j!({ "error": "unsupported_grant_type" }));
    }
    if tenant != state.tenant || !is("scope", &format!("{}/.default", state.resource)) {
        return json(400, j!({ "error": "invalid_request" }));
    }
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    let federated = is("client_assertion_type", kind) && is("client_assertion", &state.assertion);
    let proven = is("client_secret", &state.secret) || federated;
    if !is("client_id", &state.client) || !proven {
        return json(401, j!({ "error": "invalid_client" }));
    }
    let token = random(60);
    state.tokens.push(token.clone());
    json(200, j!({ "token_type": "Bearer", "expires_in": 3599, "access_token": token }))
}

fn bundle(base: &str, state: &State, name: &str, version: Option<&str>) -> Answer {
    let all = state.secrets.get(name).map_or(&[][..], Vec::as_slice);
    let kept = match version {
        None => all.last(),
        Some(version) => all.iter().find(|kept| kept.version == version),
    };
    let Some(kept) = kept else { return error(404, "SecretNotFound") };
    let mut body = item(base, name, Some(&kept.version), kept);
    body["value"] = j!(kept.value);
    json(200, body)
}

fn item(base: &str, name: &str, version: Option<&str>, kept: &Kept) -> Value {
    let end = version.map(|version| format!("/{version}")).unwrap_or_default();
    j!({
        "id": format!("{base}/secrets/{name}{end}"),
        "attributes": { "enabled": true, "created": kept.created, "updated": kept.created },
    })
}

/// Two items a page, in no order that means anything.
fn page(base: &str, asked: &Asked, path: &str, mut items: Vec<Value>) -> Answer {
    items.reverse();
    let from: usize = asked.asks("$skiptoken").parse().unwrap_or(0);
    let next = (from + 2 < items.len())
        .then(|| format!("{base}/{path}?api-version=7.4&$skiptoken={}", from + 2));
    let items: Vec<Value> = items.into_iter().skip(from).take(2).collect();
    json(200, j!({ "value": items, "nextLink": next }))
}

fn error(status: u16, code: &str) -> Answer {
    json(status, j!({ "error": { "code": code, "message": "refused" } }))
}
