//! What rewriting would touch.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Context;
use stanch_scan::printable;

use super::super::git;
use super::{Leaked, objects};
use crate::report::style;

/// What rewriting would touch.
#[derive(Default)]
pub(super) struct Survey {
    /// Commits that bring or remove a secret, or have it in their message.
    sources: usize,
    /// All commits that get a new id.
    rewritten: usize,
    commits: usize,
    signed_commits: usize,
    signed_tags: usize,
    /// References that will point elsewhere.
    refs: Vec<String>,
    authors: BTreeMap<String, usize>,
    remotes: BTreeSet<String>,
    has_lfs: bool,
    stashes: bool,
    notes: bool,
}

impl Survey {
    /// Looks at a repository.
    ///
    /// # Errors
    /// What `git` complains of.
    pub(super) fn take(folder: &Path, values: &[&[u8]]) -> anyhow::Result<Survey> {
        let ask = |args: &[&str]| {
            let mut command = Command::new("git");
            command.arg("-C").arg(folder).args(args).stdin(Stdio::null());
            git::answer(command)
        };
        let held = objects::holding(folder, values)?;
        let mut sources: HashSet<String> = HashSet::new();
        let mut tags: HashSet<String> = HashSet::new();
        for object in &held.objects {
            match object.kind.as_str() {
                "commit" => {
                    sources.insert(object.id.clone());
                }
                "tag" => {
                    tags.insert(object.id.clone());
                }
                _ => {
                    let found = ask(&[
                        "log",
                        "--all",
                        "--reflog",
                        "--full-history",
                        "-m",
                        "--format=%H",
                        &format!("--find-object={}", object.id),
                    ])?;
                    sources.extend(found.lines().map(str::to_owned));
                }
            }
        }
        // Newest first, so that parents come after their children.
        let log =
            ask(&["log", "--all", "--topo-order", "--reverse", "--format=%H%x00%P%x00%an <%ae>"])?;
        let mut touched: HashSet<String> = HashSet::new();
        let mut survey = Survey { sources: sources.len(), ..Survey::default() };
        let mut list = String::new();
        for line in log.lines() {
            let mut parts = line.split('\0');
            let (Some(id), Some(parents)) = (parts.next(), parts.next()) else { continue };
            survey.commits += 1;
            let is_touched =
                sources.contains(id) || parents.split(' ').any(|p| touched.contains(p));
            if is_touched {
                touched.insert(id.to_owned());
                list.push_str(id);
                list.push('\n');
                let author = parts.next().unwrap_or_default().to_owned();
                *survey.authors.entry(author).or_default() += 1;
            }
        }
        survey.rewritten = touched.len();
        let refs = ask(&[
            "for-each-ref",
            "--format=%(refname)%00%(objectname)%00%(objecttype)%00%(*objectname)",
        ])?;
        let mut kinds: HashMap<String, String> = HashMap::new();
        for line in refs.lines() {
            let parts: Vec<&str> = line.split('\0').collect();
            let [name, id, kind, peeled] = parts.as_slice() else { continue };
            let target = if peeled.is_empty() { id } else { peeled };
            if touched.contains(*target) || tags.contains(*id) {
                survey.refs.push((*name).to_owned());
                if *kind == "tag" {
                    kinds.insert((*id).to_owned(), (*name).to_owned());
                }
            }
            survey.stashes |= *name == "refs/stash";
            survey.notes |= name.starts_with("refs/notes/");
        }
        for id in kinds.keys() {
            let text = ask(&["cat-file", "tag", id])?;
            survey.signed_tags += usize::from(
                text.contains("-----BEGIN PGP SIGNATURE-----")
                    || text.contains("-----BEGIN SSH SIGNATURE-----")
                    || text.contains("-----BEGIN SIGNED MESSAGE-----"),
            );
        }
        survey.signed_commits = signed(folder, &list)?;
        for line in ask(&["remote", "-v"])?.lines() {
            let address = line.split_whitespace().nth(1).unwrap_or_default();
            survey.remotes.insert(without_credentials(address));
        }
        survey.has_lfs =
            ask(&["grep", "-l", "filter=lfs", "HEAD", "--", ".gitattributes", "**/.gitattributes"])
                .is_ok();
        Ok(survey)
    }

    /// Prints it.
    pub(super) fn tell(&self, leaked: &[Leaked]) -> anyhow::Result<()> {
        let mut out = anstream::stdout().lock();
        let bold = style::STRONG;
        writeln!(out, "{bold}Secrets{bold:#} of the history:")?;
        for secret in leaked {
            let places: Vec<String> = secret.places.iter().map(|place| printable(place)).collect();
            let print = secret.fingerprint.get(..12).unwrap_or(&secret.fingerprint);
            writeln!(out, "  {print} {} {} in {}", secret.name, secret.masked, places.join(", "))?;
        }
        writeln!(out, "\n{bold}Rewriting{bold:#} would change")?;
        writeln!(
            out,
            "  {} of {} commits ({} bring, remove or name a secret)",
            self.rewritten, self.commits, self.sources
        )?;
        writeln!(out, "  {} references: {}", self.refs.len(), some(&self.refs))?;
        let authors: Vec<String> =
            self.authors.iter().map(|(name, n)| format!("{name} ({n})")).collect();
        writeln!(out, "  commits of {} authors: {}", self.authors.len(), some(&authors))?;
        if self.signed_commits + self.signed_tags > 0 {
            writeln!(
                out,
                "  {} signed commits and {} signed tags, which lose their signatures",
                self.signed_commits, self.signed_tags
            )?;
        }
        if self.stashes {
            writeln!(
                out,
                "  stashes: only the newest is copied into a mirror; drop the others with `git stash drop`"
            )?;
        }
        if self.notes {
            writeln!(out, "  notes: they stay, but belong to the old ids of commits")?;
        }
        if self.has_lfs {
            writeln!(out, "  files of Git LFS are not rewritten; delete theirs on the server")?;
        }
        for remote in &self.remotes {
            writeln!(
                out,
                "  the remote {} and every fork of it keep the old commits until they are rewritten too",
                printable(remote)
            )?;
        }
        Ok(())
    }
}

/// How many of these commits have a signature.
fn signed(folder: &Path, list: &str) -> anyhow::Result<usize> {
    let scratch = tempfile::tempfile().context("cannot make a scratch file")?;
    let mut input = scratch.try_clone()?;
    input.write_all(list.as_bytes())?;
    std::io::Seek::rewind(&mut input)?;
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["cat-file", "--batch"])
        .stdin(Stdio::from(input))
        .stderr(Stdio::null())
        .output()
        .context("`git` cannot be started; install it, or put it on PATH")?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text
        .lines()
        .filter(|line| line.starts_with("gpgsig ") || line.starts_with("gpgsig-sha256 "))
        .count())
}

fn some(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(8).map(|name| printable(name)).collect();
    let more = names.len().saturating_sub(8);
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}

/// An address of a remote, which may have a password in it.
fn without_credentials(address: &str) -> String {
    match address.split_once("://") {
        Some((scheme, rest)) => {
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
            format!("{scheme}://{host}/{path}")
        }
        None => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remote_is_shown_without_its_password() {
        assert_eq!(without_credentials("https://a:b@c.example/d"), "https://c.example/d");
        assert_eq!(without_credentials("git@c.example:d/e"), "git@c.example:d/e");
    }
}
