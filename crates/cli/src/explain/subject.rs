//! What is asked about: a type of secret, or one that was found.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use stanch_rules::book::{Book, Page};
use stanch_scan::{Finding, printable};
use stanch_sources::git::Repo;

use crate::args::SearchOptions;
use crate::collect::Reported;
use crate::find::{self, Place};
use crate::{pack, policy, report, scan};

/// How many ids are suggested.
const SUGGESTED: usize = 12;

/// What is asked about.
pub(super) enum Subject<'b> {
    /// A type of secret.
    Type(&'b Page),
    /// A secret that was found, by one of its findings.
    Leak(&'b Page, Box<Finding>),
}

/// What `what` stands for; it is looked for in the history if `past` is asked for.
///
/// # Errors
/// Nothing, or more than one thing, with what to do next.
pub(super) fn named<'b>(
    what: &str,
    book: &'b Book,
    detectors: &[PathBuf],
    past: bool,
) -> anyhow::Result<Subject<'b>> {
    if let Some(page) = book.get(what) {
        return Ok(Subject::Type(page));
    }
    let leak = |finding: Finding| -> anyhow::Result<Subject<'b>> {
        let page = book.get(&finding.detector);
        let page = page.with_context(|| format!("there is no page for {}", finding.detector))?;
        Ok(Subject::Leak(page, Box::new(finding)))
    };
    let search = SearchOptions { detectors: detectors.to_vec(), ..SearchOptions::default() };
    let place = Place::of(Path::new(what));
    if place.path.exists() {
        return leak(at(what, &place, search)?);
    }
    if let Some(print) = find::fingerprint(what) {
        return leak(by_fingerprint(&print, &search, past)?);
    }
    let unknown = match suggestions(what, book).as_slice() {
        [] => "`stanch detectors list` names all detectors".to_owned(),
        some => format!("did you mean one of these?\n  {}", some.join("\n  ")),
    };
    if what.bytes().all(|b| b.is_ascii_hexdigit()) {
        bail!("{what}: give at least {} characters of a fingerprint", find::SHORTEST);
    }
    bail!("{}: no detector, no file, and no fingerprint; {unknown}", printable(what))
}

fn at(what: &str, place: &Place, search: SearchOptions) -> anyhow::Result<Finding> {
    let (found, _) = scan::everything(std::slice::from_ref(&place.path), search)?;
    let found = found.into_iter().map(|found| found.finding);
    let mut fitting: Vec<Finding> = found.filter(|finding| place.holds(finding)).collect();
    if fitting.is_empty() {
        bail!("{}: no secret is found there now; `stanch why` says why not", printable(what));
    }
    // Of several on one line the likeliest is meant.
    fitting.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    one(what, fitting, place.line.is_none())
}

fn by_fingerprint(wanted: &str, search: &SearchOptions, past: bool) -> anyhow::Result<Finding> {
    let fitting = |found: Vec<Reported>| -> Vec<Finding> {
        let found = found.into_iter().map(|found| found.finding);
        found.filter(|finding| finding.fingerprint.starts_with(wanted)).collect()
    };
    let (found, _) = scan::everything(&[PathBuf::from(".")], search.clone())?;
    let here = fitting(found);
    if !here.is_empty() {
        return one(wanted, here, true);
    }
    if !past {
        bail!(
            "{wanted}: nothing below this folder has this fingerprint; run this where it was found, \
             or without `--no-history`. {}",
            key()
        );
    }
    let Ok(repo) = Repo::discover(Path::new(".")) else {
        bail!(
            "{wanted}: nothing below this folder has this fingerprint, and there is no Git history \
             to look in; run this where it was found. {}",
            key()
        );
    };
    let (found, whole) = scan::git::everything(&repo, search)?;
    let past = fitting(found);
    if past.is_empty() {
        let part = match whole {
            true => "",
            false => " Not the whole history could be read; `stanch scan git` says why.",
        };
        bail!(
            "{wanted}: neither the files below this folder nor the history have this fingerprint; \
             run this where it was found.{part} {}",
            key()
        );
    }
    one(wanted, past, true)
}

/// Fingerprints of two keys have nothing in common, which nobody would guess.
fn key() -> String {
    format!("Fingerprints depend on a key: {}", policy::key::describe())
}

/// The first, if all are one secret or one may be chosen.
fn one(what: &str, fitting: Vec<Finding>, strict: bool) -> anyhow::Result<Finding> {
    let prints: BTreeSet<&str> = fitting.iter().map(|f| f.fingerprint.as_str()).collect();
    if strict && prints.len() > 1 {
        let places: Vec<String> = fitting
            .iter()
            .take(SUGGESTED)
            .map(|f| format!("{}  {}  {}", f.fingerprint, report::place(f), printable(&f.name)))
            .collect();
        bail!(
            "{} stands for {} secrets; name one by its fingerprint:\n  {}",
            printable(what),
            prints.len(),
            places.join("\n  ")
        );
    }
    fitting.into_iter().next().context("nothing is found")
}

/// Ids that whoever typed this may have meant.
fn suggestions(what: &str, book: &Book) -> Vec<String> {
    let wanted = what.to_lowercase();
    let words: Vec<&str> =
        wanted.split(|c: char| !c.is_alphanumeric()).filter(|w| w.len() > 1).collect();
    let mut ids: Vec<String> = Vec::new();
    let near = pack::nearest(&stanch_detectors::pack(), &wanted).map(str::to_owned);
    ids.extend(near.filter(|id| book.get(id).is_some()));
    let of_words = book.pages.iter().filter(|page| {
        let text = format!("{} {} {}", page.id, page.name, page.provider_name).to_lowercase();
        !words.is_empty() && words.iter().all(|word| text.contains(word))
    });
    ids.extend(of_words.map(|page| page.id.clone()));
    let by_mark = book.pages.iter().filter(|page| page.marks.iter().any(|mark| *mark == what));
    ids.extend(by_mark.map(|page| page.id.clone()));
    let mut seen = BTreeSet::new();
    ids.retain(|id| seen.insert(id.clone()));
    let more = ids.len().saturating_sub(SUGGESTED);
    ids.truncate(SUGGESTED);
    if more > 0 {
        ids.push(format!("and {more} more; `stanch detectors list` names them all"));
    }
    ids
}
