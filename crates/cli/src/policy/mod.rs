//! What not to report: configuration, ignore entries, baselines and the
//! ignore files of other scanners.
//!
//! A policy is found upward from what is scanned, so it may come from whoever
//! wrote the scanned files. That is right on a command line, where people
//! scan their own work and every report names what was left out by what. A
//! server must not load a policy from what it scans: anybody who can push
//! could switch detection off.

mod config;
pub(crate) mod files;
pub(crate) mod glob;
pub(crate) mod key;
pub(crate) mod known;
pub(crate) mod peers;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Context;
use jiff::civil::Date;
use serde::Deserialize;
use stanch_scan::{Finding, FingerprintKey, printable};
use stanch_sources::Exclude;

use self::glob::Place;
use self::peers::PeerFile;

/// What a configuration file sets for a scan.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Settings {
    /// Lowest confidence that is reported, from 0 to 1.
    pub(crate) min_confidence: Option<f32>,
    /// Folders with detector files of the user's own.
    pub(crate) detectors: Vec<PathBuf>,
    /// Ids of the only detectors to run; empty for all.
    pub(crate) only: Vec<String>,
    /// Leave out what `.gitignore` and its kin name.
    pub(crate) gitignore: bool,
    /// The baseline in force.
    pub(crate) baseline: Option<PathBuf>,
    /// What Git hooks may and must do.
    pub(crate) hook: HookSettings,
}

/// What the table `[hook]` says; none is for each hook to decide.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct HookSettings {
    /// Whether a hook lets pass whoever gives a reason.
    pub(crate) bypass: Option<bool>,
    /// How long a hook on a server may take.
    pub(crate) budget: Option<Duration>,
    /// What a hook on a server does when that time is over.
    pub(crate) on_timeout: Option<OnTimeout>,
}

/// What happens to a push that could not be scanned in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum OnTimeout {
    /// It is refused.
    Reject,
    /// It is let in, and told as not scanned.
    Accept,
}

/// Why a finding is not reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ignored {
    /// The entry that says so, as `file:line` or `file`.
    pub(crate) by: String,
    /// The reason that the entry gives.
    pub(crate) reason: Option<String>,
}

/// What not to report. Shared by all threads of a scan; it counts what each
/// entry was good for.
pub(crate) struct Policy {
    settings: Settings,
    config: Option<ConfigInForce>,
    /// The configuration, if it is a file that others can stand beside.
    beside: Option<PathBuf>,
    baseline: Option<BaselineInForce>,
    paths: Arc<PathRules>,
    today: Date,
    /// Whether everything below the roots is scanned, and not only some of it.
    whole: bool,
}

/// What decides over paths; shared with the function that a source calls.
struct PathRules {
    /// With a counter for each pattern of an entry.
    excludes: Vec<(config::Exclude, Vec<AtomicUsize>)>,
    /// The configuration's name and folder.
    config: Option<(String, Place)>,
    peers: Vec<PeerFile>,
}

struct ConfigInForce {
    name: String,
    place: Place,
    /// Whether it was found in what is scanned, and not given.
    found: bool,
    ignores: Vec<(config::Ignore, AtomicUsize)>,
}

struct BaselineInForce {
    name: String,
    place: Place,
    entries: BTreeMap<String, (known::Entry, AtomicUsize)>,
}

impl Policy {
    /// Reads configuration, baseline and ignore files for a scan of `roots`.
    ///
    /// The configuration is `config`, or the nearest `stanch.toml` from the
    /// first root upward to the repository's root. The baseline is `baseline`,
    /// or the one that the configuration names, or a `stanch-baseline.json`
    /// beside the configuration, at a root or at the repository's root; the
    /// same places are searched for the ignore files of other scanners.
    ///
    /// # Errors
    /// A configuration or baseline that cannot be read or is wrong, as
    /// `file:line:column: message`, and a baseline made with another key.
    pub(crate) fn load(
        config: Option<&Path>,
        roots: &[PathBuf],
        baseline: Option<&Path>,
        key: &FingerprintKey,
    ) -> anyhow::Result<Policy> {
        let mut policy = Policy::load_at(known::today(), config, roots)?;
        let found = || find_baseline(&folders(policy.beside.as_deref(), roots));
        let given = baseline.map(Path::to_owned).or_else(|| policy.settings.baseline.clone());
        if let Some(path) = given.or_else(found) {
            policy.baseline = Some(BaselineInForce::read(&path, roots, &key.id())?);
            policy.settings.baseline = Some(path);
        }
        Ok(policy)
    }

