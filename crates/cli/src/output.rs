//! Where a report or a page goes.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::Context;
use tempfile::NamedTempFile;

use crate::args::Format;
use crate::collect::Stream;
use crate::interrupt;
use crate::report::{self, Report};

/// Where it goes.
pub(crate) enum Output {
    /// Standard output.
    Stdout,
    /// A file that gets its name when it is complete.
    File {
        /// The name as it was given.
        path: PathBuf,
        /// The file that gets the name, which is another where that is a link.
        target: PathBuf,
        /// What is written meanwhile, beside the target.
        part: BufWriter<NamedTempFile>,
    },
    /// A device or a pipe: it is written to, not replaced.
    Device {
        /// Its name.
        path: PathBuf,
        /// It.
        file: BufWriter<File>,
    },
}

impl Output {
    /// Opens what the arguments name.
    ///
    /// # Errors
    /// Folders, and places where nothing may be written.
    pub(crate) fn open(path: Option<&Path>, show_secrets: bool) -> anyhow::Result<Output> {
        let Some(path) = path else { return Ok(Output::Stdout) };
        let at = || format!("cannot write {}", path.display());
        let kind = fs::metadata(path).map(|meta| meta.file_type());
        match kind {
            Ok(kind) if kind.is_dir() => {
                anyhow::bail!("{}: it is a folder; name a file in it", at());
            }
            Ok(kind) if !kind.is_file() => {
                let file = OpenOptions::new().write(true).open(path).with_context(at)?;
                return Ok(Output::Device { path: path.to_owned(), file: BufWriter::new(file) });
            }
            _ => {}
        }
        // What a link leads to is replaced, not the link.
        let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let name = target.file_name().with_context(|| format!("{}: it is no file name", at()))?;
        let folder = match target.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let mut prefix = std::ffi::OsString::from(".");
        prefix.push(name);
        prefix.push(".");
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix).suffix(".part");
        #[cfg(unix)]
        if !show_secrets {
            use std::os::unix::fs::PermissionsExt;
            // As any other file: the user's mask decides who reads it.
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        let made = interrupt::guarded(|| builder.tempfile_in(folder), NamedTempFile::path);
        let part =
            made.with_context(|| format!("{}; choose a folder that you may write to", at()))?;
        Ok(Output::File { path: path.to_owned(), target, part: BufWriter::new(part) })
    }

    /// The file that must not be scanned, because it is written meanwhile.
    pub(crate) fn hidden(&self) -> Option<PathBuf> {
        match self {
            Output::File { part, .. } => Some(part.get_ref().path().to_owned()),
            Output::Stdout | Output::Device { .. } => None,
        }
    }

    /// Writes findings as they come; the first failure is kept in `failure`.
    pub(crate) fn stream<'s>(
        &'s mut self,
        options: report::Options,
        failure: &'s Mutex<Option<io::Error>>,
    ) -> Stream<'s> {
        // Somebody may be reading along.
        let flush = !matches!(self, Output::File { .. });
        let mut out = self.writer();
        Box::new(move |reported| {
            let mut failure = failure.lock().unwrap_or_else(PoisonError::into_inner);
            if failure.is_some() {
                return;
            }
            let written = report::json::line(&mut out, reported, options)
                .and_then(|()| if flush { out.flush() } else { Ok(()) });
            if written.as_ref().is_err_and(|e| e.kind() == io::ErrorKind::BrokenPipe) {
                leave();
            }
            *failure = written.err();
        })
    }

    /// Writes the report and gives the file its name.
    ///
    /// # Errors
    /// Whatever cannot be written; no file is left then.
    pub(crate) fn write(
        self,
        format: Format,
        report: &Report<'_>,
        options: report::Options,
    ) -> anyhow::Result<()> {
        self.fill(|output| output.report(format, report, options))
    }

    /// Writes a text and gives the file its name.
    ///
    /// # Errors
    /// Whatever cannot be written; no file is left then.
    pub(crate) fn put(self, text: &str) -> anyhow::Result<()> {
        self.fill(|output| {
            let mut out = output.writer();
            out.write_all(text.as_bytes())?;
            out.flush()
        })
    }

    fn fill(mut self, write: impl FnOnce(&mut Output) -> io::Result<()>) -> anyhow::Result<()> {
        write(&mut self).map_err(|error| self.explain(error))?;
        let Output::File { path, target, part } = self else { return Ok(()) };
        let done = part.into_inner().map_err(io::IntoInnerError::into_error).and_then(|part| {
            interrupt::keep(|| part.persist(&target)).map_err(|failed| failed.error)
        });
        done.map(drop).with_context(|| format!("cannot write {}", path.display()))
    }

    /// Says where an error of writing happened.
    pub(crate) fn explain(&self, error: io::Error) -> anyhow::Error {
        match self {
            Output::Stdout => anyhow::Error::new(error).context("cannot write the report"),
            Output::File { path, .. } | Output::Device { path, .. } => {
                anyhow::Error::new(error).context(format!("cannot write {}", path.display()))
            }
        }
    }

    fn writer(&mut self) -> Box<dyn Write + Send + '_> {
        match self {
            Output::Stdout => Box::new(BufWriter::new(io::stdout())),
            Output::File { part, .. } => Box::new(part),
            Output::Device { file, .. } => Box::new(file),
        }
    }

    fn report(
        &mut self,
        format: Format,
        report: &Report<'_>,
        options: report::Options,
    ) -> io::Result<()> {
        if format == Format::Human && matches!(self, Output::Stdout) {
            // One write per report; a terminal shows it at once.
            let mut out = BufWriter::new(anstream::stdout());
            report::human::write(&mut out, report, options)?;
            return out.flush();
        }
        let mut out = self.writer();
        match format {
            Format::Human => {
                let mut plain = anstream::StripStream::new(Vec::new());
                report::human::write(&mut plain, report, options)?;
                out.write_all(&plain.into_inner())?;
            }
            Format::Jsonl => {}
            Format::Json => report::json::write(&mut out, report, options)?,
            Format::Sarif => report::sarif::write(&mut out, report, options)?,
            Format::Csv => report::csv::write(&mut out, report, options)?,
            Format::Html => report::html::write(&mut out, report, options)?,
            Format::Markdown => report::markdown::write(&mut out, report, options)?,
            Format::Junit => report::junit::write(&mut out, report, options)?,
            Format::Github => report::github::write(&mut out, report, options)?,
            Format::Gitlab => report::gitlab::write(&mut out, report, options)?,
            Format::GitlabQuality => report::gitlab::quality(&mut out, report)?,
            Format::Azure => report::azure::write(&mut out, report, options)?,
            Format::Teamcity => report::teamcity::write(&mut out, report, options)?,
            Format::BitbucketReport => report::bitbucket::report(&mut out, report)?,
            Format::BitbucketAnnotations => {
                report::bitbucket::annotations(&mut out, report, options)?;
            }
        }
        out.flush()
    }
}

/// Ends the program in the midst of a scan whose reader is gone, as in
/// `stanch scan / --format jsonl | head`: a source has no way to be stopped.
#[expect(clippy::exit, reason = "nothing is open that would need to be closed")]
fn leave() -> ! {
    std::process::exit(0)
}
