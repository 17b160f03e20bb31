//! Kubernetes secrets.
//!
//! <https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/secret-v1/>

mod access;

use reqwest::{Method, Url};
use serde_json::json;
use zeroize::Zeroizing;

use super::{made_of, unsupported};
use crate::error::{Error, Problem};
use crate::http::{Answer, Call, Http, below, query};
use crate::manager::{Abilities, Held, Manager, Reply, Version};
use crate::{Address, Kind, Settings, Value};

use access::Access;

const KIND: Kind = Kind::Kubernetes;

/// The key that is meant if an address names none.
const KEY: &str = "api_key";

pub(super) fn fit(at: &mut Address) -> Result<(), String> {
    let key = at.field.get_or_insert_with(|| KEY.to_owned());
    if !made_of(key, b"-_.") || key.len() > 253 {
        return Err("a key has only letters, digits and `-_.`".to_owned());
    }
    let (namespace, name) = at.path.split_once('/').unwrap_or(("default", &at.path));
    let fits = |name: &str| {
        made_of(name, b"-.") && name.len() <= 253 && !name.bytes().any(|b| b.is_ascii_uppercase())
    };
    if !fits(namespace) || !fits(name) {
        return Err("namespaces and names have only small letters, digits, `-` and `.`; for \
                    example default/azure-devops-pat"
            .to_owned());
    }
    Ok(())
}

pub(crate) struct Kubernetes {
    http: Http,
    base: Url,
    namespace: String,
    token: Option<Value>,
}

impl Kubernetes {
    pub(super) fn open(settings: &Settings) -> Result<Kubernetes, Error> {
        let access = Access::find(settings)?;
        let http = Http::new(KIND, settings, &access.base, access.tls)?;
        let namespace = settings.namespace.clone().unwrap_or(access.namespace);
        Ok(Kubernetes { http, base: access.base, namespace, token: access.token })
    }

    async fn ask(&self, call: Call) -> Result<Answer, Error> {
        let call = match &self.token {
            Some(token) => call.bearer(KIND, token)?,
            None => call,
        };
        self.http.send(call).await
    }

    fn url(&self, namespace: Option<&str>, name: Option<&str>) -> Url {
        let namespace = namespace.unwrap_or(&self.namespace);
        let mut segments = vec!["api", "v1", "namespaces", namespace, "secrets"];
        segments.extend(name);
        below(&self.base, &segments)
    }

    fn names<'a>(&self, at: &'a Address) -> (Option<&'a str>, &'a str) {
        match at.path.split_once('/') {
            Some((namespace, name)) => (Some(namespace), name),
            None => (None, &at.path),
        }
    }
}

impl Manager for Kubernetes {
    fn kind(&self) -> Kind {
        KIND
    }

    fn abilities(&self) -> Abilities {
        Abilities { readable: true, versions: false, check_and_set: true }
    }

    fn read<'a>(&'a self, at: &'a Address, version: Option<&'a str>) -> Reply<'a, Held> {
        Box::pin(async move {
            if version.is_some() {
                return Err(unsupported(KIND, "Kubernetes keeps no older versions of a secret"));
            }
            let (namespace, name) = self.names(at);
            let answer = self.ask(Call::get(self.url(namespace, Some(name)))).await?;
            // A proxy's 404 is no answer about the secret.
            if answer.status == 404 && answer.json()?.text("/reason") == Some("NotFound") {
                return Ok(Held::default());
            }
            let answer = answer.ok()?;
            let json = answer.json()?;
            let Some(version) = json.scalar("/metadata/resourceVersion") else {
                return Err(answer.unexpected("no resourceVersion"));
            };
            let data = json.get("data").and_then(|data| data.get(at.name()));
            let value = match data.and_then(|data| data.as_str()) {
                Some(data) => {
                    let bytes = data_encoding::BASE64.decode(data.as_bytes());
                    Some(Value::new(bytes.map_err(|_| answer.unexpected("no base64"))?))
                }
                None => None,
            };
            Ok(Held {
                exists: value.is_some(),
                value,
                version: Some(version),
                changed: json.scalar("/metadata/creationTimestamp"),
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
            let (namespace, name) = self.names(at);
            let encoded = Zeroizing::new(data_encoding::BASE64.encode(value.expose()));
            let mut data = serde_json::Map::new();
            data.insert(at.name().to_owned(), json!(*encoded));
            let call = match &before.version {
                None => Call::write(Method::POST, self.url(namespace, None)).json(json!({
                    "apiVersion": "v1",
                    "kind": "Secret",
                    "metadata": { "name": name },
                    "type": "Opaque",
                    "data": data,
                })),
                Some(version) => {
                    let body = crate::json::Json(json!({
                        "metadata": { "resourceVersion": version },
                        "data": data,
                    }));
                    Call::write(Method::PATCH, self.url(namespace, Some(name)))
                        .body("application/merge-patch+json", body.bytes())
                }
            };
            let answer = self.ask(call).await?;
            if answer.status == 422 && answer.says("immutable") {
                return Err(answer.error(Problem::Refused(422, None)).advise(
                    "the secret is immutable; store the value under another name and change what \
                     refers to it",
                ));
            }
            let answer = answer.ok()?;
            let version = answer.json()?.scalar("/metadata/resourceVersion");
            version.map(Some).ok_or_else(|| answer.unexpected("no resourceVersion"))
        })
    }

    fn list<'a>(&'a self, below: &'a str) -> Reply<'a, Vec<String>> {
        Box::pin(async move {
            let mut found = Vec::new();
            let namespace = Some(below.trim_matches('/')).filter(|it| !it.is_empty());
            let shown = namespace.unwrap_or(&self.namespace).to_owned();
            let mut next = String::new();
            loop {
                let url =
                    query(self.url(namespace, None), &[("limit", "250"), ("continue", &next)]);
                let answer = self.ask(Call::get(url)).await?.ok()?;
                let json = answer.json()?;
                for item in json.array("/items") {
                    let name = item.pointer("/metadata/name").and_then(|it| it.as_str());
                    let keys = item.get("data").and_then(|data| data.as_object());
                    for key in keys.into_iter().flat_map(serde_json::Map::keys) {
                        let name = name.unwrap_or_default();
                        found.push(format!("{}:{shown}/{name}#{key}", KIND.id()));
                    }
                }
                match json.text("/metadata/continue") {
                    Some(more) if !more.is_empty() && more != next => more.clone_into(&mut next),
                    _ => break,
                }
            }
            found.sort();
            Ok(found)
        })
    }

    fn versions<'a>(&'a self, _: &'a Address) -> Reply<'a, Vec<Version>> {
        Box::pin(async { Err(unsupported(KIND, "Kubernetes keeps no older versions of a secret")) })
    }
}
