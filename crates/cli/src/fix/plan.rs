//! What is to be changed, file by file, checked before anything is written.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use anyhow::{Context, bail};
use stanch_remedy::Manager;
use stanch_remedy::rewrite::{
    Change, Comments, File, Kind, Names, Options, Place, Rewrite, places, rewrite,
};
use stanch_rules::load;
use stanch_rules::schema::Detector;
use stanch_scan::{Finding, FingerprintKey, Origin, Scanner, Scratch, printable};

use super::neighbours::Neighbours;
use super::{FixArgs, check};
use crate::args::SearchOptions;
use crate::exit::Exit;
use crate::policy::{self, Policy};
use crate::scan;

/// Everything that is to be done.
pub(super) struct Plan {
    pub(super) files: Vec<Planned>,
    /// Findings that stand in no file of their own, with what to do.
    pub(super) elsewhere: Vec<(String, String)>,
}

/// A file with its changes.
pub(super) struct Planned {
    pub(super) path: PathBuf,
    pub(super) before: Vec<u8>,
    pub(super) after: Vec<u8>,
    pub(super) places: Vec<Told>,
    pub(super) rewrite: Rewrite,
}

/// A place with what people are told of it.
#[derive(Clone)]
pub(super) struct Told {
    pub(super) place: Place,
    pub(super) line: u64,
    pub(super) name: String,
    pub(super) masked: String,
}

impl Planned {
    pub(super) fn is_changed(&self) -> bool {
        self.before != self.after || self.rewrite.untrack.is_some()
    }
}

impl Plan {
    /// Finds out what is to be done about findings.
    ///
    /// # Errors
    /// Files that cannot be read, and one place in a manager for several secrets.
    pub(super) fn new(findings: &[Finding], args: &FixArgs) -> anyhow::Result<Plan> {
        let mut options = Options::to(args.to);
        options.path.clone_from(&args.path);
        options.field.clone_from(&args.field);
        if args.keep_comments {
            options.comments = Comments::Refuse;
        }
        let detectors = detectors(findings)?;
        let known = |id: &str| detectors.iter().find(|detector| detector.id == id);
        let mut elsewhere = Vec::new();
        let mut by_file: BTreeMap<PathBuf, Vec<Told>> = BTreeMap::new();
        for finding in findings {
            let Origin::File(path) = &finding.origin else {
                elsewhere.push((
                    finding.origin.to_string(),
                    "It stands in no file that could be changed. Change what made it.".to_owned(),
                ));
                continue;
            };
            let told = by_file.entry(path.clone()).or_default();
            for place in places(finding, &known) {
                if told.iter().any(|known| known.place.bytes == place.bytes) {
                    continue;
                }
                let masked = place.value.masked();
                let (line, name) = (finding.location.line, finding.name.clone());
                told.push(Told { place, line, name, masked });
            }
        }
        let mut names = Names::default();
        let mut neighbours = Neighbours::default();
        let mut files: Vec<Planned> = Vec::new();
        for (path, mut places) in by_file {
            places.sort_by_key(|told| told.place.bytes.start);
            let before =
                std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            let around = neighbours.of(&path);
            let shown = path.strip_prefix(".").unwrap_or(&path);
            let file = File { path: shown, text: &before, neighbours: &around };
            let plain: Vec<Place> = places.iter().map(|told| told.place.clone()).collect();
            let rewrite = rewrite(&file, &plain, &mut names, &options);
            let after = rewrite.apply(&before);
            neighbours.change(&path, &after);
            files.push(Planned { path, before, after, places, rewrite });
        }
        let plan = Plan { files, elsewhere };
        if let (Some(path), false) = (&args.path, args.to == Manager::Env) {
            let mut values = plan.stored().map(|change| &change.value);
            let first = values.next();
            if values.any(|value| Some(value) != first) {
                bail!(
                    "{} is the place of one secret, and there are several; fix them one by one, each \
                     with a --path of its own, or leave --path out",
                    printable(path)
                );
            }
        }
        Ok(plan)
    }

