//! Reading objects that may be missing or broken.

use std::sync::Arc;

use gix::objs::{CommitRefIter, Kind, TagRef};
use gix::{Object, ObjectId};
use stanch_scan::{Commit, Gap, GapKind, GitOrigin, GitPlace, Origin, Presence};

use super::repo::Repo;

/// Why an object cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The object, in hexadecimal.
    pub(crate) id: String,
    /// What is wrong with it.
    pub(crate) why: Why,
}

/// What is wrong with an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Why {
    /// The repository does not have it.
    Missing,
    /// It is there but cannot be decoded.
    Broken(String),
    /// It is of another kind than its place asks for.
    Kind(Kind),
    /// There is more of it than anybody needs.
    TooMuch(&'static str),
}

impl Fault {
    pub(crate) fn new(id: ObjectId, why: Why) -> Fault {
        Fault { id: id.to_string(), why }
    }

    /// What happened, and what to do next.
    pub(crate) fn reason(&self, repo: &Repo) -> String {
        let id = &self.id;
        match &self.why {
            Why::Missing => format!("object {id} is missing; {}", repo.how_to_fetch()),
            Why::Broken(why) => {
                let why = why.lines().next().unwrap_or("").trim();
                format!(
                    "object {id} is broken ({why}); run `git fsck`, and clone again or \
                     `git fetch --refetch`"
                )
            }
            Why::Kind(kind) => format!(
                "object {id} is a {kind}, which does not belong here; run `git fsck`, and clone \
                 again or `git fetch --refetch`"
            ),
            Why::TooMuch(what) => format!("object {id} {what}"),
        }
    }

    /// As a gap at a place.
    pub(crate) fn gap(&self, repo: &Repo, origin: Origin) -> Gap {
        let kind = match self.why {
            Why::TooMuch(_) => GapKind::Limited,
            _ => GapKind::Failed,
        };
        Gap { origin, kind, reason: self.reason(repo) }
    }
}

/// What a tag or commit leads to.
pub(crate) struct Peeled {
    /// The commit at its end.
    pub(crate) commit: ObjectId,
}

/// The objects of a repository, on one thread.
#[derive(Clone, Copy)]
pub(crate) struct Objects<'r> {
    repo: &'r gix::Repository,
}

/// What of a commit is needed to walk on.
pub(crate) struct Links {
    pub(crate) tree: ObjectId,
    pub(crate) parents: Vec<ObjectId>,
    /// When it was committed, in seconds since 1970.
    pub(crate) time: i64,
}

/// Tags of tags that are followed; nobody makes so many on purpose.
const TAGS_MAX: usize = 64;

impl<'r> Objects<'r> {
    pub(crate) fn new(repo: &'r gix::Repository) -> Objects<'r> {
        Objects { repo }
    }

    /// An object of any kind.
    pub(crate) fn any(self, id: ObjectId) -> Result<Object<'r>, Fault> {
        match self.repo.try_find_object(id) {
            Ok(Some(object)) => Ok(object),
            Ok(None) => Err(Fault::new(id, Why::Missing)),
            Err(error) => Err(Fault::new(id, Why::Broken(error.to_string()))),
        }
    }

    /// An object of one kind.
    pub(crate) fn get(self, id: ObjectId, kind: Kind) -> Result<Object<'r>, Fault> {
        let object = self.any(id)?;
        if object.kind == kind { Ok(object) } else { Err(Fault::new(id, Why::Kind(object.kind))) }
    }

    /// Follows tags to a commit.
    pub(crate) fn peel(self, id: ObjectId) -> Result<Peeled, Fault> {
        let mut at = id;
        for _ in 0..TAGS_MAX {
            let object = self.any(at)?;
            match object.kind {
                Kind::Commit => return Ok(Peeled { commit: at }),
                Kind::Tag => at = tag(&object)?.target(),
                kind => return Err(Fault::new(at, Why::Kind(kind))),
            }
        }
        Err(Fault::new(id, Why::TooMuch("is a tag of a tag without end")))
    }

    /// Where a commit leads to.
    pub(crate) fn links(self, id: ObjectId) -> Result<Links, Fault> {
        let object = self.get(id, Kind::Commit)?;
        let broken = |error: &dyn std::fmt::Display| Fault::new(id, Why::Broken(error.to_string()));
        let mut tree = CommitRefIter::from_bytes(&object.data, id.kind());
        let tree = tree.tree_id().map_err(|error| broken(&error))?;
        let all = || CommitRefIter::from_bytes(&object.data, id.kind());
        let time = all().committer().ok().map_or(0, |who| who.seconds());
        Ok(Links { tree, parents: all().parent_ids().collect(), time })
    }
}

/// What is told of a commit with these bytes.
pub(crate) fn told(id: ObjectId, data: &[u8]) -> Commit {
    let author = CommitRefIter::from_bytes(data, id.kind()).author().ok();
    let time = author.and_then(|author| author.time().ok()).unwrap_or_default();
    let text = |text: &[u8]| String::from_utf8_lossy(text.trim_ascii()).into_owned();
    Commit {
        id: id.to_string(),
        author: author.map(|author| text(author.name)).unwrap_or_default(),
        email: author.map(|author| text(author.email)).unwrap_or_default(),
        time: time.seconds,
        offset: time.offset,
    }
}

/// A tag from its object.
pub(crate) fn tag<'o>(object: &'o Object<'_>) -> Result<TagRef<'o>, Fault> {
    TagRef::from_bytes(&object.data, object.id.kind())
        .map_err(|error| Fault::new(object.id, Why::Broken(error.to_string())))
}

/// A commit as a place: where its message stands.
pub(crate) fn commit_origin(
    id: ObjectId,
    commit: Option<Arc<Commit>>,
    presence: Presence,
) -> GitOrigin {
    let hex = id.to_string();
    let short = hex.get(..12).unwrap_or(&hex);
    GitOrigin {
        path: format!("commit {short}").into(),
        place: GitPlace::Commit,
        object: Some(hex.clone()),
        commit,
        presence,
        url: None,
    }
}
