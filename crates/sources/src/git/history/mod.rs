//! A repository's whole past: every blob once, every message, every name.
//!
//! Two walks over the object store. The first reads commits, trees and tags
//! and learns where each blob stands; the second scans the blobs along their
//! delta chains. If something was found, what the first walk kept of the trees
//! tells which commit brought it.

mod ancestry;
mod blobs;
mod cache;
mod places;
mod report;
mod skeleton;
mod survey;
mod tips;
mod trees;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use stanch_scan::{Gap, GapKind, Origin, Scanner, Sink, Source};

use self::blobs::Blobs;
use self::report::Report;
use self::survey::Survey;
use super::Repo;
use super::options::GitOptions;
use super::store::Store;
use super::workers::wanted;

/// Everything that a repository's references lead to, now or ever.
pub struct History<'r> {
    repo: &'r Repo,
    /// Threads, sizes and paths.
    pub options: GitOptions,
    /// Count what reflogs lead to as part of history.
    pub reflog: bool,
    /// Report also what no reference leads to.
    pub unreachable: bool,
    /// Scan every blob whole instead of carrying over what was found in its
    /// base: the same result, for checking that it is.
    pub whole: bool,
    /// Keep what is found in this file, and scan only what is new since. Leaves
    /// reflogs and unreachable objects out, and findings from it have no value.
    pub cache: Option<PathBuf>,
    commits: AtomicUsize,
    is_continued: AtomicBool,
}

impl<'r> History<'r> {
    /// The history of a repository.
    pub fn new(repo: &'r Repo) -> History<'r> {
        History {
            repo,
            options: GitOptions::default(),
            reflog: false,
            unreachable: false,
            whole: false,
            cache: None,
            commits: AtomicUsize::new(0),
            is_continued: AtomicBool::new(false),
        }
    }

    /// Whether the last scan read only what the cache did not know.
    pub fn is_continued(&self) -> bool {
        self.is_continued.load(Ordering::Relaxed)
    }

    /// How many commits the last scan went through.
    pub fn commits(&self) -> usize {
        self.commits.load(Ordering::Relaxed)
    }
}

impl Source for History<'_> {
    fn scan(&self, scanner: Scanner<'_>, sink: &dyn Sink) {
        match &self.cache {
            Some(file) => cache::scan(self, file, scanner, sink),
            None => self.walk(scanner, sink),
        }
    }
}

impl History<'_> {
    /// Scans everything.
    fn walk(&self, scanner: Scanner<'_>, sink: &dyn Sink) {
        let threads = wanted(self.options.threads);
        let mut repo = self.repo.local();
        // What is told of a commit is what it says, not what replaces it.
        repo.objects.ignore_replacements = true;
        let hash = repo.object_hash();
        let store = Store::open(repo.objects.store_ref().path(), hash);
        for (path, reason) in &store.broken {
            sink.gap(Gap {
                origin: Origin::File(path.clone()),
                kind: GapKind::Failed,
                reason: reason.clone(),
            });
        }
        let survey = Survey::new(&store, hash, scanner, threads);
        let whole = Origin::File(PathBuf::from("history"));
        let scanned = |size: u64| {
            sink.scanned(&whole, size);
            sink.blob(&whole);
        };
        let blobs = Blobs::new(
            &store,
            &survey,
            scanner,
            threads,
            self.options.max_size,
            self.whole,
            &scanned,
        );
        let mut report = Report::new(self, &repo, &store, &survey, &blobs, sink);
        report.run(scanner);
    }
}
