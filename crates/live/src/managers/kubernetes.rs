//! Kubernetes secrets.
//!
//! <https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/secret-v1/>

use std::path::{Path, PathBuf};

use reqwest::{Method, Url};
use serde::Deserialize;
use serde_json::json;
use zeroize::Zeroizing;

use super::{made_of, unsupported};
use crate::error::{Error, Problem};
use crate::http::{self, Answer, Call, Http, Tls, below, query};
use crate::manager::{Abilities, Held, Manager, Reply, Version};
use crate::settings::{self, Settings};
use crate::{Address, Kind, Value};

const KIND: Kind = Kind::Kubernetes;

/// The key that is meant if an address names none.
const KEY: &str = "api_key";

/// Where a pod finds its token, certificate authority and namespace.
const POD: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

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
        let files = settings.var(&["KUBECONFIG"]);
        let files: Vec<PathBuf> = match &files {
            Some(files) => std::env::split_paths(files).collect(),
            None => settings.home().map(|home| home.join(".kube/config")).into_iter().collect(),
        };
        let files: Vec<PathBuf> = files.into_iter().filter(|path| path.exists()).collect();
        let access = if files.is_empty() { pod(settings)? } else { config(settings, &files)? };
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

/// How to reach a cluster.
struct Access {
    base: Url,
    namespace: String,
    token: Option<Value>,
    tls: Tls,
}

/// From inside a pod.
fn pod(settings: &Settings) -> Result<Access, Error> {
    let Some(host) = settings.var(&["KUBERNETES_SERVICE_HOST"]) else {
        let name = "KUBECONFIG";
        return Err(Error::setting(KIND, name, "there is no kubeconfig, and this is no pod"));
    };
    let port = settings.var(&["KUBERNETES_SERVICE_PORT"]).unwrap_or_else(|| "443".to_owned());
    let host = if host.contains(':') { format!("[{host}]") } else { host };
    let base = http::url(KIND, settings, &format!("https://{host}:{port}"))?;
    let file = |name: &str| settings::read(KIND, &Path::new(POD).join(name));
    let trimmed = |value: &Value| Value::from(value.text().unwrap_or_default().trim());
    let only = http::certificates(KIND, POD, file("ca.crt")?.expose())?;
    Ok(Access {
        base,
        namespace: trimmed(&file("namespace")?).text().unwrap_or("default").to_owned(),
        token: Some(trimmed(&file("token")?)),
        tls: Tls { only, identity: None },
    })
}

/// A kubeconfig: what is needed of it.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct Config {
    current_context: String,
    clusters: Vec<NamedCluster>,
    users: Vec<NamedUser>,
    contexts: Vec<NamedContext>,
}

#[derive(Deserialize)]
struct NamedCluster {
    name: String,
    cluster: Cluster,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Cluster {
    server: String,
    certificate_authority: Option<String>,
    certificate_authority_data: Option<String>,
    #[serde(default)]
    insecure_skip_tls_verify: bool,
}

#[derive(Deserialize)]
struct NamedUser {
    name: String,
    user: User,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct User {
    #[serde(deserialize_with = "hidden")]
    token: Option<Zeroizing<String>>,
    #[serde(rename = "tokenFile")]
    token_file: Option<String>,
    client_certificate: Option<String>,
    client_certificate_data: Option<String>,
    client_key: Option<String>,
    #[serde(deserialize_with = "hidden")]
    client_key_data: Option<Zeroizing<String>>,
}

/// A text that is wiped.
fn hidden<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Zeroizing<String>>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(Zeroizing::new))
}

#[derive(Deserialize)]
struct NamedContext {
    name: String,
    context: Context,
}

#[derive(Deserialize)]
struct Context {
    cluster: String,
    user: String,
    namespace: Option<String>,
}

