//! What a hook says when it stops something: what, where, why, and the next
//! commands, at the point of pain.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use stanch_scan::{Finding, GapKind, GitPlace, printable};
use stanch_sources::git::Repo;

use crate::collect::{Receipt, Reported};
use crate::report::style::{FAINT, STRONG};
use crate::report::{count, evidence, other_places, place, quoted};

/// Most secrets that are told one by one.
const SECRETS_MAX: usize = 20;

/// Most things that were not read that are named.
const GAPS_MAX: usize = 5;

/// Columns that a server's words may take: `git push` puts `remote: ` before
/// each line.
const REMOTE_WIDTH: usize = 71;

/// Where the hook stands that speaks.
pub(super) enum At {
    /// Before a commit.
    Commit {
        /// Whether it will be the first one.
        unborn: bool,
    },
    /// Before objects are sent.
    Push(Commits),
    /// On a server. The words go to whoever pushes.
    Receive(Commits),
}

/// How to get at the commits that have findings.
pub(super) struct Commits {
    /// Commits that a branch ends with.
    tips: Vec<String>,
    /// For each other one whether it has a parent.
    has_parent: BTreeMap<String, bool>,
}

impl Commits {
    fn new(repo: &Repo, tips: &[String], found: &[Reported]) -> Commits {
        let commits = found.iter().filter_map(|reported| commit_of(&reported.finding));
        let mut has_parent = BTreeMap::new();
        for id in commits.filter(|id| !tips.iter().any(|tip| tip == id)).take(SECRETS_MAX) {
            has_parent.insert(id.to_owned(), repo.resolve(&format!("{id}^")).is_ok());
        }
        Commits { tips: tips.to_vec(), has_parent }
    }
}

impl At {
    /// Before a push, with the commits that a plain amend would change.
    pub(super) fn push(repo: &Repo, tips: &[String], found: &[Reported]) -> At {
        At::Push(Commits::new(repo, tips, found))
    }

    /// On a server, with the commits that branches will end with.
    pub(super) fn receive(repo: &Repo, tips: &[String], found: &[Reported]) -> At {
        At::Receive(Commits::new(repo, tips, found))
    }

    /// Before a push that brings nothing.
    pub(super) fn nothing() -> At {
        At::Push(Commits { tips: Vec::new(), has_parent: BTreeMap::new() })
    }

    fn stopped(&self) -> &'static str {
        match self {
            At::Commit { .. } => "this commit is stopped",
            At::Push(_) => "this push is stopped",
            At::Receive(_) => "this push is refused",
        }
    }

    fn is_remote(&self) -> bool {
        matches!(self, At::Receive(_))
    }
}

/// Writes why something was stopped; nothing if it was not.
pub(super) fn outcome(
    out: &mut dyn Write,
    found: &[Reported],
    receipt: &Receipt,
    at: &At,
    may_bypass: bool,
) -> io::Result<()> {
    let mut paper = Paper { out, plain: at.is_remote() };
    if !found.is_empty() {
        secrets(&mut paper, found, at)?;
    }
    if !receipt.is_complete() {
        gaps(&mut paper, found, receipt, at)?;
    }
    if (!found.is_empty() || !receipt.is_complete()) && may_bypass {
        let command = match at {
            At::Commit { .. } => "STANCH_BYPASS='why' git commit",
            At::Push(_) => "STANCH_BYPASS='why' git push",
            At::Receive(_) => "git push -o stanch.bypass='why'",
        };
        paper.line("Go on all the same, noted in the audit trail:")?;
        paper.command(command)?;
    }
    Ok(())
}

/// Writes any words of a server.
pub(super) fn remote(out: &mut dyn Write, text: &str) -> io::Result<()> {
    Paper { out, plain: true }.line(text)
}

fn secrets(paper: &mut Paper<'_>, found: &[Reported], at: &At) -> io::Result<()> {
    let secrets = by_secret(found);
    let number = count(secrets.len() as u64, "secret", "secrets");
    let staged = if matches!(at, At::Commit { .. }) { " in what is staged" } else { "" };
    paper.strong(&format!("stanch: {}: {number}{staged}.", at.stopped()))?;
    paper.line("")?;
    let shown = secrets.get(..SECRETS_MAX.min(secrets.len())).unwrap_or_default();
    let steps: Vec<Vec<Step>> = shown.iter().map(|secret| steps(secret, at)).collect();
    for (index, secret) in shown.iter().enumerate() {
        let Some(first) = secret.first().map(|reported| &reported.finding) else { continue };
        paper.secret(first, secret)?;
        // What is the same for the next one is said once, after it.
        let (own, next) = (steps.get(index), steps.get(index + 1));
        if own != next {
            for step in own.into_iter().flatten() {
                match step {
                    Step::Say(text) => paper.indented("next: ", text)?,
                    Step::Run(command) => paper.command(command)?,
                }
            }
        }
        paper.line("")?;
    }
    if secrets.len() > shown.len() {
        let more = count((secrets.len() - shown.len()) as u64, "other secret", "other secrets");
        paper.line(&format!("And {more}."))?;
    }
    if !matches!(at, At::Commit { .. }) {
        paper.line(
            "If one of them was pushed before, anywhere, revoke it first: history can be \
             rewritten, copies of it cannot.",
        )?;
    }
    let Some(first) = shown.first().and_then(|secret| secret.first()) else { return Ok(()) };
    let where_to = match at {
        At::Receive(_) => "Not a secret? Put `stanch:ignore` in a comment on its line.",
        _ => "Not a secret? Put `stanch:ignore` in a comment on its line, or into stanch.toml:",
    };
    paper.line(where_to)?;
    if !at.is_remote() {
        paper.command("[[ignore]]")?;
        paper.command(&format!("fingerprint = \"{}\"", first.finding.fingerprint))?;
        paper.command("reason = \"why\"")?;
    }
    Ok(())
}

