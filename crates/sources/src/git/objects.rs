//! Reading objects that may be missing or broken.

use std::sync::Arc;

use gix::bstr::ByteSlice;
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
    message_origin(id, GitPlace::Commit, commit, presence)
}

/// An annotated tag as a place.
pub(crate) fn tag_origin(id: ObjectId, presence: Presence) -> GitOrigin {
    message_origin(id, GitPlace::Tag, None, presence)
}

fn message_origin(
    id: ObjectId,
    place: GitPlace,
    commit: Option<Arc<Commit>>,
    presence: Presence,
) -> GitOrigin {
    let what = if place == GitPlace::Tag { "tag" } else { "commit" };
    let path = format!("{what} {id}").into();
    GitOrigin { path, place, object: Some(id.to_string()), commit, presence, url: None }
}

/// What commits and tags are judged as: prose, in which a word after a colon
/// is a word.
pub(crate) const PROSE: &str = "message.txt";

/// Headers of commits and tags that people do not write: links and signatures.
const LINKS: [&[u8]; 5] = [b"tree ", b"parent ", b"object ", b"type ", b"gpgsig"];

/// What people wrote into a commit: who, the message, and headers that are
/// neither links nor signatures.
pub(crate) fn commit_text(data: &[u8]) -> Vec<u8> {
    written(data, false)
}

/// What people wrote into an annotated tag: its name, who, and the message
/// without its signature.
pub(crate) fn tag_text(data: &[u8]) -> Vec<u8> {
    written(data, true)
}

/// Goes by lines, so that there is a text however damaged the object is.
fn written(data: &[u8], is_tag: bool) -> Vec<u8> {
    let mut text = Vec::with_capacity(data.len());
    let (mut is_message, mut is_kept) = (false, true);
    for line in data.lines_with_terminator() {
        if is_message {
            let is_mark = |start: &[u8]| {
                is_tag && line.starts_with(start) && line.trim_end().ends_with(b" SIGNATURE-----")
            };
            if is_mark(b"-----END ") {
                is_kept = true;
                continue;
            }
            is_kept &= !is_mark(b"-----BEGIN ");
        } else if line.trim_end_with(|c| c == '\n').is_empty() {
            (is_message, is_kept) = (true, true);
        } else if !line.starts_with(b" ") {
            // A line that begins with a space goes on with the one before.
            is_kept = !LINKS.iter().any(|link| line.starts_with(link));
        }
        if is_kept {
            text.extend_from_slice(line);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_signatures_are_left_out() {
        let commit =
            b"tree 01\nparent 02\nauthor A\ncommitter B\ngpgsig -----BEGIN PGP\n abc\n \n \
            def\nencoding latin-1\n\ntree and message\n\nparent";
        let expected = "author A\ncommitter B\nencoding latin-1\n\ntree and message\n\nparent";
        assert_eq!(commit_text(commit).as_bstr(), expected);
        let tag = b"object 01\ntype commit\ntag v1\ntagger A\n\ntype what\n-----BEGIN PGP SIGNATURE-----\n\n\
            abc\n-----END PGP SIGNATURE-----\nmore\n";
        assert_eq!(tag_text(tag).as_bstr(), "tag v1\ntagger A\n\ntype what\nmore\n");
    }

    #[test]
    fn damaged_objects_have_a_text() {
        for (data, text) in
            [("", ""), ("\n", "\n"), ("author A", "author A"), ("what?\n\nx", "what?\n\nx")]
        {
            assert_eq!(commit_text(data.as_bytes()).as_bstr(), text);
        }
    }
}
