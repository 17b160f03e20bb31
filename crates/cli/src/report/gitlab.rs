//! Reports of GitLab: secret detection and code quality.
//!
//! The keys are those of the schema of secret detection reports, version
//! 15.0.7 (<https://gitlab.com/gitlab-org/security-products/security-report-schemas>),
//! and of <https://docs.gitlab.com/ci/testing/code_quality/>.

use std::io::{self, Write};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use stanch_rules::Severity;
use stanch_scan::{Finding, printable};

use crate::report::note::{advice, path, whence};
use crate::report::{Options, Report, evidence, plain};

/// The version of the schema.
const SCHEMA: &str = "15.0.7";

/// What GitLab's own analyzers write for a commit that they do not know.
const NO_COMMIT: &str = "0000000";

/// Writes a secret detection report, `gl-secret-detection-report.json`.
pub(crate) fn write(out: &mut dyn Write, report: &Report<'_>, options: Options) -> io::Result<()> {
    let end = Timestamp::now();
    let time = SignedDuration::try_from(report.receipt.time).unwrap_or_default();
    let start = end.checked_sub(time).unwrap_or(end);
    let tool = json!({
        "id": "stanch",
        "name": "Stanch",
        "version": env!("CARGO_PKG_VERSION"),
        "vendor": { "name": "Stanch" },
    });
    let messages: Vec<Value> = report
        .receipt
        .failed
        .iter()
        .map(|gap| {
            let text = format!("not scanned, or not wholly: {}: {}", gap.origin, gap.reason);
            json!({ "level": "warn", "value": printable(&text) })
        })
        .collect();
    let found: Vec<Value> =
        report.findings.iter().map(|r| vulnerability(&r.finding, options)).collect();
    let whole = json!({
        "version": SCHEMA,
        "scan": {
            "analyzer": tool,
            "scanner": tool,
            "type": "secret_detection",
            "start_time": seconds(start),
            "end_time": seconds(end),
            "status": if report.receipt.is_complete() { "success" } else { "failure" },
            "messages": messages,
        },
        "vulnerabilities": found,
    });
    serde_json::to_writer_pretty(&mut *out, &whole)?;
    writeln!(out)
}

fn vulnerability(found: &Finding, options: Options) -> Value {
    let at = &found.location;
    let commit = found.origin.git().and_then(|git| git.commit.as_deref());
    let mut sha = json!({ "sha": commit.map_or(NO_COMMIT, |commit| commit.id.as_str()) });
    if let (Some(commit), Some(object)) = (commit, sha.as_object_mut()) {
        object.insert("author".to_owned(), printable(&commit.author).into());
        if let Ok(date) = Timestamp::from_second(commit.time) {
            object.insert("date".to_owned(), date.to_string().into());
        }
    }
    let mut location = json!({ "commit": sha });
    if let (Some(path), Some(object)) = (path(&found.origin), location.as_object_mut()) {
        object.insert("file".to_owned(), path.into());
        object.insert("start_line".to_owned(), at.line.into());
        object.insert("end_line".to_owned(), at.end_line.into());
    }
    let told = format!("{}{}", printable(&found.masked), whence(&found.origin));
    let why: Vec<String> = evidence(found).into_iter().map(|(n, t)| format!("{n}: {t}")).collect();
    let mut value = json!({
        "id": id(found),
        "category": "secret_detection",
        "name": printable(&found.name),
        "description": format!("{told}; {}", printable(&why.join("; "))),
        "severity": match found.severity {
            Severity::Critical => "Critical",
            Severity::High => "High",
            Severity::Medium => "Medium",
            Severity::Low => "Low",
        },
        "solution": advice(found),
        "identifiers": [{
            "type": "stanch_rule_id",
            "name": format!("Stanch rule ID {}", found.detector),
            "value": found.detector,
        }],
        "location": location,
    });
    // The schema wants the source as it stands, which is the secret.
    if let (true, Some(object)) = (options.show_secrets, value.as_object_mut()) {
        object.insert("raw_source_code_extract".to_owned(), plain(&found.secret).into());
    }
    value
}

/// Writes a code quality report, `gl-code-quality-report.json`, which free
/// tiers show in a merge request.
pub(crate) fn quality(out: &mut dyn Write, report: &Report<'_>) -> io::Result<()> {
    let issues: Vec<Value> = report
        .findings
        .iter()
        .map(|reported| {
            let found = &reported.finding;
            let told = format!("{}: {}", found.name, found.masked);
            json!({
                "description": format!("{}{}", printable(&told), whence(&found.origin)),
                "check_name": found.detector,
                "fingerprint": issue(found),
                "severity": match found.severity {
                    Severity::Critical => "blocker",
                    Severity::High => "critical",
                    Severity::Medium => "major",
                    Severity::Low => "minor",
                },
                "location": {
                    "path": path(&found.origin).unwrap_or_else(|| found.origin.to_string()),
                    "lines": { "begin": found.location.line },
                },
            })
        })
        .collect();
    serde_json::to_writer_pretty(&mut *out, &issues)?;
    writeln!(out)
}

/// A UUID for a finding at its place, which is the same in every run. It is
/// made of what the report shows anyway, so it needs no key.
fn id(found: &Finding) -> String {
    let commit = found.origin.git().and_then(|git| git.commit.as_ref()).map(|c| c.id.as_str());
    let start = found.location.bytes.start.to_string();
    uuid(&[
        &found.detector,
        &found.masked,
        &found.origin.to_string(),
        &start,
        commit.unwrap_or_default(),
    ])
}

/// The same without position and commit: GitLab compares issues of two
/// branches by it, and lines move.
fn issue(found: &Finding) -> String {
    uuid(&[&found.detector, &found.masked, &found.origin.to_string()])
}

fn uuid(parts: &[&str]) -> String {
    let mut bytes = [0; 16];
    for (byte, from) in bytes.iter_mut().zip(Sha256::digest(parts.join("\n").as_bytes())) {
        *byte = from;
    }
    // Version 8 of RFC 9562 is for bits that one has made oneself.
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex = data_encoding::HEXLOWER.encode(&bytes);
    let part = |range| hex.get(range).unwrap_or_default();
    [part(0..8), part(8..12), part(12..16), part(16..20), part(20..32)].join("-")
}

/// A time as the schema wants it: in UTC, without fraction and zone.
fn seconds(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}
