//! HashiCorp Vault and OpenBao, KV versions 1 and 2.
//!
//! <https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2>

use std::path::PathBuf;

use reqwest::{Method, Url};
use serde_json::{Map, json};
use tokio::sync::OnceCell;

use super::{text, unsupported};
use crate::error::{Error, Problem};
use crate::http::{Answer, Call, Http, base, below, query};
use crate::json::Json;
use crate::manager::{Abilities, Held, Manager, Reply, Version};
use crate::settings::{self, Settings, VaultLogin};
use crate::tls::{self, Tls};
use crate::{Address, Kind, Value};

const KIND: Kind = Kind::Vault;

/// The field that is meant if an address names none.
const FIELD: &str = "api_key";

pub(super) fn fit(at: &mut Address) -> Result<(), String> {
    if !at.path.contains('/') {
        return Err("it needs a mount and a path, such as secret/azure-devops/pat".to_owned());
    }
    at.field.get_or_insert_with(|| FIELD.to_owned());
    Ok(())
}

pub(crate) struct Vault {
    http: Http,
    base: Url,
    namespace: Option<String>,
    login: Login,
    token: OnceCell<Value>,
}

enum Login {
    Token(Value),
    AppRole { role: Value, secret: Value },
    Kubernetes { role: String, token: Value },
}

/// A mount, and the path in it.
struct Place {
    mount: String,
    path: String,
    two: bool,
}

impl Vault {
    pub(super) fn open(settings: &Settings) -> Result<Vault, Error> {
        let base = base(KIND, settings, &["VAULT_ADDR", "BAO_ADDR"], None)?;
        let http = Http::new(KIND, settings, &base, tls(settings, &base)?)?;
        let given = settings.namespace.clone();
        let namespace = given.or_else(|| settings.var(&["VAULT_NAMESPACE", "BAO_NAMESPACE"]));
        Ok(Vault { http, base, namespace, login: login(settings)?, token: OnceCell::new() })
    }

    async fn ask(&self, call: Call) -> Result<Answer, Error> {
        let call = self.named(call);
        let token = self.token.get_or_try_init(|| self.log_in()).await?;
        self.http.send(call.credential(KIND, "x-vault-token", "", token)?).await
    }

    /// Says which namespace is meant, and that this is no forged request.
    fn named(&self, call: Call) -> Call {
        let call = call.header("x-vault-request", "true");
        match &self.namespace {
            Some(namespace) => call.header("x-vault-namespace", namespace),
            None => call,
        }
    }

    async fn log_in(&self) -> Result<Value, Error> {
        let (mount, body) = match &self.login {
            Login::Token(token) => return Ok(token.clone()),
            Login::AppRole { role, secret } => {
                ("approle", json!({ "role_id": role.text(), "secret_id": secret.text() }))
            }
            Login::Kubernetes { role, token } => {
                ("kubernetes", json!({ "role": role, "jwt": token.text() }))
            }
        };
        let url = below(&self.base, &["v1", "auth", mount, "login"]);
        let call = self.named(Call::new(Method::POST, url)).json(body);
        let answer = self.http.send(call).await?;
        // Vault answers a wrong role or secret id with 400.
        if answer.status == 400 {
            return Err(answer.error(Problem::Unauthorised));
        }
        let answer = checked(answer)?;
        let json = answer.json()?;
        json.value("/auth/client_token").ok_or_else(|| answer.unexpected("no token"))
    }

