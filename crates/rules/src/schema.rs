//! The shape of a detector file, `detectors/<provider>.toml`.
//!
//! One provider, one file, everything known of its secrets. The types here
//! mirror the TOML one to one; `docs/detectors.md` explains every key to
//! authors and [`crate::load`] checks what types alone cannot.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A whole detector file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderFile {
    /// Who issues these secrets.
    pub provider: Provider,
    /// Live requests by name, referred to by `verify` and `revoke`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub request: BTreeMap<String, Request>,
    /// The types of secrets that the provider issues.
    #[serde(default, rename = "detector")]
    pub detectors: Vec<Detector>,
}

/// Who issues a kind of secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// Kebab-case id, equal to the file's stem.
    pub id: String,
    /// The name that the provider gives itself.
    pub name: String,
    /// What kind of service it is.
    pub category: Category,
    /// The provider's page about its credentials.
    pub docs: Option<String>,
    /// Hosts that live requests may go to, and no others.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Base URLs that a self-hosted instance replaces.
    #[serde(default)]
    pub vars: BTreeMap<String, Var>,
    /// Default for detectors that name no `verify`.
    pub verify: Option<Action>,
    /// Default for detectors that name no `revoke`.
    pub revoke: Option<Action>,
    /// Default for detectors that name no `access_log`.
    pub access_log: Option<Action>,
    /// Default for detectors that name no `create`.
    pub create: Option<String>,
    /// What the leak page says of all its secrets, unless a detector says it
    /// otherwise.
    #[serde(default)]
    pub runbook: Runbook,
}

/// What only a person can know about a leak of this secret: the words of its
/// leak page. A detector's own keys replace those of its provider.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Runbook {
    /// Who holds the secret, how it is sent, and to what.
    #[serde(rename = "use")]
    pub usage: Option<String>,
    /// What an attacker does with it, the worst first.
    #[serde(default)]
    pub abuse: Vec<String>,
    /// What to do first.
    pub first: Option<First>,
    /// Why that first, in one sentence.
    pub why: Option<String>,
    /// The steps that revoke it, and how to prove that it is dead.
    #[serde(default)]
    pub revoke: Vec<String>,
    /// Where its use is logged, and what signs to look for.
    #[serde(default)]
    pub check: Vec<String>,
    /// Who typically uses it, and where it is configured.
    #[serde(default)]
    pub breaks: Vec<String>,
    /// How to make a better one.
    #[serde(default)]
    pub better: Vec<String>,
}

/// Whether a leaked secret is revoked before its users have a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum First {
    /// At once: misuse costs more than an outage.
    Revoke,
    /// After a second one was brought to everybody who uses it.
    Replace,
}

/// A base URL with its default and the environment variable that overrides it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Var {
    /// The value used where nothing else is configured.
    pub default: String,
    /// The environment variable that overrides it.
    pub env: Option<String>,
}

/// What kind of service a provider runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Category {
    Cloud,
    CodeHost,
    Ci,
    Ai,
    Payment,
    Messaging,
    Email,
    Identity,
    DataStore,
    Monitoring,
    Saas,
    PackageRegistry,
    Crypto,
    Mapping,
    Marketing,
    Finance,
    Iot,
    SecretsManager,
    Generic,
}

impl Category {
    /// All of them, in the order in which people are told of them.
    pub const ALL: [Category; 19] = [
        Category::Cloud,
        Category::CodeHost,
        Category::Ci,
        Category::PackageRegistry,
        Category::SecretsManager,
        Category::Identity,
        Category::DataStore,
        Category::Ai,
        Category::Monitoring,
        Category::Payment,
        Category::Finance,
        Category::Messaging,
        Category::Email,
        Category::Marketing,
        Category::Mapping,
        Category::Iot,
        Category::Crypto,
        Category::Saas,
        Category::Generic,
    ];

    /// As it is written in detector files.
    pub const fn id(self) -> &'static str {
        self.words().0
    }

    /// As people are told.
    pub const fn name(self) -> &'static str {
        self.words().1
    }

    /// The category that detector files write so.
    pub fn of(id: &str) -> Option<Category> {
        Category::ALL.into_iter().find(|category| category.id() == id)
    }

    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Category::Cloud => ("cloud", "Clouds"),
            Category::CodeHost => ("code-host", "Code hosts"),
            Category::Ci => ("ci", "Builds and deployments"),
            Category::Ai => ("ai", "AI"),
            Category::Payment => ("payment", "Payment"),
            Category::Messaging => ("messaging", "Messaging"),
            Category::Email => ("email", "Mail"),
            Category::Identity => ("identity", "Identity"),
            Category::DataStore => ("data-store", "Data stores"),
            Category::Monitoring => ("monitoring", "Monitoring"),
            Category::Saas => ("saas", "Other services"),
            Category::PackageRegistry => ("package-registry", "Package registries"),
            Category::Crypto => ("crypto", "Keys and crypto"),
            Category::Mapping => ("mapping", "Maps"),
            Category::Marketing => ("marketing", "Marketing"),
            Category::Finance => ("finance", "Finance"),
            Category::Iot => ("iot", "Internet of things"),
            Category::SecretsManager => ("secrets-manager", "Secrets managers"),
            Category::Generic => ("generic", "Of no known provider"),
        }
    }
}