    /// Like [`load`](Policy::load), with no baseline in force: for the
    /// commands that write baselines, which need to see what those ignore.
    ///
    /// # Errors
    /// Like [`load`](Policy::load), baselines apart.
    pub(crate) fn load_without_baseline(
        config: Option<&Path>,
        roots: &[PathBuf],
    ) -> anyhow::Result<Policy> {
        Policy::load_at(known::today(), config, roots)
    }

    /// For a hook on a server: only the administrator's configuration counts,
    /// and nothing is looked for. Its paths are those of the repository, and
    /// the working folder stands for the repository's top.
    ///
    /// # Errors
    /// A configuration that cannot be read or is wrong.
    pub(crate) fn load_for_server(
        config: Option<&Path>,
        key: &FingerprintKey,
    ) -> anyhow::Result<Policy> {
        let today = known::today();
        let Some(config) = config else { return Policy::load_at(today, None, &[]) };
        let mut policy = Policy::load_at(today, Some(config), &[])?;
        let here = Place::new(Path::new("."), &[]);
        if let Some(config) = &mut policy.config {
            config.place = here.clone();
        }
        if let Some(rules) = Arc::get_mut(&mut policy.paths)
            && let Some((_, place)) = &mut rules.config
        {
            *place = here;
        }
        if let Some(path) = policy.settings.baseline.clone() {
            policy.baseline = Some(BaselineInForce::read(&path, &[], &key.id())?);
        }
        Ok(policy)
    }

    fn load_at(today: Date, config: Option<&Path>, roots: &[PathBuf]) -> anyhow::Result<Policy> {
        let above = roots.first().map(|root| files::above(root));
        let path = config.map(Path::to_owned);
        let path = path.or_else(|| above.as_ref().and_then(|above| above.config.clone()));
        let mut settings = Settings::default();
        let mut rules = PathRules { excludes: Vec::new(), config: None, peers: Vec::new() };
        let mut in_force = None;
        if let Some(path) = &path {
            let read = if config.is_some() { files::read_given } else { files::read };
            let text = read(path).with_context(
                || "the configuration cannot be read; mend it, or give another with --config",
            )?;
            // A pipe or device stands nowhere that paths could be relative to.
            let folder = path.parent().filter(|_| path.is_file()).unwrap_or(Path::new("."));
            let read = config::parse(path, folder, &text)?;
            let place = Place::new(folder, roots);
            settings = read.settings;
            let counted = |exclude: config::Exclude| {
                let hits = exclude.globs.iter().map(|_| AtomicUsize::new(0)).collect();
                (exclude, hits)
            };
            rules.excludes = read.excludes.into_iter().map(counted).collect();
            rules.config = Some((files::shown(path), place.clone()));
            in_force = Some(ConfigInForce {
                name: files::shown(path),
                place,
                found: config.is_none(),
                ignores: read.ignores.into_iter().map(|i| (i, AtomicUsize::new(0))).collect(),
            });
        }
        let beside = path.as_deref().filter(|path| path.is_file());
        for folder in folders(beside, roots) {
            rules.peers.extend(peers::find(&folder, roots));
        }
        let (beside, paths) = (beside.map(Path::to_owned), Arc::new(rules));
        Ok(Policy { settings, config: in_force, beside, baseline: None, paths, today, whole: true })
    }

    /// The same for a scan that reads only some of what is below the roots, so
    /// that an entry which matches nothing may well be of use.
    #[must_use]
    pub(crate) fn for_some(self) -> Policy {
        Policy { whole: false, ..self }
    }