    /// Finds where the mount ends, and which version it has.
    async fn place(&self, path: &str) -> Result<Place, Error> {
        if path.is_empty() {
            let what = "name the mount, such as `secret`".to_owned();
            return Err(Error::new(KIND, "the path", Problem::Unfit(what)));
        }
        let mut segments = vec!["v1", "sys", "internal", "ui", "mounts"];
        segments.extend(path.split('/'));
        let answer = self.ask(Call::get(below(&self.base, &segments))).await?;
        let split = |mount: &str, two: bool| {
            let mount = mount.trim_matches('/').to_owned();
            let rest = path.strip_prefix(mount.as_str()).unwrap_or_default();
            Place { path: rest.trim_matches('/').to_owned(), mount, two }
        };
        // An old server, or one that hides its mounts: most are version 2 and
        // have a name without slashes.
        if answer.status == 404 {
            return Ok(split(path.split('/').next().unwrap_or_default(), true));
        }
        let answer = checked(answer)?;
        let json = answer.json()?;
        let Some(mount) = json.text("/data/path") else {
            return Err(answer.unexpected("no mount"));
        };
        if !matches!(json.text("/data/type"), Some("kv" | "generic")) {
            return Err(answer.unexpected("the mount keeps no key-value secrets"));
        }
        Ok(split(mount, json.scalar("/data/options/version").as_deref() == Some("2")))
    }

    fn url(&self, place: &Place, what: &str) -> Url {
        let mut segments = vec!["v1"];
        segments.extend(place.mount.split('/'));
        if place.two {
            segments.push(what);
        }
        segments.extend(place.path.split('/').filter(|part| !part.is_empty()));
        below(&self.base, &segments)
    }

    /// All fields of a secret, none where there is none, and the version.
    async fn fields(&self, place: &Place, version: Option<&str>) -> Result<Fields, Error> {
        let mut url = self.url(place, "data");
        if let Some(version) = version {
            if !place.two {
                return Err(unsupported(KIND, "a KV v1 mount keeps no older versions"));
            }
            url = query(url, &[("version", version)]);
        }
        let answer = self.ask(Call::get(url)).await?;
        // A deleted version answers 404 and still tells its number.
        if answer.status == 404 && !answer.says("metadata") {
            return Ok(Fields { json: Json(json!(null)), version: None, changed: None });
        }
        let answer = if answer.status == 404 { answer } else { checked(answer)? };
        let json = answer.json()?;
        if !place.two {
            let fields = json.0.pointer("/data").cloned();
            let Some(fields @ serde_json::Value::Object(_)) = fields else {
                return Err(answer.unexpected("no fields"));
            };
            return Ok(Fields { json: Json(fields), version: None, changed: None });
        }
        let version = json.scalar("/data/metadata/version");
        if version.is_none() {
            return Err(answer.unexpected("no version"));
        }
        Ok(Fields {
            json: Json(json.pointer("/data/data").cloned().unwrap_or_default()),
            version,
            changed: json.scalar("/data/metadata/created_time"),
        })
    }
}

/// A secret as Vault keeps it.
struct Fields {
    /// An object, or null.
    json: Json,
    version: Option<String>,
    changed: Option<String>,
}

impl Fields {
    fn value(&self, name: &str) -> Option<Value> {
        match self.json.get(name)? {
            serde_json::Value::String(text) => Some(Value::from(text.as_str())),
            other => serde_json::to_vec(other).ok().map(Value::new),
        }
    }
}

impl Manager for Vault {
    fn kind(&self) -> Kind {
        KIND
    }

    fn abilities(&self) -> Abilities {
        Abilities { readable: true, versions: true, check_and_set: true }
    }

