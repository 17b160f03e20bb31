//! Code Insights of Bitbucket: the body of a report, and those of its
//! annotations.
//!
//! Keys and limits: <https://developer.atlassian.com/cloud/bitbucket/rest/api-group-reports/>.
//! Stanch sends nothing; two calls do, through the proxy that signs requests
//! within Pipelines.

use std::io::{self, Write};

use serde_json::{Value, json};
use stanch_rules::Severity;
use stanch_scan::printable;

use crate::report::note::{path, whence};
use crate::report::{Options, Report, SEVERITIES, amount, count, plain, severity};

/// Annotations that one call takes; a report has at most 1000, so the worst
/// 100 are told.
const ANNOTATIONS: usize = 100;

/// Longest summary, in characters.
const SUMMARY: usize = 450;

/// Longest details, in characters.
const DETAILS: usize = 2000;

/// Writes the body of the report itself.
pub(crate) fn report(out: &mut dyn Write, report: &Report<'_>) -> io::Result<()> {
    let passed = report.tally.total == 0 && report.receipt.is_complete();
    let mut data: Vec<Value> = SEVERITIES
        .iter()
        .map(|level| {
            let n = report.tally.by_severity.get(level).copied().unwrap_or_default();
            json!({ "title": severity(*level), "type": "NUMBER", "value": n })
        })
        .collect();
    data.push(json!({
        "title": "everything read", "type": "BOOLEAN", "value": report.receipt.is_complete(),
    }));
    let details = format!(
        "{}, {} in {}. {}",
        count(report.tally.total, "finding", "findings"),
        count(report.tally.secrets, "secret", "secrets"),
        amount(report.receipt),
        if report.receipt.is_complete() { "" } else { "Not everything was read; see the log." },
    );
    let body = json!({
        "title": "Stanch: secrets",
        "details": cut(details.trim(), DETAILS),
        "report_type": "SECURITY",
        "reporter": "Stanch",
        "result": if passed { "PASSED" } else { "FAILED" },
        "data": data,
    });
    serde_json::to_writer_pretty(&mut *out, &body)?;
    writeln!(out)
}

/// Writes the body of the call that adds annotations.
pub(crate) fn annotations(
    out: &mut dyn Write,
    report: &Report<'_>,
    options: Options,
) -> io::Result<()> {
    let mut findings: Vec<_> = report.findings.iter().map(|r| &r.finding).collect();
    findings.sort_by_key(|found| std::cmp::Reverse(found.severity));
    let bodies: Vec<Value> = findings
        .into_iter()
        .take(ANNOTATIONS)
        .enumerate()
        .map(|(at, found)| {
            let value =
                if options.show_secrets { plain(&found.secret) } else { found.masked.clone() };
            let told = format!("{}: {value}{}", printable(&found.name), whence(&found.origin));
            let mut body = json!({
                "external_id": format!("stanch-{at}-{}", found.fingerprint),
                "annotation_type": "VULNERABILITY",
                "title": found.detector,
                "summary": cut(&told, SUMMARY),
                "result": "FAILED",
                "severity": match found.severity {
                    Severity::Critical => "CRITICAL",
                    Severity::High => "HIGH",
                    Severity::Medium => "MEDIUM",
                    Severity::Low => "LOW",
                },
            });
            if let (Some(path), Some(object)) = (path(&found.origin), body.as_object_mut()) {
                object.insert("path".to_owned(), path.into());
                object.insert("line".to_owned(), found.location.line.into());
            }
            body
        })
        .collect();
    serde_json::to_writer_pretty(&mut *out, &bodies)?;
    writeln!(out)
}

/// The first characters of a text.
fn cut(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    text.chars().take(longest.saturating_sub(1)).chain(['…']).collect()
}
