//! For people: what, where, why we believe it, and what to do next.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::OnceLock;

use stanch_scan::{GapKind, printable};

use crate::collect::{Receipt, Reported};
use crate::report::style::{self, ERROR, FAINT, GOOD, STRONG};
use crate::report::{
    Options, Report, SEVERITIES, amount, confidence, count, evidence, history, next_commands,
    other_places, place, plain, severity, size,
};

/// Columns that text under a finding is wrapped to where no terminal tells.
const WIDTH: usize = 100;

/// Columns of the terminal that is written to, if it is one.
fn terminal() -> Option<usize> {
    static COLUMNS: OnceLock<Option<usize>> = OnceLock::new();
    let ask = || terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| width.0.into());
    // Narrower ones would have a word per line.
    COLUMNS.get_or_init(|| ask().map(|width: usize| width.clamp(40, WIDTH))).as_ref().copied()
}

/// Writes the findings, and the receipt unless only findings are wanted.
pub(crate) fn write(out: &mut dyn Write, report: &Report<'_>, options: Options) -> io::Result<()> {
    // One secret is told once, at its first place, with all its places.
    for secret in report.secrets() {
        finding(out, report, &secret, options)?;
        writeln!(out)?;
    }
    if options.quiet {
        return Ok(());
    }
    receipt(out, report)
}

fn finding(
    out: &mut dyn Write,
    report: &Report<'_>,
    secret: &[&Reported],
    options: Options,
) -> io::Result<()> {
    let Some(reported) = secret.first() else { return Ok(()) };
    let found = &reported.finding;
    let colour = style::severity(found.severity);
    let (place, name) = (place(found), printable(&found.name));
    let (severity, confidence) = (severity(found.severity), confidence(found.confidence));
    let chars = |text: &str| text.chars().count();
    let what = chars(&name) + chars(&found.detector) + severity.len() + confidence.len() + 18;
    // Programs get one line; on a terminal a long one goes on below.
    let fits = |columns: usize| terminal().is_none_or(|width| columns <= width);
    let (gap, inner) = match fits(chars(&place) + 2 + what) {
        true => ("  ", " "),
        false => ("\n    ", if fits(4 + what) { " " } else { "\n    " }),
    };
    writeln!(
        out,
        "{STRONG}{place}{STRONG:#}{gap}{name}{inner}{FAINT}({}){FAINT:#}  \
         {colour}{severity}{colour:#}  {confidence} confidence",
        found.detector,
    )?;
    writeln!(out, "    {}", found.excerpt)?;
    if options.show_secrets {
        for (at, line) in plain(&found.secret).lines().enumerate() {
            let label = if at == 0 { "secret: " } else { "" };
            writeln!(out, "    {label}{line}")?;
        }
        for part in &found.parts {
            let value = plain(&part.value);
            writeln!(out, "    {}: {}", printable(&part.name), value.replace('\n', " "))?;
        }
    }
    for part in report.parts(found).filter(|_| !options.show_secrets) {
        wrapped(out, &format!("{}: ", printable(&part.name)), &part.value.masked())?;
    }
    for (name, text) in evidence(found) {
        wrapped(out, &format!("{name}: "), &text)?;
    }
    for (name, text) in history(found) {
        // A link is never broken, so that it can be followed.
        if name == "link" {
            writeln!(out, "    {FAINT}link:{FAINT:#} {}", printable(&text))?;
        } else {
            wrapped(out, &format!("{name}: "), &text)?;
        }
    }
    for (name, value) in reported.facts() {
        wrapped(out, &format!("{}: ", printable(name)), value)?;
    }
    if !found.encodings.is_empty() {
        wrapped(out, "decoded from: ", &found.encodings.join(", then "))?;
    }
    if let Some(by) = &reported.ignored_by {
        wrapped(out, "would be ignored by: ", by)?;
    }
    let others = other_places(secret);
    if !others.is_empty() {
        wrapped(out, "also at: ", &others.join(", "))?;
    }
    writeln!(out, "    {FAINT}fingerprint: {}{FAINT:#}", found.fingerprint)?;
    let next = next_commands(found);
    // A command is never broken, so that it can be copied.
    let columns = next.iter().map(|command| command.chars().count() + 5).sum::<usize>() + 5;
    let fits = terminal().is_none_or(|width| columns <= width);
    let next = next.join(if fits { "  ·  " } else { "\n          " });
    writeln!(out, "    {FAINT}next: {next}{FAINT:#}")
}

