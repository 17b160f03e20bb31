//! The secrets managers that are spoken to.

use std::fmt;

/// A secrets manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Kind {
    Vault,
    Aws,
    Conjur,
    Azure,
    Gcp,
    Kubernetes,
    GitHub,
    GitLab,
    Doppler,
    OnePassword,
    Infisical,
}

/// What there is to say of a manager.
struct About {
    id: &'static str,
    name: &'static str,
    /// How its addresses are written.
    form: &'static str,
    /// Where its own address comes from.
    server: &'static str,
    /// Where the credential comes from.
    credential: &'static str,
    /// What the credential must be allowed to do.
    permission: &'static str,
}

impl Kind {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Kind; 11] = [
        Kind::Vault,
        Kind::Aws,
        Kind::Conjur,
        Kind::Azure,
        Kind::Gcp,
        Kind::Kubernetes,
        Kind::GitHub,
        Kind::GitLab,
        Kind::Doppler,
        Kind::OnePassword,
        Kind::Infisical,
    ];

    /// Stable id, as it is typed.
    pub fn id(self) -> &'static str {
        self.about().id
    }

    /// The name that people know it by.
    pub fn name(self) -> &'static str {
        self.about().name
    }

    /// How its addresses are written, such as `MOUNT/PATH#FIELD`.
    pub fn form(self) -> &'static str {
        self.about().form
    }

    /// The variables and flags that its server's address comes from.
    pub fn server(self) -> &'static str {
        self.about().server
    }

    /// The variables and files that the credential comes from.
    pub fn credential(self) -> &'static str {
        self.about().credential
    }

    /// What the credential must be allowed to do to read and write.
    pub fn permission(self) -> &'static str {
        self.about().permission
    }

    /// The manager with this id; OpenBao is spoken to as Vault.
    pub fn from_id(id: &str) -> Option<Kind> {
        match id {
            "openbao" => Some(Kind::Vault),
            "op" | "1password" => Some(Kind::OnePassword),
            "k8s" => Some(Kind::Kubernetes),
            _ => Kind::ALL.into_iter().find(|kind| kind.id() == id),
        }
    }

    /// The variables, files and flags that name whose certificates to trust.
    pub fn trust(self) -> &'static str {
        match self {
            Kind::Vault => "--ca-file, VAULT_CACERT or VAULT_CAPATH",
            Kind::Aws => "--ca-file, AWS_CA_BUNDLE or the profile's ca_bundle",
            Kind::Conjur => "--ca-file, CONJUR_CERT_FILE or CONJUR_SSL_CERTIFICATE",
            Kind::Kubernetes => "--ca-file or the kubeconfig's certificate-authority-data",
            Kind::GitLab => "--ca-file or CI_SERVER_TLS_CA_FILE",
            _ => "--ca-file",
        }
    }

    /// The variables and files that a client certificate comes from; none
    /// where there is no setting for one.
    pub fn identity(self) -> Option<&'static str> {
        match self {
            Kind::Vault => Some("VAULT_CLIENT_CERT and VAULT_CLIENT_KEY"),
            Kind::Kubernetes => {
                Some("client-certificate-data and client-key-data of the kubeconfig's user")
            }
            _ => None,
        }
    }

    fn about(self) -> About {
        match self {
            Kind::Vault => About {
                id: "vault",
                name: "Vault",
                form: "MOUNT/PATH#FIELD",
                server: "VAULT_ADDR (BAO_ADDR) or --url",
                credential: "VAULT_TOKEN (BAO_TOKEN), ~/.vault-token, or a login by --auth",
                permission: "`read`, `create` and `update` on MOUNT/data/PATH (KV v1: MOUNT/PATH)",
            },
            Kind::Aws => About {
                id: "aws",
                name: "AWS Secrets Manager",
                form: "NAME[#FIELD]",
                server: "--region, AWS_REGION or the profile; AWS_ENDPOINT_URL_SECRETS_MANAGER",
                credential: "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile",
                permission: "secretsmanager:GetSecretValue, CreateSecret, PutSecretValue and \
                             UpdateSecretVersionStage",
            },
            Kind::Conjur => About {
                id: "conjur",
                name: "Conjur",
                form: "VARIABLE/ID",
                server: "CONJUR_APPLIANCE_URL or --url, and CONJUR_ACCOUNT or --account",
                credential: "CONJUR_AUTHN_LOGIN and CONJUR_AUTHN_API_KEY",
                permission: "`read`, `execute` and `update` on the variable, and `create` on the \
                             policy that it belongs to",
            },
            Kind::Azure => About {
                id: "azure",
                name: "Azure Key Vault",
                form: "VAULT/NAME",
                server: "the vault's name in the address, AZURE_KEYVAULT_URL or --url",
                credential: "AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET (or \
                             AZURE_FEDERATED_TOKEN_FILE)",
                permission: "the role Key Vault Secrets Officer, or get, set and list for secrets",
            },
            Kind::Gcp => About {
                id: "gcp",
                name: "Google Cloud Secret Manager",
                form: "[PROJECT/]NAME",
                server: "GOOGLE_CLOUD_PROJECT or --project",
                credential: "GOOGLE_APPLICATION_CREDENTIALS, or `gcloud auth application-default \
                             login`",
                permission: "the roles Secret Manager Secret Accessor and Secret Manager Admin",
            },
            Kind::Kubernetes => About {
                id: "kubernetes",
                name: "Kubernetes",
                form: "[NAMESPACE/]NAME#KEY",
                server: "KUBECONFIG, ~/.kube/config (--context), or the pod it runs in",
                credential: "the user of the kubeconfig's context",
                permission: "the verbs get, list, create and patch on secrets of the namespace",
            },
            Kind::GitHub => About {
                id: "github",
                name: "GitHub Actions",
                form: "OWNER/REPO[@ENVIRONMENT]#NAME or ORGANISATION#NAME",
                server: "GITHUB_API_URL or --url",
                credential: "GH_TOKEN or GITHUB_TOKEN",
                permission: "read and write access to secrets (environments: and environments; \
                             organisations: admin:org)",
            },
            Kind::GitLab => About {
                id: "gitlab",
                name: "GitLab CI",
                form: "GROUP/PROJECT[@SCOPE]#KEY or groups/GROUP[@SCOPE]#KEY",
                server: "CI_API_V4_URL, GITLAB_URL or --url",
                credential: "GITLAB_TOKEN",
                permission: "the scope `api` and the role Maintainer (groups: Owner)",
            },
            Kind::Doppler => About {
                id: "doppler",
                name: "Doppler",
                form: "PROJECT/CONFIG#NAME",
                server: "DOPPLER_API_HOST or --url",
                credential: "DOPPLER_TOKEN",
                permission: "read and write access to the config",
            },
            Kind::OnePassword => About {
                id: "onepassword",
                name: "1Password Connect",
                form: "VAULT/ITEM#FIELD, or op://VAULT/ITEM/FIELD",
                server: "OP_CONNECT_HOST or --url",
                credential: "OP_CONNECT_TOKEN",
                permission: "read and write access to the vault",
            },
            Kind::Infisical => About {
                id: "infisical",
                name: "Infisical",
                form: "PROJECT-ID/ENVIRONMENT[/FOLDER]#NAME",
                server: "INFISICAL_API_URL or --url",
                credential: "INFISICAL_UNIVERSAL_AUTH_CLIENT_ID and \
                             INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET, or INFISICAL_TOKEN",
                permission: "to read, create and edit secrets of the environment",
            },
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
