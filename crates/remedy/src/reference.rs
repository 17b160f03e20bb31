//! By what name code asks for a secret.

/// The names under which a secret is kept, none of them secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The environment variable, such as `AZURE_DEVOPS_PAT`.
    pub variable: String,
    /// The secret's path or name in a manager, such as `azure-devops/pat`. In
    /// Vault it is below the engine `secret`, the one that Vault comes with.
    pub path: String,
    /// The field below that path, where the manager has fields. Vault and
    /// Kubernetes always have; in AWS Secrets Manager the value is then a JSON
    /// object.
    pub field: Option<String>,
}
