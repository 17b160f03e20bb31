//! How to reach a cluster: by a kubeconfig, or as the pod that this runs in.
//!
//! <https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/>

use std::path::{Path, PathBuf};

use reqwest::Url;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny};
use zeroize::Zeroizing;

use super::KIND;
use crate::error::Error;
use crate::settings::{self, Settings};
use crate::tls::{self, Tls};
use crate::{Value, http};

/// How to reach a cluster.
pub(super) struct Access {
    pub(super) base: Url,
    pub(super) namespace: String,
    pub(super) token: Option<Value>,
    pub(super) tls: Tls,
}

impl Access {
    /// By the kubeconfigs that are there, and else as a pod.
    pub(super) fn find(settings: &Settings) -> Result<Access, Error> {
        let named = settings.var(&["KUBECONFIG"]);
        let files: Vec<PathBuf> = match &named {
            Some(files) => std::env::split_paths(files).collect(),
            None => settings.home().map(|home| home.join(".kube/config")).into_iter().collect(),
        };
        let files: Vec<PathBuf> = files.into_iter().filter(|path| path.exists()).collect();
        if !files.is_empty() {
            return config(settings, &files);
        }
        // Whoever names a cluster does not mean that of the pod.
        if named.is_some() {
            return Err(Error::setting(KIND, "KUBECONFIG", "no file that it names is there"));
        }
        if settings.context.is_some() {
            let what = "there is no kubeconfig to look for it in";
            return Err(Error::setting(KIND, "--context", what));
        }
        pod(settings)
    }
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
    let file = |name: &str| settings.service_account.join(name);
    let namespace = match file("namespace") {
        path if path.exists() => {
            settings::trimmed(KIND, &path)?.text().unwrap_or_default().to_owned()
        }
        _ => "default".to_owned(),
    };
    Ok(Access {
        base,
        namespace,
        token: Some(settings::trimmed(KIND, &file("token"))?),
        tls: Tls { only: tls::file(KIND, &file("ca.crt"))?, ..Tls::default() },
    })
}

/// A kubeconfig: what is needed of it. `kubectl config` writes `null` where it
/// takes the last of something away.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct Config {
    current_context: Option<String>,
    clusters: Option<Vec<NamedCluster>>,
    users: Option<Vec<NamedUser>>,
    contexts: Option<Vec<NamedContext>>,
}

#[derive(Deserialize)]
struct NamedCluster {
    name: String,
    cluster: Cluster,
    /// That of its file, from which its paths are seen.
    #[serde(skip)]
    folder: PathBuf,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct Cluster {
    server: String,
    certificate_authority: Option<String>,
    certificate_authority_data: Option<String>,
    insecure_skip_tls_verify: bool,
    tls_server_name: Option<String>,
}

#[derive(Deserialize)]
struct NamedUser {
    name: String,
    user: Option<User>,
    /// That of its file, from which its paths are seen.
    #[serde(skip)]
    folder: PathBuf,
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
    /// A program that gives a credential; its variables may hold secrets.
    exec: Option<IgnoredAny>,
    auth_provider: Option<IgnoredAny>,
    /// Somebody else to act as.
    r#as: Option<IgnoredAny>,
}

/// A text that is wiped.
fn hidden<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Zeroizing<String>>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(Zeroizing::new))
}

