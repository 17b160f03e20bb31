//! A manager, a server for it behind a door, and a place in it: what every
//! test needs, for every manager.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use axum::http::request::Parts;
use stanch_live::{Address, Kind, Manager, Settings, open};
use stanch_test_servers::{Conjur, Moto, Vault};

use super::door::Door;
use super::{azure, doppler, gcp, github, gitlab, infisical, kubernetes, onepassword};

/// Makes one.
pub(crate) type Make = fn() -> Rig;

const ALL: [Make; 12] = [
    vault,
    vault_one,
    aws,
    conjur,
    azure_vault,
    google,
    cluster,
    repository,
    project,
    config,
    item,
    folder,
];

/// What somebody else does to the place.
type Plant = Arc<dyn Fn(&str) + Send + Sync>;

/// A manager that is ready to be spoken to.
pub(crate) struct Rig {
    pub(crate) name: &'static str,
    pub(crate) address: Address,
    /// What contains the address.
    pub(crate) below: &'static str,
    pub(crate) door: Door,
    /// How long answers are awaited, in seconds.
    pub(crate) patience: Cell<u64>,
    vars: BTreeMap<String, String>,
    held: Rc<dyn Fn() -> Option<String>>,
    plant: Plant,
    _dir: tempfile::TempDir,
}

impl Rig {
    fn new(
        name: &'static str,
        address: &str,
        below: &'static str,
        door: Door,
        vars: &[(&str, String)],
        held: impl Fn() -> Option<String> + 'static,
        plant: impl Fn(&str) + Send + Sync + 'static,
    ) -> Rig {
        let dir = tempfile::tempdir().unwrap();
        let mut vars: BTreeMap<String, String> =
            vars.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        vars.insert("HOME".to_owned(), dir.path().to_str().unwrap().to_owned());
        let address = Address::parse(address).unwrap();
        Rig {
            name,
            address,
            below,
            door,
            patience: Cell::new(20),
            vars,
            held: Rc::new(held),
            plant: Arc::new(plant),
            _dir: dir,
        }
    }

    /// The settings, with answers awaited for long: these machines are busy.
    pub(crate) fn settings(&self) -> Settings {
        let vars = self.vars.clone();
        let mut settings = Settings::new(move |name| vars.get(name).cloned());
        settings.timeout = Duration::from_secs(self.patience.get());
        settings
    }

    pub(crate) fn manager(&self) -> Box<dyn Manager> {
        open(self.address.manager, &self.settings(), Some(&self.address)).unwrap()
    }

    /// With another environment.
    pub(crate) fn with(mut self, vars: &[(&str, &str)], without: &[&str]) -> Rig {
        without.iter().for_each(|name| drop(self.vars.remove(*name)));
        self.vars.extend(vars.iter().map(|(name, it)| ((*name).to_owned(), (*it).to_owned())));
        self
    }

    /// With the server at another address, in front of the door.
    pub(crate) fn behind(mut self, url: &str) -> Rig {
        let door = self.door.url();
        for value in self.vars.values_mut() {
            *value = value.replace(&door, url);
        }
        if let Some(path) = self.vars.get("KUBECONFIG") {
            let config = std::fs::read_to_string(path).unwrap();
            std::fs::write(path, config.replace(&door, url)).unwrap();
        }
        self
    }

    /// The environment, for another process.
    pub(crate) fn vars(&self) -> &BTreeMap<String, String> {
        &self.vars
    }

    pub(crate) fn path(&self, name: &str) -> String {
        format!("{}/{name}", self.vars["HOME"])
    }

    /// The value at the address, as the server has it.
    pub(crate) fn held(&self) -> Option<String> {
        (self.held)()
    }

    /// Puts a value there, as somebody else.
    pub(crate) fn plant(&self, value: &str) {
        (self.plant)(value);
    }

    /// Has somebody else put a value there just before the next write.
    pub(crate) fn overtake(&self, value: &str) {
        let (plant, value) = (Arc::clone(&self.plant), value.to_owned());
        self.door.meanwhile(move || plant(&value));
    }

    /// One of each kind; Vault once for each version of its engine.
    pub(crate) fn all() -> Vec<Rig> {
        ALL.map(|make| make()).into()
    }

