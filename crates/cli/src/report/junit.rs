//! JUnit XML, which nearly every build server shows: a finding is a failed
//! test, and what was not read is a test with an error.
//!
//! There is no standard; the elements and attributes are those that Jenkins
//! accepts (<https://github.com/jenkinsci/xunit-plugin>, `junit-10.xsd`) and
//! that GitLab, CircleCI, TeamCity, Azure and Bitbucket read.

use std::io::{self, Write};

use stanch_scan::printable;

use crate::report::note::{advice, path, whence};
use crate::report::{Options, Report, evidence, plain, severity};

/// Writes one suite.
pub(crate) fn write(out: &mut dyn Write, report: &Report<'_>, options: Options) -> io::Result<()> {
    let (failures, errors) = (report.findings.len(), report.receipt.failed.len());
    // A suite without tests is an error to some servers.
    let passed = usize::from(failures + errors == 0);
    let counts = format!(
        "tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\"",
        failures + errors + passed
    );
    let time = format!("time=\"{:.3}\"", report.receipt.time.as_secs_f64());
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"stanch\" {counts} {time}>")?;
    writeln!(out, "  <testsuite name=\"stanch\" {counts} skipped=\"0\" {time}>")?;
    if passed == 1 {
        let files = report.receipt.files;
        writeln!(
            out,
            "    <testcase classname=\"stanch\" name=\"no secrets in {files} files\" {time}/>"
        )?;
    }
    for reported in report.findings {
        let found = &reported.finding;
        let at = &found.location;
        let place = format!("{}:{}:{}", found.origin, at.line, at.column);
        write!(
            out,
            "    <testcase classname=\"stanch.{}\" name=\"{}\"",
            escape(&found.detector),
            escape(&format!("{place} {}", found.name)),
        )?;
        if let Some(path) = path(&found.origin) {
            write!(out, " file=\"{}\" line=\"{}\"", escape(&path), at.line)?;
        }
        writeln!(out, " time=\"0\">")?;
        let told = format!("{}: {}{}", found.name, found.masked, whence(&found.origin));
        write!(
            out,
            "      <failure type=\"{}\" message=\"{}\">",
            severity(found.severity),
            escape(&told)
        )?;
        let mut lines = vec![place, found.excerpt.clone()];
        if options.show_secrets {
            lines.push(format!("secret: {}", plain(&found.secret)));
        }
        lines.extend(evidence(found).into_iter().map(|(name, text)| format!("{name}: {text}")));
        lines.extend(reported.facts().map(|(n, v)| format!("{}: {}", printable(n), printable(v))));
        lines.push(format!("fingerprint: {}", found.fingerprint));
        lines.push(advice(found));
        writeln!(out, "{}</failure>\n    </testcase>", escape(&lines.join("\n")))?;
    }
    for gap in &report.receipt.failed {
        writeln!(
            out,
            "    <testcase classname=\"stanch.unread\" name=\"{}\" time=\"0\">\n      \
             <error type=\"unread\" message=\"{}\"/>\n    </testcase>",
            escape(&gap.origin.to_string()),
            escape(&printable(&gap.reason)),
        )?;
    }
    writeln!(out, "  </testsuite>\n</testsuites>")
}

/// Text and attributes of XML 1.0, which has no place for most control
/// characters, escaped or not (<https://www.w3.org/TR/xml/#charsets>).
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\n' => out.push_str("&#10;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xml_has_no_control_characters_and_no_stray_marks() {
        assert_eq!(
            escape("a\0\x1b\u{ffff}\"]]><x/>&'\n"),
            "a\u{fffd}\u{fffd}\u{fffd}&quot;]]&gt;&lt;x/&gt;&amp;&apos;&#10;"
        );
    }
}
