//! `stanch detectors import`: rule files of other tools as detector files.

mod detect_secrets;
mod file;
mod format;
mod gitguardian;
mod gitleaks;
mod glob;
mod go;
mod kingfisher;
mod lead;
mod pattern;
mod rule;
mod tell;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use stanch_rules::Severity;
use stanch_rules::load::{self, Source};

use self::file::{Entries, Ignore};
use self::format::Content;
use self::rule::{Foreign, Made};
use super::bench::Bench;
use crate::args::{ImportArgs, ImportFormat};
use crate::exit::Exit;
use crate::pack;

/// Name of the file with entries for `stanch.toml`. It does not end as
/// detector files do.
const SUGGESTED: &str = "stanch.toml.suggested";

/// Most examples of a detector.
const EXAMPLES: usize = 3;

/// What one rule file came to.
struct Imported {
    /// Its name as messages have it.
    name: String,
    format: ImportFormat,
    /// The file with the detectors; none where there are no detectors.
    target: Option<PathBuf>,
    text: String,
    made: Vec<Made>,
    /// The detectors' ids by those of their rules.
    ids: BTreeMap<String, Vec<String>>,
    /// What became different: the detector's id, and how.
    changed: Vec<(String, String)>,
    content: Content,
}

impl Imported {
    /// Entries for `stanch.toml` with the ids of detectors where they have
    /// those of rules. What is for a rule that was not imported is told.
    fn named(&mut self, mut entries: Entries) -> Entries {
        if self.format != ImportFormat::Gitleaks {
            return entries;
        }
        for entry in std::mem::take(&mut entries.ignore) {
            match self.ids.get(&entry.detector) {
                Some(ids) => entries.ignore.extend(ids.iter().map(|id| Ignore {
                    detector: id.clone(),
                    paths: entry.paths.clone(),
                    reason: entry.reason.clone(),
                })),
                None => self.content.remarks.push(format!(
                    "an allowlist for {} is not imported, as that rule is not: use [[ignore]] in \
                     stanch.toml",
                    entry.detector
                )),
            }
        }
        entries
    }
}

/// Runs the command.
pub(super) fn run(args: &ImportArgs) -> anyhow::Result<Exit> {
    if args.provider.is_some() && args.files.len() > 1 {
        bail!("--provider is for one rule file; import them one after the other");
    }
    if let Some(id) = args.provider.as_ref().filter(|id| !load::is_kebab(id)) {
        bail!("`{id}` is not kebab-case; use lower-case letters, digits and single hyphens");
    }
    let mut read = Vec::new();
    for path in &args.files {
        let content = content_of(path, args.from).with_context(|| path.display().to_string())?;
        let provider = args.provider.clone().unwrap_or_else(|| provider_of(path));
        read.push((path, provider, content));
    }
    let targets: Vec<PathBuf> =
        read.iter().map(|(_, id, _)| args.output.join(format!("{id}.toml"))).collect();
    let mut known = pack::built_in();
    known.extend(beside(&args.output, &targets)?);
    let mut all = Vec::new();
    let mut entries = Entries::default();
    for ((path, provider, (format, mut content)), target) in read.into_iter().zip(targets) {
        let own = std::mem::take(&mut content.entries);
        let mut imported = import(path, &provider, format, content, target, &mut known)?;
        entries.extend(imported.named(own));
        all.push(imported);
    }
    let suggested = args.output.join(SUGGESTED);
    write(&all, &entries, &suggested, args)?;
    tell::summary(&all, &entries, &suggested, &args.output)?;
    let refused = all.iter().any(|imported| !imported.content.refused.is_empty());
    Ok(if refused { Exit::Findings } else { Exit::Clean })
}

fn content_of(path: &Path, from: Option<ImportFormat>) -> anyhow::Result<(ImportFormat, Content)> {
    let text = format::text_of(path)?;
    let format = from.map_or_else(|| format::recognise(path, &text), Ok)?;
    Ok((format, format.read(&text, &name_of(path))?))
}

fn name_of(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    stanch_scan::printable(&name.unwrap_or_default())
}

/// A provider's id from a file's name, which is none of a built-in provider.
fn provider_of(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    let stem = name.trim_start_matches('.');
    let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
    let id = rule::kebab(stem);
    let taken = stanch_detectors::pack().rules.iter().any(|rule| rule.provider == id);
    if taken { format!("{id}-imported") } else { id }
}

/// A severity by its name, in any case.
fn severity(name: &str) -> Option<Severity> {
    crate::args::severity(&name.trim().to_ascii_lowercase()).ok()
}

/// The detector files that are in the folder already and will stay.
fn beside(folder: &Path, targets: &[PathBuf]) -> anyhow::Result<Vec<Source>> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(Vec::new()) };
    let mut sources = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "toml") && !targets.contains(&path) {
            sources.extend(pack::read(&path)?);
        }
    }
    Ok(sources)
}

