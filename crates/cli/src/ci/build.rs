//! What a build server says of a build.

use std::collections::BTreeMap;
use std::path::Path;

use super::platform::Platform;

/// The environment of a build: its variables, and the files that these name.
pub(crate) struct Surroundings<'s> {
    /// Variables by name.
    pub(crate) vars: &'s BTreeMap<String, String>,
    /// The text of a file; none where it cannot be read.
    pub(crate) read: &'s dyn Fn(&Path) -> Option<String>,
}

impl Surroundings<'_> {
    /// A variable; servers leave those empty that do not apply.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.vars.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// Whether a variable says yes.
    pub(crate) fn is_set(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| !matches!(value, "false" | "False" | "0"))
    }

    /// A variable as an owned text.
    pub(crate) fn owned(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    /// A variable that holds a commit; none where it holds only zeros, which
    /// stand for no commit.
    pub(crate) fn commit(&self, name: &str) -> Option<String> {
        self.get(name).and_then(commit)
    }

    /// The text of the file that a variable names.
    pub(crate) fn file(&self, name: &str) -> Option<String> {
        (self.read)(Path::new(self.get(name)?))
    }
}

/// A commit id; none for only zeros, which stand for no commit.
pub(crate) fn commit(id: &str) -> Option<String> {
    (!id.is_empty() && id.bytes().any(|byte| byte != b'0')).then(|| id.to_owned())
}

/// A branch without `refs/heads/`.
pub(crate) fn branch(name: &str) -> String {
    name.strip_prefix("refs/heads/").unwrap_or(name).to_owned()
}

/// A build, as its server tells it. Everything here may be wrong or hostile:
/// the author of a pull request names its branches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Build {
    /// Who builds.
    pub(crate) platform: Platform,
    /// What for.
    pub(crate) event: Event,
    /// Ids of the commit that is built, the best first; `HEAD` where there is
    /// none. Where a merge is built, the last commit of the change comes second.
    pub(crate) heads: Vec<String>,
    /// Ids of commits that were there before.
    pub(crate) before: Vec<String>,
    /// Whether the server made the commit that is built by merging the change
    /// into its target, which is then the first parent.
    pub(crate) merged: bool,
    /// The branch that a change goes to.
    pub(crate) target: Option<String>,
    /// The branch that is built.
    pub(crate) branch: Option<String>,
    /// The repository's main branch.
    pub(crate) default_branch: Option<String>,
    /// The tag that is built, whose message is looked at too.
    pub(crate) tag: Option<String>,
}

impl Build {
    /// A build of which nothing is known yet.
    pub(crate) fn new(platform: Platform, event: Event) -> Build {
        Build {
            platform,
            event,
            heads: Vec::new(),
            before: Vec::new(),
            merged: false,
            target: None,
            branch: None,
            default_branch: None,
            tag: None,
        }
    }
}

/// Why a build runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    /// Commits came to a branch.
    Push,
    /// A pull or merge request was opened or changed.
    PullRequest,
    /// A merge queue or a merge train tries a merge.
    MergeQueue,
    /// A tag was made.
    Tag,
    /// It is time.
    Schedule,
    /// Somebody or something asked for it.
    Manual,
    /// The server does not say.
    Unknown,
}

impl Event {
    /// Its name for people.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Event::Push => "push",
            Event::PullRequest => "pull request",
            Event::MergeQueue => "merge queue",
            Event::Tag => "tag",
            Event::Schedule => "schedule",
            Event::Manual => "manual",
            Event::Unknown => "unknown event",
        }
    }
}
