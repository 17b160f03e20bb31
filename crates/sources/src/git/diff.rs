//! Unified diffs, as `git diff`, `git format-patch` and `diff -u` write them.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gix::bstr::BString;
use stanch_scan::{Base, Gap, GapKind, Origin, Presence, Scanner, Sink, Source};

use super::lines::Added;
use super::look::look_from;
use super::options::GitOptions;
use super::patch::{Head, header, hunk, name, strip_line_end};
use super::place::{SUBMODULE, file, path_of, skipped};
use crate::reason::plain;
use crate::window::Reader;

/// A unified diff: what each hunk makes of a file is scanned with its context,
/// and what stands on added lines, or has a part there, is reported at its
/// line in the new file. Text between the files, such as a commit message, is
/// scanned as well.
pub struct Diff {
    /// The file that holds it; `-` is standard input.
    pub path: PathBuf,
    /// How to read; the size is not asked for.
    pub options: GitOptions,
}

impl Source for Diff {
    fn scan(&self, scanner: Scanner<'_>, sink: &dyn Sink) {
        let scanned = if self.path == Path::new("-") {
            self.read(io::stdin().lock(), scanner, sink)
        } else {
            File::open(&self.path).and_then(|file| self.read(BufReader::new(file), scanner, sink))
        };
        if let Err(error) = scanned {
            sink.gap(Gap { origin: self.itself(), kind: GapKind::Failed, reason: plain(&error) });
        }
    }
}

impl Diff {
    /// The diff as a place.
    fn itself(&self) -> Origin {
        if self.path == Path::new("-") { Origin::Stdin } else { Origin::File(self.path.clone()) }
    }

    fn read(&self, input: impl BufRead, scanner: Scanner<'_>, sink: &dyn Sink) -> io::Result<()> {
        let mut reading = Reading {
            diff: self,
            scanner,
            sink,
            reader: Reader::default(),
            number: 0,
            prose: Vec::new(),
            prose_from: 0,
            file: Names::default(),
            hunk: None,
            any: false,
        };
        reading.all(input)
    }
}

/// What is known of the file whose hunks are being read.
#[derive(Default)]
struct Names {
    git: Option<BString>,
    old: Option<BString>,
    new: Option<BString>,
    renamed: Option<BString>,
    /// Whether it stands for the commit of another repository.
    submodule: bool,
}

/// A hunk that is being read.
struct Hunk {
    /// The first line in the new file.
    first: u64,
    /// Lines that are yet to come, of each old file and then of the new one.
    left: Vec<u64>,
    text: Vec<u8>,
    added: Vec<bool>,
}

struct Reading<'d> {
    diff: &'d Diff,
    scanner: Scanner<'d>,
    sink: &'d dyn Sink,
    reader: Reader,
    /// Lines that were read.
    number: u64,
    /// Text that belongs to no file, and the line that it begins at.
    prose: Vec<u8>,
    prose_from: u64,
    file: Names,
    hunk: Option<Hunk>,
    any: bool,
}

