//! Baseline files: known secrets by fingerprint, without positions and
//! without anything that a guess could be tested against.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, anyhow, bail};
use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::files::{self, shown};

const SCHEMA: &str = "stanch.baseline/1";

/// A baseline.
#[derive(Debug, Clone, Default)]
pub(crate) struct Baseline {
    /// [`FingerprintKey::id`](stanch_scan::FingerprintKey::id) of the key
    /// that the fingerprints were made with.
    pub(crate) key_id: String,
    /// The entries by fingerprint.
    pub(crate) entries: BTreeMap<String, Entry>,
}

/// A known secret. The paths only inform; they are relative to the baseline's
/// folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    /// 32 hex digits.
    pub(crate) fingerprint: String,
    /// The detector's id.
    pub(crate) detector: String,
    /// Where it stood when the baseline was last updated.
    #[serde(default)]
    pub(crate) paths: BTreeSet<String>,
    /// What the review came to.
    #[serde(default)]
    pub(crate) label: Label,
    /// Why.
    #[serde(default)]
    pub(crate) reason: Option<String>,
    /// Who answers for it.
    #[serde(default)]
    pub(crate) owner: Option<String>,
    /// The last day on which the entry holds.
    #[serde(default, serialize_with = "write_date", deserialize_with = "read_date")]
    pub(crate) expires: Option<Date>,
    /// When it was added.
    #[serde(default, serialize_with = "write_date", deserialize_with = "read_date")]
    pub(crate) added: Option<Date>,
}

/// What the review of a known secret came to.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    clap::ValueEnum,
)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Label {
    /// Nobody has looked yet.
    #[default]
    Unreviewed,
    /// It is no secret.
    FalsePositive,
    /// It is a secret, and it may stay.
    Accepted,
    /// It is a secret that has to be revoked.
    ToRevoke,
}

impl Label {
    /// The label as files and messages write it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Label::Unreviewed => "unreviewed",
            Label::FalsePositive => "false-positive",
            Label::Accepted => "accepted",
            Label::ToRevoke => "to-revoke",
        }
    }
}

impl Entry {
    /// Whether the entry does not hold any more.
    pub(crate) fn expired(&self, today: Date) -> bool {
        super::expired(self.expires, today)
    }

    /// Takes in another entry for the same secret, as two branches that were
    /// merged leave one.
    fn absorb(&mut self, other: Entry) {
        self.paths.extend(other.paths);
        if self.label == Label::Unreviewed {
            self.label = other.label;
        }
        self.reason = self.reason.take().or(other.reason);
        self.owner = self.owner.take().or(other.owner);
        // The earlier day is the more careful one.
        self.expires = self.expires.into_iter().chain(other.expires).min();
        self.added = self.added.into_iter().chain(other.added).min();
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBaseline {
    schema: String,
    key_id: String,
    entries: Vec<Entry>,
}

#[derive(Serialize)]
struct WrittenBaseline<'b> {
    schema: &'static str,
    key_id: &'b str,
    entries: Vec<&'b Entry>,
}

impl Baseline {
    /// Reads a baseline.
    ///
    /// # Errors
    /// Files that cannot be read, and ones of another form, with the place.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Baseline> {
        if !path.exists() {
            bail!("{}: there is no such file; make it with `stanch baseline create`", shown(path));
        }
        let text = files::read(path)?;
        let raw: RawBaseline = serde_json::from_str(&text).map_err(|error| {
            let advice = if text.lines().any(|line| line.starts_with("<<<<<<<")) {
                "; the file has marks of a merge conflict: keep the entries of both sides, \
                 then run `stanch baseline update`"
            } else {
                ""
            };
            // The message's own place is put in front, as in other messages.
            let message = error.to_string();
            let message = message.split(" at line ").next().unwrap_or("").to_owned();
            anyhow!("{}:{}:{}: {message}{advice}", shown(path), error.line(), error.column())
        })?;
        if raw.schema != SCHEMA {
            bail!(
                "{}: the schema is {:?}, which this version does not know; it knows {SCHEMA:?}",
                shown(path),
                raw.schema
            );
        }
        let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
        for entry in raw.entries {
            match entries.entry(entry.fingerprint.clone()) {
                std::collections::btree_map::Entry::Vacant(place) => {
                    place.insert(entry);
                }
                std::collections::btree_map::Entry::Occupied(mut place) => {
                    place.get_mut().absorb(entry);
                }
            }
        }
        Ok(Baseline { key_id: raw.key_id, entries })
    }

