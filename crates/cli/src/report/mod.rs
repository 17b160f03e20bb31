//! Reports: what a scan found and what it read, in several forms.

pub(crate) mod azure;
pub(crate) mod bitbucket;
pub(crate) mod csv;
pub(crate) mod github;
pub(crate) mod gitlab;
pub(crate) mod html;
pub(crate) mod human;
pub(crate) mod json;
pub(crate) mod junit;
pub(crate) mod markdown;
pub(crate) mod note;
pub(crate) mod sarif;
pub(crate) mod style;
pub(crate) mod teamcity;

use std::collections::HashMap;

use stanch_rules::{Pack, Severity};
use stanch_scan::{Commit, Finding, FindingPart, GitOrigin, GitPlace, Origin, Presence, printable};

use crate::collect::{Receipt, Reported, Tally};

/// What is reported.
pub(crate) struct Report<'r> {
    /// Findings by path and position; empty when they were streamed.
    pub(crate) findings: &'r [Reported],
    /// How many there are.
    pub(crate) tally: &'r Tally,
    /// What was read.
    pub(crate) receipt: &'r Receipt,
    /// The detectors that ran.
    pub(crate) pack: &'r Pack,
}

impl<'r> Report<'r> {
    /// The findings by secret: each with all its places, in order of the first.
    pub(crate) fn secrets(&self) -> Vec<Vec<&'r Reported>> {
        let mut index: HashMap<&str, usize> = HashMap::new();
        let mut secrets: Vec<Vec<&Reported>> = Vec::new();
        for reported in self.findings {
            let at = *index.entry(&reported.finding.fingerprint).or_insert(secrets.len());
            match secrets.get_mut(at) {
                Some(places) => places.push(reported),
                None => secrets.push(vec![reported]),
            }
        }
        secrets
    }

    /// The parts of a finding that belong to its secret; a name beside a value
    /// does not.
    pub(crate) fn parts<'f>(&self, found: &'f Finding) -> impl Iterator<Item = &'f FindingPart> {
        let rule = self.pack.get(&found.detector);
        let own = move |name: &str| rule.is_some_and(|rule| rule.parts.contains_key(name));
        found.parts.iter().filter(move |part| own(&part.name))
    }
}

/// `path:line:column`, safe for a terminal.
pub(crate) fn place(found: &Finding) -> String {
    format!("{}:{}:{}", found.origin, found.location.line, found.location.column)
}

/// Files, and commits where there are any, that were read.
pub(crate) fn amount(receipt: &Receipt) -> String {
    let files = count(receipt.files, "file", "files");
    match receipt.commits {
        None => files,
        Some(0) => format!("no commits, because none were selected, {files}"),
        Some(commits) => format!("{}, {files}", count(commits, "commit", "commits")),
    }
}

/// What a repository tells of a finding's place, by the names that reports
/// have for it: the commit, whether it is still there, and a link.
pub(crate) fn history(found: &Finding) -> Vec<(&'static str, String)> {
    let Some(git) = found.origin.git() else { return Vec::new() };
    let mut told = Vec::new();
    if let Some(commit) = &git.commit {
        let who = match (commit.author.as_str(), commit.email.as_str()) {
            (author, "") => author.to_owned(),
            (author, email) => format!("{author} <{email}>"),
        };
        told.push(("commit", format!("{} by {who}, {}", commit.short_id(), local_date(commit))));
        told.push(("presence", presence(git).to_owned()));
    }
    told.extend(link(found).map(|link| ("link", link)));
    told
}

/// Whether a finding can still be seen, in words.
fn presence(git: &GitOrigin) -> &'static str {
    match git.presence {
        Presence::Head => "still in the present state",
        Presence::History => "in history only, which everybody who clones has",
        Presence::Unreachable => "in objects that no reference leads to",
    }
}

/// Where the code host shows a finding's line.
pub(crate) fn link(found: &Finding) -> Option<String> {
    let url = found.origin.git()?.url.as_ref()?;
    Some(stanch_sources::git::with_line(url, found.location.line))
}

/// When a commit was written, as its author's clock had it, in the form of
/// RFC 3339.
pub(crate) fn date(commit: &Commit) -> String {
    zoned(commit).map_or_else(String::new, |time| time.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string())
}

fn local_date(commit: &Commit) -> String {
    zoned(commit).map_or_else(
        || "at no known time".to_owned(),
        |time| time.strftime("%Y-%m-%d %H:%M %:z").to_string(),
    )
}

