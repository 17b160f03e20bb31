//! The user's own `git`, for whatever changes a repository.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use stanch_scan::printable;

use super::plan::{Plan, Planned};

/// A repository with a work tree.
pub(super) struct Repo {
    /// The top of the work tree.
    pub(super) top: PathBuf,
}

impl Repo {
    /// The repository around a folder; none if there is none, or no work tree.
    pub(super) fn around(folder: &Path) -> Option<Repo> {
        let said = Command::new("git")
            .arg("-C")
            .arg(folder)
            .args(["rev-parse", "--show-toplevel"])
            .stderr(Stdio::null())
            .output()
            .ok()?;
        let text = String::from_utf8(said.stdout).ok()?;
        let top = text.trim_end_matches(['\n', '\r']);
        (said.status.success() && !top.is_empty()).then(|| Repo { top: PathBuf::from(top) })
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("git");
        command.arg("-C").arg(&self.top).args(args).stdin(Stdio::null());
        command
    }

    /// What `git` answers.
    ///
    /// # Errors
    /// What it complains of.
    pub(super) fn ask(&self, args: &[&str]) -> anyhow::Result<String> {
        answer(self.command(args))
    }

    /// A path as the repository knows it, with `/` between folders; none for
    /// what is outside.
    pub(super) fn inside(&self, path: &Path) -> Option<String> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).canonicalize().ok()?;
        let top = self.top.canonicalize().ok()?;
        let inner = folder.strip_prefix(top).ok()?.join(path.file_name()?);
        Some(inner.to_str()?.replace('\\', "/"))
    }

    /// Whether `git` knows a file.
    pub(super) fn tracks(&self, path: &str) -> bool {
        self.ask(&["ls-files", "--error-unmatch", "--", &literal(path)]).is_ok()
    }

    /// Files among these that differ from the last commit, or are unknown.
    ///
    /// # Errors
    /// What `git` complains of.
    pub(super) fn unclean(&self, paths: &[String]) -> anyhow::Result<Vec<String>> {
        let mut args =
            vec!["status", "--porcelain=v1", "-z", "--untracked-files=all", "--ignored", "--"];
        let paths: Vec<String> = paths.iter().map(|path| literal(path)).collect();
        args.extend(paths.iter().map(String::as_str));
        let said = self.ask(&args)?;
        Ok(said.split('\0').filter_map(|entry| entry.get(3..)).map(str::to_owned).collect())
    }
}

/// A path that stands for nothing but itself.
fn literal(path: &str) -> String {
    format!(":(top,literal){path}")
}

/// Makes a branch with one commit on top of the one that is checked out; the
/// work tree and the index stay as they are. Gives the commit.
///
/// # Errors
/// A branch of that name, no commit yet, and whatever `git` complains of.
pub(super) fn branch(repo: &Repo, plan: &Plan, name: &str) -> anyhow::Result<String> {
    let reference = format!("refs/heads/{name}");
    repo.ask(&["check-ref-format", "--branch", name])
        .with_context(|| format!("{} is no name for a branch", printable(name)))?;
    if repo.ask(&["rev-parse", "--verify", "--quiet", &reference]).is_ok() {
        bail!("there is a branch {} already; give another name", printable(name));
    }
    let parent = repo
        .ask(&["rev-parse", "--verify", "HEAD^{commit}"])
        .context("there is no commit to make a branch from")?;
    let parent = parent.trim();
    let scratch = tempfile::tempdir().context("cannot make a folder for a scratch index")?;
    let index = scratch.path().join("index");
    let with_index = |args: &[&str]| {
        let mut command = repo.command(args);
        command.env("GIT_INDEX_FILE", &index);
        command
    };
    answer(with_index(&["read-tree", parent]))?;
    let put = |path: &str, text: &[u8], mode: &str| -> anyhow::Result<()> {
        let blob =
            feed(repo.command(&["hash-object", "-w", "--stdin", &format!("--path={path}")]), text)?;
        let entry = format!("{mode},{},{path}", blob.trim());
        answer(with_index(&["update-index", "--add", "--cacheinfo", &entry])).map(|_| ())
    };
    for file in plan.files.iter().filter(|file| file.is_changed()) {
        let path = inside(repo, file)?;
        let listed = repo.ask(&["ls-tree", "--full-tree", parent, "--", &path])?;
        let mode = listed.split_whitespace().next().unwrap_or("100644").to_owned();
        match &file.rewrite.untrack {
            None => put(&path, &file.after, &mode)?,
            Some(untrack) => {
                let folder =
                    path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
                put(&format!("{folder}{}", untrack.example), &untrack.text, "100644")?;
                let ignore = format!("{folder}.gitignore");
                let known = repo.ask(&["show", &format!("{parent}:{ignore}")]).unwrap_or_default();
                if let Some(text) = super::write::with_line(&known, &untrack.ignore) {
                    put(&ignore, text.as_bytes(), "100644")?;
                }
                answer(with_index(&["update-index", "--force-remove", "--", &path]))?;
            }
        }
    }
    let tree = answer(with_index(&["write-tree"]))?;
    let commit = feed(
        repo.command(&["commit-tree", tree.trim(), "-p", parent, "-F", "-"]),
        message(plan).as_bytes(),
    )
    .context("the commit cannot be made")?;
    let commit = commit.trim().to_owned();
    let zero = "0".repeat(commit.len());
    repo.ask(&["update-ref", "-m", "stanch fix", &reference, &commit, &zero])?;
    Ok(commit)
}

fn inside(repo: &Repo, file: &Planned) -> anyhow::Result<String> {
    repo.inside(&file.path).with_context(|| {
        format!("{} is not in the repository", printable(&file.path.to_string_lossy()))
    })
}

/// What a commit says; names and fingerprints, and never a value.
fn message(plan: &Plan) -> String {
    let mut lines = Vec::new();
    for file in &plan.files {
        for change in &file.rewrite.changes {
            let Some(told) = file.places.get(change.place) else { continue };
            let path = file.path.strip_prefix(".").unwrap_or(&file.path).to_string_lossy();
            lines.push(format!(
                "- {}:{} {} as {} (fingerprint {})",
                printable(&path),
                told.line,
                told.name,
                change.reference.variable,
                told.place.fingerprint
            ));
        }
    }
    let count = lines.len();
    let what = if count == 1 {
        "a secret by a reference"
    } else {
        &format!("{count} secrets by references")
    };
    format!(
        "Replace {what}\n\nThe values are still in the parent of this commit: revoke them.\n\n{}\n",
        lines.join("\n")
    )
}

pub(super) fn answer(mut command: Command) -> anyhow::Result<String> {
    let output =
        command.output().context("`git` cannot be started; install it, or put it on PATH")?;
    if !output.status.success() {
        bail!("{}: {}", shown(&command), said(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The same with something on standard input.
fn feed(mut command: Command, input: &[u8]) -> anyhow::Result<String> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("`git` cannot be started; install it, or put it on PATH")?;
    if let Some(mut pipe) = child.stdin.take() {
        pipe.write_all(input)?;
    }
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!("{}: {}", shown(&command), said(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn shown(command: &Command) -> String {
    let verb = command.get_args().filter(|arg| *arg != OsStr::new("-C")).nth(1);
    format!("git {}", verb.map(|verb| verb.to_string_lossy()).unwrap_or_default())
}

fn said(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let lines: Vec<String> =
        text.lines().map(printable).filter(|line| !line.trim().is_empty()).collect();
    lines.join("; ").trim_start_matches("fatal: ").to_owned()
}
