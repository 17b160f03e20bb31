//! Markdown, for the summary page of a build.
//!
//! Whatever comes from a scanned file is written in entities, so that no name
//! of a file becomes a link, an image, a table or a mention.

use std::cmp::Reverse;
use std::fmt::Write as _;
use std::io::{self, Write};

use stanch_scan::{Finding, printable};

use crate::collect::Reported;
use crate::report::human::seconds;
use crate::report::note::whence;
use crate::report::{
    Options, Report, SEVERITIES, amount, confidence, count, other_places, place, plain, severity,
    size,
};

/// Secrets in the table; a summary page takes one megabyte at most.
const SECRETS: usize = 200;

/// Places of one secret after its first.
const PLACES: usize = 10;

/// Writes a heading, a table of secrets and the receipt.
pub(crate) fn write(out: &mut dyn Write, report: &Report<'_>, options: Options) -> io::Result<()> {
    let (tally, receipt) = (report.tally, report.receipt);
    match (tally.total, receipt.is_complete()) {
        (0, true) => writeln!(out, "## Stanch: no secrets found\n")?,
        (0, false) => {
            writeln!(out, "## Stanch: no secrets found, but not everything was read\n")?;
        }
        (total, _) => {
            let by: Vec<String> = SEVERITIES
                .iter()
                .filter_map(|level| Some((tally.by_severity.get(level)?, level)))
                .map(|(n, level)| format!("{n} {}", severity(*level)))
                .collect();
            writeln!(
                out,
                "## Stanch: {}, {}: {}\n",
                count(total, "finding", "findings"),
                count(tally.secrets, "secret", "secrets"),
                by.join(", ")
            )?;
            writeln!(
                out,
                "Revoke each secret where it was made, then take it out: deleting the line alone \
                 leaves it in the history and in every copy.\n"
            )?;
        }
    }
    let mut secrets = report.secrets();
    secrets.sort_by_key(|secret| secret.first().map(|first| Reverse(first.finding.severity)));
    if !secrets.is_empty() {
        writeln!(out, "| severity | secret | where |\n|---|---|---|")?;
        for secret in secrets.iter().take(SECRETS) {
            row(out, secret, options)?;
        }
        writeln!(out)?;
        if let more @ 1.. = secrets.len().saturating_sub(SECRETS) {
            writeln!(out, "{} more are in the log.\n", count(more as u64, "secret", "secrets"))?;
        }
    }
    writeln!(out, "Scanned {}, {} in {}.", amount(receipt), size(receipt.bytes), seconds(receipt))?;
    if !receipt.failed.is_empty() {
        let n = count(receipt.failed.len() as u64, "entry", "entries");
        writeln!(out, "\n**Not scanned, or not wholly: {n}**\n")?;
        for gap in receipt.failed.iter().take(SECRETS) {
            writeln!(out, "- {}: {}", code(&gap.origin.to_string()), text(&gap.reason))?;
        }
    }
    Ok(())
}

fn row(out: &mut dyn Write, secret: &[&Reported], options: Options) -> io::Result<()> {
    let Some(first) = secret.first() else { return Ok(()) };
    let found = &first.finding;
    let value = if options.show_secrets { plain(&found.secret) } else { found.masked.clone() };
    let mut others = other_places(secret);
    let more = others.len().saturating_sub(PLACES);
    others.truncate(PLACES);
    let mut at = format!("{}{}", link(found), text(&whence(&found.origin)));
    for other in &others {
        let _ = write!(at, "<br>{}", code(other));
    }
    if more > 0 {
        let _ = write!(at, "<br>and {more} more");
    }
    writeln!(
        out,
        "| {} | {}<br>{}<br>{}, {} confidence | {at} |",
        severity(found.severity),
        text(&found.name),
        code(&value),
        code(&found.detector),
        confidence(found.confidence),
    )
}

/// The place, and where the code host shows it.
fn link(found: &Finding) -> String {
    let shown = code(&place(found));
    match crate::report::link(found) {
        Some(url) if url.starts_with("https://") || url.starts_with("http://") => {
            format!("<a href=\"{}\">{shown}</a>", text(&url))
        }
        _ => shown,
    }
}

fn code(value: &str) -> String {
    format!("<code>{}</code>", text(value))
}

/// Text of which Markdown and HTML take nothing for their own.
fn text(value: &str) -> String {
    let mut out = String::new();
    for c in printable(value).chars() {
        if c.is_ascii_punctuation() && !matches!(c, '.' | '/' | ',' | '-') {
            let _ = write!(out, "&#{};", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_markup() {
        assert_eq!(
            text("a|b\n![x](y)<b>@me"),
            "a&#124;b\u{fffd}&#33;&#91;x&#93;&#40;y&#41;&#60;b&#62;&#64;me"
        );
    }
}