/// From kubeconfigs; of what several name, the first counts.
fn config(settings: &Settings, files: &[PathBuf]) -> Result<Access, Error> {
    let mut all = Config::default();
    // Paths in a file are seen from its folder.
    let folder = files.first().and_then(|path| path.parent()).unwrap_or(Path::new(".")).to_owned();
    for path in files {
        let place = path.display().to_string();
        let bytes = settings::read(KIND, path)?;
        let parsed: Result<Config, _> = serde_saphyr::from_str(bytes.text().unwrap_or_default());
        // What the parser says could quote a line with a token in it.
        let part = parsed.map_err(|_| Error::setting(KIND, &place, "is no kubeconfig"))?;
        if all.current_context.is_empty() {
            all.current_context = part.current_context;
        }
        all.clusters.extend(part.clusters);
        all.users.extend(part.users);
        all.contexts.extend(part.contexts);
    }
    let wanted = settings.context.as_deref().unwrap_or(&all.current_context);
    let lacks = |what: &str, name: &str| {
        Error::setting(KIND, "the kubeconfig", format!("it has no {what} `{name}`"))
            .advise("`kubectl config get-contexts` shows what there is; choose by --context")
    };
    let context = all.contexts.iter().find(|it| it.name == wanted);
    let context = &context.ok_or_else(|| lacks("context", wanted))?.context;
    let cluster = all.clusters.iter().find(|it| it.name == context.cluster);
    let cluster = &cluster.ok_or_else(|| lacks("cluster", &context.cluster))?.cluster;
    let user = all.users.iter().find(|it| it.name == context.user);
    let user = &user.ok_or_else(|| lacks("user", &context.user))?.user;
    if cluster.insecure_skip_tls_verify {
        return Err(Error::setting(
            KIND,
            "the kubeconfig",
            "it tells not to check the server's \
            certificate, and no secret is sent to a server that may be anybody",
        )
        .advise("put the cluster's certificate authority into it"));
    }
    let given = |data: Option<&str>, file: Option<&str>, what: &str| match (data, file) {
        (Some(data), _) => match data_encoding::BASE64.decode(data.trim().as_bytes()) {
            Ok(bytes) => Ok(Some(Value::new(bytes))),
            Err(_) => Err(Error::setting(KIND, "the kubeconfig", format!("{what} is no base64"))),
        },
        (None, Some(file)) => settings::read(KIND, &folder.join(file)).map(Some),
        (None, None) => Ok(None),
    };
    let mut tls = Tls::default();
    let ca = given(
        cluster.certificate_authority_data.as_deref(),
        cluster.certificate_authority.as_deref(),
        "certificate-authority-data",
    )?;
    if let Some(pem) = ca {
        tls.only = http::certificates(KIND, "certificate-authority", pem.expose())?;
    }
    let certificate = given(
        user.client_certificate_data.as_deref(),
        user.client_certificate.as_deref(),
        "client-certificate-data",
    )?;
    let data = user.client_key_data.as_deref().map(String::as_str);
    let key = given(data, user.client_key.as_deref(), "client-key-data")?;
    if let (Some(certificate), Some(key)) = (certificate, key) {
        let both = Zeroizing::new([certificate.expose(), b"\n", key.expose()].concat());
        tls.identity = Some(http::identity(KIND, "the kubeconfig's user", &both)?);
    }
    let token = match (&user.token, &user.token_file) {
        (Some(token), _) => Some(Value::from(token.trim())),
        (None, Some(path)) => {
            let value = settings::read(KIND, &folder.join(path))?;
            Some(Value::from(value.text().unwrap_or_default().trim()))
        }
        (None, None) => None,
    };
    if token.is_none() && tls.identity.is_none() {
        let what = "its user has neither a token nor a certificate";
        return Err(Error::setting(KIND, "the kubeconfig", what).advise(
            "if a program gives the token, put `kubectl create token ACCOUNT` into a kubeconfig",
        ));
    }
    Ok(Access {
        base: http::url(KIND, settings, &cluster.server)?,
        namespace: context.namespace.clone().unwrap_or_else(|| "default".to_owned()),
        token,
        tls,
    })
}
