//! `stanch fix --history`: what it takes to remove secrets from the whole past
//! of a repository, and doing it on a mirror.
//!
//! Rewriting never makes a leak undone, so revoking comes first; and it is
//! done on a fresh mirror only, never on the repository itself.

mod mirror;
mod objects;
mod survey;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, bail};
use stanch_scan::{Finding, FingerprintKey, Gap, Scanner, Secret, Sink, Source, printable};
use stanch_sources::git::{History, Repo as History_};

use super::git;
use crate::args::SearchOptions;
use crate::exit::Exit;
use crate::policy::{self, Policy};
use crate::report::style;
use crate::scan;
use survey::Survey;

/// A secret that is to leave the history.
pub(super) struct Leaked {
    pub(super) value: Secret,
    pub(super) masked: String,
    pub(super) name: String,
    pub(super) fingerprint: String,
    /// Paths that had it, at most a few.
    pub(super) places: Vec<String>,
}

/// Runs the command.
pub(super) fn run(which: &[String], mirror: Option<&Path>) -> anyhow::Result<Exit> {
    let here = std::env::current_dir().context("the working folder is gone")?;
    let leaked = leaked(which, &here)?;
    if leaked.is_empty() {
        writeln!(anstream::stdout(), "The history has no secrets.")?;
        return Ok(Exit::Clean);
    }
    let values: Vec<&[u8]> = leaked.iter().map(|leaked| leaked.value.expose()).collect();
    let survey = Survey::take(&here, &values)?;
    survey.tell(&leaked)?;
    let Some(mirror) = mirror else {
        steps(&leaked)?;
        return Ok(Exit::Findings);
    };
    // From inside of a folder of the work tree, too.
    let from = git::Repo::around(&here).map_or(here, |repo| repo.top);
    mirror::rewrite(&from, mirror, &leaked)?;
    prove(mirror, &leaked, &values)?;
    finish(mirror)?;
    Ok(Exit::Clean)
}

/// The secrets of the history that were asked for; all of them if none was.
fn leaked(which: &[String], folder: &Path) -> anyhow::Result<Vec<Leaked>> {
    let mut found: BTreeMap<String, Leaked> = BTreeMap::new();
    for finding in past(folder, false)? {
        let place = finding.origin.path().to_string_lossy().into_owned();
        let leaked = found.entry(finding.fingerprint.clone()).or_insert_with(|| Leaked {
            value: finding.secret.clone(),
            masked: finding.masked.clone(),
            name: finding.name.clone(),
            fingerprint: finding.fingerprint.clone(),
            places: Vec::new(),
        });
        if leaked.places.len() < 5 && !leaked.places.contains(&place) {
            leaked.places.push(place);
        }
    }
    if which.is_empty() {
        return Ok(found.into_values().collect());
    }
    let mut out: Vec<Leaked> = Vec::new();
    for wanted in which {
        let prints: Vec<String> =
            found.keys().filter(|print| print.starts_with(wanted.as_str())).cloned().collect();
        match prints.as_slice() {
            [] => bail!(
                "{}: no secret of the history has this fingerprint; `stanch scan git` lists them",
                printable(wanted)
            ),
            [print] => out.extend(found.remove(print)),
            _ => bail!(
                "{} is the beginning of several fingerprints; give more of it",
                printable(wanted)
            ),
        }
    }
    Ok(out)
}

/// Everything that is found in the history of a repository.
fn past(folder: &Path, unreachable: bool) -> anyhow::Result<Vec<Finding>> {
    let repo = History_::discover(folder)?;
    let key: FingerprintKey = policy::key::load()?;
    let root = repo.work_dir().unwrap_or_else(|| repo.common_dir());
    let policy = Policy::load_without_baseline(None, &[root])?;
    let config = scan::Config::new(&SearchOptions::default(), &policy);
    let engine = config.engine()?;
    let mut source = History::new(&repo);
    source.unreachable = unreachable;
    source.reflog = true;
    let found = Collected::default();
    source.scan(Scanner { engine: &engine, key: &key }, &found);
    if let Some(gap) = found.gaps.into_inner().unwrap_or_else(PoisonError::into_inner).first() {
        bail!("{}: {}; the history must be whole", gap.origin, gap.reason);
    }
    let findings = found.findings.into_inner().unwrap_or_else(PoisonError::into_inner);
    let sure = |finding: &Finding| finding.confidence >= config.min_confidence;
    Ok(findings.into_iter().filter(|f| sure(f) && f.ignored_by.is_none()).collect())
}

