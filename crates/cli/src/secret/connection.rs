//! Flags for names and addresses of managers. Credentials have none.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use stanch_live::{Settings, VaultLogin};

/// How to reach a manager.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "How to reach the manager")]
pub(crate) struct Connection {
    /// The server's address, instead of the manager's variable
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,

    /// Vault: the namespace; Kubernetes: the namespace
    #[arg(long, value_name = "NAME")]
    pub(crate) namespace: Option<String>,

    /// Vault: log in this way instead of with a token
    #[arg(long, value_enum, value_name = "HOW")]
    pub(crate) auth: Option<Auth>,

    /// Vault: the role to log in as, with --auth kubernetes
    #[arg(long, value_name = "NAME")]
    pub(crate) role: Option<String>,

    /// Conjur: the account
    #[arg(long, value_name = "NAME")]
    pub(crate) account: Option<String>,

    /// AWS: the region
    #[arg(long, value_name = "NAME")]
    pub(crate) region: Option<String>,

    /// AWS: the profile
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,

    /// Google Cloud: the project
    #[arg(long, value_name = "ID")]
    pub(crate) project: Option<String>,

    /// Kubernetes: the context of the kubeconfig
    #[arg(long, value_name = "NAME")]
    pub(crate) context: Option<String>,

    /// GitLab: create a variable that only protected branches and tags see
    #[arg(long)]
    pub(crate) protected: bool,

    /// GitLab: create a variable that nobody can read back
    #[arg(long)]
    pub(crate) hidden: bool,

    /// GitLab: create a variable that job logs show, if it cannot be masked
    #[arg(long, conflicts_with = "hidden")]
    pub(crate) unmasked: bool,

    /// Trust the certificates in this file too, in PEM
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_file: Option<PathBuf>,

    /// How many seconds an answer may take
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) timeout: u64,

    /// Send secrets to another machine without TLS
    #[arg(long)]
    pub(crate) allow_http: bool,
}

/// How to log in to Vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Auth {
    /// With VAULT_ROLE_ID and VAULT_SECRET_ID
    Approle,
    /// With the token of the pod
    Kubernetes,
}

impl Connection {
    /// As the library wants it, with the environment of this process.
    pub(crate) fn settings(&self) -> Settings {
        let mut settings = Settings::from_environment();
        settings.url.clone_from(&self.url);
        settings.namespace.clone_from(&self.namespace);
        settings.login = self.auth.map(|auth| match auth {
            Auth::Approle => VaultLogin::AppRole,
            Auth::Kubernetes => VaultLogin::Kubernetes,
        });
        settings.role.clone_from(&self.role);
        settings.account.clone_from(&self.account);
        settings.region.clone_from(&self.region);
        settings.profile.clone_from(&self.profile);
        settings.project.clone_from(&self.project);
        settings.context.clone_from(&self.context);
        settings.protected = self.protected;
        settings.hidden = self.hidden;
        settings.unmasked = self.unmasked;
        settings.ca_file.clone_from(&self.ca_file);
        settings.timeout = Duration::from_secs(self.timeout);
        settings.allow_http = self.allow_http;
        settings
    }
}