    /// The same, all at once: for checks that wait.
    pub(crate) fn each(check: impl Fn(Rig) + Sync) {
        let check = &check;
        std::thread::scope(|scope| {
            for make in ALL {
                scope.spawn(move || check(make()));
            }
        });
    }

    pub(crate) fn kind(&self) -> Kind {
        self.address.manager
    }
}

fn is(head: &Parts, methods: &[&str]) -> bool {
    methods.contains(&head.method.as_str())
}

pub(crate) fn vault() -> Rig {
    vault_with(&Arc::new(Vault::start()), "")
}

/// With the secret in a namespace, which the variables do not name.
pub(crate) fn vault_with(server: &Arc<Vault>, namespace: &'static str) -> Rig {
    let names = ["vault", "secret/azure-devops/pat", "secret/azure-devops"];
    vault_at(server, namespace, names)
}

pub(crate) fn vault_one() -> Rig {
    let names = ["vault kv1", "kv1/azure-devops/pat", "kv1/azure-devops"];
    vault_at(&Arc::new(Vault::start()), "", names)
}

fn vault_at(server: &Arc<Vault>, namespace: &'static str, names: [&'static str; 3]) -> Rig {
    let [name, path, below] = names;
    let door = Door::before(&server.url(), |head| {
        is(head, &["POST", "PUT"]) && !head.uri.path().contains("/auth/")
    });
    let vars = [("VAULT_ADDR", door.url()), ("VAULT_TOKEN", server.root_token())];
    let (server, other) = (Arc::clone(server), Arc::clone(server));
    Rig::new(
        name,
        &format!("vault:{path}#api_key"),
        below,
        door,
        &vars,
        move || Some(server.get(namespace, path)?.get("api_key")?.as_str()?.to_owned()),
        move |value| other.put(namespace, path, "api_key", value),
    )
}

pub(crate) fn aws() -> Rig {
    let server = Arc::new(Moto::start());
    let door = Door::before(&server.url(), |head| {
        let target = head.headers.get("x-amz-target").and_then(|it| it.to_str().ok());
        target.is_some_and(|it| it.ends_with("PutSecretValue") || it.ends_with("CreateSecret"))
    });
    let keys = server.admin();
    let vars = [
        ("AWS_ENDPOINT_URL", door.url()),
        ("AWS_REGION", server.region().to_owned()),
        ("AWS_ACCESS_KEY_ID", keys.id.clone()),
        ("AWS_SECRET_ACCESS_KEY", keys.secret.clone()),
    ];
    let other = Arc::clone(&server);
    Rig::new(
        "aws",
        "aws:azure-devops/pat",
        "azure-devops",
        door,
        &vars,
        move || server.get("azure-devops/pat", "AWSCURRENT"),
        move |value| {
            let body = serde_json::json!({
                "SecretId": "azure-devops/pat", "SecretString": value,
            });
            if other.ask("PutSecretValue", &body).get("VersionId").is_none() {
                other.put("azure-devops/pat", value);
            }
        },
    )
}

pub(crate) fn conjur() -> Rig {
    conjur_with(&Arc::new(Conjur::start()))
}

pub(crate) fn conjur_with(server: &Arc<Conjur>) -> Rig {
    let door = Door::before(&server.url(), |head| {
        is(head, &["POST"]) && head.uri.path().starts_with("/secrets/")
    });
    let vars = [
        ("CONJUR_APPLIANCE_URL", door.url()),
        ("CONJUR_ACCOUNT", server.account().to_owned()),
        ("CONJUR_AUTHN_LOGIN", server.admin().to_owned()),
        ("CONJUR_AUTHN_API_KEY", server.api_key(server.admin())),
    ];
    let (server, other) = (Arc::clone(server), Arc::clone(server));
    Rig::new(
        "conjur",
        "conjur:azure-devops/pat",
        "azure-devops",
        door,
        &vars,
        move || server.get("azure-devops/pat"),
        move |value| other.put("azure-devops/pat", value),
    )
}

pub(crate) fn azure_vault() -> Rig {
    azure_with(&Arc::new(azure::Azure::start()))
}

