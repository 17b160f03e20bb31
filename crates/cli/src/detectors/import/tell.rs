//! What an import came to, in words.

use std::io::{self, Write};
use std::path::Path;

use stanch_scan::printable;

use super::Imported;
use super::file::Entries;
use crate::report::count;
use crate::report::style::{FAINT, STRONG};

/// Writes what became of each rule file, and what comes next.
pub(super) fn summary(
    all: &[Imported],
    entries: &Entries,
    suggested: &Path,
    folder: &Path,
) -> io::Result<()> {
    let mut out = io::BufWriter::new(anstream::stdout());
    for imported in all {
        one(&mut out, imported)?;
    }
    if entries.len() > 0 {
        let n = count(entries.len() as u64, "entry", "entries");
        writeln!(
            out,
            "{STRONG}{n} for stanch.toml{STRONG:#} in {}: read them, and copy what you want.",
            shown(suggested)
        )?;
    }
    if all.iter().any(|imported| imported.target.is_some()) {
        writeln!(out, "\nNext:")?;
        writeln!(out, "  stanch detectors test {}", shown(folder))?;
        writeln!(out, "  stanch scan . --detectors {}", shown(folder))?;
    }
    out.flush()
}

fn one(out: &mut dyn Write, imported: &Imported) -> io::Result<()> {
    let content = &imported.content;
    let tool = imported.format.name();
    let made = count(imported.made.len() as u64, "detector", "detectors");
    match &imported.target {
        Some(target) => writeln!(
            out,
            "{STRONG}{}{STRONG:#} ({tool}): {made} in {}.",
            imported.name,
            shown(target)
        )?,
        None => writeln!(
            out,
            "{STRONG}{}{STRONG:#} ({tool}): nothing in it became a detector.",
            imported.name
        )?,
    }
    list(out, "Not imported", content.refused.iter().map(|(id, why)| (id.as_str(), why)))?;
    list(out, "Different", imported.changed.iter().map(|(id, how)| (id.as_str(), how)))?;
    list(out, "Also", content.remarks.iter().map(|remark| ("", remark)))
}

fn list<'a>(
    out: &mut dyn Write,
    title: &str,
    items: impl Iterator<Item = (&'a str, &'a String)>,
) -> io::Result<()> {
    for (at, (id, text)) in items.enumerate() {
        if at == 0 {
            writeln!(out, "  {title}:")?;
        }
        let gap = if id.is_empty() { "" } else { ": " };
        writeln!(out, "    {STRONG}{}{STRONG:#}{gap}{}", printable(id), printable(text))?;
    }
    Ok(())
}

fn shown(path: &Path) -> String {
    format!("{FAINT}{}{FAINT:#}", printable(&path.to_string_lossy()))
}
