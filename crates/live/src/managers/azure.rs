//! Azure Key Vault.
//!
//! <https://learn.microsoft.com/en-us/rest/api/keyvault/secrets/>

use reqwest::{Method, Url};
use serde_json::json;
use tokio::sync::OnceCell;

use super::{made_of, text};
use crate::error::{Error, Problem};
use crate::http::{self, Answer, Call, Http, below, is_local, query};
use crate::manager::{Abilities, Held, Manager, Reply, Version};
use crate::settings::{self, Settings};
use crate::tls::Tls;
use crate::{Address, Kind, Value};

const KIND: Kind = Kind::Azure;

/// The version of the API.
const API: &str = "7.4";

/// Pages that are asked for at most.
const PAGES: usize = 400;

pub(super) fn fit(at: &mut Address) -> Result<(), String> {
    let (vault, name) = at.path.split_once('/').unwrap_or(("", &at.path));
    if at.field.is_some() {
        return Err("a secret has no fields; leave out what follows `#`".to_owned());
    }
    if !made_of(name, b"-") || name.len() > 127 {
        return Err("a secret's name has only letters, digits and `-`, at most 127 of them; \
                    for example azure-devops-pat"
            .to_owned());
    }
    if at.path.contains('/') && !made_of(vault, b"-") {
        return Err("a vault's name has only letters, digits and `-`".to_owned());
    }
    Ok(())
}

pub(crate) struct Azure {
    http: Http,
    base: Url,
    authority: Url,
    tenant: String,
    client: String,
    proof: Proof,
    token: OnceCell<Value>,
}

enum Proof {
    Secret(Value),
    /// The token of a federated identity, such as that of a pod or a build.
    Assertion(Value),
}

impl Azure {
    pub(super) fn open(settings: &Settings, at: Option<&Address>) -> Result<Azure, Error> {
        let vault = at.and_then(|at| Some(at.path.split_once('/')?.0.to_owned()));
        let usual = vault.map(|vault| format!("https://{vault}.vault.azure.net"));
        // The address names the vault; a variable must not send it elsewhere.
        let variables: &[&str] =
            if usual.is_some() { &[] } else { &["AZURE_KEYVAULT_URL", "KEY_VAULT_URL"] };
        let base = http::base(KIND, settings, variables, usual.as_deref())?;
        let needed = |name: &str| {
            let missing = || Error::setting(KIND, name, "is not set in the environment");
            settings.var(&[name]).ok_or_else(missing)
        };
        let authority = settings.var(&["AZURE_AUTHORITY_HOST"]);
        let usual = "https://login.microsoftonline.com";
        let authority = http::url(KIND, settings, authority.as_deref().unwrap_or(usual))?;
        let proof = match settings.var(&["AZURE_FEDERATED_TOKEN_FILE"]) {
            Some(path) if settings.secret(&["AZURE_CLIENT_SECRET"]).is_none() => {
                Proof::Assertion(settings::trimmed(KIND, path.as_ref())?)
            }
            _ => Proof::Secret(settings.needed(KIND, &["AZURE_CLIENT_SECRET"])?),
        };
        Ok(Azure {
            http: Http::new(KIND, settings, &base, Tls::default())?,
            base,
            authority,
            tenant: needed("AZURE_TENANT_ID")?,
            client: needed("AZURE_CLIENT_ID")?,
            proof,
            token: OnceCell::new(),
        })
    }

    async fn ask(&self, call: Call) -> Result<Answer, Error> {
        let token = self.token.get_or_try_init(|| self.log_in()).await?;
        let answer = self.http.send(call.bearer(KIND, token)?).await?;
        // What was deleted can be recovered for a while and keeps its name.
        if answer.status == 409 && answer.says("ObjectIsDeletedButRecoverable") {
            return Err(answer
                .error(Problem::Refused(409, Some("ObjectIsDeletedButRecoverable")))
                .advise(
                    "a deleted secret has this name: `az keyvault secret recover` brings it back, \
                     `az keyvault secret purge` frees the name",
                ));
        }
        Ok(answer)
    }