/// A live request. Placeholders: `{secret}`, a named group of the pattern, or
/// a name from the provider's `vars`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// HTTP method in capitals.
    pub method: String,
    /// Absolute URL; its host must be one of the provider's `hosts`.
    pub url: String,
    /// Header fields.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Login of HTTP Basic authentication (RFC 7617).
    pub basic: Option<Basic>,
    /// Request body.
    pub body: Option<String>,
    /// Rules in order; the first that fits decides. Anything else: unknown.
    #[serde(default)]
    pub verdict: Vec<VerdictRule>,
}

/// User and password of HTTP Basic authentication; both may hold placeholders.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Basic {
    /// The user.
    pub user: String,
    /// The password; empty where the user is the key.
    #[serde(default)]
    pub password: String,
}

/// One answer of a provider and what it says about the secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerdictRule {
    /// HTTP status of the answer.
    pub status: u16,
    /// Text that the body must contain as well.
    pub body: Option<String>,
    /// The verdict.
    pub is: Verdict,
    /// JSON pointer to the identity in the answer.
    pub identity: Option<String>,
    /// JSON pointer, or `header:NAME`, to the scopes.
    pub scopes: Option<String>,
}

/// What an answer proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Verdict {
    Live,
    Dead,
}

/// How serious a leak of this secret is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Identifies, or opens little on its own.
    Low,
    /// Opens a limited or test environment.
    Medium,
    /// Opens one service or data set.
    High,
    /// Opens an account, a cloud, or the supply chain.
    Critical,
}

impl Severity {
    /// All of them, the worst first.
    pub const ALL: [Severity; 4] =
        [Severity::Critical, Severity::High, Severity::Medium, Severity::Low];

    /// As it is written in detector files.
    pub const fn id(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

/// What can be done: a request of this file, a handler in code, a page for a
/// person, or nothing, with the reason.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Action {
    /// The name of a `[request.NAME]` in the same file.
    Request(String),
    /// A named handler for what a template cannot do.
    Handler {
        /// The handler's name.
        handler: String,
    },
    /// A page where a person does it.
    Page {
        /// Absolute URL.
        page: String,
        /// What to do there, in one sentence.
        how: String,
    },
    /// Nothing, and why.
    None {
        /// The reason, as a sentence.
        none: String,
    },
}

/// What recognises one type of secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Detector {
    /// Stable kebab-case id, unique over all files.
    pub id: String,
    /// The name that users know it by.
    pub name: String,
    /// How serious a leak is.
    pub severity: Severity,
    /// What the secret opens and for whom, in one sentence.
    pub risk: String,
    /// The vendor's page about this type, where it differs from the provider's.
    pub docs: Option<String>,
    /// Literals of which every match of the pattern contains at least one.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// Words of which one must stand near a match, in any case.
    #[serde(default)]
    pub near: Vec<String>,
    /// How far before the match `near` may stand, in bytes.
    pub within: Option<u16>,
    /// What the value must be given to; see [`Detector::assigned_to`].
    pub assigned: Option<Assigned>,
    /// The regular expression; the group `secret` is the value.
    pub pattern: Option<String>,
    /// A recogniser in code, where a pattern cannot say it.
    pub recognizer: Option<String>,
    /// Parts of a multi-part secret: part name to detector id. The part named
    /// `secret` carries the value.
    #[serde(default)]
    pub parts: BTreeMap<String, String>,
    /// How a value proves itself.
    pub checksum: Option<Checksum>,
    /// Least Shannon entropy of the value, in bits per byte.
    pub entropy: Option<f32>,
    /// Probability that a match is a secret, where it differs from what the
    /// evidence gives by itself; from 0 to 1.
    pub confidence: Option<f32>,
    /// Whether the value is a password that somebody chose, so that it is judged
    /// by what it looks like too.
    #[serde(default)]
    pub password: bool,
    /// What else is needed to use the value, such as "the account id"; absent
    /// where the value alone is enough.
    pub needs: Option<String>,
    /// A decoder of facts that the value carries in itself.
    pub facts: Option<String>,
    /// Default environment variable name.
    pub env: Option<String>,
    /// Where such a secret is made: a page's URL, or the command or place in words.
    pub create: Option<String>,
    /// Live check.
    pub verify: Option<Action>,
    /// Revocation.
    pub revoke: Option<Action>,
    /// Where the use of the secret is logged.
    pub access_log: Option<Action>,
    /// What its leak page says otherwise than the provider's.
    #[serde(default)]
    pub runbook: Runbook,
    /// Texts in which the detector must find its sample.
    #[serde(default)]
    pub matches: Vec<String>,
    /// Texts in which it must find nothing.
    #[serde(default)]
    pub rejects: Vec<String>,
}

/// What a value must be given to.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Assigned {
    /// Whether it must be given to something that holds secrets: what has a name
    /// that ends in a word such as `key`, an argument, an option, a login.
    Secret(bool),
    /// To that, or to what ends in one of these words, in lower case.
    OrTo(Vec<String>),
}

impl Detector {
    /// Where the value must be given to something that holds secrets, the other
    /// words that it may be given to.
    pub fn assigned_to(&self) -> Option<&[String]> {
        match self.assigned.as_ref()? {
            Assigned::Secret(must) => must.then_some(&[]),
            Assigned::OrTo(words) => Some(words),
        }
    }
}

/// A checksum inside the value.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checksum {
    /// The algorithm's name in [`crate::checksum`].
    pub kind: String,
    /// Group that the checksum is computed over; the whole value by default.
    pub over: Option<String>,
    /// Group that holds the checksum, where the algorithm does not know it.
    pub equals: Option<String>,
}
