//! The files that are written: detectors, and entries for `stanch.toml`.

use serde::Serialize;

use super::rule::Made;

#[derive(Serialize)]
struct Written<'a> {
    provider: Provider<'a>,
    #[serde(skip_serializing_if = "<[Made]>::is_empty")]
    detector: &'a [Made],
}

#[derive(Serialize)]
struct Provider<'a> {
    id: &'a str,
    name: &'a str,
    category: &'a str,
}

/// A detector file.
///
/// # Errors
/// What TOML cannot hold.
pub(super) fn text(id: &str, name: &str, detectors: &[Made]) -> Result<String, toml::ser::Error> {
    let provider = Provider { id, name, category: "saas" };
    toml::to_string_pretty(&Written { provider, detector: detectors })
}

/// Entries for `stanch.toml`.
#[derive(Debug, Default, Serialize)]
pub(super) struct Entries {
    /// Paths that are not read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) exclude: Vec<Exclude>,
    /// Findings that are not reported.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) ignore: Vec<Ignore>,
}

/// Paths that are not read.
#[derive(Debug, Serialize)]
pub(super) struct Exclude {
    /// Path patterns.
    pub(super) paths: Vec<String>,
    /// Why.
    pub(super) reason: String,
}

/// Findings of a detector that are not reported.
#[derive(Debug, Serialize)]
pub(super) struct Ignore {
    /// The detector's id.
    pub(super) detector: String,
    /// Path patterns.
    pub(super) paths: Vec<String>,
    /// Why.
    pub(super) reason: String,
}

impl Entries {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.exclude.len() + self.ignore.len()
    }

    /// Adds those of another file.
    pub(super) fn extend(&mut self, other: Entries) {
        self.exclude.extend(other.exclude);
        self.ignore.extend(other.ignore);
    }
}
