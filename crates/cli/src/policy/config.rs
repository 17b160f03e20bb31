//! `stanch.toml`: what it may say, and what is wrong with it.

use std::fmt;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

use super::files::{line_column, shown};
use super::glob::{Anchor, Patterns};
use super::{HookSettings, OnTimeout, Settings};

/// A configuration file as it is understood.
#[derive(Debug)]
pub(crate) struct Config {
    /// What holds for the whole scan; paths are joined to the file's folder.
    pub(crate) settings: Settings,
    /// Paths that are not read.
    pub(crate) excludes: Vec<Exclude>,
    /// Findings that are not reported.
    pub(crate) ignores: Vec<Ignore>,
}

/// Paths that are not read.
#[derive(Debug)]
pub(crate) struct Exclude {
    /// The entry's line.
    pub(crate) line: usize,
    /// The patterns as they were written.
    pub(crate) globs: Vec<String>,
    /// The patterns compiled.
    pub(crate) patterns: Patterns,
    /// Why they are not read.
    pub(crate) reason: String,
}

/// Findings that are not reported.
#[derive(Debug)]
pub(crate) struct Ignore {
    /// The entry's line.
    pub(crate) line: usize,
    /// The fingerprint, in lower case.
    pub(crate) fingerprint: Option<String>,
    /// The detector's id.
    pub(crate) detector: Option<String>,
    /// Where.
    pub(crate) paths: Option<Patterns>,
    /// Why.
    pub(crate) reason: String,
    /// Who answers for it.
    pub(crate) owner: Option<String>,
    /// The last day on which the entry holds.
    pub(crate) expires: Option<Date>,
}

/// What is wrong with a configuration file, as `file:line:column: message`.
#[derive(Debug)]
pub(crate) struct ConfigError {
    file: String,
    line: usize,
    column: usize,
    message: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)
    }
}

impl std::error::Error for ConfigError {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawConfig {
    min_confidence: Option<Spanned<f32>>,
    #[serde(default)]
    detectors: Vec<PathBuf>,
    #[serde(default)]
    only: Vec<String>,
    #[serde(default)]
    gitignore: bool,
    baseline: Option<PathBuf>,
    #[serde(default)]
    hook: RawHook,
    #[serde(default)]
    exclude: Vec<Spanned<RawExclude>>,
    #[serde(default)]
    ignore: Vec<Spanned<RawIgnore>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawHook {
    bypass: Option<bool>,
    budget: Option<Spanned<f64>>,
    // Both spellings of the hyphen are common, and a wrong one would be a hole.
    #[serde(alias = "on_timeout")]
    on_timeout: Option<OnTimeout>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawExclude {
    paths: Spanned<Vec<String>>,
    reason: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawIgnore {
    fingerprint: Option<Spanned<String>>,
    detector: Option<String>,
    paths: Option<Spanned<Vec<String>>>,
    reason: Spanned<String>,
    owner: Option<String>,
    expires: Option<Spanned<Datetime>>,
}

/// Reads the text of a configuration file, whose paths are relative to
/// `folder`.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub(crate) fn parse(path: &Path, folder: &Path, text: &str) -> Result<Config, ConfigError> {
    let at = |offset: usize, message: String| {
        let (line, column) = line_column(text, offset);
        ConfigError { file: shown(path), line, column, message }
    };
    let raw: RawConfig = toml::from_str(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        at(offset, format!("{}{}", error.message().trim_end(), advice(error.message())))
    })?;
    if let Some(least) = &raw.min_confidence
        && !(0.0..=1.0).contains(least.get_ref())
    {
        return Err(at(least.span().start, "min-confidence is a number from 0 to 1".to_owned()));
    }
    let patterns = |globs: &Spanned<Vec<String>>| {
        if globs.get_ref().is_empty() {
            let message = "the list of paths is empty; give at least one pattern".to_owned();
            return Err(at(globs.span().start, message));
        }
        Patterns::new(globs.get_ref(), Anchor::Folder).map_err(|(index, why)| {
            let glob = globs.get_ref().get(index).map_or("", String::as_str);
            at(globs.span().start, format!("pattern {glob:?}: {why}"))
        })
    };
    let reasoned = |reason: &Spanned<String>| match reason.get_ref().trim() {
        "" => Err(at(
            reason.span().start,
            "the reason is empty; say why, for whoever reads this next year".to_owned(),
        )),
        reason => Ok(reason.to_owned()),
    };
    let mut excludes = Vec::new();
    for entry in raw.exclude {
        let line = line_column(text, entry.span().start).0;
        let entry = entry.into_inner();
        excludes.push(Exclude {
            line,
            patterns: patterns(&entry.paths)?,
            reason: reasoned(&entry.reason)?,
            globs: entry.paths.into_inner(),
        });
    }
    let mut ignores = Vec::new();
    for entry in raw.ignore {
        let start = entry.span().start;
        let entry = entry.into_inner();
        if entry.fingerprint.is_none() && (entry.detector.is_none() || entry.paths.is_none()) {
            let message = "this entry would ignore too much; give a fingerprint, or both \
                           detector and paths";
            return Err(at(start, message.to_owned()));
        }
        let fingerprint = entry.fingerprint.map(|given| {
            let print = given.get_ref().to_ascii_lowercase();
            if print.len() == 32 && print.bytes().all(|b| b.is_ascii_hexdigit()) {
                return Ok(print);
            }
            let message = "a fingerprint has 32 hex digits; copy it from the report";
            Err(at(given.span().start, message.to_owned()))
        });
        let expires = entry.expires.map(|given| {
            let message = "expires is a plain date, as in `expires = 2027-01-31`";
            date(given.get_ref()).ok_or_else(|| at(given.span().start, message.to_owned()))
        });
        ignores.push(Ignore {
            line: line_column(text, start).0,
            fingerprint: fingerprint.transpose()?,
            detector: entry.detector,
            paths: entry.paths.as_ref().map(patterns).transpose()?,
            reason: reasoned(&entry.reason)?,
            owner: entry.owner,
            expires: expires.transpose()?,
        });
    }
    let budget = raw.hook.budget.map(|given| {
        let message = "the budget is a number of seconds from 0 to 3600";
        let seconds = Some(*given.get_ref()).filter(|seconds| (0.0..=3600.0).contains(seconds));
        let time = seconds.map(std::time::Duration::from_secs_f64);
        time.ok_or_else(|| at(given.span().start, message.to_owned()))
    });
    let hook = HookSettings {
        bypass: raw.hook.bypass,
        budget: budget.transpose()?,
        on_timeout: raw.hook.on_timeout,
    };
    let settings = Settings {
        hook,
        min_confidence: raw.min_confidence.map(Spanned::into_inner),
        detectors: raw.detectors.iter().map(|path| folder.join(path)).collect(),
        only: raw.only,
        gitignore: raw.gitignore,
        baseline: raw.baseline.map(|path| folder.join(path)),
    };
    Ok(Config { settings, excludes, ignores })
}

/// What to do about a message of the TOML reader.
fn advice(message: &str) -> &'static str {
    if message.contains("missing field `reason`") {
        "; every entry says why, as in `reason = \"…\"`"
    } else if message.contains("unknown field") {
        "; see docs/ignoring.md for what the file may say"
    } else {
        ""
    }
}

fn date(given: &Datetime) -> Option<Date> {
    let date = given.date.filter(|_| given.time.is_none() && given.offset.is_none())?;
    let (month, day) = (i8::try_from(date.month).ok()?, i8::try_from(date.day).ok()?);
    Date::new(i16::try_from(date.year).ok()?, month, day).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        parse(Path::new("stanch.toml"), Path::new(""), text).unwrap_err().to_string()
    }