    fn read<'a>(&'a self, at: &'a Address, version: Option<&'a str>) -> Reply<'a, Held> {
        Box::pin(async move {
            let place = self.place(&at.path).await?;
            let fields = self.fields(&place, version).await?;
            let value = fields.value(at.name());
            Ok(Held {
                exists: value.is_some(),
                value,
                version: fields.version,
                changed: fields.changed,
            })
        })
    }

    fn write<'a>(
        &'a self,
        at: &'a Address,
        value: &'a Value,
        before: &'a Held,
    ) -> Reply<'a, Option<String>> {
        Box::pin(async move {
            let place = self.place(&at.path).await?;
            let now = self.fields(&place, None).await?;
            // Version 1 has no versions to check; what can be checked is that
            // the field is still what it was.
            let same = match (&now.value(at.name()), &before.value) {
                (Some(now), Some(then)) => now.same(then),
                (now, then) => now.is_none() && then.is_none(),
            };
            if now.version != before.version || !same {
                return Err(Error::new(
                    KIND,
                    at.to_string(),
                    Problem::Conflict { expected: before.version.clone(), found: now.version },
                ));
            }
            let mut body = match now.json.as_object() {
                Some(fields) => fields.clone(),
                None => Map::new(),
            };
            body.insert(at.name().to_owned(), json!(text(at, value)?));
            let mut body = serde_json::Value::Object(body);
            let url = self.url(&place, "data");
            if place.two {
                let version = now.version.as_deref().unwrap_or("0").parse::<u64>();
                body = json!({ "options": { "cas": version.unwrap_or(0) }, "data": body });
            }
            let answer = self.ask(Call::write(Method::POST, url).json(body)).await?;
            if answer.status == 400 && answer.says("check-and-set") {
                return Err(answer.error(Problem::Conflict { expected: None, found: None }));
            }
            let answer = checked(answer)?;
            if !place.two {
                return Ok(None);
            }
            let version = answer.json()?.scalar("/data/version");
            version.map(Some).ok_or_else(|| answer.unexpected("no version"))
        })
    }

    fn list<'a>(&'a self, below: &'a str) -> Reply<'a, Vec<String>> {
        Box::pin(async move {
            let place = self.place(below.trim_matches('/')).await?;
            let mut found = Vec::new();
            let url = query(self.url(&place, "metadata"), &[("list", "true")]);
            let answer = self.ask(Call::get(url)).await?;
            if answer.status == 404 {
                return Ok(found);
            }
            let answer = checked(answer)?;
            let json = answer.json()?;
            let stem = below.trim_matches('/');
            for key in json.array("/data/keys").iter().filter_map(|key| key.as_str()) {
                found.push(format!("{}:{stem}/{key}", KIND.id()));
            }
            found.sort();
            Ok(found)
        })
    }

    fn versions<'a>(&'a self, at: &'a Address) -> Reply<'a, Vec<Version>> {
        Box::pin(async move {
            let place = self.place(&at.path).await?;
            if !place.two {
                return Err(unsupported(KIND, "a KV v1 mount keeps no older versions"));
            }
            let answer = checked(self.ask(Call::get(self.url(&place, "metadata"))).await?)?;
            let json = answer.json()?;
            let current = json.scalar("/data/current_version");
            let Some(all) = json.pointer("/data/versions").and_then(|it| it.as_object()) else {
                return Err(answer.unexpected("no versions"));
            };
            let mut found: Vec<(u64, Version)> = all
                .iter()
                .map(|(id, about)| {
                    let said = |name: &str| about.get(name).and_then(|it| it.as_str());
                    let mut labels = Vec::new();
                    if Some(id) == current.as_ref() {
                        labels.push("current".to_owned());
                    }
                    if about.get("destroyed").and_then(serde_json::Value::as_bool) == Some(true) {
                        labels.push("destroyed".to_owned());
                    } else if said("deletion_time").is_some_and(|time| !time.is_empty()) {
                        labels.push("deleted".to_owned());
                    }
                    let created = said("created_time").map(str::to_owned);
                    (id.parse().unwrap_or(0), Version { id: id.clone(), created, labels })
                })
                .collect();
            found.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
            Ok(found.into_iter().map(|(_, version)| version).collect())
        })
    }
}

/// A success, or what Vault means by its status.
fn checked(answer: Answer) -> Result<Answer, Error> {
    if answer.status == 503 && answer.says("sealed") {
        return Err(answer.error(Problem::Sealed));
    }
    // It answers 403 to a token that is wrong as to one that may not.
    if answer.status == 403 && answer.says("invalid token") {
        return Err(answer.error(Problem::Unauthorised));
    }
    if answer.status == 403 && answer.json().is_ok() {
        return Err(answer.error(Problem::Forbidden).advise(format!(
            "the token needs {}; some versions say the same of a token that is wrong or has \
             expired",
            KIND.permission()
        )));
    }
    answer.ok()
}

