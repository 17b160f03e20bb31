//! Writing files whole or not at all.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use stanch_scan::printable;

use super::FixArgs;
use super::git::Repo;
use super::plan::{Plan, Planned};

/// Makes sure that Git could bring every file back that is changed.
///
/// # Errors
/// Files that differ from the last commit, unless that is wanted.
pub(super) fn allowed(plan: &Plan, repo: Option<&Repo>, args: &FixArgs) -> anyhow::Result<()> {
    if args.force && args.branch.is_none() {
        return Ok(());
    }
    let Some(repo) = repo else {
        if args.branch.is_some() {
            bail!("there is no Git repository here to make a branch in");
        }
        bail!(
            "the files are in no Git repository that could bring them back; look at --diff first, \
             and give --force"
        );
    };
    let mut paths = Vec::new();
    let mut outside = Vec::new();
    for file in plan.files.iter().filter(|file| file.is_changed()) {
        match repo.inside(&file.path) {
            Some(path) => paths.push(path),
            None => outside.push(printable(&file.path.to_string_lossy())),
        }
    }
    outside.extend(repo.unclean(&paths)?.iter().map(|path| printable(path)));
    // A file that Git does not know keeps its values anyway.
    outside.retain(|path| {
        !plan.files.iter().any(|file| {
            file.rewrite.untrack.is_some()
                && file.before == file.after
                && repo.inside(&file.path).is_some_and(|own| own == *path && !repo.tracks(&own))
        })
    });
    if !outside.is_empty() {
        let more = if args.branch.is_some() { "" } else { ", or give --force" };
        bail!(
            "not in the last commit as they are: {}; commit or stash them first{more}",
            outside.join(", ")
        );
    }
    Ok(())
}

/// Writes every file that is changed. Gives those that left the repository.
///
/// # Errors
/// A file that cannot be written; those before it are, and the message says so.
pub(super) fn files(plan: &Plan, repo: Option<&Repo>) -> anyhow::Result<Vec<PathBuf>> {
    let mut untracked = Vec::new();
    let changed = plan.files.iter().filter(|file| file.is_changed());
    for (written, file) in changed.enumerate() {
        let done = if file.before == file.after { Ok(()) } else { replace(file) };
        done.and_then(|()| leave(file, repo, &mut untracked)).with_context(|| {
            format!(
                "{} is not changed ({written} files before it are; `git diff` shows them)",
                printable(&file.path.to_string_lossy())
            )
        })?;
    }
    Ok(untracked)
}

/// Puts the new text in the place of the old in one step, with the same mode.
fn replace(file: &Planned) -> anyhow::Result<()> {
    // A link stays one; what it leads to is changed.
    let path = file.path.canonicalize().context("cannot be found any more")?;
    if fs::read(&path)? != file.before {
        bail!("it has changed meanwhile; run this again");
    }
    let folder = path.parent().context("has no folder")?;
    let mut new = tempfile::Builder::new().prefix(".stanch-").tempfile_in(folder)?;
    new.write_all(&file.after)?;
    new.as_file().sync_all()?;
    fs::set_permissions(new.path(), fs::metadata(&path)?.permissions())?;
    new.persist(&path)?;
    Ok(())
}

/// Takes a file out of the repository and leaves an example for it.
fn leave(file: &Planned, repo: Option<&Repo>, untracked: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let Some(untrack) = &file.rewrite.untrack else { return Ok(()) };
    let folder = file.path.parent().unwrap_or(Path::new(""));
    let example = folder.join(&untrack.example);
    if !example.exists() {
        fs::write(&example, &untrack.text)?;
    }
    let ignore = folder.join(".gitignore");
    let known = match fs::read_to_string(&ignore) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error).context("cannot read .gitignore"),
    };
    if let Some(text) = with_line(&known, &untrack.ignore) {
        fs::write(&ignore, text)?;
    }
    if let Some(repo) = repo
        && let Some(path) = repo.inside(&file.path)
        && repo.tracks(&path)
    {
        repo.ask(&["rm", "--cached", "--quiet", "--", &format!(":(top,literal){path}")])?;
        untracked.push(file.path.clone());
    }
    Ok(())
}

/// A `.gitignore` with one more line; none if it has that line.
pub(super) fn with_line(text: &str, line: &str) -> Option<String> {
    let bare = line.trim_start_matches('/');
    if text.lines().any(|known| known.trim().trim_start_matches('/') == bare) {
        return None;
    }
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let gap = if text.is_empty() || text.ends_with('\n') { "" } else { newline };
    Some(format!("{text}{gap}{line}{newline}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_added_once_in_the_files_own_way() {
        assert_eq!(with_line("", "/.env").as_deref(), Some("/.env\n"));
        assert_eq!(with_line("a", "/.env").as_deref(), Some("a\n/.env\n"));
        assert_eq!(with_line("a\r\n", "/.env").as_deref(), Some("a\r\n/.env\r\n"));
        assert_eq!(with_line("x\n.env\n", "/.env"), None);
    }
}
