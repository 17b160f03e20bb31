//! One page that needs nothing else, for whoever opens it later.

use std::cmp::Reverse;
use std::fmt::Write as _;
use std::io::{self, Write};

use stanch_scan::printable;

use crate::collect::Reported;
use crate::report::human::seconds;
use crate::report::{
    Options, Report, SEVERITIES, amount, confidence, count, evidence, history, link, next_commands,
    other_places, place, plain, severity, size,
};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Writes the page.
pub(crate) fn write(out: &mut dyn Write, report: &Report<'_>, options: Options) -> io::Result<()> {
    // Nothing is loaded and nothing sent; the two inline parts are known by their hashes.
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; \
         base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    );
    write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>Stanch: {}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <h1>{}</h1>\n",
        escape(&count(report.tally.total, "finding", "findings")),
        escape(&headline(report)),
    )?;
    if !report.receipt.is_complete() {
        let failed = count(report.receipt.failed.len() as u64, "entry was", "entries were");
        writeln!(
            out,
            "<p class=\"failed\">{failed} not read, or not wholly; see the end of this page.</p>"
        )?;
    }
    let mut secrets = report.secrets();
    if !secrets.is_empty() {
        writeln!(
            out,
            "<p>Revoke each secret where it was made, then take it out: deleting the line alone \
             leaves it in the history and in every copy.</p>"
        )?;
        secrets.sort_by_key(|secret| secret.first().map(|first| Reverse(first.finding.severity)));
        filter(out, &secrets)?;
        writeln!(out, "<ol id=\"findings\">")?;
        for secret in &secrets {
            finding(out, report, secret, options)?;
        }
        writeln!(out, "</ol>")?;
    }
    receipt(out, report)?;
    writeln!(out, "</main>\n<script>{SCRIPT}</script>\n</body>\n</html>")
}

fn headline(report: &Report<'_>) -> String {
    match (report.tally.total, report.receipt.is_complete()) {
        (0, true) => "No secrets found".to_owned(),
        (0, false) => "No secrets found, but not everything was read".to_owned(),
        (n, _) => format!(
            "{}, {}",
            count(n, "finding", "findings"),
            count(report.tally.secrets, "secret", "secrets")
        ),
    }
}

fn filter(out: &mut dyn Write, secrets: &[Vec<&Reported>]) -> io::Result<()> {
    writeln!(out, "<form id=\"filter\">\n<fieldset><legend>Severity</legend>")?;
    for level in SEVERITIES {
        let has = |secret: &&Vec<&Reported>| {
            secret.first().is_some_and(|first| first.finding.severity == level)
        };
        let n = secrets.iter().filter(has).count();
        let level = severity(level);
        if n > 0 {
            writeln!(
                out,
                "<label><input type=\"checkbox\" name=\"severity\" value=\"{level}\" checked> \
                 <span class=\"{level}\">{level}</span> {n}</label>"
            )?;
        }
    }
    writeln!(
        out,
        "</fieldset>\n<label>Text <input type=\"search\" id=\"text\" autocomplete=\"off\" \
         placeholder=\"path, detector, fingerprint\"></label>\n\
         <output id=\"shown\"></output>\n</form>"
    )
}

fn finding(
    out: &mut dyn Write,
    report: &Report<'_>,
    secret: &[&Reported],
    options: Options,
) -> io::Result<()> {
    let Some(reported) = secret.first() else { return Ok(()) };
    let found = &reported.finding;
    let level = severity(found.severity);
    let mut rows = String::new();
    let mut row = |name: &str, value: &str| {
        let _ = write!(rows, "<dt>{}</dt><dd>{}</dd>", escape(name), escape(value));
    };
    let others = other_places(secret);
    if !others.is_empty() {
        row("also at", &others.join("\n"));
    }
    if options.show_secrets {
        row("secret", &plain(&found.secret));
        found.parts.iter().for_each(|part| row(&part.name, &plain(&part.value)));
    } else {
        report.parts(found).for_each(|part| row(&part.name, &part.value.masked()));
    }
    evidence(found).iter().for_each(|(name, text)| row(name, text));
    history(found).iter().filter(|(name, _)| *name != "link").for_each(|(n, text)| row(n, text));
    reported.facts().for_each(|(name, value)| row(name, value));
    if !found.encodings.is_empty() {
        row("decoded from", &found.encodings.join(", then "));
    }
    if let Some(by) = &reported.ignored_by {
        row("would be ignored by", by);
    }
    row("fingerprint", &found.fingerprint);
    if let Some(link) = link(found).filter(|link| link.starts_with("https://")) {
        let link = escape(&link);
        let _ = write!(
            rows,
            "<dt>link</dt><dd><a href=\"{link}\" rel=\"noopener noreferrer\">{link}</a></dd>"
        );
    }
    let next = escape(&next_commands(found).join("\n"));
    let _ = write!(rows, "<dt>to know more</dt><dd><code>{next}</code></dd>");
    writeln!(
        out,
        "<li data-severity=\"{level}\"><h2>{}</h2>\n\
         <p><span class=\"{level}\">{level}</span> {} <code>{}</code>, {} confidence</p>\n\
         <pre>{}</pre>\n<dl>{rows}</dl></li>",
        escape(&place(found)),
        escape(&found.name),
        escape(&found.detector),
        confidence(found.confidence),
        escape(&found.excerpt),
    )
}

fn receipt(out: &mut dyn Write, report: &Report<'_>) -> io::Result<()> {
    let receipt = report.receipt;
    writeln!(
        out,
        "<section>\n<h2>What was read</h2>\n<p>{}, {} in {}.</p>\n<ul>",
        amount(receipt),
        size(receipt.bytes),
        seconds(receipt),
    )?;
    for gap in &receipt.failed {
        writeln!(
            out,
            "<li class=\"failed\">Not wholly scanned: <code>{}</code>: {}</li>",
            escape(&gap.origin.to_string()),
            escape(&gap.reason)
        )?;
    }
    for (reason, skipped) in &receipt.skipped {
        writeln!(
            out,
            "<li>Skipped {}: {} <small>({})</small></li>",
            count(skipped.count, "entry", "entries"),
            escape(reason),
            escape(&skipped.shown(usize::MAX))
        )?;
    }
    for (by, n) in &receipt.ignored {
        let findings = count(*n, "finding", "findings");
        writeln!(out, "<li>Ignored {findings} by {}</li>", escape(by))?;
    }
    for leftover in receipt.notes.iter().chain(&receipt.leftovers) {
        writeln!(out, "<li>{}</li>", escape(leftover))?;
    }
    let now = jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M UTC");
    let version = env!("CARGO_PKG_VERSION");
    writeln!(out, "</ul>\n<p><small>Stanch {version}, {now}</small></p>\n</section>")
}

/// Text that is only text wherever in a page it stands.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split('\n') {
        if !out.is_empty() {
            out.push('\n');
        }
        for c in printable(line).chars() {
            match c {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '"' => out.push_str("&quot;"),
                '\'' => out.push_str("&#39;"),
                c => out.push(c),
            }
        }
    }
    out
}

fn hash(text: &str) -> String {
    use sha2::{Digest, Sha256};
    data_encoding::BASE64.encode(&Sha256::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_escapes_from_text() {
        assert_eq!(escape("<a href=\"x\">&'"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
        assert_eq!(escape("a\nb\x1b"), "a\nb\u{fffd}");
    }
}
