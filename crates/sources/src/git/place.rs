//! What is told of a place in a repository.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gix::ObjectId;
use gix::bstr::BStr;
use stanch_scan::{Commit, Gap, GapKind, GitOrigin, GitPlace, Origin, Presence};

use super::compare::lookup;
use super::link::Links;
use super::objects::Objects;

/// A path of a repository as this system has it.
pub(crate) fn path_of(path: &BStr) -> PathBuf {
    gix::path::from_bstr(path)
        .map_or_else(|_| PathBuf::from(path.to_string()), |path| path.into_owned())
}

/// What decides how a file's place is told.
#[derive(Default)]
pub(crate) struct Surroundings {
    /// Trees that show the present state.
    pub(crate) present: Vec<ObjectId>,
    /// Trees of what is known elsewhere already.
    pub(crate) known: Vec<ObjectId>,
    /// Where the code host shows files.
    pub(crate) links: Option<Links>,
}

impl Surroundings {
    /// Whether the blob is at this path in what is known elsewhere already.
    pub(crate) fn is_known(&self, objects: Objects<'_>, path: &BStr, blob: ObjectId) -> bool {
        has(objects, &self.known, path, blob)
    }

    /// The place of a blob that a commit brought.
    pub(crate) fn file(
        &self,
        objects: Objects<'_>,
        path: &BStr,
        blob: ObjectId,
        commit: Option<Arc<Commit>>,
    ) -> Origin {
        let here = has(objects, &self.present, path, blob);
        let presence = if here { Presence::Head } else { Presence::History };
        let mut origin = file(path, Some(blob), commit, presence);
        if let (Some(links), Some(commit)) = (&self.links, &origin.commit) {
            origin.url = Some(links.file(&commit.id, &origin.path));
        }
        Origin::Git(Arc::new(origin))
    }
}

fn has(objects: Objects<'_>, trees: &[ObjectId], path: &BStr, blob: ObjectId) -> bool {
    trees.iter().any(|tree| {
        lookup(objects, *tree, path).ok().flatten().is_some_and(|(found, _)| found == blob)
    })
}

/// A file's place.
pub(crate) fn file(
    path: &BStr,
    object: Option<ObjectId>,
    commit: Option<Arc<Commit>>,
    presence: Presence,
) -> GitOrigin {
    GitOrigin {
        path: path_of(path),
        place: GitPlace::File,
        object: object.map(|id| id.to_string()),
        commit,
        presence,
        url: None,
    }
}

/// A gap for what is left out.
pub(crate) fn skipped(origin: Origin, reason: &str) -> Gap {
    Gap { origin, kind: GapKind::Skipped, reason: reason.to_owned() }
}

/// Why submodules are left out.
pub(crate) const SUBMODULE: &str = "a submodule; scan its own repository";

/// Why a blob is left out for its size, if it is.
pub(crate) fn too_large(size: usize, limit: Option<u64>) -> Option<String> {
    let limit = limit.filter(|limit| size as u64 > *limit)?;
    Some(format!("{size} bytes, more than the {limit} asked for"))
}

/// The name of a reference or the like as a path.
pub(crate) fn named(name: &str, place: GitPlace, object: Option<ObjectId>) -> GitOrigin {
    GitOrigin {
        path: Path::new(name).to_owned(),
        place,
        object: object.map(|id| id.to_string()),
        commit: None,
        presence: Presence::Head,
        url: None,
    }
}
