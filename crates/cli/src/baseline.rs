//! `stanch baseline`: makes, updates and reviews baselines.

pub(crate) mod audit;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::bail;
use jiff::civil::Date;
use stanch_scan::Finding;

use crate::policy::files::{BASELINE, shown};
use crate::policy::glob::Place;
use crate::policy::key::{self, KeyOrigin};
use crate::policy::known::{Baseline, Entry, Label, today};

/// Records the secrets of today, so that only new ones are reported.
#[derive(Debug, clap::Args)]
pub(crate) struct BaselineCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Scans and writes a new baseline.
    Create {
        #[command(flatten)]
        target: Target,
        /// Replace a baseline that is there, with all its labels.
        #[arg(long)]
        force: bool,
    },
    /// Scans and adds what is new; labels are kept.
    Update {
        #[command(flatten)]
        target: Target,
        /// Drop entries that the scan does not find any more.
        #[arg(long)]
        prune: bool,
    },
    /// Reviews the entries: asks for a label and a reason for each.
    Audit {
        #[command(flatten)]
        target: Target,
        #[command(flatten)]
        review: audit::Review,
    },
}

#[derive(Debug, clap::Args)]
struct Target {
    /// Files and folders to scan.
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    /// The baseline file.
    #[arg(long, visible_alias = "output", short, value_name = "FILE", default_value = BASELINE)]
    baseline: PathBuf,
}

