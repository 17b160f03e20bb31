//! Where the user's own `git` looks for hooks.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use stanch_scan::printable;

/// A repository as `git` sees it from here.
pub(super) struct Place {
    /// `.git`, or what stands for it in a linked work tree or a submodule.
    pub(super) git_dir: PathBuf,
    /// What linked work trees have in common; the same as `git_dir` otherwise.
    pub(super) common_dir: PathBuf,
    /// The top of the work tree; none in a bare repository.
    pub(super) work_dir: Option<PathBuf>,
    /// What `core.hooksPath` says, if it says anything.
    pub(super) hooks_path: Option<HooksPath>,
}

/// A `core.hooksPath` that is in force.
pub(super) struct HooksPath {
    /// The folder.
    pub(super) folder: PathBuf,
    /// As it was written.
    pub(super) value: String,
    /// Whether it holds for this repository only, and not for all of a user's.
    pub(super) is_local: bool,
    /// Where it stands: `local`, `worktree`, `global`, `system` or `command`.
    pub(super) scope: String,
}

impl Place {
    /// The repository around the working folder.
    ///
    /// # Errors
    /// None there, one that Git refuses to open, and no `git`.
    pub(super) fn here() -> anyhow::Result<Place> {
        let here = std::env::current_dir().context("the working folder is gone")?;
        let git_dir = below(&here, path(&["rev-parse", "--git-dir"])?);
        // Old versions give a path relative to somewhere else.
        let common = below(&here, path(&["rev-parse", "--git-common-dir"])?);
        let common_dir = if common.is_dir() { common } else { git_dir.clone() };
        let work_dir = match ask(&["rev-parse", "--is-bare-repository"])?.as_str() {
            "true" => None,
            // There is none to be shown from inside of `.git`.
            _ => path(&["rev-parse", "--show-toplevel"]).ok(),
        };
        let base = work_dir.as_deref().unwrap_or(&git_dir);
        let hooks_path = hooks_path(&[], base)?;
        Ok(Place { git_dir, common_dir, work_dir, hooks_path })
    }

    /// Where Git looks for hooks of this repository.
    pub(super) fn hooks(&self) -> PathBuf {
        let path = self.hooks_path.as_ref().map(|path| path.folder.clone());
        path.unwrap_or_else(|| self.own_hooks())
    }

    /// Where it looks when nothing is configured.
    pub(super) fn own_hooks(&self) -> PathBuf {
        self.common_dir.join("hooks")
    }
}

/// The `core.hooksPath` of all of the user's repositories.
///
/// # Errors
/// A configuration that `git` cannot read.
pub(super) fn global_hooks_path() -> anyhow::Result<Option<HooksPath>> {
    hooks_path(&["--global"], Path::new("/"))
}

/// Sets or unsets the `core.hooksPath` of all of the user's repositories.
///
/// # Errors
/// A configuration that cannot be written.
pub(super) fn set_global_hooks_path(folder: Option<&Path>) -> anyhow::Result<()> {
    let mut command = Command::new("git");
    command.args(["config", "--global"]);
    match folder {
        Some(folder) => command.arg("core.hooksPath").arg(folder),
        None => command.args(["--unset", "core.hooksPath"]),
    };
    let output = command.output().context(NO_GIT)?;
    if !output.status.success() {
        bail!("git config cannot set core.hooksPath: {}", said(&output.stderr));
    }
    Ok(())
}

/// The version of `git`, such as `2.39.5`.
///
/// # Errors
/// None there.
pub(super) fn version() -> anyhow::Result<String> {
    let text = ask(&["version"])?;
    Ok(text.split(' ').nth(2).unwrap_or(&text).to_owned())
}

/// Whether a version is at least `major.minor`.
pub(super) fn at_least(version: &str, major: u32, minor: u32) -> bool {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) >= (major, minor)
}

const NO_GIT: &str = "`git` cannot be started; install it, or put it on PATH";

fn hooks_path(scope: &[&str], base: &Path) -> anyhow::Result<Option<HooksPath>> {
    let get = |more: &[&str]| {
        let args = [&["config"], scope, more, &["--get", "core.hooksPath"]].concat();
        Command::new("git").args(args).output().context(NO_GIT)
    };
    let output = get(&["--path"])?;
    if !output.status.success() {
        // 1 is: not set.
        return match output.status.code() {
            Some(1) => Ok(None),
            _ => bail!("git cannot read core.hooksPath: {}", said(&output.stderr)),
        };
    }
    let folder = base.join(to_path(&output.stdout));
    let shown = get(&["--show-scope"])?;
    let shown = String::from_utf8_lossy(&shown.stdout).trim_end().to_owned();
    let (scope, value) = shown.split_once('\t').unwrap_or(("unknown", &shown));
    let is_local = matches!(scope, "local" | "worktree" | "command");
    let (scope, value) = (scope.to_owned(), printable(value));
    Ok(Some(HooksPath { folder, value, is_local, scope }))
}

/// A path that is relative to a folder; `.` is the folder itself.
fn below(folder: &Path, path: PathBuf) -> PathBuf {
    if path == Path::new(".") { folder.to_owned() } else { folder.join(path) }
}

/// What `git` answers, without the line break at its end.
fn ask(args: &[&str]) -> anyhow::Result<String> {
    Ok(String::from_utf8_lossy(&answer(args)?).into_owned())
}

fn path(args: &[&str]) -> anyhow::Result<PathBuf> {
    answer(args).map(|bytes| to_path(&bytes))
}

fn answer(args: &[&str]) -> anyhow::Result<Vec<u8>> {
    let output = Command::new("git").args(args).output().context(NO_GIT)?;
    if !output.status.success() {
        let said = said(&output.stderr);
        if said.contains("not a git repository") {
            bail!("there is no Git repository here; go into one, or use --global");
        }
        bail!("git refuses to work here: {said}");
    }
    let mut bytes = output.stdout;
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
    }
    Ok(bytes)
}

fn said(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let lines: Vec<String> = text.lines().map(printable).filter(|l| !l.trim().is_empty()).collect();
    lines.join("\n  ").trim_start_matches("fatal: ").to_owned()
}

#[cfg(unix)]
fn to_path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(OsStr::from_bytes(bytes.strip_suffix(b"\n").unwrap_or(bytes)))
}

#[cfg(not(unix))]
fn to_path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::new(String::from_utf8_lossy(bytes).trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        assert!(at_least("2.39.5", 2, 9) && at_least("2.9.0.windows.1", 2, 9));
        assert!(at_least("3.0", 2, 36) && !at_least("2.8.4", 2, 9) && !at_least("junk", 1, 0));
    }
}
