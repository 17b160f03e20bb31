//! What not to report: configuration, ignore entries, baselines and the
//! ignore files of other scanners.

pub(crate) mod key;

use std::path::{Path, PathBuf};

use stanch_scan::{Finding, FingerprintKey};

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
}

impl Policy {
    /// Reads configuration, baseline and ignore files for a scan of `roots`.
    pub(crate) fn load(
        _config: Option<&Path>,
        _roots: &[PathBuf],
        _baseline: Option<&Path>,
        _key: &FingerprintKey,
    ) -> anyhow::Result<Policy> {
        Ok(Policy { settings: Settings::default() })
    }

    /// Like [`load`](Policy::load), without any baseline: for the commands
    /// that write baselines, which need to see what the baseline ignores.
    pub(crate) fn load_without_baseline(
        config: Option<&Path>,
        roots: &[PathBuf],
        key: &FingerprintKey,
    ) -> anyhow::Result<Policy> {
        Policy::load(config, roots, None, key)
    }

    /// What the configuration sets.
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Tells why a path is not read, if it is not; for
    /// `PathOptions::exclude` of the sources.
    pub(crate) fn excluder(&self) -> Box<dyn Fn(&Path, bool) -> Option<String> + Send + Sync> {
        Box::new(|_, _| None)
    }

    /// Tells why a finding is not reported, if it is not.
    pub(crate) fn ignored(&self, _finding: &Finding) -> Option<Ignored> {
        None
    }

    /// What is in force, in sentences: files that were found and honoured.
    pub(crate) fn notes(&self) -> Vec<String> {
        Vec::new()
    }

    /// Entries that expired or matched nothing and files that were not
    /// understood, in sentences; to be asked after the scan.
    pub(crate) fn leftovers(&self) -> Vec<String> {
        Vec::new()
    }
}
