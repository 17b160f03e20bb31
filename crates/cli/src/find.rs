//! Finding again what was reported: a command that acts on a finding is given
//! a fingerprint or a place, and looks for the value itself.

use std::path::{Path, PathBuf};

use anyhow::bail;
use stanch_scan::Finding;

use crate::scan;

/// The fewest characters of a fingerprint that name one.
const SHORTEST: usize = 6;

/// Findings by fingerprint (or its beginning), by `PATH:LINE`, or by path, of
/// what stands below `root`.
///
/// # Errors
/// What is not found, what is ambiguous, and what cannot be scanned.
pub(crate) fn findings(which: &[String], root: &Path) -> anyhow::Result<Vec<Finding>> {
    let mut found: Vec<Finding> = Vec::new();
    let mut whole: Option<Vec<Finding>> = None;
    for wanted in which {
        let fitting: Vec<Finding> = match place(wanted) {
            Some((path, line)) => scan::findings(&[path])?
                .into_iter()
                .filter(|f| {
                    line.is_none_or(|line| (f.location.line..=f.location.end_line).contains(&line))
                })
                .collect(),
            None if wanted.len() < SHORTEST || !wanted.bytes().all(|b| b.is_ascii_hexdigit()) => {
                bail!(
                    "{wanted}: no such file, and no fingerprint; give PATH:LINE, or at least {SHORTEST} \
                 characters of a fingerprint as `stanch scan` shows it"
                )
            }
            None => {
                if whole.is_none() {
                    whole = Some(scan::findings(&[root.to_owned()])?);
                }
                let whole = whole.iter().flatten();
                whole.filter(|f| f.fingerprint.starts_with(wanted.as_str())).cloned().collect()
            }
        };
        let Some(first) = fitting.first() else {
            bail!("{wanted}: nothing is found there now; scan again, it may be mended already")
        };
        if place(wanted).is_none() && fitting.iter().any(|f| f.fingerprint != first.fingerprint) {
            bail!("{wanted} is the beginning of several fingerprints; give more of it");
        }
        found.extend(fitting);
    }
    Ok(found)
}

/// A path that exists, with the line behind it.
fn place(text: &str) -> Option<(PathBuf, Option<u64>)> {
    if Path::new(text).exists() {
        return Some((PathBuf::from(text), None));
    }
    let (path, line) = text.rsplit_once(':')?;
    Path::new(path).exists().then(|| Some((PathBuf::from(path), Some(line.parse().ok()?))))?
}
