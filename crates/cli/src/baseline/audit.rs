//! The review of a baseline: what is each entry, and why may it stay.

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::Path;

use anyhow::{anyhow, bail};
use jiff::civil::Date;
use stanch_scan::{Finding, printable};

use crate::policy::files::shown;
use crate::policy::known::{Baseline, Entry, Label, today};

/// How to review.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Review {
    /// Print the entries instead of asking.
    #[arg(long, conflicts_with = "set")]
    list: bool,
    /// Label one entry; the beginning of its fingerprint will do.
    #[arg(long, value_name = "FINGERPRINT=LABEL")]
    set: Option<String>,
    /// With --set: why.
    #[arg(long, requires = "set")]
    reason: Option<String>,
    /// With --set: who answers for it.
    #[arg(long, requires = "set")]
    owner: Option<String>,
    /// With --set: the last day on which the entry holds, as in 2027-01-31.
    #[arg(long, requires = "set", value_name = "DATE")]
    expires: Option<Date>,
    /// Ask for all entries, not only for those that nobody has reviewed.
    #[arg(long)]
    all: bool,
}

pub(super) fn run(
    review: &Review,
    baseline: &mut Baseline,
    path: &Path,
    scan: impl FnOnce() -> anyhow::Result<Vec<Finding>>,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    if let Some(assignment) = &review.set {
        let entry = set(baseline, assignment, review)?;
        writeln!(out, "{} is {} now.", entry.fingerprint, entry.label.name())?;
        return baseline.write(path);
    }
    if review.list {
        return list(baseline, &scan()?, today(), out);
    }
    if !io::stdin().is_terminal() {
        bail!(
            "there is no terminal to ask on; use --list to see the entries of {}, and \
             --set FINGERPRINT=LABEL --reason TEXT to label one",
            shown(path)
        );
    }
    let findings = scan()?;
    ask(baseline, &findings, review.all, &mut io::stdin().lock(), out, |baseline| {
        baseline.write(path)
    })
}

/// Fewest digits of a fingerprint that name an entry.
const PREFIX_MIN: usize = 6;

/// Labels one entry as `FINGERPRINT=LABEL` says.
///
/// # Errors
/// Assignments of another form, and fingerprints that name no entry or several.
pub(crate) fn set<'b>(
    baseline: &'b mut Baseline,
    assignment: &str,
    review: &Review,
) -> anyhow::Result<&'b Entry> {
    let labels = "unreviewed, false-positive, accepted, to-revoke";
    let (print, label) = assignment
        .split_once('=')
        .ok_or_else(|| anyhow!("give FINGERPRINT=LABEL; labels are {labels}"))?;
    let label: Label = clap::ValueEnum::from_str(label, true)
        .map_err(|_| anyhow!("there is no label {label:?}; labels are {labels}"))?;
    let print = print.to_ascii_lowercase();
    if print.len() < PREFIX_MIN {
        bail!("give at least {PREFIX_MIN} digits of the fingerprint");
    }
    let mut fitting =
        baseline.entries.values_mut().filter(|entry| entry.fingerprint.starts_with(&print));
    let entry = fitting.next().ok_or_else(|| {
        anyhow!(
            "no entry has the fingerprint {print}; see them with `stanch baseline audit --list`"
        )
    })?;
    if fitting.next().is_some() {
        bail!("several entries have a fingerprint that begins with {print}; give more digits");
    }
    entry.label = label;
    entry.reason = review.reason.clone().or(entry.reason.take());
    entry.owner = review.owner.clone().or(entry.owner.take());
    entry.expires = review.expires.or(entry.expires);
    Ok(entry)
}

/// Prints the entries as a table, gone and expired ones marked.
///
/// # Errors
/// A stream that cannot be written.
pub(crate) fn list(
    baseline: &Baseline,
    findings: &[Finding],
    today: Date,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let width = baseline.entries.values().map(|e| e.detector.len()).max().unwrap_or(0);
    for entry in baseline.entries.values() {
        let gone = !findings.iter().any(|f| f.fingerprint == entry.fingerprint);
        let state = match (entry.expired(today), gone) {
            (true, _) => "expired",
            (_, true) => "gone",
            _ => "",
        };
        let paths = entry.paths.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        let added = entry.added.map(|day| day.to_string()).unwrap_or_default();
        let row = format!(
            "{}  {:14}  {:width$}  {added:10}  {state:7}  {paths}",
            entry.fingerprint,
            entry.label.name(),
            entry.detector
        );
        writeln!(out, "{}", printable(row.trim_end()))?;
    }
    let unreviewed = baseline.entries.values().filter(|e| e.label == Label::Unreviewed).count();
    writeln!(out, "{} entries, {unreviewed} of them unreviewed.", baseline.entries.len())?;
    Ok(())
}

