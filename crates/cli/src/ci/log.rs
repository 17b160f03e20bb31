//! Text for the logs of build servers, which take some of it for commands.

use super::platform::Platform;

/// Marks that a server obeys wherever they stand in a line.
const MARKS: [&str; 3] = ["##[", "##vso[", "##teamcity["];

/// A report as text, with nothing in it that any build server would obey: a
/// scanned line may hold what looks like a command of its own.
///
/// GitHub obeys `::name` at the start of a line, spaces aside, and `##[name]`
/// anywhere; Azure and TeamCity obey their marks anywhere.
pub(crate) fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let rest = line.trim_start();
        let indent = line.get(..line.len() - rest.len()).unwrap_or_default();
        out.push_str(indent);
        if rest.starts_with("::") {
            out.push('\\');
        }
        let mut rest = rest;
        while let Some((before, mark)) = first_mark(rest) {
            out.push_str(before);
            out.push_str("#\\#");
            rest = mark.get(2..).unwrap_or_default();
        }
        out.push_str(rest);
    }
    out
}

/// What stands before the first mark, and what begins with it.
fn first_mark(text: &str) -> Option<(&str, &str)> {
    let mut from = 0;
    while let Some(at) = text.get(from..)?.find("##") {
        let at = from + at;
        let found = text.get(at..)?;
        let is =
            |mark: &&str| found.get(..mark.len()).is_some_and(|s| s.eq_ignore_ascii_case(mark));
        if MARKS.iter().any(is) {
            return Some((text.get(..at)?, found));
        }
        from = at + 1;
    }
    None
}

/// One line that a server shows as an error of the build, where it has such.
pub(crate) fn problem(platform: Platform, message: &str) -> Option<String> {
    let line = message.replace(['\r', '\n'], " ");
    match platform {
        Platform::GitHub => {
            Some(format!("::error title=Stanch scanned nothing::{}", line.replace('%', "%25")))
        }
        Platform::Azure => {
            Some(format!("##vso[task.logissue type=error]Stanch scanned nothing: {line}"))
        }
        Platform::TeamCity => {
            let mut text = String::new();
            for c in line.chars().take(3900) {
                if matches!(c, '|' | '\'' | '[' | ']') {
                    text.push('|');
                }
                text.push(if c.is_ascii() { c } else { '?' });
            }
            Some(format!("##teamcity[buildProblem description='Stanch scanned nothing: {text}']"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_scanned_is_a_command() {
        assert_eq!(harmless("a :: b\n  ::add-mask::x\n::"), "a :: b\n  \\::add-mask::x\n\\::");
        assert_eq!(harmless("\u{a0}::x"), "\u{a0}\\::x");
        assert_eq!(harmless("## a ##[x] ###VSO[y] #"), "## a #\\#[x] ##\\#VSO[y] #");
        assert_eq!(harmless("x##teamcity[buildStop]##"), "x#\\#teamcity[buildStop]##");
    }

    #[test]
    fn a_problem_is_one_line() {
        let told = problem(Platform::TeamCity, "a']\nb").unwrap();
        assert_eq!(told, "##teamcity[buildProblem description='Stanch scanned nothing: a|'|] b']");
        assert!(!problem(Platform::GitHub, "a\n::b").unwrap().contains('\n'));
    }
}
