//! The page for a terminal: what it is and what to do now, and no more.

use std::io::{self, Write};

use stanch_remedy::runbook::{Outcome, Runbook};
use stanch_scan::printable;

use crate::report::human::wrapped;
use crate::report::style::{self, ERROR, FAINT, GOOD, STRONG};
use crate::report::{quoted, severity};

/// Places that are named one by one.
const PLACES: usize = 10;

/// Writes the page; `what` is how it was asked for.
pub(super) fn write(out: &mut dyn Write, book: &Runbook, what: &str) -> io::Result<()> {
    let secret = &book.secret;
    let colour = style::severity(secret.severity);
    writeln!(
        out,
        "{STRONG}{}{STRONG:#} {FAINT}({}){FAINT:#}  {colour}{}{colour:#}",
        printable(&secret.name),
        secret.id,
        severity(secret.severity)
    )?;
    wrapped(out, "", &plain(&secret.risk))?;
    if let Some(leak) = &book.leak {
        writeln!(out)?;
        wrapped(out, "value: ", &leak.masked)?;
        wrapped(out, "fingerprint: ", &leak.fingerprint)?;
        let now: Vec<String> = leak.places.iter().map(|place| place.at()).collect();
        many(out, "stands in: ", &now)?;
        let past: Vec<String> = leak
            .past
            .iter()
            .map(|place| match &place.commit {
                Some(commit) => {
                    format!("{} {} ({}, {})", commit.id, place.at(), commit.day, commit.author)
                }
                None => place.at(),
            })
            .collect();
        many(out, "committed in: ", &past)?;
        for fact in &leak.facts {
            let found_in =
                fact.found_in.as_ref().map_or_else(String::new, |at| format!(" (found in {at})"));
            wrapped(out, &format!("{}: ", fact.name), &format!("{}{found_in}", fact.value))?;
        }
    } else if let Some(usage) = &book.usage {
        wrapped(out, "", &plain(usage))?;
    }

    if !book.abuse.is_empty() {
        writeln!(out, "\n{STRONG}What an attacker can do{STRONG:#}")?;
        for item in &book.abuse {
            wrapped(out, "- ", &plain(item))?;
        }
    }

    writeln!(out, "\n{STRONG}Do this now, in this order{STRONG:#}")?;
    for (at, step) in book.now.iter().enumerate() {
        writeln!(out, "  {STRONG}{}. {}{STRONG:#}", at + 1, plain(&step.title))?;
        if !step.text.is_empty() {
            wrapped(out, "", &plain(&step.text))?;
        }
        for item in step.items.iter().take(PLACES) {
            wrapped(out, "- ", &plain(item))?;
        }
        for command in &step.commands {
            // A command is never broken, so that it can be copied.
            writeln!(out, "    {FAINT}${FAINT:#} {}", printable(&command.command))?;
        }
    }

    if book.leak.is_some() {
        writeln!(out, "\n{STRONG}How it stands{STRONG:#}")?;
        for check in book.checks.iter().filter(|check| check.outcome != Outcome::Unknown) {
            let (mark, colour) = match check.outcome {
                Outcome::Passed => ("ok ", GOOD),
                _ => ("not", ERROR),
            };
            let text = format!("{}. {}", check.practice, check.detail);
            write!(out, "  {colour}{mark}{colour:#}")?;
            wrapped(out, "", &plain(&text))?;
        }
    }

    let ask = quoted(what);
    writeln!(
        out,
        "\n{FAINT}Everything else (misuse, who breaks, snippets, history, a sheet to tick off):{FAINT:#}\n    \
         stanch explain {ask} --output leak.html"
    )
}

fn many(out: &mut dyn Write, label: &str, places: &[String]) -> io::Result<()> {
    let Some(first) = places.first() else { return Ok(()) };
    wrapped(out, label, first)?;
    let indent = " ".repeat(label.len());
    for place in places.iter().take(PLACES).skip(1) {
        wrapped(out, &indent, place)?;
    }
    match places.len().saturating_sub(PLACES) {
        0 => Ok(()),
        more => wrapped(out, &indent, &format!("and {more} more")),
    }
}

/// A text without the marks of code, which a terminal does not show.
fn plain(text: &str) -> String {
    text.replace('`', "")
}
