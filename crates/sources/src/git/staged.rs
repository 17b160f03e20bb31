//! What is about to be committed.

use std::sync::Arc;

use gix::objs::Kind;
use gix::objs::tree::EntryKind;
use stanch_scan::{Finding, Gap, GapKind, GitPlace, Origin, Presence, Scanner, Sink, Source};

use super::compare::Entry;
use super::index::{compare_index, parents, read};
use super::look::{look, split_new};
use super::objects::Objects;
use super::options::GitOptions;
use super::place::{SUBMODULE, file, named, path_of, skipped, too_large};
use super::repo::{GitError, Repo};
use super::workers::{Bench, each};

/// What is staged: the content of the index, compared with `HEAD`, and in a
/// merge with what is merged too.
///
/// Each staged blob is scanned whole, and what stands on new lines, or has a
/// part there, is reported. Only the index and those folders of `HEAD` are
/// read that changed.
pub struct Staged<'r> {
    repo: &'r Repo,
    /// How to read.
    pub options: GitOptions,
}

impl<'r> Staged<'r> {
    /// What is staged in a repository.
    pub fn new(repo: &'r Repo) -> Staged<'r> {
        Staged { repo, options: GitOptions::default() }
    }

    fn entries(&self, sink: &dyn Sink) -> Result<Vec<Entry>, GitError> {
        let local = self.repo.local();
        let objects = Objects::new(&local);
        let index = read(&local)?;
        let mut compared = compare_index(objects, &index, &parents(self.repo)?);
        compared.forget_moved(objects);
        for (path, fault) in compared.faults {
            let origin = file(path.as_ref(), None, None, Presence::Head);
            sink.gap(fault.gap(self.repo, Origin::Git(Arc::new(origin))));
        }
        Ok(compared.new)
    }

    fn blob(&self, bench: &mut Bench, entry: &Entry, scanner: Scanner<'_>, sink: &dyn Sink) {
        let objects = Objects::new(&bench.repo);
        let origin = file(entry.path.as_ref(), Some(entry.id), None, Presence::Head);
        let origin = Origin::Git(Arc::new(origin));
        if entry.kind == EntryKind::Commit {
            sink.gap(skipped(origin, SUBMODULE));
            return;
        }
        if let Some(reason) = (self.options.exclude)(&path_of(entry.path.as_ref()), false) {
            sink.gap(skipped(origin, &reason));
            return;
        }
        let object = match objects.get(entry.id, Kind::Blob) {
            Ok(object) => object,
            Err(fault) => {
                sink.gap(fault.gap(self.repo, origin));
                return;
            }
        };
        if let Some(reason) = too_large(object.data.len(), self.options.max_size) {
            sink.gap(skipped(origin, &reason));
            return;
        }
        let found = look(&mut bench.reader, &object.data, &origin, scanner, sink);
        let (new, _): (Vec<Finding>, _) = split_new(objects, &entry.before, &object.data, found);
        if !new.is_empty() {
            sink.findings(new);
        }
    }
}

impl Source for Staged<'_> {
    fn scan(&self, scanner: Scanner<'_>, sink: &dyn Sink) {
        match self.entries(sink) {
            Ok(entries) => {
                each(self.repo, self.options.threads, &entries, |bench, entry| {
                    self.blob(bench, entry, scanner, sink);
                });
            }
            Err(error) => sink.gap(failed("what is staged", &error)),
        }
    }
}

/// A gap for a whole part of a scan that could not be done.
pub(crate) fn failed(what: &str, error: &GitError) -> Gap {
    let origin = Origin::Git(Arc::new(named(what, GitPlace::Reference, None)));
    Gap { origin, kind: GapKind::Failed, reason: error.to_string() }
}
