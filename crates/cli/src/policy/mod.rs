//! What not to report: configuration, ignore entries and baselines.

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

/// What not to report. Shared by all threads of a scan.
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

    /// What the configuration sets.
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Tells why a path is not read, if it is not.
    pub(crate) fn excluder(&self) -> Box<dyn Fn(&Path, bool) -> Option<String> + Send + Sync> {
        Box::new(|_, _| None)
    }

    /// Tells why a finding is not reported, if it is not.
    pub(crate) fn ignored(&self, _finding: &Finding) -> Option<Ignored> {
        None
    }

    /// Entries that expired or matched nothing, in sentences, after the scan.
    pub(crate) fn leftovers(&self) -> Vec<String> {
        Vec::new()
    }
}
