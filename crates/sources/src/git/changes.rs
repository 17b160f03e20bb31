//! What would leave this machine: work that is not committed, and commits that
//! were not pushed.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use gix::ObjectId;
use gix::bstr::{BStr, BString, ByteSlice};
use gix::index::State;
use gix::index::entry::{Flags, Stage, Stat};
use gix::objs::Kind;
use ignore::WalkBuilder;
use stanch_scan::{Gap, GapKind, Origin, Presence, Scanner, Sink, Source};

use super::index::read;
use super::look::{look, split_new};
use super::objects::Objects;
use super::options::GitOptions;
use super::place::{SUBMODULE, file, path_of, skipped, too_large};
use super::range::Range;
use super::repo::{GitError, Repo};
use super::select::Selection;
use super::staged::{Staged, failed};
use super::workers::{Bench, each};
use crate::reason::plain;
use crate::window::Reader;

/// What would leave this machine: changed and untracked files that are not
/// ignored, what is staged, and the commits that the upstream does not have.
pub struct Changes<'r> {
    repo: &'r Repo,
    upstream: String,
    selection: Selection,
    /// How to read.
    pub options: GitOptions,
    commits: AtomicUsize,
}

impl<'r> Changes<'r> {
    /// What a repository has that its upstream does not have: the given one,
    /// else that of the branch, else the main branch of `origin`, else the
    /// local main branch.
    ///
    /// # Errors
    /// [`GitError::NoUpstream`] if there is none, [`GitError::NoCommit`] if the
    /// given one is none, [`GitError::Unreadable`] without a work tree.
    pub fn new(repo: &'r Repo, upstream: Option<&str>) -> Result<Changes<'r>, GitError> {
        if repo.is_bare() {
            return Err(GitError::Unreadable {
                what: "the work tree".to_owned(),
                reason: "this repository is bare; scan its history instead".to_owned(),
            });
        }
        let head = repo.head()?;
        let (upstream, hidden) = match (upstream, head) {
            (Some(name), _) => (name.to_owned(), vec![repo.resolve(name)?]),
            // Without a commit everything is in the work tree.
            (None, None) => ("nothing".to_owned(), Vec::new()),
            (None, Some(_)) => {
                let (name, id) = upstream_of(repo)?;
                (name, vec![id])
            }
        };
        let selection =
            Selection { tips: head.into_iter().collect(), hidden, ..Selection::default() };
        Ok(Changes {
            repo,
            upstream,
            selection,
            options: GitOptions::default(),
            commits: AtomicUsize::new(0),
        })
    }

    /// The name of what is compared with.
    pub fn upstream(&self) -> &str {
        &self.upstream
    }

    /// How many commits the last scan looked at.
    pub fn commits(&self) -> usize {
        self.commits.load(Ordering::Relaxed)
    }
}

/// Finds the upstream of what is checked out.
fn upstream_of(repo: &Repo) -> Result<(String, ObjectId), GitError> {
    let local = repo.local();
    let branch = local.head_name().ok().flatten();
    if let Some(branch) = &branch
        && let Some(Ok(tracked)) =
            local.branch_remote_tracking_ref_name(branch.as_ref(), gix::remote::Direction::Fetch)
        && let Ok(id) = repo.resolve(&tracked.as_bstr().to_str_lossy())
    {
        return Ok((tracked.shorten().to_string(), id));
    }
    let main = [
        "refs/remotes/origin/HEAD",
        "refs/remotes/origin/main",
        "refs/remotes/origin/master",
        "refs/heads/main",
        "refs/heads/master",
    ];
    let own = |name: &str| branch.as_ref().is_some_and(|own| own.as_bstr() == name);
    for name in main.into_iter().filter(|name| !own(name)) {
        if let Ok(id) = repo.resolve(name) {
            let short = name.trim_start_matches("refs/remotes/").trim_start_matches("refs/heads/");
            return Ok((short.to_owned(), id));
        }
    }
    Err(GitError::NoUpstream)
}

impl Source for Changes<'_> {
    fn scan(&self, scanner: Scanner<'_>, sink: &dyn Sink) {
        let local = self.repo.local();
        let mut staged = Staged::new(self.repo);
        staged.options = self.options.clone();
        staged.scan(scanner, sink);
        match read(&local) {
            Ok(index) => {
                let work = Work { changes: self, index: &index, scanner, sink };
                work.tracked();
                work.untracked(&local);
            }
            Err(error) => sink.gap(failed("the work tree", &error)),
        }
        let mut range = Range::new(self.repo, self.selection.clone());
        range.options = self.options.clone();
        range.scan(scanner, sink);
        self.commits.store(range.commits(), Ordering::Relaxed);
    }
}