    /// What the configuration sets.
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Tells why a path is not read, if it is not; for
    /// `PathOptions::exclude` of the sources.
    pub(crate) fn excluder(&self) -> Exclude {
        let rules = Arc::clone(&self.paths);
        Box::new(move |path, folder| rules.excluded(path, folder).map(|text| printable(&text)))
    }

    /// Tells why a finding is not reported, if it is not.
    pub(crate) fn ignored(&self, finding: &Finding) -> Option<Ignored> {
        let by_config = self.config.as_ref().and_then(|c| c.ignored(finding, self.today));
        // All are asked, so that none seems unused because another was first.
        let by_baseline = self.baseline.as_ref().and_then(|b| b.ignored(finding, self.today));
        let by_peers = self.paths.peers.iter().filter_map(|peer| peer.ignored(finding));
        let by_peers = by_peers.reduce(|first, _| first);
        let found = by_config.or(by_baseline).or(by_peers)?;
        // The files may be anybody's, and reports go to terminals.
        Some(Ignored { by: printable(&found.by), reason: found.reason.map(|r| printable(&r)) })
    }

    /// What is in force, in sentences, for a report to mention: files that
    /// were found and honoured without having been given.
    pub(crate) fn notes(&self) -> Vec<String> {
        let config = self.config.iter().filter(|config| config.found);
        let config = config.map(|config| format!("The configuration {} is honoured.", config.name));
        let baseline =
            self.baseline.iter().map(|b| format!("The baseline {} is honoured.", b.name));
        let peers = self.paths.peers.iter().filter(|peer| peer.honoured());
        let peers = peers.map(|peer| format!("The ignore file {} is honoured.", peer.name()));
        config.chain(baseline).chain(peers).collect()
    }

    /// Entries that expired or matched nothing and files that were not
    /// understood, in sentences that name `file:line` and what to do. To be
    /// asked after the scan. Entries that matched nothing are told only if the
    /// scan covered the whole folder of their file.
    pub(crate) fn leftovers(&self) -> Vec<String> {
        let mut out = Vec::new();
        if let Some((name, place)) = &self.paths.config
            && place.covered()
            && self.whole
        {
            for (exclude, hits) in &self.paths.excludes {
                let unused = exclude.globs.iter().zip(hits).filter(|(_, hits)| !used(hits));
                out.extend(unused.map(|(glob, _)| {
                    format!("{name}:{}: {glob:?} excluded nothing; delete it.", exclude.line)
                }));
            }
        }
        if let Some(config) = &self.config {
            config.leftovers(self.today, self.whole, &mut out);
        }
        if let Some(baseline) = &self.baseline {
            baseline.leftovers(self.today, self.whole, &mut out);
        }
        for peer in &self.paths.peers {
            out.extend(peer.remarks.iter().cloned());
            out.extend(peer.unused().into_iter().filter(|_| self.whole));
        }
        out.iter().map(|sentence| printable(sentence)).collect()
    }
}

/// Where ignore files and baselines are looked for.
fn folders(config: Option<&Path>, roots: &[PathBuf]) -> BTreeSet<PathBuf> {
    let beside = config.and_then(Path::parent).map(glob::canonical);
    let at_roots = roots.iter().map(|root| files::folder_of(root));
    let repository = roots.first().and_then(|root| files::above(root).repository);
    beside.into_iter().chain(at_roots).chain(repository).collect()
}

fn find_baseline(folders: &BTreeSet<PathBuf>) -> Option<PathBuf> {
    folders.iter().map(|folder| folder.join(files::BASELINE)).find(|path| path.is_file())
}

fn used(hits: &AtomicUsize) -> bool {
    hits.load(Ordering::Relaxed) > 0
}

impl PathRules {
    fn excluded(&self, path: &Path, folder: bool) -> Option<String> {
        if let Some((name, place)) = &self.config
            && !self.excludes.is_empty()
        {
            let relative = place.relative(path);
            for (exclude, hits) in &self.excludes {
                let matching = exclude.patterns.matching(&relative, folder);
                for index in &matching {
                    if let Some(hits) = hits.get(*index) {
                        hits.fetch_add(1, Ordering::Relaxed);
                    }
                }
                if !matching.is_empty() {
                    let (line, reason) = (exclude.line, &exclude.reason);
                    return Some(format!("excluded by {name}:{line}: {reason}"));
                }
            }
        }
        self.peers.iter().find_map(|peer| peer.excluded(path, folder))
    }
}

