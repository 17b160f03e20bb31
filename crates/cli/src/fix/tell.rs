//! What people are told.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;

use stanch_remedy::Manager;
use stanch_remedy::rewrite::Kind;
use stanch_scan::printable;

use super::plan::{Plan, Planned};
use super::store;
use super::{FixArgs, diff};
use crate::report::style;

/// What was done.
pub(super) enum Done {
    Nothing,
    Written { untracked: Vec<PathBuf> },
    Branch { name: String, commit: String },
}

/// Prints what would change.
pub(super) fn diff(plan: &Plan) -> anyhow::Result<()> {
    let mut out = anstream::stdout().lock();
    writeln!(out, "# For reading only: secrets are masked, so this cannot be applied as a patch.")?;
    for file in plan.files.iter().filter(|file| file.before != file.after) {
        write!(out, "{}", diff::unified(file))?;
    }
    for file in &plan.files {
        if let Some(untrack) = &file.rewrite.untrack {
            let path = shown(file);
            let folder =
                path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
            writeln!(out, "# {path} would leave the repository and keep its values;")?;
            writeln!(
                out,
                "# {folder}{} would stand for it, and {folder}.gitignore would name it.",
                untrack.example
            )?;
        }
    }
    drop(out);
    left(plan)?;
    notes(plan)
}

/// Prints what was done, what is left, and what comes next.
pub(super) fn outcome(plan: &Plan, done: &Done, args: &FixArgs) -> anyhow::Result<()> {
    let mut out = anstream::stdout().lock();
    let (good, plain) = (style::GOOD, style::GOOD);
    for file in &plan.files {
        for change in &file.rewrite.changes {
            let Some(told) = file.places.get(change.place) else { continue };
            let what = match change.kind {
                Kind::Reference => format!("now reads {}", change.reference.variable),
                Kind::Mask => format!("is masked in a comment as <{}>", change.reference.variable),
                Kind::Removal => {
                    format!("is gone; it comes from outside as {}", change.reference.variable)
                }
                Kind::Untracking => "stays here, in a file that leaves the repository".to_owned(),
            };
            writeln!(
                out,
                "{good}fixed{plain:#} {}:{} {} {} {what}",
                shown(file),
                told.line,
                told.name,
                told.masked
            )?;
        }
    }
    drop(out);
    left(plan)?;
    notes(plan)?;
    next(plan, done, args)
}

/// What was not changed, and what to do about it.
fn left(plan: &Plan) -> anyhow::Result<()> {
    let mut out = anstream::stdout().lock();
    let warn = style::STRONG;
    for file in &plan.files {
        for refusal in &file.rewrite.refused {
            let Some(told) = file.places.get(refusal.place) else { continue };
            writeln!(
                out,
                "{warn}left{warn:#} {}:{} {} {}",
                shown(file),
                told.line,
                told.name,
                told.masked
            )?;
            writeln!(out, "      {}", refusal.reason)?;
        }
    }
    for (origin, reason) in &plan.elsewhere {
        writeln!(out, "{warn}left{warn:#} {}", printable(origin))?;
        writeln!(out, "      {reason}")?;
    }
    Ok(())
}

fn notes(plan: &Plan) -> anyhow::Result<()> {
    let mut out = anstream::stdout().lock();
    let mut told = BTreeSet::new();
    for file in &plan.files {
        for note in &file.rewrite.notes {
            if told.insert(note) {
                writeln!(out, "note: {note}")?;
            }
        }
    }
    Ok(())
}

fn next(plan: &Plan, done: &Done, args: &FixArgs) -> anyhow::Result<()> {
    let mut out = anstream::stdout().lock();
    match done {
        Done::Nothing => {
            writeln!(out, "Nothing was changed.")?;
            return Ok(());
        }
        Done::Branch { name, commit } => {
            let short = commit.get(..10).unwrap_or(commit);
            writeln!(
                out,
                "Branch {} has the change in commit {short}; nothing else was touched.",
                printable(name)
            )?;
            writeln!(out, "Its parent still has the secrets: see `stanch fix --history`.")?;
        }
        Done::Written { untracked } => {
            let count = plan.files.iter().filter(|file| file.before != file.after).count();
            let files = if count == 1 { "1 file is" } else { &format!("{count} files are") };
            writeln!(out, "{files} changed; look at `git diff`, compile and test.")?;
            for path in untracked {
                let path = path.strip_prefix(".").unwrap_or(path).to_string_lossy();
                writeln!(out, "{} is taken from the index; commit that.", printable(&path))?;
            }
        }
    }
    let names: BTreeSet<&str> =
        plan.stored().map(|change| change.reference.variable.as_str()).collect();
    if !names.is_empty() {
        writeln!(out, "\nNext:")?;
        match args.to {
            Manager::Env => {
                let names = Vec::from_iter(names);
                writeln!(out, "  set where the program runs: {}", names.join(", "))?;
            }
            manager if args.store => writeln!(out, "  the values are in {}", manager.name())?,
            manager => {
                for change in plan.stored() {
                    let Ok(Some(at)) = store::address(manager, &change.reference) else { continue };
                    writeln!(out, "  stanch secret put {at} < FILE")?;
                }
            }
        }
    }
    let prints: BTreeSet<&str> = plan
        .files
        .iter()
        .flat_map(|file| file.rewrite.changes.iter().filter_map(|c| file.places.get(c.place)))
        .map(|told| told.place.fingerprint.get(..12).unwrap_or(&told.place.fingerprint))
        .collect();
    for print in prints {
        writeln!(out, "  stanch explain {print}    what it opens, and how to revoke it")?;
    }
    writeln!(
        out,
        "A secret that was committed is known to whoever has the repository: revoke it."
    )?;
    Ok(())
}

fn shown(file: &Planned) -> String {
    let path = file.path.strip_prefix(".").unwrap_or(&file.path);
    printable(&path.to_string_lossy())
}
