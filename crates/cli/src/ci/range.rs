//! From what a build server says to commits.
//!
//! A range is two sets: commits are looked at that can be reached from its
//! tips and from nothing hidden. That is right for pushes, merges and forced
//! pushes alike. Where it is not known what was there before, more is looked
//! at, never less; where a shallow clone lacks the past that would tell, the
//! range is not decided and the build fails.

use stanch_sources::git::{GitError, ObjectId, Repo, Selection};

use super::build::{Build, Event};

/// Names that main branches have, for servers that do not say.
const MAIN: [&str; 2] = ["main", "master"];

/// Commits to be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Range {
    /// The commits.
    pub(crate) selection: Selection,
    /// How many there are.
    pub(crate) commits: usize,
    /// Which they are, in words.
    pub(crate) words: String,
}

/// Why it is not known which commits to look at.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Undecided {
    /// The commit that is built is not there.
    #[error("commit {0}, which this build is for, is not in this clone")]
    Unbuilt(String),
    /// A change goes to a branch that is not there.
    #[error("{0} is not in this clone, so that nobody knows what is new")]
    NoBase(String),
    /// The past is cut before it tells.
    #[error("this clone is shallow and ends before {0}")]
    Shallow(String),
    /// The repository cannot be read.
    #[error(transparent)]
    Git(#[from] GitError),
}

/// The commits that somebody names.
///
/// # Errors
/// [`Undecided::Git`] if there are none of these names.
pub(crate) fn named(spec: &str, repo: &Repo) -> Result<Range, Undecided> {
    let selection = repo.selection(spec)?;
    let extent = repo.extent(&selection);
    if extent.cut {
        return Err(Undecided::Shallow(format!("the end of {spec}")));
    }
    Ok(Range { selection, commits: extent.commits, words: format!("as given, {spec}") })
}

/// The commits that a build is for.
///
/// # Errors
/// See [`Undecided`].
pub(crate) fn decide(build: &Build, repo: &Repo) -> Result<Range, Undecided> {
    let mut tips = Vec::new();
    if !build.heads.is_empty() {
        let head = build.heads.iter().find_map(|id| repo.commit(id));
        tips.push(head.ok_or_else(|| Undecided::Unbuilt(build.heads.join(" or ")))?);
    }
    // Some servers merge the target into what they built before a script runs.
    match repo.commit("HEAD") {
        Some(head) if !tips.contains(&head) => tips.push(head),
        Some(_) => {}
        None if tips.is_empty() => return Err(Undecided::Unbuilt("HEAD".to_owned())),
        None => {}
    }
    let (hidden, words) = match build.event {
        Event::PullRequest | Event::MergeQueue => change(build, repo, &tips)?,
        Event::Push | Event::Unknown => push(build, repo, &tips),
        Event::Tag => {
            let branches: Vec<ObjectId> =
                repo.remote_branches().into_iter().map(|(_, id)| id).collect();
            (branches, "what is on no branch, for that was looked at before".to_owned())
        }
        Event::Schedule | Event::Manual => (Vec::new(), String::new()),
    };
    let words = if hidden.is_empty() { "everything up to this commit".to_owned() } else { words };
    // An annotated tag has a message of its own.
    let tag = build.tag.as_deref().filter(|_| build.event == Event::Tag);
    if let Some((tag, commit)) = tag.and_then(|name| repo.tag(name))
        && tips.contains(&commit)
        && tag != commit
    {
        tips.push(tag);
    }
    let selection = Selection { tips, hidden, ..Selection::default() };
    let extent = repo.extent(&selection);
    if extent.cut {
        let needed = match (build.event, build.before.first(), &build.target) {
            (Event::Schedule | Event::Manual | Event::Tag, _, _) => "the first commit".to_owned(),
            (_, _, Some(target)) => format!("it meets {target}"),
            (_, Some(before), None) => format!("it meets {before}, which was there before"),
            (_, None, None) => "it meets the main branch".to_owned(),
        };
        return Err(Undecided::Shallow(needed));
    }
    Ok(Range { selection, commits: extent.commits, words })
}

