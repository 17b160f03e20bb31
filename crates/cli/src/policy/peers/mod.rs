//! The ignore files of other scanners, so that a change of scanner does not
//! start with old findings.

mod detect_secrets;
pub(crate) mod ggshield;
pub(crate) mod gitleaks;
mod trufflehog;

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use regex_automata::meta;
use regex_automata::util::syntax;
use stanch_scan::Finding;

use super::Ignored;
use super::files::{self, shown};
use super::glob::{Anchor, Patterns, Place};

/// An ignore file of another scanner.
pub(crate) struct PeerFile {
    name: String,
    place: Place,
    entries: Vec<Entry>,
    hits: Vec<AtomicUsize>,
    /// What of the file is not honoured, in sentences.
    pub(crate) remarks: Vec<String>,
}

/// What a file came to.
#[derive(Default)]
struct Parsed {
    entries: Vec<Entry>,
    remarks: Vec<String>,
}

impl Parsed {
    fn add(&mut self, line: Option<usize>, reason: Option<String>, what: What) {
        self.entries.push(Entry { line, reason, what, quiet: false });
    }
}

struct Entry {
    line: Option<usize>,
    reason: Option<String>,
    what: What,
    /// Matching nothing is no news.
    quiet: bool,
}

/// What an entry is about.
enum What {
    /// Files that are not read.
    Paths(Matcher),
    /// Findings by place.
    Spot { path: String, line: u64 },
    /// Findings with a value.
    Value(ValueTest),
    /// Findings with a value in certain files.
    ValueIn(ValueTest, Matcher),
}

/// A test of a path relative to the file's folder.
enum Matcher {
    Regex(Box<meta::Regex>),
    Glob(Box<Patterns>),
    Exact(String),
}

/// A test of a finding's value.
enum ValueTest {
    /// detect-secrets: SHA-1 in hex; the line for what has no value of its own.
    Sha1(String, Option<u64>),
    /// ggshield: SHA-256 in hex, or the value itself.
    Ggshield(String),
    /// gitleaks: a pattern, over the whole line where that is set.
    Regex { regex: Box<meta::Regex>, line: bool },
}

type Parser = fn(&str) -> anyhow::Result<Parsed>;

const FORMATS: &[(&str, Parser)] = &[
    (".gitleaksignore", gitleaks::ignore_file),
    (".betterleaksignore", gitleaks::ignore_file),
    (".gitleaks.toml", gitleaks::config_file),
    (".secrets.baseline", detect_secrets::baseline),
    (".gitguardian.yaml", ggshield::config),
    (".gitguardian.yml", ggshield::config),
    (".trufflehogignore", trufflehog::paths_file),
    (".trufflehog-exclude-paths", trufflehog::paths_file),
    ("kingfisher-baseline.yaml", kingfisher),
    ("kingfisher-baseline.yml", kingfisher),
];

fn kingfisher(_text: &str) -> anyhow::Result<Parsed> {
    let remark = "not understood, as its entries are positions: use `stanch baseline create`";
    Ok(Parsed { entries: Vec::new(), remarks: vec![remark.to_owned()] })
}

/// Reads what other scanners left in a folder. A file that cannot be
/// understood is named and otherwise left alone: it is not ours.
pub(crate) fn find(folder: &Path, roots: &[PathBuf]) -> Vec<PeerFile> {
    let present = FORMATS.iter().filter_map(|(name, parser)| {
        let path = folder.join(name);
        path.is_file().then(|| {
            let parsed =
                files::read(&path).and_then(|text| parser(&text)).unwrap_or_else(|error| {
                    let remark = format!("not understood ({error:#}): mend or delete it");
                    Parsed { entries: Vec::new(), remarks: vec![remark] }
                });
            let name = shown(&path);
            PeerFile {
                place: Place::new(folder, roots),
                hits: parsed.entries.iter().map(|_| AtomicUsize::new(0)).collect(),
                entries: parsed.entries,
                remarks: parsed.remarks.into_iter().map(|r| format!("{name}: {r}.")).collect(),
                name,
            }
        })
    });
    present.collect()
}

impl PeerFile {
    /// The file as messages show it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether any of it is honoured.
    pub(crate) fn honoured(&self) -> bool {
        !self.entries.is_empty()
    }

    /// Tells why a file is not read. Folders are always entered, as a pattern
    /// that matches a folder's path need not match what is in it.
    pub(crate) fn excluded(&self, path: &Path, folder: bool) -> Option<String> {
        if folder || !self.entries.iter().any(|e| matches!(e.what, What::Paths(_))) {
            return None;
        }
        let relative = self.place.relative(path);
        let found = self.entries.iter().position(|entry| match &entry.what {
            What::Paths(matcher) => matcher.matches(&relative),
            _ => false,
        })?;
        Some(format!("excluded by {}", self.hit(found).by))
    }