/// Makes the detectors of one rule file and tries them beside all others.
fn import(
    path: &Path,
    provider: &str,
    format: ImportFormat,
    mut content: Content,
    target: PathBuf,
    known: &mut Vec<Source>,
) -> anyhow::Result<Imported> {
    let name = name_of(path);
    let mut taken: BTreeSet<String> = known
        .iter()
        .flat_map(|source| source.content.detectors.iter().map(|detector| detector.id.clone()))
        .collect();
    let (mut made, mut rules, mut ids) = (Vec::new(), Vec::new(), BTreeMap::new());
    for mut foreign in std::mem::take(&mut content.rules).into_iter().flat_map(rule::split) {
        match rule::detector(&mut foreign, &name, &mut taken, provider) {
            Ok(detector) => {
                ids.entry(foreign.id.clone()).or_insert_with(Vec::new).push(detector.id.clone());
                made.push(detector);
                rules.push(foreign);
            }
            Err(why) => content.refused.push((rule::line(&foreign.id), why)),
        }
    }
    let mut imported = Imported {
        name,
        format,
        target: None,
        text: String::new(),
        made,
        ids,
        changed: Vec::new(),
        content,
    };
    if imported.made.is_empty() {
        return Ok(imported);
    }
    let title = imported.content.title.as_deref().map(rule::line).filter(|t| !t.is_empty());
    let title = title.unwrap_or_else(|| rule::title(provider));
    let shown = target.to_string_lossy().into_owned();
    let source = load::parse(&shown, &file::text(provider, &title, &imported.made)?)?;
    let without = known.clone();
    let without = Bench::new(&without)?;
    known.push(source);
    let bench = Bench::new(known)?;
    let read = known.last().map(|source| source.content.detectors.as_slice()).unwrap_or_default();
    for ((made, foreign), detector) in imported.made.iter_mut().zip(&mut rules).zip(read) {
        examples(made, foreign, detector, &bench);
        if let Some(template) = made.matches.first()
            && let Some(other) = without.reports(detector, template)
        {
            foreign.remarks.push(format!("`{other}` reports its values without it"));
        }
        let mut told = BTreeSet::new();
        foreign.remarks.retain(|remark| told.insert(remark.clone()));
        let changed = foreign.remarks.drain(..).map(|remark| (made.id.clone(), remark));
        imported.changed.extend(changed);
    }
    let head = format!("# Made from {} by `stanch detectors import`.\n\n", imported.name);
    imported.text = head + &file::text(provider, &title, &imported.made)?;
    let source = load::parse(&shown, &imported.text)?;
    known.pop();
    known.push(source);
    imported.target = Some(target);
    Ok(imported)
}

/// Gives a detector examples that hold. Values in the rule's own examples are
/// left out of them, as they may be real.
fn examples(
    made: &mut Made,
    foreign: &mut Foreign,
    detector: &stanch_rules::schema::Detector,
    bench: &Bench<'_>,
) {
    let mut missed = 0;
    for example in &foreign.examples {
        let found = bench.found(example);
        let Some((_, span)) = found.iter().find(|(id, _)| *id == detector.id) else {
            missed += 1;
            continue;
        };
        let Some(value) = example.get(span.clone()) else { continue };
        let template = example.replace(value, "{sample}");
        let holds = !has_token(&template)
            && bench.found(&template).is_empty()
            && bench.finds(detector, &template).is_ok();
        if holds && made.matches.len() < EXAMPLES && !made.matches.contains(&template) {
            made.matches.push(template);
        }
    }
    if missed > 0 {
        foreign.remarks.push(format!(
            "it finds nothing in {missed} of its {} examples, which may be placeholders or what \
             another detector finds",
            foreign.examples.len()
        ));
    }
    if made.matches.is_empty() {
        let templates = rule::templates(detector);
        let tried: Vec<_> = templates.iter().map(|t| bench.finds(detector, t)).collect();
        match tried.iter().position(Result::is_ok) {
            Some(at) => made.matches.extend(templates.into_iter().nth(at)),
            None => {
                let why = tried.into_iter().next().and_then(Result::err).unwrap_or_default();
                let why = why.lines().next().unwrap_or("");
                foreign.remarks.push(match why.strip_prefix("not found; found instead: ") {
                    Some(other) => format!("its values are reported as {other}, which wins"),
                    None => format!("it has no example, as a made-up value is {why}"),
                });
            }
        }
    }
    let counters = foreign.counter_examples.iter();
    let (holds, fails): (Vec<&String>, Vec<&String>) =
        counters.partition(|example| bench.passes(detector, example).is_ok());
    made.rejects.extend(holds.into_iter().take(EXAMPLES).cloned());
    if !fails.is_empty() {
        foreign.remarks.push(format!(
            "it finds something in {} of its {} negative examples",
            fails.len(),
            foreign.counter_examples.len()
        ));
    }
}

/// Whether a text has something that may be another secret.
fn has_token(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .any(|word| word.len() >= 16 && word.bytes().any(|b| b.is_ascii_digit()))
}

/// Writes all files, or none where one is there already.
fn write(
    all: &[Imported],
    entries: &Entries,
    suggested: &Path,
    args: &ImportArgs,
) -> anyhow::Result<()> {
    let mut files: Vec<(&Path, String)> = all
        .iter()
        .filter_map(|imported| Some((imported.target.as_deref()?, imported.text.clone())))
        .collect();
    if entries.len() > 0 {
        let head = "# Entries for stanch.toml; paths are relative to its folder.\n\n";
        files.push((suggested, format!("{head}{}", toml::to_string_pretty(entries)?)));
    }
    let mut seen = BTreeSet::new();
    for (path, _) in &files {
        let shown = path.display();
        if !seen.insert(path) {
            bail!("two rule files would become {shown}; import one of them with --provider");
        }
        if !args.force && path.symlink_metadata().is_ok() {
            bail!("{shown} is there already; --force overwrites it");
        }
    }
    if files.is_empty() {
        return Ok(());
    }
    let folder = args.output.display();
    fs::create_dir_all(&args.output).with_context(|| format!("cannot make the folder {folder}"))?;
    for (path, text) in files {
        fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}