struct Work<'a> {
    changes: &'a Changes<'a>,
    index: &'a State,
    scanner: Scanner<'a>,
    sink: &'a dyn Sink,
}

/// A tracked path with what the index has there.
struct Tracked<'i> {
    path: &'i BStr,
    /// The blob's state when it was last compared; none in a conflict.
    stat: Option<Stat>,
    blobs: Vec<ObjectId>,
}

impl Work<'_> {
    /// Scans tracked files that differ from the index.
    fn tracked(&self) {
        let mut tracked: BTreeMap<&BStr, Tracked<'_>> = BTreeMap::new();
        for entry in self.index.entries() {
            if entry.mode.is_sparse() || entry.mode.is_submodule() {
                continue;
            }
            let path = entry.path(self.index);
            let whole =
                entry.stage() == Stage::Unconflicted && !entry.flags.contains(Flags::INTENT_TO_ADD);
            let now = tracked.entry(path).or_insert(Tracked {
                path,
                stat: whole.then_some(entry.stat),
                blobs: Vec::new(),
            });
            if !entry.flags.contains(Flags::INTENT_TO_ADD) {
                now.blobs.push(entry.id);
            }
        }
        let tracked: Vec<Tracked<'_>> = tracked.into_values().collect();
        let repo = self.changes.repo;
        each(repo, self.changes.options.threads, &tracked, |bench, file| self.file(bench, file));
    }

    fn file(&self, bench: &mut Bench, tracked: &Tracked<'_>) {
        let Some(root) = bench.repo.workdir() else { return };
        let relative = path_of(tracked.path);
        let path = root.join(&relative);
        // What is gone leaves nothing.
        let Ok(meta) = gix::index::fs::Metadata::from_path_no_follow(&path) else { return };
        // Without options every file is read, which takes longer and no more.
        let options = bench.repo.stat_options().ok();
        let unchanged = tracked.stat.zip(options).is_some_and(|(stat, options)| {
            Stat::from_fs(&meta).is_ok_and(|now| stat.matches(&now, options))
                && !stat.is_racy(self.index.timestamp(), options)
        });
        if unchanged || meta.is_dir() {
            return;
        }
        let origin = Origin::Git(Arc::new(file(tracked.path, None, None, Presence::Head)));
        if let Some(reason) = (self.changes.options.exclude)(&relative, false) {
            self.sink.gap(skipped(origin, &reason));
            return;
        }
        let size = usize::try_from(meta.len()).unwrap_or(usize::MAX);
        if let Some(reason) = too_large(size, self.changes.options.max_size) {
            self.sink.gap(skipped(origin, &reason));
            return;
        }
        let text = match content(&path, meta.is_symlink()) {
            Ok(text) => text,
            Err(error) => {
                let reason = plain(&error);
                self.sink.gap(Gap { origin, kind: GapKind::Failed, reason });
                return;
            }
        };
        let objects = Objects::new(&bench.repo);
        let same =
            |id: &ObjectId| objects.get(*id, Kind::Blob).is_ok_and(|object| object.data == text);
        if tracked.blobs.iter().any(same) {
            return;
        }
        let found = look(&mut bench.reader, &text, &origin, self.scanner, self.sink);
        let (new, _) = split_new(objects, &tracked.blobs, &text, found);
        if !new.is_empty() {
            self.sink.findings(new);
        }
    }

    /// Scans files that are neither tracked nor ignored.
    fn untracked(&self, repo: &gix::Repository) {
        let Some(root) = repo.workdir() else { return };
        let (found, nested) = mpsc::channel();
        let mut walk = WalkBuilder::new(root);
        walk.standard_filters(false)
            .git_ignore(true)
            .git_exclude(true)
            .git_global(true)
            .require_git(false)
            .filter_entry(move |entry| {
                let is_dir = entry.file_type().is_some_and(|kind| kind.is_dir());
                let nested = is_dir && entry.depth() > 0 && entry.path().join(".git").exists();
                if nested {
                    // Nobody is left to be told when the walk is over.
                    let _ = found.send(entry.path().to_owned());
                }
                !nested && entry.file_name() != ".git"
            });
        let mut reader = Reader::default();
        for entry in walk.build() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let origin = Origin::File(root.to_owned());
                    let reason = error.to_string();
                    self.sink.gap(Gap { origin, kind: GapKind::Failed, reason });
                    continue;
                }
            };
            let Ok(relative) = entry.path().strip_prefix(root) else { continue };
            let Some(kind) = entry.file_type() else { continue };
            if relative.as_os_str().is_empty() {
                continue;
            }
            let name = slashed(relative);
            let place = || {
                let place = file(name.as_ref(), None, None, Presence::Head);
                Origin::Git(Arc::new(place))
            };
            if kind.is_dir() {
                continue;
            }
            if self.index.entry_range(name.as_ref()).is_some() {
                continue;
            }
            if let Some(reason) = (self.changes.options.exclude)(relative, false) {
                self.sink.gap(skipped(place(), &reason));
                continue;
            }
            self.untracked_file(&mut reader, entry.path(), kind, place());
        }
        for path in nested.try_iter() {
            let name = slashed(path.strip_prefix(root).unwrap_or(&path));
            let place = file(name.as_ref(), None, None, Presence::Head);
            self.sink.gap(skipped(Origin::Git(Arc::new(place)), SUBMODULE));
        }
    }

    fn untracked_file(&self, reader: &mut Reader, path: &Path, kind: fs::FileType, origin: Origin) {
        if kind.is_symlink() {
            match content(path, true) {
                Ok(text) => {
                    let found = look(reader, &text, &origin, self.scanner, self.sink);
                    if !found.is_empty() {
                        self.sink.findings(found);
                    }
                }
                Err(error) => {
                    let reason = plain(&error);
                    self.sink.gap(Gap { origin, kind: GapKind::Failed, reason });
                }
            }
            return;
        }
        if !kind.is_file() {
            self.sink.gap(skipped(origin, "neither file nor directory, so Git does not take it"));
            return;
        }
        let size =
            path.metadata().map_or(0, |meta| usize::try_from(meta.len()).unwrap_or(usize::MAX));
        if let Some(reason) = too_large(size, self.changes.options.max_size) {
            self.sink.gap(skipped(origin, &reason));
            return;
        }
        let scanned =
            File::open(path).and_then(|file| reader.scan(file, &origin, self.scanner, self.sink));
        if let Err(error) = scanned {
            self.sink.gap(Gap { origin, kind: GapKind::Failed, reason: plain(&error) });
        }
    }
}

/// What Git would make a blob of.
fn content(path: &Path, is_symlink: bool) -> std::io::Result<Vec<u8>> {
    if is_symlink {
        return Ok(fs::read_link(path)?.into_os_string().into_encoded_bytes());
    }
    fs::read(path)
}

/// A path as the index has it.
fn slashed(path: &Path) -> BString {
    let bytes = BString::from(path.as_os_str().as_encoded_bytes());
    gix::path::to_unix_separators_on_windows(bytes).into_owned()
}