pub(crate) fn azure_with(server: &Arc<azure::Azure>) -> Rig {
    let door = Door::before(&server.served.url(), |head| is(head, &["PUT"]));
    let vars = {
        let state = server.state.lock().unwrap();
        [
            ("AZURE_KEYVAULT_URL", door.url()),
            ("AZURE_AUTHORITY_HOST", door.url()),
            ("AZURE_TENANT_ID", state.tenant.clone()),
            ("AZURE_CLIENT_ID", state.client.clone()),
            ("AZURE_CLIENT_SECRET", state.secret.clone()),
        ]
    };
    let (server, other) = (Arc::clone(server), Arc::clone(server));
    Rig::new(
        "azure",
        "azure:azure-devops-pat",
        "",
        door,
        &vars,
        move || {
            let state = server.state.lock().unwrap();
            Some(state.secrets.get("azure-devops-pat")?.last()?.value.clone())
        },
        move |value| drop(other.state.lock().unwrap().put("azure-devops-pat", value)),
    )
}

pub(crate) fn google() -> Rig {
    let server = Arc::new(gcp::Gcp::start());
    let door = Door::before(&server.served.url(), |head| {
        is(head, &["POST"]) && head.uri.path().ends_with(":addVersion")
    });
    let vars = [("CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER", door.url())];
    let (key, user) = (server.key_file(&door.url()), server.user_file(&door.url()));
    let other = Arc::clone(&server);
    let rig = Rig::new(
        "gcp",
        "gcp:azure-devops-pat",
        "",
        door,
        &vars,
        move || {
            let state = server.state.lock().unwrap();
            let newest = state.secrets.get("azure-devops-pat")?.last()?.clone()?;
            Some(String::from_utf8(newest).unwrap())
        },
        move |value| {
            let mut state = other.state.lock().unwrap();
            let versions = state.secrets.entry("azure-devops-pat".to_owned()).or_default();
            versions.push(Some(value.as_bytes().to_vec()));
        },
    );
    std::fs::write(rig.path("key.json"), key).unwrap();
    std::fs::write(rig.path("user.json"), user).unwrap();
    let path = rig.path("key.json");
    rig.with(&[("GOOGLE_APPLICATION_CREDENTIALS", &path)], &[])
}

pub(crate) fn cluster() -> Rig {
    cluster_with(&Arc::new(kubernetes::Kubernetes::start()))
}

pub(crate) fn cluster_with(server: &Arc<kubernetes::Kubernetes>) -> Rig {
    let door = Door::before(&server.served.url(), |head| is(head, &["POST", "PATCH"]));
    let config = server.config(&door.url());
    let (server, other) = (Arc::clone(server), Arc::clone(server));
    let rig = Rig::new(
        "kubernetes",
        "kubernetes:azure-devops-pat#token",
        "",
        door,
        &[],
        move || {
            let state = server.state.lock().unwrap();
            let key = ("team-a".to_owned(), "azure-devops-pat".to_owned());
            let data = state.secrets.get(&key)?.data.get("token")?.as_str()?.to_owned();
            let value = data_encoding::BASE64.decode(data.as_bytes()).unwrap();
            Some(String::from_utf8(value).unwrap())
        },
        move |value| {
            other.state.lock().unwrap().put("team-a", "azure-devops-pat", "token", value);
        },
    );
    std::fs::write(rig.path("config"), config).unwrap();
    let path = rig.path("config");
    rig.with(&[("KUBECONFIG", &path)], &[])
}

pub(crate) fn repository() -> Rig {
    github_with(&Arc::new(github::GitHub::start()), "acme/shop")
}

pub(crate) fn github_with(server: &Arc<github::GitHub>, place: &'static str) -> Rig {
    let door = Door::before(&server.served.url(), |head| is(head, &["PUT"]));
    let vars = [
        ("GITHUB_API_URL", door.url()),
        ("GITHUB_TOKEN", server.state.lock().unwrap().token.clone()),
    ];
    let (server, other) = (Arc::clone(server), Arc::clone(server));
    Rig::new(
        "github",
        &format!("github:{place}#AZURE_DEVOPS_PAT"),
        place,
        door,
        &vars,
        move || {
            let state = server.state.lock().unwrap();
            let key = (place.to_owned(), "AZURE_DEVOPS_PAT".to_owned());
            Some(String::from_utf8(state.secrets.get(&key)?.value.clone()).unwrap())
        },
        move |value| other.state.lock().unwrap().put(place, "AZURE_DEVOPS_PAT", value),
    )
}

