//! Logging commands of Azure Pipelines, one line per finding.
//!
//! Form: <https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands>.
//! There are only errors and warnings.

use std::io::{self, Write};

use crate::report::note::{Level, notes};
use crate::report::{Options, Report};

/// Writes one command per finding and per gap.
pub(crate) fn write(out: &mut dyn Write, report: &Report<'_>, options: Options) -> io::Result<()> {
    for note in notes(report, options) {
        let kind = if note.level == Level::Error { "error" } else { "warning" };
        write!(out, "##vso[task.logissue type={kind};")?;
        if let Some(path) = &note.path {
            write!(out, "sourcepath={};", property(path))?;
        }
        if let Some((first, _)) = note.lines {
            write!(out, "linenumber={first};")?;
        }
        if let Some((first, _)) = note.columns {
            write!(out, "columnnumber={first};")?;
        }
        let text = format!("{}: {}", note.title, note.message);
        writeln!(out, "code={};]{}", property(&note.code), data(&text))?;
    }
    Ok(())
}

/// The command that shows a Markdown file on the summary page; the path is
/// absolute.
pub(crate) fn summary(out: &mut dyn Write, path: &str) -> io::Result<()> {
    writeln!(out, "##vso[task.uploadsummary]{}", data(path))
}

/// The message of a command, which ends with its line.
fn data(text: &str) -> String {
    text.replace('%', "%AZP25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property, which ends with a semicolon or a bracket.
fn property(text: &str) -> String {
    data(text).replace(';', "%3B").replace(']', "%5D")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_a_command_or_begins_another() {
        assert_eq!(property("a;type=x]b%\n"), "a%3Btype=x%5Db%AZP25%0A");
        assert_eq!(data("a\n##vso[task.setvariable]b"), "a%0A##vso[task.setvariable]b");
    }
}
