//! Workflow commands of GitHub Actions, one line per finding.
//!
//! Form and escapes are those of
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>.
//! GitHub shows ten errors and ten warnings per step, so the worst come first.

use std::io::{self, Write};

use crate::report::note::{Level, notes};
use crate::report::{Options, Report};

/// Writes one command per finding and per gap.
pub(crate) fn write(out: &mut dyn Write, report: &Report<'_>, options: Options) -> io::Result<()> {
    for note in notes(report, options) {
        let command = match note.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Notice => "notice",
        };
        let mut properties = Vec::new();
        if let Some(path) = &note.path {
            properties.push(format!("file={}", property(path)));
        }
        if let Some((first, last)) = note.lines {
            properties.push(format!("line={first},endLine={last}"));
        }
        if let Some((first, end)) = note.columns {
            properties.push(format!("col={first},endColumn={end}"));
        }
        properties.push(format!("title={}", property(&note.title)));
        writeln!(out, "::{command} {}::{}", properties.join(","), data(&note.message))?;
    }
    Ok(())
}

/// The message of a command, which ends with its line.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property, which ends with a comma or a colon.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_a_command_or_begins_another() {
        assert_eq!(
            property("a,title=x::b\n::error::c%"),
            "a%2Ctitle=x%3A%3Ab%0A%3A%3Aerror%3A%3Ac%25"
        );
        assert_eq!(data("a\r\n::stop-commands::x"), "a%0D%0A::stop-commands::x");
    }
}