fn gaps(paper: &mut Paper<'_>, found: &[Reported], receipt: &Receipt, at: &At) -> io::Result<()> {
    let unread = count(receipt.failed.len() as u64, "place was", "places were");
    let head = if found.is_empty() { at.stopped() } else { "besides" };
    paper.strong(&format!("stanch: {head}: {unread} not scanned, or not wholly."))?;
    for gap in receipt.failed.iter().take(GAPS_MAX) {
        let (origin, reason) = (gap.origin.to_string(), printable(&gap.reason));
        let name = if origin.is_empty() { String::new() } else { format!("{origin}: ") };
        paper.indented(&name, &reason)?;
    }
    if receipt.failed.len() > GAPS_MAX {
        let more = (receipt.failed.len() - GAPS_MAX) as u64;
        paper.indented("", &format!("and {}", count(more, "other", "others")))?;
    }
    if receipt.failed.iter().any(|gap| gap.kind == GapKind::Failed) && !at.is_remote() {
        paper.indented("next: ", "look whether the repository is whole:")?;
        paper.command("git fsck --connectivity-only")?;
    } else if !at.is_remote() {
        paper
            .indented("next: ", "scan it by itself, or exclude it in stanch.toml with a reason")?;
    }
    Ok(())
}

/// What to do next.
#[derive(PartialEq)]
enum Step {
    Say(String),
    Run(String),
}

fn steps(secret: &[&Reported], at: &At) -> Vec<Step> {
    let Some(first) = secret.first().map(|reported| &reported.finding) else { return Vec::new() };
    let mut steps = Vec::new();
    let place = first.origin.git().map(|origin| origin.place);
    let path = quoted(&first.origin.to_string());
    match (at, place) {
        (At::Commit { unborn }, _) => {
            steps.push(Step::Say("take it out, and read it from outside the code".to_owned()));
            steps.extend(variable(first));
            steps.push(Step::Run(match unborn {
                false => format!("git restore --staged -- {path}"),
                true => format!("git rm --cached -- {path}"),
            }));
            steps.push(Step::Run(format!("git add -- {path}   # after the edit")));
        }
        (_, Some(GitPlace::Tag)) => {
            let name = path.trim_start_matches("refs/tags/").to_owned();
            steps.push(Step::Say("make the tag again with another message".to_owned()));
            steps.push(Step::Run(format!("git tag -d {name} && git tag -a {name}")));
        }
        (_, Some(GitPlace::Reference)) => {
            steps.push(Step::Say("give it another name, and push that".to_owned()));
            match path.strip_prefix("refs/heads/") {
                Some(name) => steps.push(Step::Run(format!("git branch -m {name} NEW-NAME"))),
                None => steps.push(Step::Run(format!("git push REMOTE {path}:NEW-NAME"))),
            }
        }
        (At::Push(commits) | At::Receive(commits), _) => {
            let message = place == Some(GitPlace::Commit);
            let what = if message { "write another message" } else { "take it out of the commit" };
            let Some(id) = commit_of(first) else { return steps };
            let short = id.get(..12).unwrap_or(id);
            steps.push(Step::Say(format!("{what} {short}")));
            if !message {
                steps.extend(variable(first));
            }
            if commits.tips.iter().any(|tip| tip == id) {
                let add = if message { String::new() } else { format!("git add -- {path} && ") };
                steps.push(Step::Run(format!("{add}git commit --amend")));
            } else {
                let from = match commits.has_parent.get(id) {
                    Some(false) => "--root".to_owned(),
                    _ => format!("{short}^"),
                };
                let how = if message { "reword" } else { "edit" };
                steps.push(Step::Run(format!("git rebase -i {from}   # mark it `{how}`")));
            }
        }
    }
    steps.push(Step::Run(format!("stanch detectors show {}", first.detector)));
    steps
}

