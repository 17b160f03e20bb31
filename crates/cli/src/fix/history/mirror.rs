//! Rewriting a fresh mirror with `git filter-repo`.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use stanch_scan::printable;

use super::super::git;
use super::Leaked;

/// Clones a repository into a folder that is not there yet, and takes the
/// secrets out of all that the clone has.
///
/// # Errors
/// A folder that is there, a missing `git-filter-repo`, and what either
/// program complains of.
pub(super) fn rewrite(from: &Path, mirror: &Path, leaked: &[Leaked]) -> anyhow::Result<()> {
    if mirror.exists() {
        bail!(
            "{} is there already; give a folder that is not",
            printable(&mirror.to_string_lossy())
        );
    }
    available()?;
    let mut clone = Command::new("git");
    // Not by hard links: what nothing leads to is to be left behind.
    clone.args(["clone", "--quiet", "--mirror", "--no-local"]).arg(from).arg(mirror);
    git::answer(clone.into_quiet()).context("the mirror cannot be made")?;
    let rules = Rules::write(leaked)?;
    let mut filter = Command::new("git");
    filter.arg("-C").arg(mirror).args(["filter-repo", "--force", "--replace-text"]);
    filter.arg(&rules.file).arg("--replace-message").arg(&rules.file);
    let output =
        filter.stdin(Stdio::null()).output().context("git filter-repo cannot be started")?;
    drop(rules);
    if !output.status.success() {
        // What it prints could show lines of the rules.
        bail!(
            "git filter-repo has failed with {}; the mirror is of no use, delete it",
            output.status
        );
    }
    for args in
        [&["reflog", "expire", "--expire=now", "--all"][..], &["gc", "--quiet", "--prune=now"]]
    {
        let mut command = Command::new("git");
        command.arg("-C").arg(mirror).args(args);
        git::answer(command.into_quiet())?;
    }
    Ok(())
}

/// Whether `git filter-repo` is there.
fn available() -> anyhow::Result<()> {
    let found = Command::new("git")
        .args(["filter-repo", "--version"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if !found.is_ok_and(|status| status.success()) {
        bail!(
            "`git filter-repo` is missing; install the package git-filter-repo (apt, brew, pip) and run this again"
        );
    }
    Ok(())
}

trait Quiet {
    fn into_quiet(self) -> Command;
}

impl Quiet for Command {
    fn into_quiet(mut self) -> Command {
        self.stdin(Stdio::null());
        self
    }
}

/// The file that says what to replace. It has the secrets in it: nobody else
/// can read it, and it is gone as soon as this is dropped.
struct Rules {
    file: PathBuf,
    length: usize,
    _folder: tempfile::TempDir,
}

impl Rules {
    fn write(leaked: &[Leaked]) -> anyhow::Result<Rules> {
        let mut builder = tempfile::Builder::new();
        builder.prefix("stanch-");
        // In memory where there is such a place.
        let folder = ["/dev/shm", "/run/shm"]
            .iter()
            .find_map(|place| builder.tempdir_in(place).ok())
            .map_or_else(|| builder.tempdir(), Ok)
            .context("cannot make a private folder")?;
        let file = folder.path().join("rules");
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut out = options.open(&file)?;
        let mut longest: Vec<&Leaked> = leaked.iter().collect();
        // A value that is a part of another comes after it.
        longest.sort_by_key(|leaked| std::cmp::Reverse(leaked.value.expose().len()));
        let mut text = Vec::new();
        for leaked in longest {
            let print = leaked.fingerprint.get(..12).unwrap_or(&leaked.fingerprint);
            text.extend_from_slice(b"regex:");
            for byte in leaked.value.expose() {
                // Every byte by its number, so that none has a meaning.
                text.extend_from_slice(format!("\\x{byte:02x}").as_bytes());
            }
            text.extend_from_slice(format!("==>***REMOVED-{print}***\n").as_bytes());
        }
        out.write_all(&text)?;
        Ok(Rules { file, length: text.len(), _folder: folder })
    }
}

impl Drop for Rules {
    fn drop(&mut self) {
        // The folder goes with its own drop; this is for disks that keep things.
        let _ = fs::write(&self.file, vec![b'0'; self.length]);
        let _ = fs::remove_file(&self.file);
    }
}