    /// Asks the vault which service it wants a token for, and gets one.
    async fn log_in(&self) -> Result<Value, Error> {
        let url = query(below(&self.base, &["secrets"]), &[("api-version", API)]);
        let answer = self.http.send(Call::get(url)).await?;
        let challenge = answer.header("www-authenticate").unwrap_or_default();
        let resource = parameter(challenge, "resource").or_else(|| parameter(challenge, "scope"));
        let (401, Some(resource)) = (answer.status, resource) else {
            if answer.status == 401 || answer.status < 300 {
                return Err(answer.unexpected("no challenge that names a resource"));
            }
            return Err(answer.refusal());
        };
        let resource = resource.trim_end_matches("/.default").trim_end_matches('/').to_owned();
        // A token is only asked for if it is for the very domain that it will
        // be shown to; else a server could have itself a token for another.
        let domain = Url::parse(&resource).ok().and_then(|it| Some(it.host_str()?.to_owned()));
        let host = self.base.host_str().unwrap_or_default();
        let own = domain.is_some_and(|domain| host.ends_with(&format!(".{domain}")));
        if !own && !is_local(&self.base) {
            return Err(answer.unexpected("its challenge names a resource of another domain"));
        }
        let scope = format!("{resource}/.default");
        let mut fields = vec![
            ("grant_type", "client_credentials"),
            ("client_id", self.client.as_str()),
            ("scope", scope.as_str()),
        ];
        match &self.proof {
            Proof::Secret(secret) => {
                fields.push(("client_secret", secret.text().unwrap_or_default()));
            }
            Proof::Assertion(token) => {
                let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
                fields.push(("client_assertion_type", kind));
                fields.push(("client_assertion", token.text().unwrap_or_default()));
            }
        }
        let url = below(&self.authority, &[&self.tenant, "oauth2", "v2.0", "token"]);
        let answer = self.http.send(Call::new(Method::POST, url).form(&fields)).await?;
        // Entra answers a wrong secret with 401, a wrong tenant or client with 400.
        if answer.status == 400 {
            return Err(answer.error(Problem::Unauthorised));
        }
        let answer = answer.ok()?;
        let token = answer.json()?.value("/access_token");
        token.ok_or_else(|| answer.unexpected("no access token"))
    }

    fn url(&self, segments: &[&str]) -> Url {
        query(below(&self.base, segments), &[("api-version", API)])
    }

    /// All pages of a list.
    async fn pages(&self, first: Url) -> Result<Vec<serde_json::Value>, Error> {
        let mut found = Vec::new();
        let mut next = Some(first);
        for _ in 0..PAGES {
            let Some(url) = next.take() else { break };
            let answer = self.ask(Call::get(url)).await?.ok()?;
            let json = answer.json()?;
            found.extend(json.array("/value").iter().cloned());
            if let Some(link) = json.text("/nextLink").filter(|link| !link.is_empty()) {
                let url = Url::parse(link).map_err(|_| answer.unexpected("a bad nextLink"))?;
                if url.origin() != self.base.origin() {
                    return Err(answer.error(Problem::Redirected(
                        url.host_str().unwrap_or_default().to_owned(),
                    )));
                }
                next = Some(url);
            }
        }
        Ok(found)
    }

    async fn all(&self, name: &str) -> Result<Vec<(i64, Version)>, Error> {
        let url = self.url(&["secrets", name, "versions"]);
        let mut found: Vec<(i64, Version)> = Vec::new();
        for item in self.pages(url).await? {
            let id = item.get("id").and_then(|id| id.as_str()).unwrap_or_default();
            let time = item.pointer("/attributes/created").and_then(serde_json::Value::as_i64);
            let enabled = item.pointer("/attributes/enabled").and_then(serde_json::Value::as_bool);
            let labels = if enabled == Some(false) { vec!["disabled".to_owned()] } else { vec![] };
            let id = id.rsplit('/').next().unwrap_or_default().to_owned();
            found.push((time.unwrap_or(0), Version { id, created: time.and_then(rfc), labels }));
        }
        found.sort_by_key(|(time, _)| std::cmp::Reverse(*time));
        Ok(found)
    }
}

impl Manager for Azure {
    fn kind(&self) -> Kind {
        KIND
    }

