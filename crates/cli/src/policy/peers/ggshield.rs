//! ggshield: `.gitguardian.yaml`, in its two versions.
//! Format: <https://docs.gitguardian.com/ggshield-docs/configuration>.

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{Parsed, Probe, ValueTest, What, globs, hex};

#[derive(Deserialize)]
struct RawConfig {
    #[serde(default)]
    secret: Option<RawLists>,
    // Version 1 had everything at the top.
    #[serde(default, alias = "matches_ignore", rename = "matches-ignore")]
    matches_ignore: Option<Vec<IgnoredMatch>>,
    #[serde(default, alias = "paths_ignore", rename = "paths-ignore")]
    paths_ignore: Option<Vec<String>>,
    #[serde(default, alias = "banlisted_detectors", rename = "banlisted-detectors")]
    banlisted_detectors: Option<Vec<String>>,
}

#[derive(Default, Deserialize)]
struct RawLists {
    #[serde(default, alias = "ignored-matches")]
    ignored_matches: Option<Vec<IgnoredMatch>>,
    #[serde(default, alias = "ignored-paths")]
    ignored_paths: Option<Vec<String>>,
    #[serde(default, alias = "ignored-detectors")]
    ignored_detectors: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum IgnoredMatch {
    Plain(String),
    Named {
        #[serde(default)]
        name: Option<String>,
        #[serde(rename = "match")]
        wanted: String,
    },
}

/// What a `.gitguardian.yaml` of either version ignores.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    /// Path patterns.
    pub(crate) paths: Vec<String>,
    /// Values or their hashes, each with the name that it was given.
    pub(crate) matches: Vec<(Option<String>, String)>,
    /// Names of detectors.
    pub(crate) detectors: Vec<String>,
}

/// Reads the lists of such a file.
///
/// # Errors
/// What is wrong with the YAML or its types.
pub(crate) fn lists(text: &str) -> anyhow::Result<Lists> {
    if text.trim().is_empty() {
        return Ok(Lists::default());
    }
    let raw: RawConfig = serde_saphyr::from_str(text)
        .map_err(|error| anyhow::anyhow!("{}", error.to_string().lines().next().unwrap_or("")))?;
    let lists = raw.secret.unwrap_or_default();
    fn both<T>(new: Option<Vec<T>>, old: Option<Vec<T>>) -> Vec<T> {
        new.into_iter().chain(old).flatten().collect()
    }
    let matches = both(lists.ignored_matches, raw.matches_ignore);
    let matches = matches.into_iter().map(|ignored| match ignored {
        IgnoredMatch::Plain(wanted) => (None, wanted),
        IgnoredMatch::Named { name, wanted } => {
            (name.filter(|name| !name.trim().is_empty()), wanted)
        }
    });
    Ok(Lists {
        paths: both(lists.ignored_paths, raw.paths_ignore),
        matches: matches.collect(),
        detectors: both(lists.ignored_detectors, raw.banlisted_detectors),
    })
}

/// The ignored matches and paths for secrets.
pub(super) fn config(text: &str) -> anyhow::Result<Parsed> {
    let mut parsed = Parsed::default();
    let lists = lists(text)?;
    for path in lists.paths {
        match globs(std::slice::from_ref(&path)) {
            Ok(matcher) => parsed.add(None, None, What::Paths(matcher)),
            Err(why) => parsed.remarks.push(format!("not honoured: {why}")),
        }
    }
    for (name, wanted) in lists.matches {
        parsed.add(None, name, What::Value(ValueTest::Ggshield(wanted)));
    }
    if !lists.detectors.is_empty() {
        let remark = "ignored_detectors is not honoured, as detectors have other names here; \
                      use [[ignore]] in stanch.toml";
        parsed.remarks.push(remark.to_owned());
    }
    Ok(parsed)
}

/// What ggshield calls the parts of a secret. It hashes a value with a comma
/// and this behind it.
const KINDS: &[&str] = &[
    "apikey",
    "password",
    "token",
    "client_secret",
    "client_id",
    "secret_key",
    "access_token",
    "private_key",
    "key",
    "username",
    "webhook_url",
    "connection_uri",
];

/// Whether a finding is the one of an entry.
pub(super) fn matches(probe: &Probe<'_>, wanted: &str) -> bool {
    if probe.values().any(|value| value == wanted.as_bytes()) {
        return true;
    }
    let hashes = || probe.values().flat_map(hashes_of).collect();
    wanted.len() == 64
        && probe.sha256.get_or_init(hashes).iter().any(|hash| hash.eq_ignore_ascii_case(wanted))
}

/// The hashes that ggshield may have made of a value.
fn hashes_of(value: &[u8]) -> Vec<String> {
    let alone = hex(&Sha256::digest(value));
    let with = |kind: &&str| {
        let hasher = Sha256::new_with_prefix(value).chain_update(",");
        hex(&hasher.chain_update(kind).finalize())
    };
    std::iter::once(alone).chain(KINDS.iter().map(with)).collect()
}