    /// Tells why a finding is not reported.
    pub(crate) fn ignored(&self, finding: &Finding) -> Option<Ignored> {
        let relative = self.place.of(&finding.origin);
        let probe = Probe::new(finding);
        let found = self.entries.iter().position(|entry| match &entry.what {
            // A file that was named on the command line is read all the same.
            What::Paths(_) => false,
            What::Spot { path, line } => *line == finding.location.line && *path == relative,
            What::Value(test) => test.matches(&probe),
            What::ValueIn(test, matcher) => matcher.matches(&relative) && test.matches(&probe),
        })?;
        Some(self.hit(found))
    }

    fn hit(&self, index: usize) -> Ignored {
        if let Some(hits) = self.hits.get(index) {
            hits.fetch_add(1, Ordering::Relaxed);
        }
        let entry = self.entries.get(index);
        let by = match entry.and_then(|entry| entry.line) {
            Some(line) => format!("{}:{line}", self.name),
            None => self.name.clone(),
        };
        Ignored { by, reason: entry.and_then(|entry| entry.reason.clone()) }
    }

    /// Tells of entries that matched nothing; one sentence for the file, as
    /// it may have thousands.
    pub(crate) fn unused(&self) -> Option<String> {
        if !self.place.covered() {
            return None;
        }
        let unused = self.entries.iter().zip(&self.hits);
        let unused: Vec<_> = unused
            .filter(|(entry, hits)| !entry.quiet && hits.load(Ordering::Relaxed) == 0)
            .map(|(entry, _)| entry.line)
            .collect();
        let first = unused.first()?;
        let at = first.map(|line| format!(":{line}")).unwrap_or_default();
        Some(format!(
            "{}{at}: {} of {} entries matched nothing; delete them{}.",
            self.name,
            unused.len(),
            self.entries.len(),
            if first.is_some() && unused.len() > 1 { ", this is the first" } else { "" }
        ))
    }
}

impl Matcher {
    fn matches(&self, path: &str) -> bool {
        match self {
            Matcher::Regex(regex) => regex.is_match(path),
            Matcher::Glob(patterns) => patterns.matches(path, false),
            Matcher::Exact(exact) => exact == path,
        }
    }
}

impl ValueTest {
    fn matches(&self, probe: &Probe<'_>) -> bool {
        let finding = probe.finding;
        match self {
            ValueTest::Sha1(hash, line) => detect_secrets::matches(probe, hash, *line),
            ValueTest::Ggshield(wanted) => ggshield::matches(probe, wanted),
            ValueTest::Regex { regex, line: false } => regex.is_match(finding.secret.expose()),
            ValueTest::Regex { regex, line: true } => {
                // The excerpt is the line with masked values; put this one back.
                let value = String::from_utf8_lossy(finding.secret.expose());
                regex.is_match(finding.excerpt.replacen(&finding.masked, &value, 1).as_bytes())
                    || regex.is_match(value.as_bytes())
            }
        }
    }
}

/// A finding with the hashes of its values, which are made once and not for
/// each of a file's thousands of entries.
struct Probe<'f> {
    finding: &'f Finding,
    sha1: OnceCell<Vec<String>>,
    sha256: OnceCell<Vec<String>>,
}

impl<'f> Probe<'f> {
    fn new(finding: &'f Finding) -> Probe<'f> {
        Probe { finding, sha1: OnceCell::new(), sha256: OnceCell::new() }
    }

    /// The values of the finding: the secret and its other parts.
    fn values(&self) -> impl Iterator<Item = &'f [u8]> {
        let parts = self.finding.parts.iter().map(|part| part.value.expose());
        std::iter::once(self.finding.secret.expose()).chain(parts)
    }
}

/// Most bytes of memory for a compiled pattern.
const REGEX_SIZE_MAX: usize = 2 << 20;

/// Compiles a pattern of somebody else's. It runs in linear time whatever it
/// is, and works on bytes.
fn regex(pattern: &str) -> Result<Box<meta::Regex>, String> {
    meta::Regex::builder()
        .syntax(syntax::Config::new().unicode(false).utf8(false))
        .configure(meta::Config::new().utf8_empty(false).nfa_size_limit(Some(REGEX_SIZE_MAX)))
        .build(pattern)
        .map(Box::new)
        .map_err(|error| match error.syntax_error() {
            Some(_) => "its syntax is not known here".to_owned(),
            None => error.to_string(),
        })
}

fn globs(patterns: &[String]) -> Result<Matcher, String> {
    match Patterns::new(patterns, Anchor::LeadingSlash) {
        Ok(patterns) => Ok(Matcher::Glob(Box::new(patterns))),
        Err((index, why)) => {
            let pattern = patterns.get(index).map_or("", String::as_str);
            Err(format!("pattern {pattern:?}: {why}"))
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
