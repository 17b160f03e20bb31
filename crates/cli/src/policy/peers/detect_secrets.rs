//! detect-secrets: `.secrets.baseline`, with the SHA-1 of each value by file.
//! Format: <https://github.com/Yelp/detect-secrets#baseline>.

use std::collections::BTreeMap;

use serde::Deserialize;
use sha1::{Digest, Sha1};

use super::{Matcher, Parsed, Probe, ValueTest, What, hex};

#[derive(Deserialize)]
struct RawBaseline {
    #[serde(default)]
    results: BTreeMap<String, Vec<Known>>,
}

#[derive(Deserialize)]
struct Known {
    hashed_secret: String,
    is_secret: Option<bool>,
    line_number: Option<u64>,
}

/// Every entry counts, whatever its audit came to, as for detect-secrets.
pub(super) fn baseline(text: &str) -> anyhow::Result<Parsed> {
    let raw: RawBaseline = serde_json::from_str(text)?;
    let mut parsed = Parsed::default();
    let mut real = 0;
    for (path, known) in raw.results {
        let path = path.replace('\\', "/");
        let path = path.strip_prefix("./").unwrap_or(&path).to_owned();
        for entry in known {
            let reason = match entry.is_secret {
                Some(true) => "audited as a real secret",
                Some(false) => "audited as no secret",
                None => "known, but not audited",
            };
            real += usize::from(entry.is_secret == Some(true));
            let hash = entry.hashed_secret.to_ascii_lowercase();
            let test = ValueTest::Sha1(hash, entry.line_number);
            let what = What::ValueIn(test, Matcher::Exact(path.clone()));
            parsed.add(None, Some(reason.to_owned()), what);
        }
    }
    if real > 0 {
        parsed.remarks.push(format!("{real} entries were audited as real secrets: revoke them"));
    }
    Ok(parsed)
}

/// Whether a finding is the one of an entry. Of a private key, detect-secrets
/// keeps only the kind, which is the same for all; there the line counts too.
pub(super) fn matches(probe: &Probe<'_>, hash: &str, line: Option<u64>) -> bool {
    let hash_of = |value: &[u8]| hex(&Sha1::digest(value));
    if probe.sha1.get_or_init(|| probe.values().map(hash_of).collect()).iter().any(|h| h == hash) {
        return true;
    }
    let kind = std::str::from_utf8(probe.finding.secret.expose())
        .ok()
        .and_then(|value| value.trim_start().strip_prefix("-----"))
        .and_then(|value| value.split_once("-----"))
        .map(|(kind, _)| kind);
    kind.is_some_and(|kind| {
        line == Some(probe.finding.location.line) && hash_of(kind.as_bytes()) == hash
    })
}
