//! Where a secret is kept, as it is typed: `vault:secret/azure-devops/pat#api_key`.

use std::fmt;
use std::str::FromStr;

use crate::error::Problem;
use crate::{Error, Kind, managers};

/// The longest address, in bytes.
const LONGEST: usize = 2048;

/// A place for one value in a manager.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The manager.
    pub manager: Kind,
    /// The secret's path or name; what its parts mean is the manager's
    /// business ([`Kind::form`]).
    pub path: String,
    /// The field in the secret, where the manager has fields.
    pub field: Option<String>,
}

impl Address {
    /// Reads `MANAGER:PATH[#FIELD]`.
    ///
    /// # Errors
    /// [`Problem::Unfit`] for what the manager could not take.
    pub fn parse(text: &str) -> Result<Address, Error> {
        if text.starts_with("op://") {
            return Address::new(Kind::OnePassword, text);
        }
        let named = text.split_once(':').and_then(|(id, rest)| Some((Kind::from_id(id)?, rest)));
        let Some((manager, rest)) = named else {
            let ids = Kind::ALL.map(Kind::id).join(", ");
            return Err(Error::new(
                Kind::Vault,
                shown(text),
                Problem::Unfit("the address names no manager".to_owned()),
            )
            .advise(format!("write MANAGER:PATH#FIELD; managers are {ids}")));
        };
        Address::new(manager, rest)
    }

    /// Reads `PATH[#FIELD]` for a manager.
    ///
    /// # Errors
    /// [`Problem::Unfit`] for what the manager could not take.
    pub fn new(manager: Kind, text: &str) -> Result<Address, Error> {
        let unfit = |why: String| Error::new(manager, shown(text), Problem::Unfit(why));
        let text = text.strip_prefix(&format!("{}:", manager.id())).unwrap_or(text);
        let (path, field) = match text.strip_prefix("op://") {
            Some(reference) if manager == Kind::OnePassword => match reference.rsplit_once('/') {
                Some((path, field)) => (path, Some(field)),
                None => (reference, None),
            },
            _ => match text.rsplit_once('#') {
                Some((path, field)) => (path, Some(field)),
                None => (text, None),
            },
        };
        let path = path.trim_matches('/');
        if path.len() + field.map_or(0, str::len) > LONGEST {
            return Err(unfit(format!("it is longer than {LONGEST} bytes")));
        }
        if text.chars().any(char::is_control) {
            return Err(unfit("it holds control characters".to_owned()));
        }
        if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return Err(unfit("a part of its path is empty, `.` or `..`".to_owned()));
        }
        if field.is_some_and(|field| matches!(field, "" | "." | "..")) {
            return Err(unfit("the name behind `#` is empty".to_owned()));
        }
        let mut address =
            Address { manager, path: path.to_owned(), field: field.map(str::to_owned) };
        managers::fit(&mut address).map_err(unfit)?;
        Ok(address)
    }

    /// The address for a secret that code refers to by a path such as
    /// `azure-devops/pat`: what the manager does not allow in names becomes
    /// `-` or `_`. `scope` is what the manager keeps secrets in: Vault's mount
    /// (`secret` if there is none), the vault, project, namespace, repository,
    /// or the config.
    ///
    /// # Errors
    /// [`Problem::Unfit`], above all where a scope is needed and missing.
    pub fn of_name(
        manager: Kind,
        scope: Option<&str>,
        path: &str,
        field: Option<&str>,
    ) -> Result<Address, Error> {
        let dashed = |keep: &[char], lower: bool| -> String {
            let name: String = path
                .trim_matches('/')
                .chars()
                .map(|c| if c.is_ascii_alphanumeric() || keep.contains(&c) { c } else { '-' })
                .collect();
            if lower { name.to_ascii_lowercase() } else { name }
        };
        let variable = || dashed(&[], false).replace('-', "_").to_ascii_uppercase();
        let below = |name: String| match scope {
            Some(scope) => format!("{}/{name}", scope.trim_matches('/')),
            None => name,
        };
        let mut text = match manager {
            Kind::Vault => {
                format!("{}/{}", scope.unwrap_or("secret").trim_matches('/'), path)
            }
            Kind::Aws | Kind::Conjur => below(path.to_owned()),
            Kind::Azure => below(dashed(&['-'], false)),
            Kind::Gcp => below(dashed(&['-'], false)),
            Kind::Kubernetes => below(dashed(&['-'], true)),
            Kind::OnePassword => below(dashed(&['-', '_', '.', ' '], false)),
            Kind::GitHub | Kind::GitLab | Kind::Doppler | Kind::Infisical => {
                let scope = scope.unwrap_or_default();
                return Address::new(manager, &format!("{scope}#{}", variable()));
            }
        };
        let takes_field =
            matches!(manager, Kind::Vault | Kind::Aws | Kind::Kubernetes | Kind::OnePassword);
        if let Some(field) = field
            && takes_field
        {
            text = format!("{text}#{field}");
        }
        Address::new(manager, &text)
    }

    /// Names, for a path of exactly so many parts.
    pub(crate) fn parts<const N: usize>(&self) -> Option<[&str; N]> {
        let parts: Vec<&str> = self.path.splitn(N, '/').collect();
        parts.try_into().ok()
    }

    /// The field; empty where there is none, which [`managers::fit`] rules out
    /// for managers that need one.
    pub(crate) fn name(&self) -> &str {
        self.field.as_deref().unwrap_or_default()
    }
}

impl FromStr for Address {
    type Err = Error;

    fn from_str(text: &str) -> Result<Address, Error> {
        Address::parse(text)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.manager.id(), self.path)?;
        match &self.field {
            Some(field) => write!(f, "#{field}"),
            None => Ok(()),
        }
    }
}

/// The beginning of a text without control characters.
fn shown(text: &str) -> String {
    text.chars().take(120).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
