//! JSON and JSON Lines. `docs/output.md` describes every key.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Map, Value, json};
use stanch_scan::{Finding, GapKind, Location, Origin, Secret};

use crate::collect::{Receipt, Reported};
use crate::report::{Options, Report, date, link, rounded, severity};

/// The version of one finding's form.
const FINDING: &str = "stanch.finding/1";

/// The version of the report's form.
const REPORT: &str = "stanch.report/1";

/// Writes one finding as one line.
pub(crate) fn line(out: &mut dyn Write, reported: &Reported, options: Options) -> io::Result<()> {
    writeln!(out, "{}", escaped(&serde_json::to_string(&Record::new(reported, options))?))
}

/// Writes one object with everything.
pub(crate) fn write(out: &mut dyn Write, report: &Report<'_>, options: Options) -> io::Result<()> {
    #[derive(Serialize)]
    struct Whole<'w> {
        schema: &'static str,
        tool: &'static str,
        version: &'static str,
        findings: Vec<Record<'w>>,
        receipt: Value,
    }
    let whole = Whole {
        schema: REPORT,
        tool: "stanch",
        version: env!("CARGO_PKG_VERSION"),
        findings: report.findings.iter().map(|r| Record::new(r, options)).collect(),
        receipt: receipt(report.receipt),
    };
    writeln!(out, "{}", escaped(&serde_json::to_string_pretty(&whole)?))
}

#[derive(Serialize)]
struct Record<'r> {
    schema: &'static str,
    detector: &'r str,
    name: &'r str,
    provider: &'r str,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_bytes: Option<String>,
    line: u64,
    column: u64,
    end_line: u64,
    end_column: u64,
    confidence: f64,
    severity: &'static str,
    masked: &'r str,
    fingerprint: &'r str,
    evidence: &'r [String],
    facts: Map<String, Value>,
    encodings: &'r [&'static str],
    parts: Vec<Value>,
    excerpt: &'r str,
    #[serde(flatten)]
    git: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ignored_by: Option<&'r str>,
    #[serde(flatten)]
    secret: Map<String, Value>,
}

impl<'r> Record<'r> {
    fn new(reported: &'r Reported, options: Options) -> Record<'r> {
        let found = &reported.finding;
        let Location { line, column, end_line, end_column, .. } = found.location;
        let mut facts = Map::new();
        for (name, value) in reported.facts() {
            add(&mut facts, name, value);
        }
        let parts = found.parts.iter().map(|part| {
            let mut object = Map::new();
            object.insert("name".to_owned(), part.name.clone().into());
            object.insert("masked".to_owned(), part.value.masked().into());
            object.insert("line".to_owned(), part.location.line.into());
            object.insert("column".to_owned(), part.location.column.into());
            if options.show_secrets {
                expose(&mut object, "value", &part.value);
            }
            Value::Object(object)
        });
        let mut secret = Map::new();
        if options.show_secrets {
            expose(&mut secret, "secret", &found.secret);
        }
        let (path, path_bytes) = path(&found.origin);
        Record {
            schema: FINDING,
            detector: &found.detector,
            name: &found.name,
            provider: &found.provider,
            path,
            path_bytes,
            line,
            column,
            end_line,
            end_column,
            confidence: rounded(found.confidence),
            severity: severity(found.severity),
            masked: &found.masked,
            fingerprint: &found.fingerprint,
            evidence: &found.evidence,
            facts,
            encodings: &found.encodings,
            parts: parts.collect(),
            excerpt: &found.excerpt,
            git: git(found),
            ignored_by: reported.ignored_by.as_deref(),
            secret,
        }
    }
}

/// What a repository tells of a finding's place; empty for what is in none.
pub(crate) fn git(found: &Finding) -> Map<String, Value> {
    let mut object = Map::new();
    let Some(git) = found.origin.git() else { return object };
    let mut put = |key: &str, value: &str| {
        object.insert(key.to_owned(), value.into());
    };
    put("place", git.place.name());
    put("presence", git.presence.name());
    if let Some(id) = &git.object {
        put("object", id);
    }
    if let Some(commit) = &git.commit {
        put("commit", &commit.id);
        put("author", &commit.author);
        put("email", &commit.email);
        put("date", &date(commit));
    }
    if let Some(link) = link(found) {
        put("url", &link);
    }
    object
}

/// Facts of one name become a list.
fn add(facts: &mut Map<String, Value>, name: &str, value: &str) {
    match facts.get_mut(name) {
        None => {
            facts.insert(name.to_owned(), value.into());
        }
        Some(Value::Array(all)) => all.push(value.into()),
        Some(one) => *one = json!([one.take(), value]),
    }
}

/// A value as text, with its bytes in base64 where it is none.
fn expose(object: &mut Map<String, Value>, key: &str, secret: &Secret) {
    object.insert(key.to_owned(), String::from_utf8_lossy(secret.expose()).into());
    if std::str::from_utf8(secret.expose()).is_err() {
        let bytes = data_encoding::BASE64.encode(secret.expose());
        object.insert(format!("{key}_bytes"), bytes.into());
    }
}

/// A path as text, with its bytes in base64 where it is none.
fn path(origin: &Origin) -> (String, Option<String>) {
    let path = origin.path();
    let bytes = path
        .to_str()
        .is_none()
        .then(|| data_encoding::BASE64.encode(path.as_os_str().as_encoded_bytes()));
    (path.to_string_lossy().into_owned(), bytes)
}

fn receipt(receipt: &Receipt) -> Value {
    let skipped: Vec<Value> = receipt
        .skipped
        .iter()
        .map(|(reason, skipped)| {
            let paths: Vec<String> = skipped.paths.iter().map(|origin| path(origin).0).collect();
            json!({ "reason": reason, "count": skipped.count, "paths": paths })
        })
        .collect();
    let failed: Vec<Value> = receipt
        .failed
        .iter()
        .map(|gap| {
            let (path, bytes) = path(&gap.origin);
            let kind = if gap.kind == GapKind::Limited { "limit" } else { "failure" };
            let mut object = json!({ "path": path, "kind": kind, "reason": gap.reason });
            if let (Some(bytes), Some(object)) = (bytes, object.as_object_mut()) {
                object.insert("path_bytes".to_owned(), bytes.into());
            }
            object
        })
        .collect();
    let mut told = json!({
        "complete": receipt.is_complete(),
        "files": receipt.files,
        "bytes": receipt.bytes,
        "seconds": (receipt.time.as_secs_f64() * 1000.0).round() / 1000.0,
        "skipped": skipped,
        "failed": failed,
        "ignored": receipt.ignored,
        "below_confidence": receipt.unlikely,
        "notes": receipt.notes,
        "leftovers": receipt.leftovers,
    });
    if let (Some(commits), Some(object)) = (receipt.commits, told.as_object_mut()) {
        object.insert("commits".to_owned(), commits.into());
    }
    told
}

/// JSON leaves DEL, C1 controls and marks of direction as they are, but they
/// steer terminals; as escapes they mean the same and do nothing.
fn escaped(json: &str) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '\u{7f}'..='\u{9f}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}