fn zoned(commit: &Commit) -> Option<jiff::Zoned> {
    let offset = jiff::tz::Offset::from_seconds(commit.offset).ok()?;
    let time = jiff::Timestamp::from_second(commit.time).ok()?;
    Some(time.to_zoned(jiff::tz::TimeZone::fixed(offset)))
}

/// The places of one secret after its first. Those of one file stand together;
/// it is named once.
pub(crate) fn other_places(secret: &[&Reported]) -> Vec<String> {
    let mut last = None;
    let places = secret.iter().map(|reported| {
        let found = &reported.finding;
        if last.replace(&found.origin) == Some(&found.origin) {
            return format!("{}:{}", found.location.line, found.location.column);
        }
        place(found)
    });
    places.skip(1).collect()
}

/// How evidence begins that speaks against a finding.
const AGAINST: &str = "against: ";

/// Why a finding is believed, and what speaks against it, by the names that
/// reports have for these; what there is nothing of is left out.
pub(crate) fn evidence(found: &Finding) -> Vec<(&'static str, String)> {
    let (against, why): (Vec<&str>, Vec<&str>) =
        found.evidence.iter().map(String::as_str).partition(|text| text.starts_with(AGAINST));
    let against: Vec<&str> = against.iter().filter_map(|text| text.strip_prefix(AGAINST)).collect();
    let told = [("why", why.join("; ")), ("against it", against.join("; "))];
    told.into_iter().filter(|(_, text)| !text.is_empty()).collect()
}

/// What to run to know more of a finding.
pub(crate) fn next_commands(found: &Finding) -> Vec<String> {
    // What is in a commit lies in no file that could be asked about.
    let file = match &found.origin {
        Origin::File(_) => true,
        Origin::Stdin => false,
        Origin::Git(git) => git.commit.is_none() && git.place == GitPlace::File,
    };
    let why = file.then(|| {
        format!("stanch why {}", quoted(&format!("{}:{}", found.origin, found.location.line)))
    });
    let show = found.origin.git().and_then(|git| {
        let object = git.commit.as_ref().map(|commit| commit.short_id().to_owned())?;
        let path = git.path.to_string_lossy();
        Some(match git.place {
            GitPlace::File => quoted(&format!("{object}:{path}")),
            _ => object,
        })
    });
    let show = show.map(|what| format!("git show {what}"));
    why.into_iter()
        .chain(show)
        .chain([format!("stanch detectors show {}", found.detector)])
        .collect()
}

/// A word as a shell takes it.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:,+@%=".contains(c);
    if word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// How to report.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    /// Write the secrets themselves.
    pub(crate) show_secrets: bool,
    /// Findings only.
    pub(crate) quiet: bool,
}

/// All severities, worst first.
pub(crate) const SEVERITIES: [Severity; 4] =
    [Severity::Critical, Severity::High, Severity::Medium, Severity::Low];

/// A severity as it is written in detector files.
pub(crate) fn severity(severity: Severity) -> &'static str {
    severity.id()
}

/// A confidence in a word.
pub(crate) fn confidence(confidence: f32) -> &'static str {
    match confidence {
        0.8.. => "high",
        0.5.. => "medium",
        _ => "low",
    }
}

/// A confidence with two decimals, which is as exact as it is.
pub(crate) fn rounded(confidence: f32) -> f64 {
    (f64::from(confidence) * 100.0).round() / 100.0
}

/// A number of bytes as people read it.
pub(crate) fn size(bytes: u64) -> String {
    let mut value = bytes as f64;
    if bytes < 1000 {
        return format!("{bytes} bytes");
    }
    for unit in ["kB", "MB", "GB"] {
        value /= 1000.0;
        if value < 999.5 {
            return if value < 10.0 {
                format!("{value:.1} {unit}")
            } else {
                format!("{value:.0} {unit}")
            };
        }
    }
    format!("{:.1} TB", value / 1000.0)
}

/// A number with its noun.
pub(crate) fn count(n: u64, one: &str, many: &str) -> String {
    let digits = n.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{grouped} {}", if n == 1 { one } else { many })
}

/// The value as text that a terminal can show.
pub(crate) fn plain(secret: &stanch_scan::Secret) -> String {
    let text = String::from_utf8_lossy(secret.expose());
    text.lines().map(printable).collect::<Vec<_>>().join("\n")
}