impl ConfigInForce {
    fn ignored(&self, finding: &Finding, today: Date) -> Option<Ignored> {
        if self.ignores.is_empty() {
            return None;
        }
        let relative = self.place.of(&finding.origin);
        let fits = |entry: &config::Ignore| {
            entry.fingerprint.as_ref().is_none_or(|print| *print == finding.fingerprint)
                && entry.detector.as_ref().is_none_or(|id| *id == finding.detector)
                && entry.paths.as_ref().is_none_or(|paths| paths.matches(&relative, false))
        };
        let mut first = None;
        for (entry, hits) in self.ignores.iter().filter(|(entry, _)| fits(entry)) {
            hits.fetch_add(1, Ordering::Relaxed);
            if first.is_none() && !expired(entry.expires, today) {
                let by = format!("{}:{}", self.name, entry.line);
                first = Some(Ignored { by, reason: Some(entry.reason.clone()) });
            }
        }
        first
    }

    fn leftovers(&self, today: Date, whole: bool, out: &mut Vec<String>) {
        for (entry, hits) in &self.ignores {
            let at = format!("{}:{}", self.name, entry.line);
            let owner = entry.owner.as_ref().map(|o| format!(" (owner: {o})")).unwrap_or_default();
            if let Some(last) = entry.expires.filter(|last| *last < today) {
                out.push(format!(
                    "{at}: this entry{owner} expired on {last} and ignores nothing any more; \
                     revoke the secret and delete the entry, or set a later date."
                ));
            } else if whole && !used(hits) && self.place.covered() {
                let key = if entry.fingerprint.is_some() {
                    ", or set the fingerprint key that it was made with"
                } else {
                    ""
                };
                out.push(format!("{at}: this entry{owner} matched nothing; delete it{key}."));
            }
        }
    }
}

impl BaselineInForce {
    fn read(path: &Path, roots: &[PathBuf], key_id: &str) -> anyhow::Result<BaselineInForce> {
        let read = known::Baseline::read(path)?;
        read.check_key(path, key_id)?;
        let entries = read.entries.into_iter();
        Ok(BaselineInForce {
            name: files::shown(path),
            place: Place::new(path.parent().unwrap_or(Path::new(".")), roots),
            entries: entries.map(|(print, e)| (print, (e, AtomicUsize::new(0)))).collect(),
        })
    }

    fn ignored(&self, finding: &Finding, today: Date) -> Option<Ignored> {
        let (entry, hits) = self.entries.get(&finding.fingerprint)?;
        hits.fetch_add(1, Ordering::Relaxed);
        if entry.expired(today) {
            return None;
        }
        let reason = entry.reason.clone().unwrap_or_else(|| entry.label.name().to_owned());
        Some(Ignored { by: self.name.clone(), reason: Some(reason) })
    }

    fn leftovers(&self, today: Date, whole: bool, out: &mut Vec<String>) {
        let name = &self.name;
        for (entry, _) in self.entries.values() {
            if let Some(last) = entry.expires.filter(|last| *last < today) {
                let print = &entry.fingerprint;
                out.push(format!(
                    "{name}: entry {print} expired on {last} and ignores nothing any more; revoke \
                     the secret and run `stanch baseline update --prune`, or set a later date."
                ));
            }
        }
        let unused = self.entries.values().filter(|(e, hits)| !used(hits) && !e.expired(today));
        let unused = unused.count();
        if whole && unused > 0 && self.place.covered() {
            let all = self.entries.len();
            out.push(format!(
                "{name}: {unused} of {all} entries matched nothing; run \
                 `stanch baseline update --prune`."
            ));
        }
    }
}

fn expired(last: Option<Date>, today: Date) -> bool {
    last.is_some_and(|last| last < today)
}