    #[test]
    fn a_full_file_is_read() {
        let print = "0123456789abcdef".repeat(2);
        let text = format!(
            "min-confidence = 0.5\ndetectors = [\"rules\"]\nonly = [\"a\"]\ngitignore = true\n\
             baseline = \"b.json\"\n\n[[exclude]]\npaths = [\"vendor/\"]\nreason = \"theirs\"\n\n\
             [[ignore]]\nfingerprint = \"{print}\"\nreason = \"sample\"\nowner = \"me\"\n\
             expires = 2027-01-31\n\n[[ignore]]\ndetector = \"x\"\npaths = [\"docs/\"]\n\
             reason = \"manual\"\n"
        );
        let config = parse(Path::new("dir/stanch.toml"), Path::new("dir"), &text).unwrap();
        assert_eq!(config.settings.min_confidence, Some(0.5));
        assert_eq!(config.settings.baseline, Some(PathBuf::from("dir/b.json")));
        assert_eq!(config.settings.detectors, [PathBuf::from("dir/rules")]);
        assert_eq!(config.excludes[0].line, 7);
        let lines: Vec<_> = config.ignores.iter().map(|i| i.line).collect();
        assert_eq!(lines, [11, 17]);
        assert_eq!(config.ignores[0].expires, Some(jiff::civil::date(2027, 1, 31)));
    }

    #[test]
    fn faults_are_told_with_line_and_column() {
        assert!(message("a = 1\n").starts_with("stanch.toml:1:1: unknown field `a`"));
        assert!(message("gitignore = 1\n").starts_with("stanch.toml:1:13: "));
        assert!(message("gitignore = \n").starts_with("stanch.toml:1:"));
        let no_reason = message("\n[[exclude]]\npaths = [\"a\"]\n");
        assert!(no_reason.starts_with("stanch.toml:2:1: missing field `reason`"), "{no_reason}");
        let broad = message("[[ignore]]\ndetector = \"x\"\nreason = \"r\"\n");
        assert!(broad.starts_with("stanch.toml:1:1: this entry would ignore too much"), "{broad}");
        let glob = message("[[exclude]]\npaths = [\"[\"]\nreason = \"r\"\n");
        assert!(glob.starts_with("stanch.toml:2:9: pattern \"[\""), "{glob}");
        let print = message("[[ignore]]\nfingerprint = \"12\"\nreason = \"r\"\n");
        assert!(print.starts_with("stanch.toml:2:15: a fingerprint has 32"), "{print}");
        let confidence = message("min-confidence = 7\n");
        assert!(confidence.contains(":1:18: min-confidence"), "{confidence}");
        let date = format!(
            "[[ignore]]\nfingerprint = \"{}\"\nreason = \"r\"\nexpires = 2027-01-31T00:00:00Z\n",
            "0".repeat(32)
        );
        assert!(message(&date).starts_with("stanch.toml:4:11: expires is a plain date"));
        let budget = message("[hook]\nbudget = -1.0\n");
        assert!(budget.starts_with("stanch.toml:2:10: the budget is a number"), "{budget}");
        assert!(message("[hook]\non-timeout = \"x\"\n").starts_with("stanch.toml:2:14: "));
    }
}