/// Asks for label and reason of the entries that are still found, and saves
/// after every answer, so that a review can be broken off.
///
/// # Errors
/// Streams that cannot be read or written, and what `save` gives.
pub(crate) fn ask(
    baseline: &mut Baseline,
    findings: &[Finding],
    all: bool,
    input: &mut impl BufRead,
    out: &mut impl Write,
    save: impl Fn(&Baseline) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let wanted = baseline.entries.values().filter(|e| all || e.label == Label::Unreviewed);
    let prints: Vec<String> = wanted.map(|entry| entry.fingerprint.clone()).collect();
    for (index, print) in prints.iter().enumerate() {
        let places: Vec<_> = findings.iter().filter(|f| f.fingerprint == *print).collect();
        let Some(first) = places.first() else { continue };
        writeln!(out, "\n{} of {}: {}, {}", index + 1, prints.len(), first.name, first.masked)?;
        for finding in places.iter().take(5) {
            writeln!(out, "  {}:{}  {}", finding.origin, finding.location.line, finding.excerpt)?;
        }
        if places.len() > 5 {
            writeln!(out, "  and {} more places", places.len() - 5)?;
        }
        let label = loop {
            write!(out, "[f]alse positive, [a]ccepted, to [r]evoke, [s]kip, [q]uit? ")?;
            match answer(input, out)?.as_deref() {
                Some("f") => break Some(Label::FalsePositive),
                Some("a") => break Some(Label::Accepted),
                Some("r") => break Some(Label::ToRevoke),
                Some("s") => break None,
                Some("q") | None => return Ok(()),
                Some(_) => {}
            }
        };
        let Some(label) = label else { continue };
        write!(out, "Why? ")?;
        let reason = answer(input, out)?.filter(|reason| !reason.is_empty());
        if let Some(entry) = baseline.entries.get_mut(print) {
            entry.label = label;
            entry.reason = reason.or(entry.reason.take());
        }
        save(baseline)?;
    }
    writeln!(out, "Nothing is left to review.")?;
    Ok(())
}

fn answer(input: &mut impl BufRead, out: &mut impl Write) -> io::Result<Option<String>> {
    out.flush()?;
    let mut line = String::new();
    Ok((input.read_line(&mut line)? > 0).then(|| line.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn baseline() -> Baseline {
        let entry = |print: &str| Entry {
            fingerprint: print.repeat(8),
            detector: "some-detector".to_owned(),
            paths: ["a/b.py".to_owned()].into(),
            label: Label::Unreviewed,
            reason: None,
            owner: None,
            expires: (print == "cafe").then(|| date(2020, 1, 1)),
            added: Some(date(2026, 11, 22)),
        };
        let entries = ["cafe", "dead"].map(|print| (print.repeat(8), entry(print)));
        Baseline { key_id: "k".to_owned(), entries: entries.into() }
    }

    #[test]
    fn one_entry_is_labelled_by_the_beginning_of_its_fingerprint() {
        let mut known = baseline();
        let review = Review { reason: Some("a sample".to_owned()), ..Review::default() };
        let entry = set(&mut known, "DEADDEAD=false-positive", &review).unwrap();
        assert_eq!(entry.label, Label::FalsePositive);
        assert_eq!(entry.reason.as_deref(), Some("a sample"));
        for wrong in ["dead", "dead=accepted", "deaddead=fine", "beefbeef=accepted"] {
            assert!(set(&mut known, wrong, &review).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_list_marks_what_expired_and_what_is_gone() {
        let mut out = Vec::new();
        list(&baseline(), &[], date(2026, 11, 22), &mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        let lines: Vec<_> = out.lines().collect();
        assert!(lines[0].contains("unreviewed") && lines[0].contains("expired"), "{out}");
        assert!(lines[1].contains("2026-11-22  gone     a/b.py"), "{out}");
        assert_eq!(lines[2], "2 entries, 2 of them unreviewed.");
    }
}
