//! For spreadsheets.

use std::io::{self, Write};

use stanch_scan::{Commit, printable};

use crate::report::{Options, Report, date, link, plain, rounded, severity};

/// Writes a header and one row per finding.
pub(crate) fn write(out: &mut dyn Write, report: &Report<'_>, options: Options) -> io::Result<()> {
    let mut csv = ::csv::Writer::from_writer(out);
    let mut header = vec![
        "path",
        "line",
        "column",
        "detector",
        "name",
        "provider",
        "severity",
        "confidence",
        "masked",
        "fingerprint",
        "evidence",
        "facts",
        "encodings",
        "excerpt",
        "commit",
        "author",
        "email",
        "date",
        "place",
        "presence",
        "url",
    ];
    if options.show_secrets {
        header.push("secret");
    }
    csv.write_record(&header)?;
    for reported in report.findings {
        let found = &reported.finding;
        let facts: Vec<String> = reported.facts().map(|(n, v)| format!("{n}: {v}")).collect();
        let mut row = vec![
            found.origin.to_string(),
            found.location.line.to_string(),
            found.location.column.to_string(),
            found.detector.clone(),
            found.name.clone(),
            found.provider.clone(),
            severity(found.severity).to_owned(),
            rounded(found.confidence).to_string(),
            found.masked.clone(),
            found.fingerprint.clone(),
            found.evidence.join("; "),
            facts.join("; "),
            found.encodings.join(", "),
            found.excerpt.clone(),
        ];
        let git = found.origin.git();
        let commit = git.and_then(|git| git.commit.as_deref());
        let of_commit = |text: fn(&Commit) -> String| commit.map(text).unwrap_or_default();
        row.extend([
            of_commit(|commit| commit.id.clone()),
            of_commit(|commit| commit.author.clone()),
            of_commit(|commit| commit.email.clone()),
            of_commit(date),
            git.map(|git| git.place.name().to_owned()).unwrap_or_default(),
            git.map(|git| git.presence.name().to_owned()).unwrap_or_default(),
            link(found).unwrap_or_default(),
        ]);
        if options.show_secrets {
            row.push(plain(&found.secret));
        }
        csv.write_record(row.iter().map(|cell| harmless(cell)))?;
    }
    csv.flush()
}

/// A cell that no spreadsheet takes for a formula.
fn harmless(cell: &str) -> String {
    let cell = cell.split('\n').map(printable).collect::<Vec<_>>().join("\n");
    if cell.trim_start().starts_with(['=', '+', '-', '@']) { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_is_text() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", " =1"] {
            assert_eq!(harmless(cell), format!("'{cell}"));
        }
        assert_eq!(harmless("a=b"), "a=b");
    }
}