#[derive(Default)]
struct Collected {
    findings: Mutex<Vec<Finding>>,
    gaps: Mutex<Vec<Gap>>,
}

impl Sink for Collected {
    fn findings(&self, findings: Vec<Finding>) {
        self.findings.lock().unwrap_or_else(PoisonError::into_inner).extend(findings);
    }

    fn gap(&self, gap: Gap) {
        if gap.kind.is_incomplete() {
            self.gaps.lock().unwrap_or_else(PoisonError::into_inner).push(gap);
        }
    }
}

/// What to do, in order.
fn steps(leaked: &[Leaked]) -> anyhow::Result<()> {
    let mut out = anstream::stdout().lock();
    let prints: Vec<&str> =
        leaked.iter().map(|l| l.fingerprint.get(..12).unwrap_or(&l.fingerprint)).collect();
    let bold = style::STRONG;
    writeln!(out, "\n{bold}Steps{bold:#}, in this order:")?;
    for (nr, step) in [
        "Revoke every secret first. Rewriting takes nothing back from whoever has read it.".to_owned(),
        "Keep a backup: git clone --mirror REPOSITORY backup.git, where nobody else reads it.".to_owned(),
        "Replace them in the newest version: stanch fix . and commit.".to_owned(),
        format!(
            "Ask everybody to push what they have, then rewrite a fresh mirror: stanch fix --history {} --run \
             --mirror DIR. It proves with a scan that no object has a secret left.",
            prints.join(" ")
        ),
        "Push the mirror: git -C DIR push --mirror REMOTE. Protected branches must be unlocked for it.".to_owned(),
        "On the code host: requests to merge keep hidden references (refs/pull, refs/merge-requests) and \
         cached pages; ask support to remove them and to collect garbage. Forks keep everything: their owners \
         must delete or rewrite them."
            .to_owned(),
        "Everybody clones anew; a pull into an old clone would bring the secrets back. Caches of build \
         servers and mirrors too."
            .to_owned(),
        "Scan again: stanch scan git --reflog.".to_owned(),
    ]
    .iter()
    .enumerate()
    {
        writeln!(out, "  {}. {step}", nr + 1)?;
    }
    Ok(())
}

/// Looks for every value in every object of the mirror, and scans it as well.
fn prove(mirror: &Path, leaked: &[Leaked], values: &[&[u8]]) -> anyhow::Result<()> {
    let held = objects::holding(mirror, values)?;
    if let Some(object) = held.objects.first() {
        bail!(
            "{} objects of the mirror still have a secret, the first is {} {}; do not push it. A name of \
             a file or of a branch that has the secret is not rewritten: rename it first",
            held.objects.len(),
            object.kind,
            object.id
        );
    }
    let prints: Vec<&str> = leaked.iter().map(|leaked| leaked.fingerprint.as_str()).collect();
    let left = past(mirror, true)?;
    if let Some(finding) =
        left.iter().find(|finding| prints.contains(&finding.fingerprint.as_str()))
    {
        bail!(
            "{} still has {}, in another form (encoded, for instance); do not push the mirror, and take \
             that file out with `git filter-repo --invert-paths --path`",
            printable(&finding.origin.to_string()),
            finding.masked
        );
    }
    let mut out = anstream::stdout().lock();
    writeln!(
        out,
        "Proven: of {} objects in the mirror, none has a secret of the plan, and a scan of its whole history \
         does not find them.",
        held.read
    )?;
    if !left.is_empty() {
        writeln!(out, "Other secrets are left in it: `stanch scan git` lists them.")?;
    }
    Ok(())
}

fn finish(mirror: &Path) -> anyhow::Result<()> {
    let mut out = anstream::stdout().lock();
    let shown = printable(&mirror.to_string_lossy());
    writeln!(out, "Old and new commits: {shown}/filter-repo/commit-map.")?;
    writeln!(
        out,
        "Nothing was pushed. When everybody is ready: git -C {shown} push --mirror REMOTE"
    )?;
    Ok(())
}