/// The variable that such a secret is usually read from.
fn variable(found: &Finding) -> Option<Step> {
    let file = format!("{}.toml", found.provider);
    let (name, text) = stanch_detectors::FILES
        .iter()
        .find(|(name, _)| name.rsplit('/').next().is_some_and(|name| name == file))?;
    let source = stanch_rules::load::parse(name, text).ok()?;
    let detector = source.content.detectors.into_iter().find(|d| d.id == found.detector)?;
    Some(Step::Run(format!("export {}=…   # where the program runs", detector.env?)))
}

fn commit_of(found: &Finding) -> Option<&str> {
    let origin = found.origin.git()?;
    origin.commit.as_ref().map(|commit| commit.id.as_str())
}

/// Findings by secret: each with all its places, in order of the first.
fn by_secret(found: &[Reported]) -> Vec<Vec<&Reported>> {
    let mut index: HashMap<&str, usize> = HashMap::new();
    let mut secrets: Vec<Vec<&Reported>> = Vec::new();
    for reported in found {
        let at = *index.entry(&reported.finding.fingerprint).or_insert(secrets.len());
        match secrets.get_mut(at) {
            Some(places) => places.push(reported),
            None => secrets.push(vec![reported]),
        }
    }
    secrets
}

/// Where words go: a terminal of the user's, or one far away.
struct Paper<'o> {
    out: &'o mut dyn Write,
    /// No colours, short lines, printable ASCII controls only.
    plain: bool,
}

impl Paper<'_> {
    fn secret(&mut self, first: &Finding, places: &[&Reported]) -> io::Result<()> {
        let name = printable(&first.name);
        let commit = commit_of(first).and_then(|id| id.get(..12));
        let commit = commit.map(|id| format!("  in commit {id}")).unwrap_or_default();
        if self.plain {
            self.line(&format!("{}{commit}", place(first)))?;
            self.indented("", &format!("{name} ({})", first.detector))?;
        } else {
            let place = place(first);
            writeln!(
                self.out,
                "{STRONG}{place}{STRONG:#}{commit}  {name} {FAINT}({}){FAINT:#}",
                first.detector
            )?;
        }
        self.indented("", &first.excerpt)?;
        for (label, text) in evidence(first) {
            self.indented(&format!("{label}: "), &text)?;
        }
        let others = other_places(places);
        if !others.is_empty() {
            let mut shown = others.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
            if others.len() > 5 {
                shown.push_str(&format!(" and {} more", others.len() - 5));
            }
            self.indented("also at: ", &shown)?;
        }
        self.indented("fingerprint: ", &first.fingerprint)
    }

    fn strong(&mut self, text: &str) -> io::Result<()> {
        if self.plain {
            return self.line(text);
        }
        writeln!(self.out, "{STRONG}{text}{STRONG:#}")
    }

    fn line(&mut self, text: &str) -> io::Result<()> {
        match self.plain {
            true => folded(self.out, text, "", "  "),
            false => writeln!(self.out, "{text}"),
        }
    }

    fn indented(&mut self, label: &str, text: &str) -> io::Result<()> {
        match self.plain {
            true => folded(self.out, &format!("{label}{text}"), "  ", "    "),
            false => writeln!(self.out, "    {FAINT}{label}{FAINT:#}{text}"),
        }
    }

    fn command(&mut self, text: &str) -> io::Result<()> {
        match self.plain {
            true => folded(self.out, text, "    ", "      "),
            false => writeln!(self.out, "        {text}"),
        }
    }
}

/// Writes words in lines that are short enough, and longer words in pieces.
fn folded(out: &mut dyn Write, text: &str, first: &str, later: &str) -> io::Result<()> {
    let text = printable(text);
    let mut line = first.to_owned();
    let mut blank = true;
    for word in text.split(' ') {
        let mut word: Vec<char> = word.chars().collect();
        let gap = usize::from(!blank);
        if !blank && line.chars().count() + gap + word.len() > REMOTE_WIDTH {
            writeln!(out, "{}", line.trim_end())?;
            line = later.to_owned();
            blank = true;
        }
        if !blank {
            line.push(' ');
        }
        loop {
            let room = REMOTE_WIDTH.saturating_sub(line.chars().count()).max(1);
            let rest = word.split_off(room.min(word.len()));
            line.extend(word);
            blank = false;
            if rest.is_empty() {
                break;
            }
            writeln!(out, "{line}")?;
            line = later.to_owned();
            word = rest;
        }
    }
    writeln!(out, "{}", line.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_a_server_fit_into_its_lines_and_lose_nothing() {
        let long = "x".repeat(200);
        let text =
            format!("some words that go on and on and on and on and on {long} end \u{1b}[31m");
        let mut out = Vec::new();
        folded(&mut out, &text, "  ", "    ").unwrap();
        let out = String::from_utf8(out).unwrap();
        assert!(out.lines().all(|line| line.chars().count() <= REMOTE_WIDTH), "{out}");
        assert!(!out.contains('\u{1b}'), "{out}");
        let bare: String = out.chars().filter(|c| !c.is_whitespace()).collect();
        assert!(bare.contains(&long) && bare.contains("end"), "{out}");
    }
}