pub(crate) fn project() -> Rig {
    gitlab_with(&Arc::new(gitlab::GitLab::start()))
}

pub(crate) fn gitlab_with(server: &Arc<gitlab::GitLab>) -> Rig {
    let door = Door::before(&server.served.url(), |head| is(head, &["POST", "PUT"]));
    let vars =
        [("GITLAB_URL", door.url()), ("GITLAB_TOKEN", server.state.lock().unwrap().token.clone())];
    let (server, other) = (Arc::clone(server), Arc::clone(server));
    Rig::new(
        "gitlab",
        "gitlab:acme/tools/shop@production#AZURE_DEVOPS_PAT",
        "acme/tools/shop",
        door,
        &vars,
        move || {
            let state = server.state.lock().unwrap();
            let variable = state.get("AZURE_DEVOPS_PAT", "production")?;
            Some(variable["value"].as_str()?.to_owned())
        },
        move |value| other.state.lock().unwrap().put("AZURE_DEVOPS_PAT", "production", value),
    )
}

pub(crate) fn config() -> Rig {
    let server = Arc::new(doppler::Doppler::start());
    let door = Door::before(&server.served.url(), |head| is(head, &["POST"]));
    let vars = [
        ("DOPPLER_API_HOST", door.url()),
        ("DOPPLER_TOKEN", server.state.lock().unwrap().token.clone()),
    ];
    let other = Arc::clone(&server);
    Rig::new(
        "doppler",
        "doppler:backend/prd#AZURE_DEVOPS_PAT",
        "backend/prd",
        door,
        &vars,
        move || server.state.lock().unwrap().secrets.get("AZURE_DEVOPS_PAT").cloned(),
        move |value| {
            let mut state = other.state.lock().unwrap();
            state.secrets.insert("AZURE_DEVOPS_PAT".to_owned(), value.to_owned());
        },
    )
}

pub(crate) fn item() -> Rig {
    let server = Arc::new(onepassword::OnePassword::start());
    let door = Door::before(&server.served.url(), |head| is(head, &["POST", "PATCH"]));
    let vars = [
        ("OP_CONNECT_HOST", door.url()),
        ("OP_CONNECT_TOKEN", server.state.lock().unwrap().token.clone()),
    ];
    let other = Arc::clone(&server);
    Rig::new(
        "onepassword",
        "op://Team A/azure-devops-pat/credential",
        "Team A",
        door,
        &vars,
        move || server.state.lock().unwrap().get("azure-devops-pat", "credential"),
        move |value| other.state.lock().unwrap().put("azure-devops-pat", "credential", value),
    )
}

pub(crate) fn folder() -> Rig {
    infisical_with(&Arc::new(infisical::Infisical::start()))
}

pub(crate) fn infisical_with(server: &Arc<infisical::Infisical>) -> Rig {
    let door = Door::before(&server.served.url(), |head| {
        is(head, &["POST", "PATCH"]) && head.uri.path().contains("/secrets/")
    });
    let vars = {
        let state = server.state.lock().unwrap();
        [
            ("INFISICAL_API_URL", door.url()),
            ("INFISICAL_UNIVERSAL_AUTH_CLIENT_ID", state.client.clone()),
            ("INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET", state.secret.clone()),
        ]
    };
    let key = || ("/ci".to_owned(), "AZURE_DEVOPS_PAT".to_owned());
    let (server, other) = (Arc::clone(server), Arc::clone(server));
    Rig::new(
        "infisical",
        "infisical:64c1a0f2-proj/prod/ci#AZURE_DEVOPS_PAT",
        "64c1a0f2-proj/prod/ci",
        door,
        &vars,
        move || server.state.lock().unwrap().secrets.get(&key())?.last().cloned(),
        move |value| {
            let mut state = other.state.lock().unwrap();
            state.secrets.entry(key()).or_default().push(value.to_owned());
        },
    )
}
