//! What the leak page of a detector says, apart from the detectors' pack: the
//! engine never reads it, so a scan or a hook never decodes it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::pack::UnpackError;
use crate::schema::{
    Action, Category, Detector, Provider, ProviderFile, Request, Runbook, Severity, Verdict,
};

/// The pages of a set of detectors.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Book {
    /// One page for each detector, sorted by detector id.
    pub pages: Vec<Page>,
}

/// What people are told of one detector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Detector id.
    pub id: String,
    /// The detector's name.
    pub name: String,
    /// Provider id.
    pub provider: String,
    /// The provider's own name.
    pub provider_name: String,
    /// What kind of service it is.
    pub category: Category,
    /// How serious a leak is.
    pub severity: Severity,
    /// What the secret opens and for whom.
    pub risk: String,
    /// The vendor's page about it.
    pub docs: Option<String>,
    /// The page where such a secret is made.
    pub create: Option<String>,
    /// Default environment variable name.
    pub variable: Option<String>,
    /// Literals that its values contain, such as `ghp_`.
    pub marks: Vec<String>,
    /// How a live check is made.
    pub verify: Way,
    /// How it is revoked.
    pub revoke: Way,
    /// Where its use is logged.
    pub access_log: Way,
    /// The words of its leak page; the provider's where it has none of its own.
    pub runbook: Runbook,
}

/// How something is done at a provider: an [`Action`] with the request that it
/// names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// By a request.
    Request {
        /// HTTP method in capitals.
        method: String,
        /// URL with its placeholders, base URLs filled in.
        url: String,
        /// Statuses that prove that the secret works.
        live: Vec<u16>,
        /// Statuses that prove that it does not.
        dead: Vec<u16>,
    },
    /// By code that knows the provider.
    BuiltIn,
    /// By a person on a page.
    Page {
        /// Absolute URL.
        page: String,
        /// What to do there.
        how: String,
    },
    /// Not at all.
    Impossible {
        /// Why not, as a sentence.
        reason: String,
    },
    /// Nobody has said.
    #[default]
    Unknown,
}

impl Book {
    /// The pages of these files, whose faults are the business of
    /// [`crate::load::pack`]. Of two pages with one id the later counts.
    pub fn of<'f>(files: impl IntoIterator<Item = &'f ProviderFile>) -> Book {
        let pages: BTreeMap<&str, Page> = files
            .into_iter()
            .flat_map(|file| file.detectors.iter().map(move |detector| (file, detector)))
            .map(|(file, detector)| (detector.id.as_str(), Page::of(file, detector)))
            .collect();
        Book { pages: pages.into_values().collect() }
    }

    /// The book as bytes.
    ///
    /// # Errors
    /// Only when memory runs out.
    pub fn to_bytes(&self) -> Result<Vec<u8>, UnpackError> {
        Ok(postcard::to_stdvec(self)?)
    }

    /// A book from the bytes of [`Book::to_bytes`].
    ///
    /// # Errors
    /// When the bytes are not a book of this version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Book, UnpackError> {
        Ok(postcard::from_bytes(bytes)?)
    }

    /// The page of a detector.
    pub fn get(&self, id: &str) -> Option<&Page> {
        self.pages.iter().find(|page| page.id == id)
    }
}

impl Page {
    fn of(file: &ProviderFile, detector: &Detector) -> Page {
        let provider = &file.provider;
        let way = |own: &Option<Action>, of_provider: &Option<Action>| {
            own.as_ref()
                .or(of_provider.as_ref())
                .map_or(Way::Unknown, |action| Way::of(action, file))
        };
        Page {
            id: detector.id.clone(),
            name: detector.name.clone(),
            provider: provider.id.clone(),
            provider_name: provider.name.clone(),
            category: provider.category,
            severity: detector.severity,
            risk: detector.risk.clone(),
            docs: detector.docs.clone().or_else(|| provider.docs.clone()),
            create: detector.create.clone().or_else(|| provider.create.clone()),
            variable: detector.env.clone(),
            marks: detector.keywords.clone(),
            verify: way(&detector.verify, &provider.verify),
            revoke: way(&detector.revoke, &provider.revoke),
            access_log: way(&detector.access_log, &provider.access_log),
            runbook: detector.runbook.over(&provider.runbook),
        }
    }
}

impl Request {
    /// The URL with its placeholders, base URLs filled in.
    pub fn filled_url(&self, provider: &Provider) -> String {
        let mut url = self.url.clone();
        for (name, var) in &provider.vars {
            // A base URL that everybody sets for himself stays a placeholder.
            if !var.default.is_empty() {
                url = url.replace(&format!("{{{name}}}"), &var.default);
            }
        }
        url
    }
}

impl Way {
    /// Whether Stanch can do it by itself.
    pub const fn is_automatic(&self) -> bool {
        matches!(self, Way::Request { .. } | Way::BuiltIn)
    }

    fn of(action: &Action, file: &ProviderFile) -> Way {
        match action {
            Action::Request(name) => {
                file.request.get(name).map_or(Way::Unknown, |request| Way::request(request, file))
            }
            Action::Handler { .. } => Way::BuiltIn,
            Action::Page { page, how } => Way::Page { page: page.clone(), how: how.clone() },
            Action::None { none } => Way::Impossible { reason: none.clone() },
        }
    }

    fn request(request: &Request, file: &ProviderFile) -> Way {
        let statuses = |is: Verdict| {
            let mut statuses: Vec<u16> = request
                .verdict
                .iter()
                .filter(|rule| rule.is == is)
                .map(|rule| rule.status)
                .collect();
            statuses.dedup();
            statuses
        };
        Way::Request {
            method: request.method.clone(),
            url: request.filled_url(&file.provider),
            live: statuses(Verdict::Live),
            dead: statuses(Verdict::Dead),
        }
    }
}
