//! Places that a program can read a secret from.

use std::str::FromStr;

use crate::UnknownName;

/// Where a program reads a secret from when it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Manager {
    Env,
    AwsSecretsManager,
    Vault,
    Conjur,
    AzureKeyVault,
    GcpSecretManager,
    Kubernetes,
}

impl Manager {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Manager; 7] = [
        Manager::Env,
        Manager::AwsSecretsManager,
        Manager::Vault,
        Manager::Conjur,
        Manager::AzureKeyVault,
        Manager::GcpSecretManager,
        Manager::Kubernetes,
    ];

    /// Stable id, as it is typed.
    pub fn id(self) -> &'static str {
        self.names().0
    }

    /// The name that people know it by.
    pub fn name(self) -> &'static str {
        self.names().1
    }

    fn names(self) -> (&'static str, &'static str) {
        match self {
            Manager::Env => ("env", "environment variable"),
            Manager::AwsSecretsManager => ("aws", "AWS Secrets Manager"),
            Manager::Vault => ("vault", "HashiCorp Vault"),
            Manager::Conjur => ("conjur", "CyberArk Conjur"),
            Manager::AzureKeyVault => ("azure", "Azure Key Vault"),
            Manager::GcpSecretManager => ("gcp", "Google Cloud Secret Manager"),
            Manager::Kubernetes => ("kubernetes", "Kubernetes Secret"),
        }
    }
}

impl FromStr for Manager {
    type Err = UnknownName;

    /// The manager with this id, or with one of the names that people type.
    fn from_str(text: &str) -> Result<Manager, UnknownName> {
        let wanted = text.to_ascii_lowercase();
        let id = match wanted.as_str() {
            "aws-secrets-manager" => "aws",
            "openbao" | "hashicorp-vault" => "vault",
            "cyberark-conjur" => "conjur",
            "azure-key-vault" => "azure",
            "gcp-secret-manager" => "gcp",
            "k8s" => "kubernetes",
            id => id,
        };
        let known = Manager::ALL.into_iter().find(|manager| manager.id() == id);
        known.ok_or_else(|| UnknownName::among(Manager::ALL.map(Manager::id)))
    }
}