impl Reading<'_> {
    fn all(&mut self, mut input: impl BufRead) -> io::Result<()> {
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = input.read_until(b'\n', &mut line);
            if !matches!(read, Ok(1..)) {
                // What was read before a failure is scanned all the same.
                if self.hunk.is_some() {
                    self.cut_off();
                }
                self.prose();
                read?;
                break;
            }
            self.number += 1;
            self.line(&line);
        }
        if !self.any && self.number > 0 {
            self.sink.gap(Gap {
                origin: self.diff.itself(),
                kind: GapKind::Failed,
                reason: "there is no unified diff in it; make one with `git diff`, or scan other \
                         text with `stanch scan`"
                    .to_owned(),
            });
        }
        Ok(())
    }

    fn line(&mut self, line: &[u8]) {
        if self.hunk.is_some() && self.in_hunk(line) {
            return;
        }
        let bare = strip_line_end(line);
        if let Some((old, first, new)) = hunk(bare) {
            self.prose();
            self.any = true;
            let mut left = old;
            left.push(new);
            self.hunk = Some(Hunk { first, left, text: Vec::new(), added: Vec::new() });
            self.finished();
            return;
        }
        let Some(head) = header(bare) else {
            if self.prose.is_empty() {
                self.prose_from = self.number;
            }
            self.prose.extend_from_slice(line);
            return;
        };
        self.prose();
        match head {
            Head::Git(path) => {
                self.any = true;
                self.file = Names { git: path, ..Names::default() };
            }
            Head::Old(path) => {
                // A plain diff has nothing before this line.
                if self.file.new.is_some() {
                    self.file = Names::default();
                }
                self.file.old = Some(path);
            }
            Head::New(path) => self.file.new = Some(path),
            Head::RenameTo(path) => self.file.renamed = Some(path),
            Head::Submodule => self.file.submodule = true,
            Head::Binary(path) => {
                self.any = true;
                let path = self.path().or(path).unwrap_or_default();
                let origin = file(path.as_ref(), None, None, Presence::Head);
                let reason = "binary content, which a diff does not show; scan the file or \
                              `stanch scan staged`";
                self.sink.gap(skipped(Origin::Git(Arc::new(origin)), reason));
            }
            Head::Other => {}
        }
    }

    /// The path of the new file.
    fn path(&self) -> Option<BString> {
        name(
            self.file.git.as_ref(),
            self.file.old.as_ref(),
            self.file.new.as_ref(),
            self.file.renamed.as_ref(),
        )
    }

    /// Takes a line into the hunk, unless it cannot belong to it.
    fn in_hunk(&mut self, line: &[u8]) -> bool {
        let Some(hunk) = &mut self.hunk else { return false };
        let parents = hunk.left.len() - 1;
        if line.starts_with(b"\\") {
            // `\ No newline at end of file`
            if hunk.text.ends_with(b"\n") {
                hunk.text.pop();
            }
            return true;
        }
        let blank = strip_line_end(line).is_empty();
        // Mailers take spaces off the ends of lines.
        let (marks, rest) =
            if blank { (&b" "[..], line) } else { line.split_at(parents.min(line.len())) };
        if marks.iter().any(|mark| !b" +-".contains(mark)) {
            self.cut_off();
            return false;
        }
        let removed = marks.contains(&b'-');
        for (at, left) in hunk.left.iter_mut().enumerate() {
            let here = match marks.get(if blank { 0 } else { at }) {
                // The last is the new file.
                _ if at == parents => !removed,
                Some(b'+') => false,
                Some(b'-') => true,
                _ => !removed,
            };
            *left = left.saturating_sub(u64::from(here));
        }
        if !removed {
            hunk.text.extend_from_slice(rest);
            hunk.added.push(!blank && marks.iter().all(|mark| *mark == b'+'));
        }
        self.finished();
        true
    }

    /// Scans the hunk if it is complete.
    fn finished(&mut self) {
        if self.hunk.as_ref().is_some_and(|hunk| hunk.left.iter().all(|left| *left == 0))
            && let Some(hunk) = self.hunk.take()
        {
            self.scan(hunk);
        }
    }

    /// Scans a hunk that ends before its time.
    fn cut_off(&mut self) {
        let Some(hunk) = self.hunk.take() else { return };
        self.scan(hunk);
        self.sink.gap(Gap {
            origin: self.diff.itself(),
            kind: GapKind::Failed,
            reason: format!(
                "the diff is broken: a hunk ends too early at line {}; make the diff again",
                self.number
            ),
        });
    }

    fn scan(&mut self, hunk: Hunk) {
        let path = self.path().unwrap_or_default();
        let origin = Origin::Git(Arc::new(file(path.as_ref(), None, None, Presence::Head)));
        if self.file.submodule {
            self.sink.gap(skipped(origin, SUBMODULE));
            return;
        }
        if let Some(reason) = (self.diff.options.exclude)(&path_of(path.as_ref()), false) {
            self.sink.gap(skipped(origin, &reason));
            return;
        }
        let first = hunk.first.max(1);
        let base = Base { lines: first - 1, ..Base::default() };
        let found = look_from(&mut self.reader, &hunk.text, base, &origin, self.scanner, self.sink);
        let added = Added::Lines { first, new: hunk.added };
        let new: Vec<_> = found.into_iter().filter(|finding| added.touches(finding)).collect();
        if !new.is_empty() {
            self.sink.findings(new);
        }
    }

    /// Scans text between files.
    fn prose(&mut self) {
        let text = std::mem::take(&mut self.prose);
        if text.is_empty() {
            return;
        }
        let base = Base { lines: self.prose_from.saturating_sub(1), ..Base::default() };
        let origin = self.diff.itself();
        let found = look_from(&mut self.reader, &text, base, &origin, self.scanner, self.sink);
        if !found.is_empty() {
            self.sink.findings(found);
        }
    }
}
