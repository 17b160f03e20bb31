//! How to clean the history, and when that is worth it.

use serde::Serialize;

use super::Command;
use super::leak::{History, Leak};

/// Cleaning the history.
#[derive(Debug, Clone, Serialize)]
pub struct CleanUp {
    /// Whether there is anything to clean; none where nobody could tell.
    pub needed: Option<bool>,
    /// What to know first.
    pub text: String,
    /// Commands in order; empty if there is nothing to clean.
    pub steps: Vec<Command>,
}

pub(super) fn clean_up(leak: Option<&Leak>) -> CleanUp {
    let needed = leak.and_then(|leak| match (leak.is_committed(), leak.around.history) {
        (true, _) => Some(true),
        (false, History::Whole) => Some(false),
        (false, History::Part | History::Unread) => None,
    });
    if needed == Some(false) {
        return CleanUp {
            needed,
            text: "No commit has it, so there is nothing to clean.".to_owned(),
            steps: Vec::new(),
        };
    }
    let step =
        |what: &str, command: &str| Command { what: what.to_owned(), command: command.to_owned() };
    let which = leak.map_or("FINGERPRINT", |leak| leak.fingerprint.as_str());
    CleanUp {
        needed,
        text: "A rewritten history takes the secret from nobody who has it already: revoke it first. It is worth \
               the trouble when a scan must pass, when the repository will be published, or when the value cannot \
               be revoked. It changes the id of every later commit, drops their signatures, and forks keep the old \
               one."
            .to_owned(),
        steps: vec![
            step(
                "A plan: commits, references, authors, signatures that will be lost. Nothing is changed.",
                &format!("stanch fix {which} --history"),
            ),
            step(
                "Carried out on a fresh mirror beside this clone, with git filter-repo. This clone stays as it is.",
                &format!("stanch fix {which} --history --run --mirror ../clean-up.git"),
            ),
            step("Nothing may hold it in there any more.", "stanch scan git ../clean-up.git --unreachable"),
            step(
                "Send it. ADDRESS is that of the code host, where protected branches must let you.",
                "git -C ../clean-up.git push --force --all ADDRESS && git -C ../clean-up.git push --force --tags ADDRESS",
            ),
            step(
                "Everybody clones again, you too: one old clone that is pushed brings it all back. Then ask the code \
                 host to drop cached pages and pull requests that still show it.",
                "git clone ADDRESS",
            ),
        ],
    }
}
