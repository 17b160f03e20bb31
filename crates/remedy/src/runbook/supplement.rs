//! What only some types of secrets have: tables of scopes, exact calls, names
//! to look for around a leak. It is data in `data/*.toml` of this crate; no
//! code here knows a provider.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::Command;
use super::leak::Leak;

const FILES: &[(&str, &str)] = &[
    ("azure-devops.toml", include_str!("../../data/azure-devops.toml")),
    (
        "azure-service-management-certificate.toml",
        include_str!("../../data/azure-service-management-certificate.toml"),
    ),
];

/// One file of data.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Supplement {
    /// The detectors that it belongs to.
    detectors: Vec<String>,
    /// What to look for around a leak.
    #[serde(default, rename = "find")]
    finders: Vec<Finder>,
    /// Commands that find who uses it.
    #[serde(default, rename = "command")]
    commands: Vec<CommandData>,
    /// What the page shows besides.
    #[serde(default, rename = "part")]
    parts: Vec<Part>,
}

/// A name to look for around a leak.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Finder {
    /// What the fact is called.
    pub(super) name: String,
    /// Texts that it stands behind, in lower case.
    #[serde(default)]
    pub(super) after: Vec<String>,
    /// Texts that it stands before, in lower case.
    #[serde(default)]
    pub(super) before: Vec<String>,
    /// Names that are none, in lower case.
    #[serde(default)]
    pub(super) except: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct CommandData {
    what: String,
    command: String,
}

/// A part of a page that only some types have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The section that it follows.
    pub section: Section,
    /// Its heading.
    pub title: String,
    /// What to know first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Points or steps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<String>,
    /// Calls in order.
    #[serde(default, rename = "call", skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<Call>,
    /// A table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<Table>,
}

/// The section of a page that a part follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Section {
    /// What it is.
    About,
    /// What an attacker can do.
    Abuse,
    /// How to check for misuse.
    Check,
    /// How to revoke it.
    Revoke,
    /// How to make a better one.
    Better,
}

/// One call of an API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// What it does.
    pub what: String,
    /// Method and URL.
    pub request: String,
    /// What is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// What it needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs: Option<String>,
    /// What a good answer looks like.
    pub answer: String,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Headings of its columns.
    pub head: Vec<String>,
    /// Its rows.
    pub rows: Vec<Row>,
    /// What a mark means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<String>,
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Its cells.
    pub cells: Vec<String>,
    /// Whether it stands out.
    #[serde(default)]
    pub marked: bool,
}

/// The parts for a detector, filled with what is known of a leak.
pub(super) fn parts(detector: &str, leak: Option<&Leak>) -> Vec<Part> {
    let fill = |text: &String| fill(text, leak);
    let parts = of(detector).flat_map(|supplement| supplement.parts.iter());
    parts
        .map(|part| Part {
            text: part.text.as_ref().map(fill),
            items: part.items.iter().map(fill).collect(),
            calls: part
                .calls
                .iter()
                .map(|call| Call {
                    what: fill(&call.what),
                    request: fill(&call.request),
                    body: call.body.as_ref().map(fill),
                    ..call.clone()
                })
                .collect(),
            ..part.clone()
        })
        .collect()
}

/// Commands for a detector, filled in the same way.
pub(super) fn commands(detector: &str, leak: Option<&Leak>) -> Vec<Command> {
    let commands = of(detector).flat_map(|supplement| supplement.commands.iter());
    commands
        .map(|data| Command { what: fill(&data.what, leak), command: fill(&data.command, leak) })
        .collect()
}

/// What to look for around a leak of a detector.
pub(super) fn finders(detector: &str) -> impl Iterator<Item = &'static Finder> {
    of(detector).flat_map(|supplement| supplement.finders.iter())
}

/// A text whose `{names}` are replaced by facts of the leak. What is not known
/// stays as it is, to be filled by the reader; of several values of one fact
/// none is chosen.
pub(super) fn fill(text: &str, leak: Option<&Leak>) -> String {
    let Some(leak) = leak else { return text.to_owned() };
    let mut text = text.to_owned();
    let mut names: Vec<&str> = leak.facts.iter().map(|fact| fact.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let mut values = leak.facts.iter().filter(|fact| fact.name == name).map(|fact| &fact.value);
        let (Some(value), None) = (values.next(), values.next()) else { continue };
        // Facts may come from a hostile file and end up in a command.
        if value.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:/+=".contains(c)) {
            text = text.replace(&format!("{{{}}}", name.replace(' ', "-")), value);
        }
    }
    text
}

fn of(detector: &str) -> impl Iterator<Item = &'static Supplement> {
    let is_for =
        move |supplement: &&Supplement| supplement.detectors.iter().any(|id| id == detector);
    all().iter().filter(is_for)
}

fn all() -> &'static [Supplement] {
    static ALL: OnceLock<Vec<Supplement>> = OnceLock::new();
    // A file that cannot be read is found by the test below.
    ALL.get_or_init(|| FILES.iter().filter_map(|(_, text)| toml::from_str(text).ok()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_sound_and_belongs_to_detectors() {
        let book = stanch_detectors::book();
        for (name, text) in FILES {
            let supplement: Supplement = match toml::from_str(text) {
                Ok(supplement) => supplement,
                Err(error) => panic!("{name}: {error}"),
            };
            for id in &supplement.detectors {
                assert!(book.get(id).is_some(), "{name}: there is no detector {id}");
            }
            for part in &supplement.parts {
                let columns = part.table.as_ref().map_or(0, |table| table.head.len());
                for row in part.table.iter().flat_map(|table| &table.rows) {
                    assert_eq!(row.cells.len(), columns, "{name}: {:?}", row.cells);
                }
            }
        }
    }

    #[test]
    fn only_harmless_facts_are_filled_in() {
        let fact = |name: &str, value: &str| super::super::Fact {
            name: name.into(),
            value: value.into(),
            found_in: None,
        };
        let leak = Leak {
            facts: vec![
                fact("organization", "contoso"),
                fact("correlating id", "x; rm -rf ~"),
                fact("twice", "a"),
                fact("twice", "b"),
            ],
            ..Leak::default()
        };
        let text = fill("{organization} {correlating-id} {twice} {other}", Some(&leak));
        assert_eq!(text, "contoso {correlating-id} {twice} {other}");
    }
}
