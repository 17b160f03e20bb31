//! Service messages of TeamCity: findings as inspections.
//!
//! Form: <https://www.jetbrains.com/help/teamcity/service-messages.html>. An
//! inspection's type is told before its first instance.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{self, Write};

use crate::report::note::{Level, notes};
use crate::report::{Options, Report};

/// Longest text of an attribute, in characters; TeamCity takes 4000.
const LONGEST: usize = 3900;

/// Longest name of a type, in characters; TeamCity takes 255.
const NAME: usize = 250;

/// Writes one message per type and per finding.
pub(crate) fn write(out: &mut dyn Write, report: &Report<'_>, options: Options) -> io::Result<()> {
    let mut types = BTreeSet::new();
    for note in notes(report, options) {
        let id = value(&note.code, NAME);
        if types.insert(id.clone()) {
            writeln!(
                out,
                "##teamcity[inspectionType id='{id}' name='{name}' description='{name}' \
                 category='Secrets']",
                name = value(&note.title, NAME),
            )?;
        }
        let severity = match note.level {
            Level::Error => "ERROR",
            Level::Warning => "WARNING",
            Level::Notice => "WEAK WARNING",
        };
        writeln!(
            out,
            "##teamcity[inspection typeId='{id}' message='{}' file='{}' line='{}' \
             SEVERITY='{severity}']",
            value(&note.message, LONGEST),
            value(note.path.as_deref().unwrap_or("-"), LONGEST),
            note.lines.map_or(0, |(first, _)| first),
        )?;
    }
    if report.tally.total > 0 || !report.receipt.is_complete() {
        writeln!(
            out,
            "##teamcity[buildStatus text='{{build.status.text}}; secrets: {}']",
            report.tally.secrets
        )?;
    }
    Ok(())
}

/// An attribute's value, which ends with an apostrophe. What is not ASCII is
/// written in UTF-16 units, which every encoding of a log survives.
fn value(text: &str, longest: usize) -> String {
    let mut out = String::new();
    for c in text.chars().take(longest) {
        match c {
            '\n' => out.push_str("|n"),
            '\r' => out.push_str("|r"),
            '|' | '\'' | '[' | ']' => {
                out.push('|');
                out.push(c);
            }
            c if c.is_ascii() => out.push(c),
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "|0x{unit:04x}");
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_a_message_or_begins_another() {
        assert_eq!(
            value("a']\n##teamcity[buildStop 'x'] |", 100),
            "a|'|]|n##teamcity|[buildStop |'x|'|] ||"
        );
        assert_eq!(value("é\u{1f512}", 100), "|0x00e9|0xd83d|0xdd12");
        assert_eq!(value("abcdef", 3), "abc");
    }
}
