//! Places that a program can read a secret from.

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

    /// The manager with this id.
    pub fn from_id(id: &str) -> Option<Manager> {
        Manager::ALL.into_iter().find(|manager| manager.id() == id)
    }
}
