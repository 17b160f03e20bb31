//! Finding and reading the files that a policy is made from. All of them may
//! come from somebody else, so sizes are bounded, and no pipe is opened that was
//! not given.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::glob::canonical;

/// Name of the configuration file.
pub(crate) const CONFIG: &str = "stanch.toml";
/// Usual name of a baseline.
pub(crate) const BASELINE: &str = "stanch-baseline.json";

/// Most bytes that are read of a file: a baseline with a hundred thousand
/// entries fits.
const SIZE_MAX: u64 = 64 << 20;

/// Reads a file of text that was found, and not given by whoever runs this.
///
/// # Errors
/// Files that cannot be read, are no plain files, too big, or not UTF-8.
pub(crate) fn read(path: &Path) -> anyhow::Result<String> {
    // Opening a pipe that nobody writes to would wait forever.
    if !fs::metadata(path).with_context(|| path.display().to_string())?.is_file() {
        bail!("{}: this is no file", path.display());
    }
    read_given(path)
}

/// Reads text from a path that was given: a file, a device or a pipe.
///
/// # Errors
/// Paths that cannot be read, folders, too much text, or text that is not
/// UTF-8.
pub(crate) fn read_given(path: &Path) -> anyhow::Result<String> {
    let shown = || path.display().to_string();
    if path.is_dir() {
        bail!("{}: this is a folder", path.display());
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(path).with_context(shown)?;
    file.take(SIZE_MAX + 1).read_to_end(&mut bytes).with_context(shown)?;
    if bytes.len() as u64 > SIZE_MAX {
        bail!("{}: the file has more than {SIZE_MAX} bytes", path.display());
    }
    let text = String::from_utf8(bytes).with_context(shown)?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// The folder of a scanned path: itself, or the one of a file.
pub(crate) fn folder_of(root: &Path) -> PathBuf {
    let root = canonical(root);
    if root.is_dir() { root } else { root.parent().map(Path::to_owned).unwrap_or(root) }
}

/// What stands above a scanned path.
pub(crate) struct Above {
    /// The nearest configuration file.
    pub(crate) config: Option<PathBuf>,
    /// The repository root.
    pub(crate) repository: Option<PathBuf>,
}

/// Looks from a scanned path upward, up to the repository root or the root of
/// the file system.
pub(crate) fn above(root: &Path) -> Above {
    let mut found = Above { config: None, repository: None };
    for folder in folder_of(root).ancestors() {
        let config = folder.join(CONFIG);
        if found.config.is_none() && config.is_file() {
            found.config = Some(config);
        }
        if folder.join(".git").exists() {
            found.repository = Some(folder.to_owned());
            break;
        }
    }
    found
}

/// Line and column of an offset, both from 1, columns in characters.
pub(crate) fn line_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    (line, column)
}

/// A path as messages show it: relative to the working folder if below it.
pub(crate) fn shown(path: &Path) -> String {
    let here = std::env::current_dir().map(|here| canonical(&here)).unwrap_or_default();
    let path = path.strip_prefix(&here).ok().filter(|p| p.parent().is_some()).unwrap_or(path);
    stanch_scan::printable(&path.to_string_lossy())
}
