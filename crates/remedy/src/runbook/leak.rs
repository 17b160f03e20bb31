//! What is known of one leak: the facts of a finding, without its value.

use serde::Serialize;

use super::kind::Kind;

/// A secret that was found, with everything around it that its runbook uses.
/// Nothing here is secret: values are masked before they come here.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Leak {
    /// The finding's fingerprint.
    pub fingerprint: String,
    /// The value with its middle hidden.
    pub masked: String,
    /// Probability from 0 to 1 that it is a secret.
    pub confidence: f64,
    /// Why it is taken for one, strongest first.
    pub evidence: Vec<String>,
    /// What the value says of itself, and what was found around it.
    pub facts: Vec<Fact>,
    /// Where it stands in files now, in order of path and line.
    pub places: Vec<Place>,
    /// Where the history of the repository has it, oldest first.
    pub past: Vec<Place>,
    /// What is around it.
    pub around: Around,
}

/// One thing that is known, as a person reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// What it is, such as "created".
    pub name: String,
    /// Its value.
    pub value: String,
    /// Where it was read, if not in the value itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found_in: Option<String>,
}

/// A place where the secret stands, or stood.
#[derive(Debug, Clone, Serialize)]
pub struct Place {
    /// The path, or what it is called where it is no file.
    pub path: String,
    /// Line, from 1.
    pub line: u64,
    /// Column in characters, from 1.
    pub column: u64,
    /// What kind of place it is.
    pub kind: Kind,
    /// What Git has of it.
    pub presence: Presence,
    /// Encodings around the value, outermost first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub encodings: Vec<String>,
    /// The commit that brought it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<Brought>,
    /// Where the code host shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// The commit that brought a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Brought {
    /// The first twelve digits of its id.
    pub id: String,
    /// Who wrote it.
    pub author: String,
    /// The day, as `YYYY-MM-DD`.
    pub day: String,
}

/// What Git has of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Presence {
    /// A file that Git tracks.
    Tracked,
    /// A file that Git neither tracks nor ignores.
    Untracked,
    /// A file that Git ignores.
    Ignored,
    /// A file in no repository.
    NoRepository,
    /// Standard input.
    Input,
    /// In a commit, and still in the present state.
    Head,
    /// In commits only.
    History,
    /// In objects that no reference leads to.
    Unreachable,
}

/// How much of a history was looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum History {
    /// All of it.
    Whole,
    /// What could be read, or what a shallow clone has.
    Part,
    /// Nothing: there is none, or nobody asked for it.
    #[default]
    Unread,
}

/// What is around a leak.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Around {
    /// Today, as `YYYY-MM-DD`.
    pub today: String,
    /// Whether it lies in a Git repository.
    pub repository: bool,
    /// How much of its history was looked at.
    pub history: History,
    /// Hosts that the repository is pushed to.
    pub remotes: Vec<String>,
    /// Whether a hook keeps further secrets from being committed here; none
    /// where nobody could tell.
    pub hook: Option<bool>,
    /// The variable or key that the value is given to, if one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Leak {
    /// A fact by its name.
    pub fn fact(&self, name: &str) -> Option<&str> {
        self.facts.iter().find(|fact| fact.name == name).map(|fact| fact.value.as_str())
    }

    /// The day from which on it was in a commit, and the author.
    pub fn first(&self) -> Option<&Brought> {
        self.past.iter().filter_map(|place| place.commit.as_ref()).min_by(|a, b| a.day.cmp(&b.day))
    }

    /// Whether a commit or another object of the repository holds it.
    pub fn is_committed(&self) -> bool {
        !self.past.is_empty() || self.places.iter().any(|place| place.presence == Presence::Head)
    }

    /// Paths of files that have it now, each once.
    pub fn paths(&self) -> Vec<&str> {
        let mut paths: Vec<&str> = self.places.iter().map(|place| place.path.as_str()).collect();
        paths.dedup();
        paths
    }
}

impl Place {
    /// `path:line`.
    pub fn at(&self) -> String {
        format!("{}:{}", self.path, self.line)
    }
}