    /// Refuses a baseline whose fingerprints were made with another key, as
    /// none of them could ever match.
    ///
    /// # Errors
    /// Says how to set the key.
    pub(crate) fn check_key(&self, path: &Path, key_id: &str) -> anyhow::Result<()> {
        if self.key_id == key_id {
            return Ok(());
        }
        bail!(
            "{}: this baseline was made with the fingerprint key {}, but the key in force is \
             {key_id}. Set {} to the key that it was made with, or {} to a file with it; or make \
             a new baseline with `stanch baseline create --force`",
            shown(path),
            stanch_scan::printable(&self.key_id),
            super::key::KEY_VARIABLE,
            super::key::KEY_FILE_VARIABLE
        )
    }

    /// The file's text: entries sorted by fingerprint, one field to a line.
    ///
    /// # Errors
    /// None in practice.
    pub(crate) fn to_text(&self) -> anyhow::Result<String> {
        let written = WrittenBaseline {
            schema: SCHEMA,
            key_id: &self.key_id,
            entries: self.entries.values().collect(),
        };
        Ok(serde_json::to_string_pretty(&written)? + "\n")
    }

    /// Writes the file in one step, so that nobody sees half of it.
    ///
    /// # Errors
    /// Folders that cannot be written.
    pub(crate) fn write(&self, path: &Path) -> anyhow::Result<()> {
        let mut draft = path.as_os_str().to_owned();
        draft.push(format!(".{}.tmp", std::process::id()));
        let result = std::fs::write(&draft, self.to_text()?)
            .and_then(|()| std::fs::rename(&draft, path))
            .with_context(|| shown(path));
        if result.is_err() {
            // What is left of the draft is of no use.
            let _ = std::fs::remove_file(&draft);
        }
        result
    }
}

/// Today, by the clock that is the same everywhere.
pub(crate) fn today() -> Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}

fn write_date<S: Serializer>(date: &Option<Date>, serializer: S) -> Result<S::Ok, S::Error> {
    match date {
        Some(date) => serializer.collect_str(date),
        None => serializer.serialize_none(),
    }
}

fn read_date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    match text.parse() {
        Ok(date) => Ok(Some(date)),
        Err(_) => Err(serde::de::Error::custom("this is no date of the form \"2027-01-31\"")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_entries_of_one_secret_become_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("b.json");
        let entry = |path: &str, label: &str| {
            format!(
                r#"{{"fingerprint": "f", "detector": "d", "paths": ["{path}"], "label": "{label}"}}"#
            )
        };
        let entries = format!("{},{}", entry("b", "unreviewed"), entry("a", "accepted"));
        let text = format!(r#"{{"schema": "{SCHEMA}", "key_id": "k", "entries": [{entries}]}}"#);
        std::fs::write(&path, text).unwrap();
        let baseline = Baseline::read(&path).unwrap();
        let entry = &baseline.entries["f"];
        assert_eq!(entry.label, Label::Accepted);
        assert_eq!(entry.paths.iter().collect::<Vec<_>>(), ["a", "b"]);
        baseline.write(&path).unwrap();
        assert_eq!(Baseline::read(&path).unwrap().entries, baseline.entries);
    }

    #[test]
    fn a_broken_baseline_is_told_with_its_place() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("b.json");
        std::fs::write(&path, "{\n<<<<<<< ours\n").unwrap();
        let message = Baseline::read(&path).unwrap_err().to_string();
        assert!(message.contains("b.json:2:1: "), "{message}");
        assert!(message.contains("merge conflict"), "{message}");
        let text = r#"{"schema": "stanch.baseline/9", "key_id": "k", "entries": []}"#;
        std::fs::write(&path, text).unwrap();
        assert!(Baseline::read(&path).unwrap_err().to_string().contains("does not know"));
    }
}