/// Runs the command. `scan` must give all findings of these paths, those
/// that a baseline ignores among them; see
/// [`Policy::load_without_baseline`](crate::policy::Policy::load_without_baseline).
/// Findings that a comment or entry ignores are best left out.
///
/// # Errors
/// What `scan` gives, files that cannot be read or written, and baselines
/// that were made with another key.
pub(crate) fn run(
    command: BaselineCommand,
    scan: impl FnOnce(&[PathBuf]) -> anyhow::Result<Vec<Finding>>,
) -> anyhow::Result<ExitCode> {
    let mut out = anstream::stdout().lock();
    let loaded = key::loaded()?;
    if let KeyOrigin::ThisRun(why) = &loaded.origin {
        bail!(
            "no later run could use this baseline, as the fingerprint key would be lost: {why}. \
             Set {} or {}",
            key::KEY_VARIABLE,
            key::KEY_FILE_VARIABLE
        );
    }
    let key_id = loaded.key.id();
    match command.action {
        Action::Create { target, force } => {
            let path = &target.baseline;
            if path.exists() && !force {
                bail!(
                    "{}: there is a baseline already; add to it with `stanch baseline update`, or \
                     replace it and its labels with --force",
                    shown(path)
                );
            }
            let findings = scan(&target.paths)?;
            let baseline = create(&findings, &key_id, &target.place(), today());
            baseline.write(path)?;
            let count = baseline.entries.len();
            writeln!(out, "{}: {count} secrets recorded. {}", shown(path), key::describe())?;
        }
        Action::Update { target, prune } => {
            let path = &target.baseline;
            let mut baseline = Baseline::read(path)?;
            baseline.check_key(path, &key_id)?;
            let findings = scan(&target.paths)?;
            let change = update(&mut baseline, &findings, &target.place(), today(), prune);
            baseline.write(path)?;
            let Change { added, gone, dropped } = change;
            writeln!(out, "{}: {added} added, {gone} gone, {dropped} dropped.", shown(path))?;
            if gone > dropped {
                writeln!(out, "Drop what is gone with --prune, after a scan of everything.")?;
            }
        }
        Action::Audit { target, review } => {
            let mut baseline = Baseline::read(&target.baseline)?;
            baseline.check_key(&target.baseline, &key_id)?;
            let scan = || scan(&target.paths);
            audit::run(&review, &mut baseline, &target.baseline, scan, &mut out)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

impl Target {
    fn place(&self) -> Place {
        Place::new(folder(&self.baseline), &self.paths)
    }
}

fn folder(baseline: &Path) -> &Path {
    baseline.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A baseline of these findings. Paths are put relative to `place`, the
/// folder of the baseline.
pub(crate) fn create(findings: &[Finding], key_id: &str, place: &Place, day: Date) -> Baseline {
    let mut baseline = Baseline { key_id: key_id.to_owned(), entries: BTreeMap::new() };
    update(&mut baseline, findings, place, day, false);
    baseline
}

/// What an update did, in entries.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// Those that are new.
    pub(crate) added: usize,
    /// Those that were not found any more.
    pub(crate) gone: usize,
    /// Those of the latter that were dropped.
    pub(crate) dropped: usize,
}

/// Adds what is new and notes where the others stand now; keeps labels. What
/// is gone is dropped only on demand, as the scan may have seen only a part.
pub(crate) fn update(
    baseline: &mut Baseline,
    findings: &[Finding],
    place: &Place,
    day: Date,
    prune: bool,
) -> Change {
    let mut found: BTreeMap<&str, (&str, BTreeSet<String>)> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| finding.ignored_by.is_none()) {
        let (_, paths) =
            found.entry(&finding.fingerprint).or_insert((&finding.detector, BTreeSet::new()));
        paths.insert(place.relative(finding.origin.path()));
    }
    let all = baseline.entries.len();
    let gone = baseline.entries.keys().filter(|print| !found.contains_key(print.as_str())).count();
    if prune {
        baseline.entries.retain(|print, _| found.contains_key(print.as_str()));
    }
    for (print, (detector, paths)) in found {
        if let Some(entry) = baseline.entries.get_mut(print) {
            entry.paths = paths;
            continue;
        }
        let entry = Entry {
            fingerprint: print.to_owned(),
            detector: detector.to_owned(),
            paths,
            label: Label::Unreviewed,
            reason: None,
            owner: None,
            expires: None,
            added: Some(day),
        };
        baseline.entries.insert(print.to_owned(), entry);
    }
    let dropped = if prune { gone } else { 0 };
    Change { added: baseline.entries.len() + dropped - all, gone, dropped }
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use clap::Parser;
    use stanch_scan::{Engine, FingerprintKey, Origin, Scanner, Scratch};

    use super::*;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        command: BaselineCommand,
    }

    const ARGUMENTS: &str = "STANCH_TEST_BASELINE_ARGUMENTS";

    /// Runs one command in a process of its own, as the key is the process's;
    /// does nothing in an ordinary run.
    #[test]
    fn a_process_runs_the_command() {
        let Ok(arguments) = std::env::var(ARGUMENTS) else { return };
        let cli = Cli::parse_from(std::iter::once("baseline").chain(arguments.split('\u{1f}')));
        let result = run(cli.command, |paths| {
            let engine = Engine::new(stanch_detectors::pack());
            let key: FingerprintKey = key::load()?;
            let scanner = Scanner { engine: &engine, key: &key };
            let text = std::fs::read(&paths[0])?;
            let origin = Origin::File(paths[0].clone());
            Ok(scanner.blob(&mut Scratch::default(), &origin, &text).findings)
        });
        if let Err(error) = result {
            println!("error: {error:#}");
        }
    }

    fn baseline(dir: &Path, key: &str, arguments: &[&str]) -> String {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["baseline::tests::a_process_runs_the_command", "--exact", "--nocapture"])
            .current_dir(dir)
            .env(ARGUMENTS, arguments.join("\u{1f}"))
            .env(key::KEY_VARIABLE, key)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    #[test]
    fn a_baseline_is_made_updated_and_reviewed() {
        let dir = tempfile::tempdir().unwrap();
        let file = |seed: u32| {
            // A password that is different for every seed.
            let letter = |i: u32| char::from_digit((i * i + 7 * i + 5 * seed) % 31 + 5, 36);
            let password: String = (0..20).filter_map(letter).collect();
            format!("url = \"postgres://admin:{password}@db.internal:5432/prod\"\n")
        };
        std::fs::write(dir.path().join("a.py"), file(1)).unwrap();
        let key = "0b".repeat(32);
        let run = |arguments: &[&str]| baseline(dir.path(), &key, arguments);
        assert!(run(&["update", "a.py"]).contains("there is no such file; make it with"));
        let out = run(&["create", "a.py"]);
        assert!(out.contains("stanch-baseline.json: 1 secrets recorded"), "{out}");
        assert!(run(&["create", "a.py"]).contains("there is a baseline already"));
        std::fs::write(dir.path().join("a.py"), file(2)).unwrap();
        let out = run(&["update", "a.py"]);
        assert!(out.contains("1 added, 1 gone, 0 dropped"), "{out}");
        let out = run(&["audit", "--list", "a.py"]);
        assert!(out.contains("gone") && out.contains("2 of them unreviewed"), "{out}");
        assert!(run(&["audit", "a.py"]).contains("there is no terminal to ask on"));
        let known = Baseline::read(&dir.path().join(BASELINE)).unwrap();
        let print = known.entries.keys().next().unwrap();
        let set = format!("{print}=accepted");
        let out = run(&["audit", "--set", &set, "--reason", "demo", "--expires", "2027-01-31"]);
        assert!(out.contains("is accepted now"), "{out}");
        let out = run(&["update", "a.py", "--prune"]);
        assert!(out.contains("0 added, 1 gone, 1 dropped"), "{out}");
        let other = baseline(dir.path(), &"0c".repeat(32), &["audit", "--list", "a.py"]);
        assert!(other.contains("this baseline was made with the fingerprint key"), "{other}");
    }
}
