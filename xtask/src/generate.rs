//! `cargo xtask gen`: `docs/detectors/`, a page for each provider, the coverage
//! table and an index to search in, all from the detector files.
//!
//! What is written depends on the detector files alone, so that a forgotten run
//! shows; `cargo xtask tidy` looks for that.

mod index;
mod page;
mod table;
mod text;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use stanch_rules::book::{Book, Page};
use stanch_rules::load::{self, Source};

use crate::shell;

/// Where everything is written, from the root.
pub(crate) const FOLDER: &str = "docs/detectors/";

/// Stands in every file, so that people know and so that a file which is no
/// longer needed can be told from one of theirs.
const MARK: &str = "Written by `cargo xtask gen`";

/// Write docs/detectors from the detector files: a page for each provider, the
/// coverage table and a searchable index.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Write nothing, and fail if something is not up to date.
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    generate(&shell::root(), args.check)
}

fn generate(root: &Path, check: bool) -> Result<ExitCode> {
    let wanted = files(&read(root, "detectors/", ".toml")?)?;
    let stale = stale(&wanted, &read(root, FOLDER, "")?);
    if stale.is_empty() {
        println!("{FOLDER}: {} files, all up to date", wanted.len());
        return Ok(ExitCode::SUCCESS);
    }
    for path in &stale {
        if check {
            println!("{path} is not up to date; run `cargo xtask gen`");
        } else if let Some(text) = wanted.get(path) {
            fs::create_dir_all(root.join(FOLDER))?;
            fs::write(root.join(path), text).with_context(|| format!("cannot write {path}"))?;
        } else {
            fs::remove_file(root.join(path)).with_context(|| format!("cannot remove {path}"))?;
        }
    }
    if check {
        println!("{FOLDER}: {} of {} files are not up to date", stale.len(), wanted.len());
        return Ok(ExitCode::FAILURE);
    }
    println!("{FOLDER}: {} files, {} of them changed", wanted.len(), stale.len());
    Ok(ExitCode::SUCCESS)
}

/// Texts by path from the root, with slashes.
type Texts = BTreeMap<String, String>;

/// What `docs/detectors` must hold for these detector files.
///
/// # Errors
/// A detector file that cannot be read, with line and column.
pub(crate) fn files(detectors: &Texts) -> Result<Texts> {
    let mut sources = Vec::new();
    for (path, text) in detectors {
        match load::parse(path, text) {
            Ok(source) => sources.push(source),
            Err(fault) => bail!("{fault}"),
        }
    }
    let book = Book::of(sources.iter().map(|source| &source.content));
    let providers: Vec<Entry<'_>> = sources.iter().map(|source| Entry::of(source, &book)).collect();
    let mut files: Texts = providers
        .iter()
        .map(|entry| (format!("{FOLDER}{}.md", entry.id()), page::page(entry)))
        .collect();
    files.insert(format!("{FOLDER}README.md"), table::table(&providers));
    files.insert(format!("{FOLDER}index.html"), index::index(&providers)?);
    Ok(files)
}

/// Paths of the files that differ from what is wanted, are missing, or are no
/// longer wanted; files that were not generated are nobody's business.
pub(crate) fn stale(wanted: &Texts, present: &Texts) -> Vec<String> {
    let differs = wanted.iter().filter(|(path, text)| present.get(*path) != Some(*text));
    let left =
        present.iter().filter(|(path, text)| !wanted.contains_key(*path) && text.contains(MARK));
    differs.chain(left).map(|(path, _)| path.clone()).collect()
}

/// The texts directly in a folder whose names end so.
fn read(root: &Path, folder: &str, ending: &str) -> Result<Texts> {
    let mut texts = Texts::new();
    let dir = root.join(folder);
    if !dir.is_dir() {
        return Ok(texts);
    }
    for entry in fs::read_dir(&dir).with_context(|| format!("cannot list {}", dir.display()))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // What is no text was not generated either.
        if name.ends_with(ending)
            && entry.file_type()?.is_file()
            && let Ok(text) = String::from_utf8(fs::read(entry.path())?)
        {
            texts.insert(format!("{folder}{name}"), text);
        }
    }
    Ok(texts)
}

/// A provider with what people are told of its detectors.
struct Entry<'s> {
    source: &'s Source,
    /// The pages of its detectors, in the order of the file.
    pages: Vec<Page>,
}

impl<'s> Entry<'s> {
    fn of(source: &'s Source, book: &Book) -> Entry<'s> {
        let detectors = source.content.detectors.iter();
        Entry { source, pages: detectors.filter_map(|d| book.get(&d.id).cloned()).collect() }
    }

    fn id(&self) -> &'s str {
        &self.source.content.provider.id
    }

    fn name(&self) -> &'s str {
        &self.source.content.provider.name
    }
}

#[cfg(test)]
mod tests;