    /// Makes sure that no file that is changed still has a secret that was
    /// replaced, or became worse otherwise; such a file is left as it is.
    ///
    /// # Errors
    /// A configuration or key that is wrong.
    pub(super) fn verify(&mut self) -> anyhow::Result<()> {
        let key: FingerprintKey = policy::key::load()?;
        let policy = Policy::load_without_baseline(None, &[PathBuf::from(".")])?;
        let config = scan::Config::new(&SearchOptions::default(), &policy);
        let engine = config.engine()?;
        let scanner = Scanner { engine: &engine, key: &key };
        let mut scratch = Scratch::default();
        for file in self.files.iter_mut().filter(|file| file.before != file.after) {
            let mut find = |text: &[u8]| -> HashSet<String> {
                let found =
                    scanner.blob(&mut scratch, &Origin::File(file.path.clone()), text).findings;
                let sure = found.into_iter().filter(|f| f.confidence >= config.min_confidence);
                sure.map(|finding| finding.fingerprint).collect()
            };
            let (old, new) = (find(&file.before), find(&file.after));
            let fixed = fixed(&file.rewrite, &file.places);
            let is_left = |prints: &HashSet<String>| new.iter().any(|print| prints.contains(print));
            let brings = new.iter().any(|print| !old.contains(print));
            let same = values(&file.rewrite).any(|value| contains(&file.after, value));
            if is_left(&fixed) || brings || same {
                give_up(
                    file,
                    "The secret would still be found in the file afterwards, because it \
                               stands there once more in a form that is not understood. Take it out \
                               by hand.",
                );
            }
        }
        check::syntax(&mut self.files);
        Ok(())
    }

    /// Values with the names by which they are asked for, each once.
    pub(super) fn stored(&self) -> impl Iterator<Item = &Change> {
        let mut seen = HashSet::new();
        self.files
            .iter()
            .flat_map(|file| &file.rewrite.changes)
            .filter(|change| {
                matches!(change.kind, Kind::Reference | Kind::Removal | Kind::Untracking)
            })
            .filter(move |change| seen.insert(change.reference.variable.clone()))
    }

    pub(super) fn exit(&self) -> Exit {
        let left = self.files.iter().any(|file| !file.rewrite.refused.is_empty());
        if left || !self.elsewhere.is_empty() { Exit::Findings } else { Exit::Clean }
    }
}

/// Takes all changes of a file back.
pub(super) fn give_up(file: &mut Planned, reason: &str) {
    file.after = file.before.clone();
    file.rewrite.edits.clear();
    file.rewrite.notes.clear();
    file.rewrite.untrack = None;
    for change in file.rewrite.changes.drain(..) {
        let reason = reason.to_owned();
        file.rewrite.refused.push(stanch_remedy::rewrite::Refusal { place: change.place, reason });
    }
}

fn fixed(rewrite: &Rewrite, places: &[Told]) -> HashSet<String> {
    let left: HashSet<&str> = rewrite
        .refused
        .iter()
        .filter_map(|refusal| places.get(refusal.place))
        .map(|told| told.place.fingerprint.as_str())
        .collect();
    let changed = rewrite.changes.iter().filter_map(|change| places.get(change.place));
    changed
        .map(|told| told.place.fingerprint.clone())
        .filter(|print| !left.contains(print.as_str()))
        .collect()
}

/// Values that are gone from a file, if they are long enough to be nothing else.
fn values(rewrite: &Rewrite) -> impl Iterator<Item = &[u8]> {
    let kept = |value: &[u8]| value.len() >= 12;
    rewrite.changes.iter().map(|change| change.value.expose()).filter(move |value| kept(value))
}

fn contains(text: &[u8], value: &[u8]) -> bool {
    !value.is_empty() && memchr::memmem::find(text, value).is_some()
}

/// The files that describe what was found.
fn detectors(findings: &[Finding]) -> anyhow::Result<Vec<Detector>> {
    let wanted: HashSet<&str> = findings.iter().map(|finding| finding.provider.as_str()).collect();
    let mut out = Vec::new();
    for (name, text) in stanch_detectors::FILES {
        let is_wanted = wanted.iter().any(|id| text.contains(&format!("\"{id}\"")));
        if is_wanted {
            let Ok(source) = load::parse(name, text) else {
                bail!("{name} cannot be read any more")
            };
            out.extend(source.content.detectors);
        }
    }
    Ok(out)
}
