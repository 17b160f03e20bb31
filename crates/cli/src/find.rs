//! Finding again what was reported: a command that acts on a finding is given
//! a fingerprint or a place, and looks for the value itself.

use std::path::{Path, PathBuf};

use anyhow::bail;
use stanch_scan::{Finding, printable};

use crate::scan;

/// The fewest characters of a fingerprint that name one.
pub(crate) const SHORTEST: usize = 6;

/// Findings by fingerprint (or its beginning), by place, or by path, of what
/// stands below `root`.
///
/// # Errors
/// What is not found, what is ambiguous, and what cannot be scanned.
pub(crate) fn findings(which: &[String], root: &Path) -> anyhow::Result<Vec<Finding>> {
    let mut found: Vec<Finding> = Vec::new();
    let mut whole: Option<Vec<Finding>> = None;
    for wanted in which {
        let shown = printable(wanted);
        let at = Place::of(Path::new(wanted));
        let fitting: Vec<Finding> = if at.path.exists() {
            let there = scan::findings(std::slice::from_ref(&at.path))?;
            there.into_iter().filter(|finding| at.holds(finding)).collect()
        } else if let Some(print) = fingerprint(wanted) {
            if whole.is_none() {
                whole = Some(scan::findings(&[root.to_owned()])?);
            }
            let whole = whole.iter().flatten();
            let fitting: Vec<Finding> =
                whole.filter(|finding| finding.fingerprint.starts_with(&print)).cloned().collect();
            let first = fitting.first().map(|first| &first.fingerprint);
            if fitting.iter().any(|finding| Some(&finding.fingerprint) != first) {
                bail!("{shown} is the beginning of several fingerprints; give more of it");
            }
            fitting
        } else {
            bail!(
                "{shown}: no such file, and no fingerprint; give PATH:LINE, or at least {SHORTEST} \
                 characters of a fingerprint as `stanch scan` shows it"
            )
        };
        if fitting.is_empty() {
            bail!("{shown}: nothing is found there now; scan again, it may be mended already");
        }
        found.extend(fitting);
    }
    Ok(found)
}

/// The beginning of a fingerprint, as fingerprints are written; none where the
/// text is too short or no hexadecimal number.
pub(crate) fn fingerprint(text: &str) -> Option<String> {
    let fits = text.len() >= SHORTEST && text.bytes().all(|b| b.is_ascii_hexdigit());
    fits.then(|| text.to_ascii_lowercase())
}

/// A path, and the line behind it as reports write it: `FILE`, `FILE:LINE` or
/// `FILE:LINE:COLUMN`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The path, which need not exist.
    pub(crate) path: PathBuf,
    /// The line, from 1.
    pub(crate) line: Option<u64>,
}

impl Place {
    /// Reads a place. A file's name may hold colons: numbers are taken off
    /// until a path is left that exists.
    pub(crate) fn of(text: &Path) -> Place {
        let mut place = Place { path: text.to_owned(), line: None };
        for _ in 0..2 {
            let shorter = if place.path.exists() { None } else { numbered(&place.path) };
            let Some((path, number)) = shorter else { break };
            place = Place { path, line: Some(number) };
        }
        place
    }

    /// Whether a finding of this path stands on the line, if there is one.
    pub(crate) fn holds(&self, finding: &Finding) -> bool {
        let location = &finding.location;
        self.line.is_none_or(|line| (location.line..=location.end_line).contains(&line))
    }
}

/// A path without the number behind its last colon.
fn numbered(path: &Path) -> Option<(PathBuf, u64)> {
    let name = path.file_name()?.as_encoded_bytes();
    let at = name.iter().rposition(|b| *b == b':')?;
    let number = std::str::from_utf8(name.get(at + 1..)?).ok()?.parse().ok()?;
    let whole = path.as_os_str().as_encoded_bytes();
    let kept = whole.get(..whole.len() - (name.len() - at))?;
    Some((path_of(kept)?, number))
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere not all bytes are a path")]
fn path_of(bytes: &[u8]) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    Some(std::ffi::OsStr::from_bytes(bytes).into())
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> Option<PathBuf> {
    std::str::from_utf8(bytes).ok().map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &Path) -> (String, Option<u64>) {
        let place = Place::of(text);
        let name = place.path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, place.line)
    }

    #[test]
    fn numbers_are_taken_off_until_a_path_exists() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["a.py", "b:7"] {
            std::fs::write(dir.path().join(name), "").unwrap();
        }
        let at = |text: &str| place(&dir.path().join(text));
        assert_eq!(at("a.py"), ("a.py".into(), None));
        assert_eq!(at("a.py:12"), ("a.py".into(), Some(12)));
        assert_eq!(at("a.py:12:5"), ("a.py".into(), Some(12)));
        assert_eq!(at("b:7"), ("b:7".into(), None));
        assert_eq!(at("b:7:9"), ("b:7".into(), Some(9)));
        assert_eq!(at("b:7:9:4"), ("b:7".into(), Some(9)));
        assert_eq!(at("none.py:3:4"), ("none.py".into(), Some(3)));
        assert_eq!(at("none.py:x"), ("none.py:x".into(), None));
    }
}
