//! Where names, addresses and credentials come from.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::{Error, Kind, Value};

/// Gives the value of a variable.
type Environment = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Names and addresses, as flags give them, and the environment, which alone
/// (with the files that it names) gives credentials.
#[derive(Clone)]
pub struct Settings {
    /// The server's address.
    pub url: Option<String>,
    /// Vault: the namespace.
    pub namespace: Option<String>,
    /// Vault: how to log in, if there is no token.
    pub login: Option<VaultLogin>,
    /// Vault: the role to log in as with Kubernetes.
    pub role: Option<String>,
    /// Conjur: the account.
    pub account: Option<String>,
    /// AWS: the region.
    pub region: Option<String>,
    /// AWS: the profile.
    pub profile: Option<String>,
    /// Google Cloud: the project.
    pub project: Option<String>,
    /// Kubernetes: the context of the kubeconfig.
    pub context: Option<String>,
    /// GitLab: create variables that only protected branches see.
    pub protected: bool,
    /// GitLab: create variables that nobody can read back.
    pub hidden: bool,
    /// GitLab: create variables that logs show, for values that cannot be
    /// masked.
    pub unmasked: bool,
    /// The folder in which a pod finds its token, namespace and certificate
    /// authority.
    pub service_account: PathBuf,
    /// A file with further certificates to trust, in PEM.
    pub ca_file: Option<PathBuf>,
    /// How long an answer may take.
    pub timeout: Duration,
    /// Send secrets without TLS to other machines.
    pub allow_http: bool,
    environment: Environment,
}

/// How to get a token from Vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VaultLogin {
    /// With `VAULT_ROLE_ID` and `VAULT_SECRET_ID`.
    AppRole,
    /// With the service account's token of the pod, and a role.
    Kubernetes,
}

impl Settings {
    /// Nothing but an environment.
    pub fn new(environment: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Settings {
        Settings {
            url: None,
            namespace: None,
            login: None,
            role: None,
            account: None,
            region: None,
            profile: None,
            project: None,
            context: None,
            protected: false,
            hidden: false,
            unmasked: false,
            service_account: PathBuf::from("/var/run/secrets/kubernetes.io/serviceaccount"),
            ca_file: None,
            timeout: Duration::from_secs(30),
            allow_http: false,
            environment: Arc::new(environment),
        }
    }

    /// The environment of this process.
    pub fn from_environment() -> Settings {
        Settings::new(|name| std::env::var(name).ok())
    }

    /// The first of these variables that is set and not empty.
    pub(crate) fn var(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| (self.environment)(name).filter(|value| !value.is_empty()))
    }

    /// The same, for a credential.
    pub(crate) fn secret(&self, names: &[&str]) -> Option<Value> {
        let text = Zeroizing::new(self.var(names)?);
        Some(Value::from(text.trim()))
    }

    /// The same; that none is set is an error.
    pub(crate) fn needed(&self, manager: Kind, names: &[&str]) -> Result<Value, Error> {
        self.secret(names).ok_or_else(|| {
            Error::setting(manager, &names.join(" or "), "is not set in the environment")
        })
    }

    /// The user's home.
    pub(crate) fn home(&self) -> Option<PathBuf> {
        self.var(&["HOME", "USERPROFILE"]).map(PathBuf::from)
    }
}

/// A credential in a file, without the line break that editors leave.
pub(crate) fn trimmed(manager: Kind, path: &Path) -> Result<Value, Error> {
    let value = read(manager, path)?;
    match value.text().map(str::trim) {
        Some("") => Err(Error::setting(manager, &path.display().to_string(), "is empty")),
        Some(text) => Ok(Value::from(text)),
        None => Err(Error::setting(manager, &path.display().to_string(), "holds no text")),
    }
}

/// The largest file that is read: a token, a key or a configuration.
const LARGEST: u64 = 1 << 20;

/// Reads a small file that may hold a credential.
pub(crate) fn read(manager: Kind, path: &Path) -> Result<Value, Error> {
    use std::io::Read;
    let failed = |why: String| Error::setting(manager, &path.display().to_string(), why);
    let file = std::fs::File::open(path).map_err(|e| failed(format!("cannot be read: {e}")))?;
    let mut bytes = Vec::new();
    let read = file.take(LARGEST + 1).read_to_end(&mut bytes);
    let value = Value::new(bytes);
    read.map_err(|e| failed(format!("cannot be read: {e}")))?;
    if value.expose().len() as u64 > LARGEST {
        return Err(failed("is larger than 1 MiB".to_owned()));
    }
    Ok(value)
}
