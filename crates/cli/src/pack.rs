//! Which detectors run: the built-in ones, the user's own, or some of them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use stanch_rules::book::Book;
use stanch_rules::load::{self, Source};
use stanch_rules::schema::Detector;
use stanch_rules::{Pack, Rule};
use stanch_scan::printable;

/// The built-in detectors with those in `dirs`, and of these the ones that
/// `only` names by detector or provider id; all of them when it is empty.
pub(crate) fn load(dirs: &[PathBuf], only: &[String]) -> anyhow::Result<Pack> {
    let pack = if dirs.is_empty() { stanch_detectors::pack() } else { together(&sources(dirs)?)? };
    select(pack, only)
}

/// The built-in detector files, and those in `dirs`.
pub(crate) fn sources(dirs: &[PathBuf]) -> anyhow::Result<Vec<Source>> {
    let mut sources = built_in();
    for dir in dirs {
        sources.extend(read(dir)?);
    }
    Ok(sources)
}

/// The built-in pages with those of the user's own files.
///
/// # Errors
/// A folder cannot be read, or a file in it has a fault.
pub(crate) fn book(dirs: &[PathBuf]) -> anyhow::Result<Book> {
    if dirs.is_empty() {
        return Ok(stanch_detectors::book());
    }
    let sources = sources(dirs)?;
    together(&sources)?;
    Ok(Book::of(sources.iter().map(|source| &source.content)))
}

/// The detector with this id and the file that it stands in.
///
/// # Errors
/// None has it, with the id that may have been meant.
pub(crate) fn detector<'s>(
    sources: &'s [Source],
    id: &str,
) -> anyhow::Result<(&'s Source, &'s Detector)> {
    let found = sources.iter().rev().find_map(|source| {
        let detector = source.content.detectors.iter().find(|detector| detector.id == id)?;
        Some((source, detector))
    });
    if let Some(found) = found {
        return Ok(found);
    }
    let hint = nearest(&together(sources)?, id)
        .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    bail!(
        "there is no detector `{}`{hint}\n  `stanch detectors list` names them all",
        printable(id)
    )
}

/// The built-in detector files.
pub(crate) fn built_in() -> Vec<Source> {
    // The build has read every one of them.
    stanch_detectors::FILES.iter().filter_map(|(name, text)| load::parse(name, text).ok()).collect()
}

/// The detector files of a folder, or one such file.
pub(crate) fn read(dir: &Path) -> anyhow::Result<Vec<Source>> {
    let meta = fs::metadata(dir)
        .with_context(|| format!("cannot read the detectors in {}", dir.display()))?;
    let mut paths = Vec::new();
    if meta.is_dir() {
        for entry in fs::read_dir(dir)
            .with_context(|| format!("cannot read the detectors in {}", dir.display()))?
        {
            let path = entry?.path();
            if path.extension().is_some_and(|e| e == "toml") {
                paths.push(path);
            }
        }
        if paths.is_empty() {
            bail!("there are no detector files (*.toml) in {}", dir.display());
        }
    } else {
        paths.push(dir.to_owned());
    }
    paths.sort();
    let mut sources = Vec::new();
    let mut faults = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path)
            .with_context(|| format!("cannot read the detector file {}", path.display()))?;
        match load::parse(&path.to_string_lossy(), &text) {
            Ok(source) => sources.push(source),
            Err(fault) => faults.push(fault.to_string()),
        }
    }
    refuse(&faults)?;
    Ok(sources)
}

/// Checks files together and packs them.
pub(crate) fn together(sources: &[Source]) -> anyhow::Result<Pack> {
    match load::pack(sources) {
        Ok(pack) => Ok(pack),
        Err(faults) => {
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            refuse(&faults)?;
            Ok(Pack::default())
        }
    }
}

fn refuse(faults: &[String]) -> anyhow::Result<()> {
    match faults {
        [] => Ok(()),
        [one] => bail!("a detector file has a fault; nothing was scanned\n  {one}"),
        many => bail!(
            "detector files have {} faults; nothing was scanned\n  {}",
            many.len(),
            many.join("\n  ")
        ),
    }
}

fn select(mut pack: Pack, only: &[String]) -> anyhow::Result<Pack> {
    if only.is_empty() {
        return Ok(pack);
    }
    for name in only {
        if !pack.rules.iter().any(|rule| rule.id == *name || rule.provider == *name) {
            let hint = nearest(&pack, name)
                .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            bail!(
                "there is no detector or provider `{name}`{hint}\n  \
                 `stanch detectors list` names them all"
            );
        }
    }
    let named = |rule: &Rule| only.iter().any(|name| rule.id == *name || rule.provider == *name);
    // A composite is made of what its parts' detectors find.
    let parts: Vec<String> = pack
        .rules
        .iter()
        .filter(|rule| named(rule))
        .flat_map(|rule| rule.parts.values().cloned())
        .collect();
    pack.rules.retain(|rule| named(rule) || parts.contains(&rule.id));
    Ok(pack)
}

/// The id most like a name that is none.
pub(crate) fn nearest<'p>(pack: &'p Pack, name: &str) -> Option<&'p str> {
    let name: String = name.chars().take(64).collect();
    pack.rules
        .iter()
        .flat_map(|rule| [rule.id.as_str(), rule.provider.as_str()])
        .map(|id| (distance(id, &name), id))
        .min()
        .filter(|(distance, _)| *distance <= 1 + name.len() / 4)
        .map(|(_, id)| id)
}

/// Edits that turn one text into the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = i;
        let mut left = i + 1;
        for (y, above) in b.iter().zip(row.iter_mut().skip(1)) {
            let cost = (corner + usize::from(x != *y)).min(left + 1).min(*above + 1);
            corner = std::mem::replace(above, cost);
            left = cost;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_edits() {
        assert_eq!(distance("github", "github"), 0);
        assert_eq!(distance("github", "gihub"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn a_selection_keeps_the_parts_that_it_needs() {
        let all = stanch_detectors::pack();
        let Some(composite) = all.rules.iter().find(|r| !r.parts.is_empty()).cloned() else {
            return;
        };
        let some = select(all, std::slice::from_ref(&composite.id)).unwrap();
        assert!(composite.parts.values().all(|id| some.get(id).is_some()));
        assert!(some.rules.len() <= composite.parts.len() + 1);
    }
}
