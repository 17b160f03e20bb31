//! Directories and files.

use std::fs::{File, FileType};
use std::path::{Path, PathBuf};

use ignore::{DirEntry, WalkBuilder, WalkState};
use stanch_scan::{Gap, GapKind, Origin, Scanner, Sink, Source};

use crate::reason::plain;
use crate::roots::Roots;
use crate::unvisited::Unvisited;
use crate::window::Reader;

/// Directories and files on this machine.
pub struct Paths {
    /// What to scan: a directory with everything below it, or a file. A path
    /// given here is read whatever it is, so that a named pipe works too. What
    /// is inside of several of them is scanned once.
    pub paths: Vec<PathBuf>,
    /// How to walk.
    pub options: PathOptions,
}

/// Tells why a path is left out, if it is; asked with a path and whether it is
/// a folder.
pub type Exclude = Box<dyn Fn(&Path, bool) -> Option<String> + Send + Sync>;

/// How directories are walked. The default reads everything that is a file.
pub struct PathOptions {
    /// Threads that read and scan; 0 for one per processor.
    pub threads: usize,
    /// Leave out what `.gitignore` and its kin name, the given paths apart.
    pub gitignore: bool,
    /// Follow symbolic links below the given paths.
    pub follow: bool,
    /// Leave out files that are larger, in bytes.
    pub max_size: Option<u64>,
    /// Tells why a path is left out, if it is. Directories are asked too.
    pub exclude: Exclude,
}

impl Default for PathOptions {
    fn default() -> PathOptions {
        PathOptions {
            threads: 0,
            gitignore: false,
            follow: false,
            max_size: None,
            exclude: Box::new(|_, _| None),
        }
    }
}

impl Source for Paths {
    fn scan(&self, scanner: Scanner<'_>, sink: &dyn Sink) {
        let roots = Roots::new(&self.paths);
        let mut trees = Vec::new();
        let mut reader = Reader::default();
        for path in &roots.paths {
            match path.metadata() {
                Err(error) => fail(sink, path, &plain(&error)),
                Ok(meta) if meta.is_dir() => trees.push(path),
                Ok(meta) if unreadable_kind(meta.file_type()) == Some(SOCKET) => {
                    fail(sink, path, "a socket, which cannot be read");
                }
                Ok(_) => file(&mut reader, path, scanner, sink),
            }
        }
        drop(reader);
        let Some((first, rest)) = trees.split_first() else { return };
        let mut walk = WalkBuilder::new(first);
        rest.iter().for_each(|path| {
            walk.add(path);
        });
        walk.standard_filters(false)
            .follow_links(self.options.follow)
            .threads(self.options.threads);
        let unvisited = self.options.gitignore.then(Unvisited::default);
        if self.options.gitignore {
            // `.git` itself is hidden, but its configuration holds secrets.
            walk.git_ignore(true)
                .git_exclude(true)
                .git_global(true)
                .ignore(true)
                .parents(true)
                .require_git(false);
        }
        let (roots, watch) = (&roots, unvisited.as_ref());
        walk.build_parallel().run(|| {
            let mut reader = Reader::default();
            Box::new(move |entry| match entry {
                Ok(entry) => {
                    let state = self.entry(&mut reader, &entry, roots, scanner, sink);
                    if let Some(watch) = watch {
                        let is_dir = entry.file_type().is_some_and(|kind| kind.is_dir());
                        watch.visited(entry.path(), is_dir && state == WalkState::Continue);
                    }
                    state
                }
                Err(error) => {
                    let path = path_of(&error).unwrap_or_else(|| PathBuf::from("?"));
                    if let Some(watch) = watch {
                        watch.visited(&path, false);
                    }
                    if is_loop(&error) {
                        // What it leads to is scanned where the loop begins.
                        skip(sink, &path, "a loop of symbolic links");
                    } else {
                        fail(sink, &path, &reason_of(&error));
                    }
                    WalkState::Continue
                }
            })
        });
        let left_out = unvisited.map(Unvisited::left_out).unwrap_or_default();
        for path in left_out.iter().filter(|path| !roots.met.contains(*path)) {
            skip(sink, path, "named by .gitignore or its kin");
        }
    }
}

impl Paths {
    fn entry(
        &self,
        reader: &mut Reader,
        entry: &DirEntry,
        roots: &Roots,
        scanner: Scanner<'_>,
        sink: &dyn Sink,
    ) -> WalkState {
        let path = entry.path();
        let Some(kind) = entry.file_type() else { return WalkState::Continue };
        if entry.depth() > 0 && !roots.met.is_empty() && roots.met.contains(path) {
            return WalkState::Skip;
        }
        if entry.depth() > 0
            && let Some(reason) = (self.options.exclude)(path, kind.is_dir())
        {
            skip(sink, path, &reason);
            return WalkState::Skip;
        }
        if kind.is_dir() {
            // Packed objects are history, which has a scan of its own.
            if path.ends_with(".git/objects") {
                skip(sink, path, "Git objects; history is not part of a directory scan");
                return WalkState::Skip;
            }
            return WalkState::Continue;
        }
        if let Some(name) = unreadable_kind(kind) {
            skip(sink, path, name);
            return WalkState::Continue;
        }
        if let Some(limit) = self.options.max_size
            && let Ok(meta) = entry.metadata()
            && meta.len() > limit
        {
            skip(sink, path, &format!("{} bytes, more than the {limit} asked for", meta.len()));
            return WalkState::Continue;
        }
        file(reader, path, scanner, sink);
        WalkState::Continue
    }
}

fn file(reader: &mut Reader, path: &Path, scanner: Scanner<'_>, sink: &dyn Sink) {
    let origin = Origin::File(path.to_owned());
    let scanned = File::open(path).and_then(|file| reader.scan(file, &origin, scanner, sink));
    if let Err(error) = scanned {
        fail(sink, path, &plain(&error));
    }
}

const SOCKET: &str = "a socket";

fn unreadable_kind(kind: FileType) -> Option<&'static str> {
    if kind.is_file() {
        return None;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            return Some("a named pipe");
        }
        if kind.is_socket() {
            return Some(SOCKET);
        }
        if kind.is_block_device() || kind.is_char_device() {
            return Some("a device");
        }
    }
    Some(if kind.is_symlink() { "a symbolic link" } else { "neither file nor directory" })
}

fn skip(sink: &dyn Sink, path: &Path, reason: &str) {
    gap(sink, path, GapKind::Skipped, reason);
}

fn fail(sink: &dyn Sink, path: &Path, reason: &str) {
    gap(sink, path, GapKind::Failed, reason);
}

fn gap(sink: &dyn Sink, path: &Path, kind: GapKind, reason: &str) {
    sink.gap(Gap { origin: Origin::File(path.to_owned()), kind, reason: reason.to_owned() });
}

fn reason_of(error: &ignore::Error) -> String {
    match error {
        ignore::Error::WithPath { err, .. } | ignore::Error::WithDepth { err, .. } => {
            reason_of(err)
        }
        ignore::Error::Io(error) => plain(error),
        other => other.to_string(),
    }
}

fn is_loop(error: &ignore::Error) -> bool {
    match error {
        ignore::Error::WithPath { err, .. } | ignore::Error::WithDepth { err, .. } => is_loop(err),
        ignore::Error::Loop { .. } => true,
        _ => false,
    }
}

fn path_of(error: &ignore::Error) -> Option<PathBuf> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path.clone()),
        ignore::Error::WithDepth { err, .. } => path_of(err),
        ignore::Error::Loop { child, .. } => Some(child.clone()),
        _ => None,
    }
}
