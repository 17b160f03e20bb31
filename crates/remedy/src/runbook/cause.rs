//! Why a secret may have leaked, by the evidence at hand.

use std::collections::BTreeMap;

use serde::Serialize;

use super::count;
use super::kind::Kind;
use super::leak::{Leak, Place, Presence};

/// One way in which the secret got out, or may have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// Where that is seen, as `path:line`, or `commit path:line`; empty on the
    /// page of a type.
    pub places: Vec<String>,
    /// What happened.
    pub text: String,
    /// How to keep it from happening again.
    pub prevention: String,
}

/// The causes that the evidence shows; without any, the usual ones.
pub(super) fn causes(leak: Option<&Leak>) -> Vec<Cause> {
    let Some(leak) = leak else { return usual() };
    // The same place now and in the past is one place that is told in the present.
    let now: Vec<(&str, u64)> = leak.places.iter().map(|p| (p.path.as_str(), p.line)).collect();
    let past = leak.past.iter().filter(|p| !now.iter().any(|(path, _)| *path == p.path));
    let mut by_kind: BTreeMap<Kind, Vec<&Place>> = BTreeMap::new();
    for place in leak.places.iter().chain(past) {
        by_kind.entry(place.kind).or_default().push(place);
    }
    let mut causes: Vec<Cause> = by_kind
        .into_iter()
        .map(|(kind, places)| {
            let (text, prevention) = kind.told();
            let mut text = text.to_owned();
            if places.iter().any(|place| !place.encodings.is_empty()) {
                text.push_str(
                    " It is encoded there, which hides it from readers and from nobody else.",
                );
            }
            Cause {
                places: places.iter().map(|place| shown(place)).collect(),
                text,
                prevention: prevention.to_owned(),
            }
        })
        .collect();
    causes.extend(by_git(leak));
    causes
}

fn shown(place: &Place) -> String {
    match (&place.commit, place.presence) {
        (Some(commit), Presence::History | Presence::Unreachable) => {
            format!("{} {}", commit.id, place.at())
        }
        _ => place.at(),
    }
}

/// What Git says of how far it went.
fn by_git(leak: &Leak) -> Vec<Cause> {
    let of = |presence: Presence| {
        leak.places.iter().filter(move |place| place.presence == presence).map(shown)
    };
    let cause = |places: Vec<String>, text: String, prevention: &str| Cause {
        places,
        text,
        prevention: prevention.to_owned(),
    };
    let mut causes = Vec::new();
    let hosts = match leak.around.remotes.as_slice() {
        [] => "This repository has no remote, so copies of the folder are what counts.".to_owned(),
        hosts => format!(
            "This repository is pushed to {}: whoever can read it there has the secret, and so do \
             all clones, forks and caches.",
            hosts.join(", ")
        ),
    };
    if let Some(first) = leak.first() {
        let only = match leak.places.is_empty() {
            true => "It is gone from the files and still in the history",
            false => "It was committed",
        };
        let commits = leak.past.iter().filter_map(|p| p.commit.as_ref()).map(|c| &c.id);
        let commits = commits.collect::<std::collections::BTreeSet<_>>().len();
        causes.push(cause(
            leak.past.iter().map(shown).collect(),
            format!(
                "{only}: first on {} by {}, in {}. {hosts} Deleting the line takes it from nobody.",
                first.day,
                first.author,
                count(commits, "commit", "commits"),
            ),
            "A pre-commit hook stops a secret before there is a commit: `stanch hook install`.",
        ));
    }
    if leak.past.iter().any(|place| place.presence == Presence::Unreachable) {
        causes.push(cause(
            Vec::new(),
            "Some of these objects are led to by no reference any more. They are still in this \
             clone, and a code host serves them by their id until it cleans up."
                .to_owned(),
            "Ask the code host to remove cached objects after a history was rewritten.",
        ));
    }
    let untracked: Vec<String> = of(Presence::Untracked).collect();
    if !untracked.is_empty() {
        causes.push(cause(
            untracked,
            "Git does not track this file yet, so it has not been pushed from here: you caught it \
             in time. The next `git add .` would take it along."
                .to_owned(),
            "Name the file in `.gitignore` now, or take the value out before adding it.",
        ));
    }
    let ignored: Vec<String> = of(Presence::Ignored).collect();
    if !ignored.is_empty() {
        causes.push(cause(
            ignored,
            "Git ignores this file, so it leaves this machine only by other ways: images built \
             from the folder, archives, backups, synchronised folders, support bundles."
                .to_owned(),
            "Name it in `.dockerignore` as well, and keep the value in a manager instead.",
        ));
    }
    causes
}

/// How such things leak mostly, for a page without a leak.
fn usual() -> Vec<Cause> {
    [
        Kind::Source,
        Kind::Env,
        Kind::Ci,
        Kind::ImageRecipe,
        Kind::Log,
        Kind::NotebookOutput,
        Kind::ClientBundle,
    ]
    .into_iter()
    .map(|kind| {
        let (text, prevention) = kind.told();
        Cause { places: Vec::new(), text: text.to_owned(), prevention: prevention.to_owned() }
    })
    .collect()
}
