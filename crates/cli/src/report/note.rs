//! What the forms of build servers have in common: a place, a headline and a
//! sentence.

use std::cmp::Reverse;

use stanch_rules::Severity;
use stanch_scan::{Finding, GitPlace, Origin, Presence, printable};

use crate::report::{Options, Report, count, plain};

/// Gaps that are told one by one; a broken disk may have any number.
const GAPS: usize = 50;

/// Something to be told at a place.
pub(crate) struct Note {
    /// How much it matters.
    pub(crate) level: Level,
    /// The file, with `/` between its parts, relative where it was given so.
    /// None for what is no file, such as the message of a commit.
    pub(crate) path: Option<String>,
    /// Lines from 1: the first and the last.
    pub(crate) lines: Option<(u64, u64)>,
    /// Columns in characters from 1: the first, and the one after the last;
    /// only where the value is within one line.
    pub(crate) columns: Option<(u64, u64)>,
    /// What it is, in a few words.
    pub(crate) title: String,
    /// What is to be known of it, in one line unless secrets are shown.
    pub(crate) message: String,
    /// The detector, or a code for what was not read.
    pub(crate) code: String,
}

/// How much a note matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// Critical and high findings.
    Error,
    /// Medium findings, and what was not read.
    Warning,
    /// Low findings.
    Notice,
}

impl Level {
    /// The level of a severity.
    pub(crate) fn of(severity: Severity) -> Level {
        match severity {
            Severity::Critical | Severity::High => Level::Error,
            Severity::Medium => Level::Warning,
            Severity::Low => Level::Notice,
        }
    }
}

/// Notes of a report: findings, the worst first because some servers show only
/// a few, then what was not read.
pub(crate) fn notes(report: &Report<'_>, options: Options) -> Vec<Note> {
    let mut findings: Vec<&Finding> = report.findings.iter().map(|r| &r.finding).collect();
    findings.sort_by_key(|found| Reverse(found.severity));
    let mut notes: Vec<Note> = findings.into_iter().map(|found| finding(found, options)).collect();
    let failed = &report.receipt.failed;
    notes.extend(failed.iter().take(GAPS).map(|gap| Note {
        level: Level::Warning,
        path: path(&gap.origin),
        lines: None,
        columns: None,
        title: "Not scanned, or not wholly".to_owned(),
        message: format!("{}: {}", gap.origin, printable(&gap.reason)),
        code: "stanch-unread".to_owned(),
    }));
    if let more @ 1.. = failed.len().saturating_sub(GAPS) {
        notes.push(Note {
            level: Level::Warning,
            path: None,
            lines: None,
            columns: None,
            title: "Not scanned, or not wholly".to_owned(),
            message: format!("{} more", count(more as u64, "entry", "entries")),
            code: "stanch-unread".to_owned(),
        });
    }
    notes
}

fn finding(found: &Finding, options: Options) -> Note {
    let at = &found.location;
    let path = path(&found.origin);
    let wide = found.encodings.first().is_some_and(|encoding| encoding.starts_with("utf-16"));
    let columns = (path.is_some() && at.line == at.end_line && !wide)
        .then_some((at.char_column, at.end_char_column));
    let value = if options.show_secrets { plain(&found.secret) } else { printable(&found.masked) };
    Note {
        level: Level::of(found.severity),
        lines: path.is_some().then_some((at.line, at.end_line)),
        path,
        columns,
        title: printable(&found.name),
        message: format!("{value}{}. {}", whence(&found.origin), advice(found)),
        code: found.detector.clone(),
    }
}

/// What to do about a finding.
pub(crate) fn advice(found: &Finding) -> String {
    format!(
        "Revoke it where it was made, then take it out; `stanch detectors show {}` tells how.",
        found.detector
    )
}

/// ` in commit 0123456789ab` and the like, for what came out of a repository.
pub(crate) fn whence(origin: &Origin) -> String {
    let Some(git) = origin.git() else { return String::new() };
    let Some(commit) = &git.commit else { return String::new() };
    let place = match git.place {
        GitPlace::File => "",
        GitPlace::Commit => " the message of",
        GitPlace::Tag => " a tag of",
        GitPlace::Note => " a note on",
        GitPlace::Reference => " a name of",
    };
    let gone = match git.presence {
        Presence::Head => "",
        Presence::History => ", in the history only",
        Presence::Unreachable => ", in an object that nothing refers to",
    };
    format!(" in{place} commit {}{gone}", printable(commit.short_id()))
}

/// The path of a file as build servers want it, control characters replaced;
/// none for what is no file.
pub(crate) fn path(origin: &Origin) -> Option<String> {
    match origin {
        Origin::Stdin => return None,
        Origin::Git(git) if git.place != GitPlace::File => return None,
        Origin::File(_) | Origin::Git(_) => {}
    }
    let path = origin.path().to_string_lossy();
    let path = if cfg!(windows) { path.replace('\\', "/") } else { path.into_owned() };
    Some(printable(path.strip_prefix("./").unwrap_or(&path)))
}
