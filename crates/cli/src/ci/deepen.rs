//! Fetching the past that a shallow clone lacks, with the user's own `git`
//! and credentials.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Context;
use stanch_sources::git::Repo;

use super::build::Build;

/// Fetches all of the past, the branches that a build tells of, and the
/// commits that were there before where the server still has them.
///
/// # Errors
/// What `git` says when it fails.
pub(crate) fn fetch(path: &Path, build: &Build, repo: &Repo) -> anyhow::Result<()> {
    let remotes = repo.remotes();
    let remote = remotes.first().context("there is no remote to fetch from")?;
    if repo.is_shallow() {
        // This brings the parents of every commit that has been cut off.
        git(path, &["fetch", "--quiet", "--no-tags", "--unshallow", remote])?;
    }
    for branch in build.target.iter().chain(&build.default_branch).chain(&build.branch) {
        // A name that begins with a dash is behind a plus sign and so no
        // option. A branch that is gone is missed by whoever needs it.
        let spec = format!("+refs/heads/{branch}:refs/remotes/{remote}/{branch}");
        let _ = git(path, &["fetch", "--quiet", "--no-tags", remote, &spec]);
    }
    for id in &build.before {
        if repo.commit(id).is_none() && id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            // Servers need not give commits that no branch leads to.
            let _ = git(path, &["fetch", "--quiet", "--no-tags", remote, id]);
        }
    }
    Ok(())
}

fn git(path: &Path, args: &[&str]) -> anyhow::Result<()> {
    let done = Command::new("git")
        .arg("-C")
        .arg(path)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .context("cannot run git")?;
    if done.status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&done.stderr);
    let told = told.lines().rfind(|line| !line.is_empty()).unwrap_or("it failed");
    anyhow::bail!("`git {}`: {}", args.join(" "), stanch_scan::printable(told))
}
