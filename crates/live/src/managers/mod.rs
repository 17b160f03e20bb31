//! One file for each manager.

pub(crate) mod aws;
mod azure;
mod conjur;
mod doppler;
mod gcp;
mod github;
mod gitlab;
mod infisical;
mod kubernetes;
mod onepassword;
mod vault;

use crate::{Address, Error, Kind, Manager, Settings};

/// Makes ready to speak to a manager. Nothing is sent yet.
///
/// `at` says which server is meant, for managers whose addresses do, such as
/// the vault of Azure.
///
/// # Errors
/// [`crate::Problem::Setting`] for what is missing or cannot be used.
pub fn open(
    kind: Kind,
    settings: &Settings,
    at: Option<&Address>,
) -> Result<Box<dyn Manager>, Error> {
    Ok(match kind {
        Kind::Vault => Box::new(vault::Vault::open(settings)?),
        Kind::Aws => Box::new(aws::Aws::open(settings)?),
        Kind::Conjur => Box::new(conjur::Conjur::open(settings)?),
        Kind::Azure => Box::new(azure::Azure::open(settings, at)?),
        Kind::Gcp => Box::new(gcp::Gcp::open(settings)?),
        Kind::Kubernetes => Box::new(kubernetes::Kubernetes::open(settings)?),
        Kind::GitHub => Box::new(github::GitHub::open(settings)?),
        Kind::GitLab => Box::new(gitlab::GitLab::open(settings)?),
        Kind::Doppler => Box::new(doppler::Doppler::open(settings)?),
        Kind::OnePassword => Box::new(onepassword::OnePassword::open(settings)?),
        Kind::Infisical => Box::new(infisical::Infisical::open(settings)?),
    })
}

/// Checks an address by the manager's rules and fills in what it leaves out.
pub(crate) fn fit(at: &mut Address) -> Result<(), String> {
    match at.manager {
        Kind::Vault => vault::fit(at),
        Kind::Aws => aws::fit(at),
        Kind::Conjur => conjur::fit(at),
        Kind::Azure => azure::fit(at),
        Kind::Gcp => gcp::fit(at),
        Kind::Kubernetes => kubernetes::fit(at),
        Kind::GitHub => github::fit(at),
        Kind::GitLab => gitlab::fit(at),
        Kind::Doppler => doppler::fit(at),
        Kind::OnePassword => onepassword::fit(at),
        Kind::Infisical => infisical::fit(at),
    }
}

/// The text of a value, for managers that take nothing else.
pub(crate) fn text<'v>(at: &Address, value: &'v crate::Value) -> Result<&'v str, Error> {
    value.text().ok_or_else(|| {
        let what = "the value is not UTF-8 text, and this manager keeps only text";
        Error::new(at.manager, at.to_string(), crate::Problem::Unfit(what.to_owned()))
            .advise("encode it in base64 first")
    })
}

/// That a manager cannot do something.
pub(crate) fn unsupported(kind: Kind, what: &'static str) -> Error {
    Error::new(kind, "versions", crate::Problem::Unsupported(what))
}

/// Whether a name has only letters, digits and these.
pub(crate) fn made_of(name: &str, others: &[u8]) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || others.contains(&b))
}