/// Writes what the scan came to and what it read.
pub(crate) fn receipt(out: &mut dyn Write, report: &Report<'_>) -> io::Result<()> {
    let receipt = report.receipt;
    summary(out, report)?;
    writeln!(out, "Scanned {}, {} in {}.", amount(receipt), size(receipt.bytes), seconds(receipt),)?;
    for (reason, skipped) in &receipt.skipped {
        let reason = printable(reason);
        let entries = count(skipped.count, "entry", "entries");
        folded(out, &format!("Skipped {entries}: {reason} ({})", skipped.shown(3)))?;
    }
    for (by, n) in &receipt.ignored {
        let findings = count(*n, "finding", "findings");
        folded(out, &format!("Ignored {findings} by {}.", printable(by)))?;
    }
    if receipt.unlikely > 0 {
        writeln!(
            out,
            "{FAINT}{} of low confidence not shown; --min-confidence low shows more.{FAINT:#}",
            count(receipt.unlikely, "candidate", "candidates")
        )?;
    }
    for leftover in receipt.notes.iter().chain(&receipt.leftovers) {
        folded(out, &printable(leftover))?;
    }
    if !receipt.failed.is_empty() {
        let n = receipt.failed.len() as u64;
        writeln!(
            out,
            "{ERROR}Not scanned, or not wholly: {}{ERROR:#}",
            count(n, "entry", "entries")
        )?;
        // Many files fail for few reasons; each reason is told once.
        let mut by_reason: BTreeMap<(GapKind, &str), Vec<String>> = BTreeMap::new();
        for gap in &receipt.failed {
            let paths = by_reason.entry((gap.kind, &gap.reason)).or_default();
            paths.push(gap.origin.to_string());
        }
        for ((_, reason), paths) in by_reason.iter().rev() {
            let reason = printable(reason);
            match paths.as_slice() {
                [path] => writeln!(out, "    {path}: {reason}")?,
                paths => {
                    writeln!(out, "    {reason}:")?;
                    paths.iter().try_for_each(|path| writeln!(out, "        {path}"))?;
                }
            }
        }
        if receipt.failed.iter().any(|gap| gap.kind == GapKind::Failed) {
            let advice = "Make them readable, leave them out of the paths you give, or exclude \
                          them in stanch.toml; then scan again.";
            folded(out, advice)?;
        }
    }
    Ok(())
}

fn summary(out: &mut dyn Write, report: &Report<'_>) -> io::Result<()> {
    if report.tally.total == 0 {
        return match report.receipt.is_complete() {
            true => writeln!(out, "{GOOD}No secrets found.{GOOD:#}"),
            false => {
                writeln!(out, "{ERROR}No secrets found, but not everything was read.{ERROR:#}")
            }
        };
    }
    let by_severity: Vec<String> = SEVERITIES
        .iter()
        .filter_map(|level| {
            let n = report.tally.by_severity.get(level)?;
            let colour = style::severity(*level);
            Some(format!("{n} {colour}{}{colour:#}", severity(*level)))
        })
        .collect();
    writeln!(
        out,
        "{STRONG}{}{STRONG:#}, {}: {}.",
        count(report.tally.total, "finding", "findings"),
        count(report.tally.secrets, "secret", "secrets"),
        by_severity.join(", ")
    )
}

/// How long the scan took.
pub(crate) fn seconds(receipt: &Receipt) -> String {
    let time = receipt.time.as_secs_f64();
    if time < 1.0 { format!("{:.0} ms", time * 1000.0) } else { format!("{time:.1} s") }
}

/// Writes an indented paragraph whose later lines stand under its first.
pub(crate) fn wrapped(out: &mut dyn Write, label: &str, text: &str) -> io::Result<()> {
    write!(out, "    {FAINT}{label}{FAINT:#}")?;
    let column = 4 + label.chars().count();
    words(out, &printable(text), column, 6, terminal().unwrap_or(WIDTH))
}

/// Writes a sentence, which programs get in one line.
fn folded(out: &mut dyn Write, text: &str) -> io::Result<()> {
    words(out, text, 0, 4, terminal().unwrap_or(usize::MAX))
}

/// Writes words from a column on, in lines of a width, later ones indented.
fn words(
    out: &mut dyn Write,
    text: &str,
    mut column: usize,
    indent: usize,
    width: usize,
) -> io::Result<()> {
    for (at, word) in text.split(' ').enumerate() {
        let length = word.chars().count();
        if at > 0 && column + 1 + length > width {
            write!(out, "\n{:indent$}", "")?;
            column = indent;
        } else if at > 0 {
            write!(out, " ")?;
            column += 1;
        }
        write!(out, "{word}")?;
        column += length;
    }
    writeln!(out)
}
