//! What a repository knows of the past: which commits there are, what they
//! come from, and where the past ends.

use gix::ObjectId;
use gix::bstr::ByteSlice;

use super::objects::Objects;
use super::repo::Repo;
use super::select::Selection;
use super::walk::walk;

/// How much a selection of commits holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// How many commits.
    pub commits: usize,
    /// Whether one of them has parents that a shallow clone left out, so that
    /// there are more commits than these.
    pub cut: bool,
}

impl Repo {
    /// The commit that a revision leads to, if this repository has it.
    pub fn commit(&self, revision: &str) -> Option<ObjectId> {
        let repo = self.local();
        let found = repo.rev_parse_single(revision.as_bytes().as_bstr()).ok()?;
        // A whole id parses whether or not there is such an object.
        Some(found.object().ok()?.peel_to_commit().ok()?.id)
    }

    /// The commit that a reference leads to, by its full name, such as
    /// `refs/heads/main`. Unlike a revision, a name is never taken for more.
    pub fn reference(&self, name: &str) -> Option<ObjectId> {
        let repo = self.local();
        let mut found = repo.try_find_reference(name).ok()??;
        let id = found.peel_to_id().ok()?;
        Some(id.object().ok()?.peel_to_commit().ok()?.id)
    }

    /// What a tag of this name is, and the commit that it leads to. The two are
    /// one unless the tag is annotated.
    pub fn tag(&self, name: &str) -> Option<(ObjectId, ObjectId)> {
        let repo = self.local();
        let found = repo.try_find_reference(&format!("refs/tags/{name}")).ok()??;
        let id = found.try_id()?;
        Some((id.detach(), id.object().ok()?.peel_to_commit().ok()?.id))
    }

    /// The parents of a commit as it tells them, whether or not they are here.
    pub fn parents(&self, commit: ObjectId) -> Vec<ObjectId> {
        let repo = self.local();
        let found = repo.find_commit(commit);
        found.map(|c| c.parent_ids().map(gix::Id::detach).collect()).unwrap_or_default()
    }

    /// Names of the remotes, `origin` first.
    pub fn remotes(&self) -> Vec<String> {
        let repo = self.local();
        let mut names: Vec<String> = repo.remote_names().iter().map(ToString::to_string).collect();
        names.sort_by_key(|name| name != "origin");
        names
    }

    /// The branches of remotes as they were fetched: full names, and the
    /// commits that they lead to.
    pub fn remote_branches(&self) -> Vec<(String, ObjectId)> {
        let repo = self.local();
        let Ok(platform) = repo.references() else { return Vec::new() };
        let Ok(branches) = platform.remote_branches() else { return Vec::new() };
        branches
            .filter_map(Result::ok)
            .filter_map(|mut branch| {
                let name = branch.name().as_bstr().to_string();
                let id = branch.peel_to_id().ok()?.detach();
                // That is another's name.
                (!name.ends_with("/HEAD")).then_some((name, id))
            })
            .collect()
    }

    /// The main branch of a remote, where a clone has noted it.
    pub fn remote_head(&self, remote: &str) -> Option<String> {
        let repo = self.local();
        let head = repo.try_find_reference(&format!("refs/remotes/{remote}/HEAD")).ok()??;
        let target = head.target().try_name()?.as_bstr().to_string();
        target.strip_prefix(&format!("refs/remotes/{remote}/")).map(str::to_owned)
    }

    /// How much a selection holds.
    pub fn extent(&self, selection: &Selection) -> Extent {
        let repo = self.local();
        let walked = walk(Objects::new(&repo), selection, &self.shallow());
        Extent { commits: walked.commits.len(), cut: !walked.cut.is_empty() }
    }
}