#[derive(Deserialize)]
struct NamedContext {
    name: String,
    context: Context,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Context {
    cluster: String,
    user: String,
    namespace: Option<String>,
}

/// From kubeconfigs; of what several name, the first counts.
fn config(settings: &Settings, files: &[PathBuf]) -> Result<Access, Error> {
    let mut current = String::new();
    let (mut clusters, mut users, mut contexts) = (Vec::new(), Vec::new(), Vec::new());
    for path in files {
        let place = path.display().to_string();
        let bytes = settings::read(KIND, path)?;
        let parsed: Result<Config, _> = serde_saphyr::from_str(bytes.text().unwrap_or_default());
        // What the parser says could quote a line with a token in it.
        let part = parsed.map_err(|_| Error::setting(KIND, &place, "is no kubeconfig"))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        if current.is_empty() {
            current = part.current_context.unwrap_or_default();
        }
        let here = part.clusters.into_iter().flatten();
        clusters.extend(here.map(|it| NamedCluster { folder: folder.to_owned(), ..it }));
        let here = part.users.into_iter().flatten();
        users.extend(here.map(|it| NamedUser { folder: folder.to_owned(), ..it }));
        contexts.extend(part.contexts.into_iter().flatten());
    }
    let wanted = settings.context.as_deref().unwrap_or(&current);
    let choose = "`kubectl config get-contexts` shows what there is; choose by --context";
    if wanted.is_empty() {
        return Err(refused("it chooses no context").advise(choose));
    }
    let lacks =
        |what: &str, name: &str| refused(&format!("it has no {what} `{name}`")).advise(choose);
    let context = contexts.iter().find(|it| it.name == wanted);
    let context = &context.ok_or_else(|| lacks("context", wanted))?.context;
    let cluster = clusters.iter().find(|it| it.name == context.cluster);
    let cluster = cluster.ok_or_else(|| lacks("cluster", &context.cluster))?;
    let user = users.iter().find(|it| it.name == context.user);
    let user = user.ok_or_else(|| lacks("user", &context.user))?;
    let mut tls = trust(&cluster.cluster, &cluster.folder)?;
    let token = prove(user.user.as_ref().unwrap_or(&User::default()), &user.folder, &mut tls)?;
    Ok(Access {
        base: http::url(KIND, settings, &cluster.cluster.server)?,
        namespace: context.namespace.clone().unwrap_or_else(|| "default".to_owned()),
        token,
        tls,
    })
}

/// Whom to believe to be the cluster.
fn trust(cluster: &Cluster, folder: &Path) -> Result<Tls, Error> {
    if cluster.insecure_skip_tls_verify {
        return Err(refused(
            "it tells not to check the server's certificate, and no secret is sent to a server \
             that may be anybody",
        )
        .advise("put the cluster's certificate authority into it"));
    }
    if cluster.tls_server_name.is_some() {
        return Err(refused(
            "its tls-server-name asks for another name in the certificate than the address has, \
             which cannot be looked for",
        )
        .advise("name the server by a name that its certificate has"));
    }
    let data = cluster.certificate_authority_data.as_deref();
    let file = cluster.certificate_authority.as_deref();
    let only = match given(folder, data, file, "certificate-authority-data")? {
        Some(pem) => tls::certificates(KIND, "certificate-authority", pem.expose())?,
        None => Vec::new(),
    };
    Ok(Tls { only, ..Tls::default() })
}

/// Who we are: a token, or a certificate that goes into `tls`.
fn prove(user: &User, folder: &Path, tls: &mut Tls) -> Result<Option<Value>, Error> {
    if user.r#as.is_some() {
        return Err(refused("its user acts as another, which is not done here")
            .advise("choose a context whose user is the one that may write secrets"));
    }
    let data = user.client_certificate_data.as_deref();
    let file = user.client_certificate.as_deref();
    let certificate = given(folder, data, file, "client-certificate-data")?;
    let data = user.client_key_data.as_deref().map(String::as_str);
    let key = given(folder, data, user.client_key.as_deref(), "client-key-data")?;
    match (certificate, key) {
        (Some(certificate), Some(key)) => {
            let place = "the kubeconfig's user";
            let identity = tls::identity(KIND, place, certificate.expose(), key.expose())?;
            tls.identity = Some(identity);
        }
        (None, None) => {}
        _ => return Err(refused("its user has a client certificate without key, or a key alone")),
    }
    // A file is newer than what was written down once.
    let token = match (&user.token_file, &user.token) {
        (Some(path), _) => Some(settings::trimmed(KIND, &folder.join(path))?),
        (None, Some(token)) => Some(Value::from(token.trim())),
        (None, None) => None,
    };
    if token.is_none() && tls.identity.is_none() {
        let program = user.exec.is_some() || user.auth_provider.is_some();
        let what = match program {
            true => "its user's token comes from a program, and none is run",
            false => "its user has neither a token nor a certificate",
        };
        return Err(refused(what).advise("put `kubectl create token ACCOUNT` into a kubeconfig"));
    }
    Ok(token)
}

/// What is written down in base64, or else in a file.
fn given(
    folder: &Path,
    data: Option<&str>,
    file: Option<&str>,
    what: &str,
) -> Result<Option<Value>, Error> {
    match (data, file) {
        (Some(data), _) => match data_encoding::BASE64.decode(data.trim().as_bytes()) {
            Ok(bytes) => Ok(Some(Value::new(bytes))),
            Err(_) => Err(refused(&format!("{what} is no base64"))),
        },
        (None, Some(file)) => settings::read(KIND, &folder.join(file)).map(Some),
        (None, None) => Ok(None),
    }
}

fn refused(what: &str) -> Error {
    Error::setting(KIND, "the kubeconfig", what)
}
