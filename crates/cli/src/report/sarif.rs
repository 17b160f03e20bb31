//! SARIF 2.1.0, for code hosts and editors.
//!
//! The keys are those of
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>; only
//! those that we fill are here.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;
use serde_json::{Value, json};
use stanch_rules::{Rule, Severity};
use stanch_scan::{Finding, GapKind, Origin, printable};

use crate::collect::Reported;
use crate::report::{Options, Report, json, plain, rounded, severity};

/// Writes one log with one run.
pub(crate) fn write(out: &mut dyn Write, report: &Report<'_>, options: Options) -> io::Result<()> {
    let used: BTreeSet<&str> =
        report.findings.iter().map(|r| r.finding.detector.as_str()).collect();
    let rules: Vec<&Rule> =
        report.pack.rules.iter().filter(|rule| used.contains(rule.id.as_str())).collect();
    let index = |id: &str| rules.iter().position(|rule| rule.id == id);
    let log = Log {
        schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: json!({ "driver": {
                "name": "stanch",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
            }}),
            column_kind: "unicodeCodePoints",
            invocations: [invocation(report)],
            results: report
                .findings
                .iter()
                .map(|reported| result(reported, index(&reported.finding.detector), options))
                .collect(),
        }],
    };
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Value,
    column_kind: &'static str,
    invocations: [Value; 1],
    results: Vec<Value>,
}

fn descriptor(rule: &Rule) -> Value {
    json!({
        "id": rule.id,
        "name": rule.name,
        "shortDescription": { "text": rule.name },
        "help": { "text": format!(
            "`stanch detectors show {}` says what it opens and how to revoke it.", rule.id
        )},
        "defaultConfiguration": { "level": level(rule.severity) },
        "properties": {
            "security-severity": security_severity(rule.severity),
            "tags": ["security", "secret", rule.provider],
        },
    })
}

fn result(reported: &Reported, rule: Option<usize>, options: Options) -> Value {
    let found = &reported.finding;
    let mut properties = json!({
        "masked": found.masked,
        "confidence": rounded(found.confidence),
        "severity": severity(found.severity),
        "provider": found.provider,
        "evidence": found.evidence,
        "facts": reported.facts().map(|(n, v)| format!("{n}: {v}")).collect::<Vec<_>>(),
        "encodings": found.encodings,
    });
    if let Some(object) = properties.as_object_mut() {
        object.extend(json::git(found));
    }
    if let (true, Some(object)) = (options.show_secrets, properties.as_object_mut()) {
        object.insert("secret".to_owned(), plain(&found.secret).into());
    }
    let mut result = json!({
        "ruleId": found.detector,
        "level": level(found.severity),
        "message": { "text": format!("{}: {}", found.name, found.masked) },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri(&found.origin) },
            "region": region(found),
        }}],
        "partialFingerprints": { "stanch/v1": found.fingerprint },
        "rank": rounded(found.confidence) * 100.0,
        "properties": properties,
    });
    if let Some(object) = result.as_object_mut() {
        if let Some(rule) = rule {
            object.insert("ruleIndex".to_owned(), rule.into());
        }
        if let Some(by) = &reported.ignored_by {
            let kind = if by.contains("comment") { "inSource" } else { "external" };
            let suppression = json!([{ "kind": kind, "justification": by }]);
            object.insert("suppressions".to_owned(), suppression);
        }
    }
    result
}

fn region(found: &Finding) -> Value {
    let at = &found.location;
    let mut region = json!({
        "startLine": at.line,
        "endLine": at.end_line,
        "byteOffset": at.bytes.start,
        "byteLength": at.bytes.end.saturating_sub(at.bytes.start),
        "snippet": { "text": found.excerpt },
    });
    // Characters are those of UTF-8; in a file of UTF-16 the whole line is meant.
    let wide = found.encodings.first().is_some_and(|encoding| encoding.starts_with("utf-16"));
    if let (false, Some(object)) = (wide, region.as_object_mut()) {
        object.insert("startColumn".to_owned(), at.char_column.into());
        object.insert("endColumn".to_owned(), at.end_char_column.into());
    }
    region
}

fn invocation(report: &Report<'_>) -> Value {
    let notifications: Vec<Value> = report
        .receipt
        .failed
        .iter()
        .map(|gap| {
            let id = if gap.kind == GapKind::Limited { "limit" } else { "unread" };
            json!({
                "descriptor": { "id": id },
                "level": if gap.kind == GapKind::Limited { "warning" } else { "error" },
                "message": { "text": printable(&gap.reason) },
                "locations": [{ "physicalLocation": {
                    "artifactLocation": { "uri": uri(&gap.origin) },
                }}],
            })
        })
        .collect();
    json!({
        "executionSuccessful": report.receipt.is_complete(),
        "toolExecutionNotifications": notifications,
        "properties": { "files": report.receipt.files, "bytes": report.receipt.bytes },
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

/// The scale of code hosts, from 0 to 10 as CVSS has it.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
    }
}

/// A path as a URI reference, every byte that is not plain percent-encoded.
fn uri(origin: &Origin) -> String {
    use std::fmt::Write;
    let path = origin.path();
    let relative = path.strip_prefix("./").unwrap_or(path);
    let mut out = String::from(if path.is_absolute() { "file://" } else { "" });
    let first = relative.components().next();
    let bytes = first.map_or(Path::new(".").as_os_str(), |_| relative.as_os_str());
    for byte in bytes.as_encoded_bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(*byte));
            }
            b'\\' if cfg!(windows) => out.push('/'),
            byte => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_becomes_a_uri() {
        let of = |path: &str| uri(&Origin::File(path.into()));
        assert_eq!(of("./src/a b%.env"), "src/a%20b%25.env");
        assert_eq!(of("/etc/x:y"), "file:///etc/x%3Ay");
        assert_eq!(of("é"), "%C3%A9");
    }
}
