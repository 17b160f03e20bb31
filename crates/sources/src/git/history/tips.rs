//! What references lead to.

use std::sync::Arc;

use gix::ObjectId;
use gix::bstr::BString;
use gix::hashtable::HashSet;
use stanch_scan::{Gap, GapKind, Origin, Presence, Sink};

use super::super::place::file;
use super::super::store::Store;
use super::History;
use super::survey::Survey;

/// Where references lead.
#[derive(Default)]
pub(super) struct Tips {
    /// Commits.
    pub(super) commits: Vec<ObjectId>,
    /// Commits of notes.
    pub(super) notes: Vec<ObjectId>,
    /// Annotated tags.
    pub(super) tags: HashSet<ObjectId>,
    /// Trees and blobs that are referred to without a commit, by name.
    pub(super) loose: Vec<(BString, ObjectId)>,
    /// Of all references.
    pub(super) names: Vec<BString>,
    /// The commit that is checked out.
    pub(super) head: Option<ObjectId>,
}

impl Tips {
    /// Where all references of a repository lead; those that cannot be read
    /// are told to the sink.
    pub(super) fn new(
        history: &History<'_>,
        repo: &gix::Repository,
        store: &Store,
        survey: &Survey,
        sink: &dyn Sink,
    ) -> Tips {
        let mut tips = Tips { head: repo.head_id().ok().map(gix::Id::detach), ..Tips::default() };
        tips.commits.extend(tips.head);
        let finder = Finder { history, store, survey };
        let fail = |error: &dyn std::fmt::Display| {
            let origin = file("refs".into(), None, None, Presence::History);
            let origin = Origin::Git(Arc::new(origin));
            sink.gap(Gap { origin, kind: GapKind::Failed, reason: error.to_string() });
        };
        match repo.references() {
            Ok(all) => match all.all() {
                Ok(all) => all.for_each(|reference| match reference {
                    Ok(reference) => finder.tip(&reference, &mut tips),
                    Err(error) => fail(&error),
                }),
                Err(error) => fail(&error),
            },
            Err(error) => fail(&error),
        }
        for worktree in repo.worktrees().unwrap_or_default() {
            if let Ok(other) = worktree.into_repo_with_possibly_inaccessible_worktree() {
                tips.commits.extend(other.head_id().ok().map(gix::Id::detach));
            }
        }
        // Seen from a linked work tree, the main one is another.
        if let Ok(main) = repo.main_repo() {
            tips.commits.extend(main.head_id().ok().map(gix::Id::detach));
        }
        if history.reflog
            && let Ok(head) = repo.head()
        {
            tips.commits.extend(finder.logged(head.log_iter()));
        }
        tips
    }
}

struct Finder<'a> {
    history: &'a History<'a>,
    store: &'a Store,
    survey: &'a Survey,
}

impl Finder<'_> {
    fn tip(&self, reference: &gix::Reference<'_>, tips: &mut Tips) {
        let name = reference.name().as_bstr().to_owned();
        // Older stashes are only in the log.
        if self.history.reflog || name == "refs/stash" {
            tips.commits.extend(self.logged(reference.log_iter()));
        }
        tips.names.push(name.clone());
        let Some(mut id) = reference.try_id().map(gix::Id::detach) else { return };
        for _ in 0..64 {
            let Some(target) = self.survey.tags.get(&id) else { break };
            tips.tags.insert(id);
            id = *target;
        }
        if self.survey.commits.contains_key(&id) || !self.store.has(&id) {
            match name.starts_with(b"refs/notes/") {
                true => tips.notes.push(id),
                false => tips.commits.push(id),
            }
        } else {
            tips.loose.push((name, id));
        }
    }

    /// The commits that a reference has led to.
    fn logged(&self, mut log: gix::refs::file::log::iter::Platform<'_, '_>) -> Vec<ObjectId> {
        let Ok(Some(lines)) = log.all() else { return Vec::new() };
        lines
            .flatten()
            .flat_map(|line| [line.previous_oid(), line.new_oid()])
            .filter(|id| self.survey.commits.contains_key(id))
            .collect()
    }
}