/// What is hidden for a change that goes to a branch.
fn change(
    build: &Build,
    repo: &Repo,
    tips: &[ObjectId],
) -> Result<(Vec<ObjectId>, String), Undecided> {
    let mut hidden: Vec<ObjectId> = build.before.iter().filter_map(|id| repo.commit(id)).collect();
    hidden.extend(merged_into(build, repo));
    let target = build.target.as_deref().or(build.default_branch.as_deref());
    let words = format!("what is not on {}", target.unwrap_or("its target"));
    if hidden.is_empty() {
        let found = match target {
            Some(target) => branch(repo, target, tips),
            None => main(repo, tips),
        };
        hidden.extend(found);
    }
    if !hidden.is_empty() {
        return Ok((hidden, words));
    }
    let what = target.map_or_else(|| "the target".to_owned(), |name| format!("branch {name}"));
    Err(if repo.is_shallow() {
        Undecided::Shallow(format!("{what} is met"))
    } else {
        Undecided::NoBase(what)
    })
}

/// The commit that a server merged a change into, if it built the merge of the
/// two. An author could merge in any order, so the commit must be known to be
/// the server's: the change's own last commit is then its second parent.
fn merged_into(build: &Build, repo: &Repo) -> Option<ObjectId> {
    let (true, [merge, change, ..]) = (build.merged, build.heads.as_slice()) else { return None };
    let (merge, change) = (repo.commit(merge)?, repo.commit(change)?);
    match repo.parents(merge).as_slice() {
        [first, second] if *second == change => repo.commit(&first.to_string()),
        _ => None,
    }
}

/// What is hidden for commits that came to a branch.
fn push(build: &Build, repo: &Repo, tips: &[ObjectId]) -> (Vec<ObjectId>, String) {
    let before: Vec<ObjectId> = build.before.iter().filter_map(|id| repo.commit(id)).collect();
    if !before.is_empty() {
        return (before, format!("what came after {}", build.before.join(", ")));
    }
    let own = |name: &str| build.branch.as_deref() == Some(name);
    // What was there before a forced push is nowhere; other branches are.
    if !build.before.is_empty() {
        let mut others = repo.remote_branches();
        let remotes = repo.remotes();
        others.retain(|(name, _)| {
            let short = remotes
                .iter()
                .find_map(|remote| name.strip_prefix(&format!("refs/remotes/{remote}/")));
            !short.is_some_and(own)
        });
        let others = others.into_iter().map(|(_, id)| id).filter(|id| !tips.contains(id));
        return (others.collect(), "what is on no other branch, after a forced push".to_owned());
    }
    let found = match build.default_branch.as_deref() {
        Some(name) if own(name) => None,
        Some(name) => branch(repo, name, tips),
        None => main(repo, tips).filter(|_| !MAIN.iter().any(|name| own(name))),
    };
    (found.into_iter().collect(), "what is not on the main branch".to_owned())
}

/// A branch as it was fetched from a remote; else the local one, unless it is
/// what is built: Drone merges a change into it.
fn branch(repo: &Repo, name: &str, tips: &[ObjectId]) -> Option<ObjectId> {
    let remote = repo
        .remotes()
        .iter()
        .find_map(|remote| repo.reference(&format!("refs/remotes/{remote}/{name}")));
    let local = || repo.reference(&format!("refs/heads/{name}")).filter(|id| !tips.contains(id));
    remote.or_else(local)
}

/// The main branch, where only the repository may know it.
fn main(repo: &Repo, tips: &[ObjectId]) -> Option<ObjectId> {
    let noted = repo.remotes().iter().find_map(|remote| repo.remote_head(remote));
    let names = noted.iter().map(String::as_str).chain(MAIN);
    names.into_iter().find_map(|name| branch(repo, name, tips))
}