    fn abilities(&self) -> Abilities {
        Abilities { readable: true, versions: true, check_and_set: false }
    }

    fn read<'a>(&'a self, at: &'a Address, version: Option<&'a str>) -> Reply<'a, Held> {
        Box::pin(async move {
            let mut segments = vec!["secrets", name(at)];
            segments.extend(version);
            let answer = self.ask(Call::get(self.url(&segments))).await?;
            if answer.status == 404 {
                return Ok(Held::default());
            }
            let answer = answer.ok()?;
            let json = answer.json()?;
            let (Some(value), Some(id)) = (json.value("/value"), json.text("/id")) else {
                return Err(answer.unexpected("no value"));
            };
            Ok(Held {
                value: Some(value),
                exists: true,
                version: id.rsplit('/').next().map(str::to_owned),
                changed: json
                    .pointer("/attributes/created")
                    .and_then(serde_json::Value::as_i64)
                    .and_then(rfc),
            })
        })
    }

    fn write<'a>(
        &'a self,
        at: &'a Address,
        value: &'a Value,
        _: &'a Held,
    ) -> Reply<'a, Option<String>> {
        Box::pin(async move {
            let body = json!({ "value": text(at, value)? });
            let call = Call::write(Method::PUT, self.url(&["secrets", name(at)])).json(body);
            let answer = self.ask(call).await?.ok()?;
            let json = answer.json()?;
            let id = json.text("/id").and_then(|id| id.rsplit('/').next());
            id.map(|id| Some(id.to_owned())).ok_or_else(|| answer.unexpected("no version"))
        })
    }

    fn list<'a>(&'a self, below: &'a str) -> Reply<'a, Vec<String>> {
        Box::pin(async move {
            let vault = below.trim_matches('/');
            let stem = if vault.is_empty() { String::new() } else { format!("{vault}/") };
            let items = self.pages(self.url(&["secrets"])).await?;
            let ids = items.iter().filter_map(|item| item.get("id")?.as_str()?.rsplit('/').next());
            let mut found: Vec<String> =
                ids.map(|id| format!("{}:{stem}{id}", KIND.id())).collect();
            found.sort();
            Ok(found)
        })
    }

    fn versions<'a>(&'a self, at: &'a Address) -> Reply<'a, Vec<Version>> {
        Box::pin(async move {
            let mut found = self.all(name(at)).await?;
            if found.is_empty() {
                return Err(Error::new(KIND, at.to_string(), Problem::NotFound));
            }
            // Times are whole seconds, so the vault is asked which is current.
            let current = self.read(at, None).await?.version;
            found.sort_by_key(|(time, it)| {
                (std::cmp::Reverse(*time), Some(&it.id) != current.as_ref())
            });
            Ok(found
                .into_iter()
                .map(|(_, mut version)| {
                    if Some(&version.id) == current.as_ref() {
                        version.labels.insert(0, "current".to_owned());
                    }
                    version
                })
                .collect())
        })
    }

    fn overtaken<'a>(
        &'a self,
        at: &'a Address,
        before: &'a Held,
        after: &'a Held,
    ) -> Reply<'a, Option<String>> {
        Box::pin(async move {
            let all = self.all(name(at)).await?;
            // Before there was nothing, so every other version is new.
            let since = match &before.version {
                None => i64::MIN,
                Some(id) => match all.iter().find(|(_, it)| it.id == *id) {
                    Some((time, _)) => *time,
                    None => return Ok(None),
                },
            };
            let lost = all
                .into_iter()
                .find(|(time, it)| *time > since && Some(&it.id) != after.version.as_ref());
            Ok(lost.map(|(_, it)| it.id))
        })
    }
}

fn name(at: &Address) -> &str {
    at.path.rsplit('/').next().unwrap_or_default()
}

/// Unix seconds as RFC 3339.
fn rfc(seconds: i64) -> Option<String> {
    jiff::Timestamp::from_second(seconds).ok().map(|time| time.to_string())
}

/// A quoted parameter of a challenge.
fn parameter<'c>(challenge: &'c str, name: &str) -> Option<&'c str> {
    let (_, rest) = challenge.split_once(&format!("{name}=\""))?;
    Some(rest.split_once('"')?.0)
}
