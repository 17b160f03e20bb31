//! Examples: assignments with their features, and whether a secret is assigned.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use stanch_scan::generic::{self, Assignment, Features, Place, ROOTS};

use crate::Result;
use crate::human::Setting;

/// Repositories of the corpus that nothing is fitted to: those whose names,
/// which are hashes, end in these digits.
const HELD_OUT: &[char] = &['0', '6', '8', 'a'];

/// Most examples of one repository that weigh fully.
const MOST: usize = 60;

/// An assignment.
pub(crate) struct Example {
    pub(crate) features: Features,
    pub(crate) truth: bool,
    pub(crate) weight: f64,
    pub(crate) held_out: bool,
    /// Whether people labelled it, in contrast to what was made up.
    pub(crate) labelled: bool,
}

/// A label: lines of a file, and what stands there.
#[derive(serde::Deserialize)]
pub(crate) struct Label {
    pub(crate) repo: String,
    pub(crate) path: String,
    pub(crate) line_start: usize,
    pub(crate) line_end: usize,
    /// `T` a secret, `F` none, `X` undecided.
    pub(crate) truth: char,
    pub(crate) category: String,
}

/// Whether a repository is held out.
pub(crate) fn is_held_out(repo: &str) -> bool {
    repo.ends_with(HELD_OUT)
}

/// All labels.
pub(crate) fn labels(corpus: &Path) -> Result<Vec<Label>> {
    let text = fs::read_to_string(corpus.join("labels.jsonl"))?;
    text.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}

/// The assignments on labelled lines; those on undecided ones are left out.
pub(crate) fn labelled(corpus: &Path) -> Result<Vec<Example>> {
    let mut by_file: HashMap<String, Vec<Label>> = HashMap::new();
    for label in labels(corpus)? {
        by_file.entry(label.path.clone()).or_default().push(label);
    }
    let mut files: Vec<_> = by_file.into_iter().collect();
    files.sort_by(|a, b| a.0.cmp(&b.0));
    let mut out: Vec<(String, Example)> = Vec::new();
    for (path, labels) in &files {
        let text = fs::read(corpus.join(path))?;
        let place = Place::of(path);
        for assignment in assignments(&text) {
            let line = 1 + memchr::memchr_iter(b'\n', &text[..assignment.value.start]).count();
            let here: Vec<char> = labels
                .iter()
                .filter(|label| (label.line_start..=label.line_end).contains(&line))
                .map(|label| label.truth)
                .collect();
            let truth = match here.as_slice() {
                [] => continue,
                some if some.contains(&'X') => continue,
                some => some.contains(&'T'),
            };
            let Ok(features) = generic::features(&text, &assignment, &place) else { continue };
            let repo = labels[0].repo.clone();
            let held_out = is_held_out(&repo);
            out.push((repo, Example { features, truth, weight: 1.0, held_out, labelled: true }));
        }
    }
    let mut sizes: HashMap<&str, usize> = HashMap::new();
    out.iter().for_each(|(repo, _)| *sizes.entry(repo).or_default() += 1);
    let weights: Vec<f64> =
        out.iter().map(|(repo, _)| (MOST as f64 / sizes[repo.as_str()] as f64).min(1.0)).collect();
    let weighed = out.into_iter().zip(weights);
    Ok(weighed.map(|((_, example), weight)| Example { weight, ..example }).collect())
}

/// The assignments of a setting that was made up.
pub(crate) fn invented(setting: &Setting) -> Vec<Example> {
    let place = Place::of(setting.path);
    let text = setting.text.as_bytes();
    let features =
        assignments(text).into_iter().filter_map(|it| generic::features(text, &it, &place).ok());
    let example = |features| Example {
        features,
        truth: setting.truth,
        weight: 0.35,
        held_out: false,
        labelled: false,
    };
    features.map(example).collect()
}

/// The assignments below a folder of source code without secrets.
pub(crate) fn clean(folder: &Path, out: &mut Vec<Example>) -> Result<()> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    entries.sort();
    for path in entries {
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            clean(&path, out)?;
            continue;
        }
        let text = fs::read(&path)?;
        if text.len() > 4 << 20 || memchr::memchr(0, &text).is_some() {
            continue;
        }
        let place = Place::of(&path.to_string_lossy());
        for assignment in assignments(&text) {
            if let Ok(features) = generic::features(&text, &assignment, &place) {
                out.push(Example {
                    features,
                    truth: false,
                    weight: 0.5,
                    held_out: false,
                    labelled: false,
                });
            }
        }
    }
    Ok(())
}

/// Every assignment of a text, once.
fn assignments(text: &[u8]) -> Vec<Assignment> {
    let lower = text.to_ascii_lowercase();
    let mut hits: Vec<usize> =
        ROOTS.iter().flat_map(|root| memchr::memmem::find_iter(&lower, root.as_bytes())).collect();
    hits.sort_unstable();
    let mut out: Vec<Assignment> = Vec::new();
    for hit in hits {
        if let Some(found) = generic::assignment(text, hit)
            && out.last().is_none_or(|last| last.value.start != found.value.start)
        {
            out.push(found);
        }
    }
    out
}