/// What Vault's own tools read of the environment, and refuse or obey.
fn tls(settings: &Settings, base: &Url) -> Result<Tls, Error> {
    let mut tls = Tls::default();
    if base.scheme() != "https" {
        return Ok(tls);
    }
    if let Some(said) = settings.var(&["VAULT_SKIP_VERIFY", "BAO_SKIP_VERIFY"])
        && !["0", "f", "false"].contains(&said.to_ascii_lowercase().as_str())
    {
        return Err(Error::setting(
            KIND,
            "VAULT_SKIP_VERIFY",
            "it tells not to check the server's certificate, and no secret is sent to a server \
             that may be anybody",
        )
        .advise(format!("unset it, and name the authority to trust by {}", KIND.trust())));
    }
    if settings.var(&["VAULT_TLS_SERVER_NAME", "BAO_TLS_SERVER_NAME"]).is_some() {
        return Err(Error::setting(
            KIND,
            "VAULT_TLS_SERVER_NAME",
            "another name than the address has cannot be looked for in the certificate",
        )
        .advise("unset it, and use an address with a name that the certificate has"));
    }
    if let Some(path) = settings.var(&["VAULT_CACERT", "BAO_CACERT"]) {
        tls.only = tls::file(KIND, path.as_ref())?;
    } else if let Some(pem) = settings.var(&["VAULT_CACERT_BYTES", "BAO_CACERT_BYTES"]) {
        tls.only = tls::certificates(KIND, "VAULT_CACERT_BYTES", pem.as_bytes())?;
    } else if let Some(path) = settings.var(&["VAULT_CAPATH", "BAO_CAPATH"]) {
        tls.only = tls::folder(KIND, path.as_ref())?;
    }
    let certificate = settings.var(&["VAULT_CLIENT_CERT", "BAO_CLIENT_CERT"]);
    let key = settings.var(&["VAULT_CLIENT_KEY", "BAO_CLIENT_KEY"]);
    tls.identity = match (certificate, key) {
        (Some(certificate), Some(key)) => {
            let read = |path: &str| settings::read(KIND, path.as_ref());
            let (certificate, key) = (read(&certificate)?, read(&key)?);
            let place = "VAULT_CLIENT_CERT and VAULT_CLIENT_KEY";
            Some(tls::identity(KIND, place, certificate.expose(), key.expose())?)
        }
        (None, None) => None,
        _ => {
            let what = "one is set without the other";
            return Err(Error::setting(KIND, "VAULT_CLIENT_CERT and VAULT_CLIENT_KEY", what)
                .advise("set both, or neither"));
        }
    };
    Ok(tls)
}

fn login(settings: &Settings) -> Result<Login, Error> {
    match settings.login {
        Some(VaultLogin::AppRole) => Ok(Login::AppRole {
            role: settings.needed(KIND, &["VAULT_ROLE_ID"])?,
            secret: settings.needed(KIND, &["VAULT_SECRET_ID"])?,
        }),
        Some(VaultLogin::Kubernetes) => {
            let Some(role) = settings.role.clone().or_else(|| settings.var(&["VAULT_ROLE"])) else {
                return Err(Error::setting(KIND, "--role", "a login with Kubernetes needs a role"));
            };
            let path = settings.var(&["VAULT_KUBERNETES_TOKEN_FILE"]).map(PathBuf::from);
            let path = path.unwrap_or_else(|| settings.service_account.join("token"));
            Ok(Login::Kubernetes { role, token: settings::trimmed(KIND, &path)? })
        }
        None => {
            if let Some(token) = settings.secret(&["VAULT_TOKEN", "BAO_TOKEN"]) {
                return Ok(Login::Token(token));
            }
            let kept = settings.home().map(|home| home.join(".vault-token"));
            match kept.filter(|path| path.exists()) {
                Some(path) => Ok(Login::Token(settings::trimmed(KIND, &path)?)),
                None => Err(Error::setting(KIND, "VAULT_TOKEN", "is not set in the environment")),
            }
        }
    }
}
