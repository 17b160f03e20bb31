//! The command line of `stanch ci`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use stanch_rules::Severity;

use crate::args::{Format, confidence, severity, size};

/// `stanch ci`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    stanch ci\n  \
    stanch ci --dry-run\n  \
    stanch ci --report sarif=stanch.sarif --report junit=stanch.xml\n  \
    stanch ci --range origin/main..HEAD --fail-on high\n\n\
    A configuration may set STANCH_CI_BASE, the commit before what is new, and\n\
    STANCH_CI_TARGET, the branch that a change goes to.\n\n\
    Exit codes: 0 clean and complete, 1 findings, 2 nothing found but something\n\
    was not read, the clone is too shallow, or the command failed.")]
pub(crate) struct CiArgs {
    /// The repository
    #[arg(default_value = ".", value_name = "PATH")]
    pub(crate) path: PathBuf,

    /// Scan these commits, whatever the build server says
    #[arg(long, value_name = "A..B")]
    pub(crate) range: Option<String>,

    /// Say what would be scanned, and scan nothing
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Fetch what a shallow clone lacks, with the clone's own credentials
    #[arg(long)]
    pub(crate) deepen: bool,

    /// Fail only for findings of this severity or worse: low, medium, high or critical
    #[arg(long, value_name = "LEVEL", value_parser = severity)]
    pub(crate) fail_on: Option<Severity>,

    /// Write a report as well, such as sarif=stanch.sarif; may be given again
    #[arg(long, value_name = "FORMAT=FILE", value_parser = report)]
    pub(crate) report: Vec<(Format, PathBuf)>,

    /// Write no annotations and no summary of the build server's own
    #[arg(long)]
    pub(crate) no_annotations: bool,

    /// Use your own detector files too: every .toml in this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) detectors: Vec<PathBuf>,

    /// Run only these detectors, or all of these providers
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(crate) only: Vec<String>,

    /// Report from this confidence on: low, medium, high or 0 to 1 [default: medium]
    #[arg(long, value_name = "LEVEL", value_parser = confidence)]
    pub(crate) min_confidence: Option<f32>,

    /// Print the secrets themselves instead of their masked form
    #[arg(long)]
    pub(crate) show_secrets: bool,

    /// Leave out larger files, such as 500K, 20M or 1G
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) max_file_size: Option<u64>,

    /// Threads that read and scan [default: one per processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=512))]
    pub(crate) threads: Option<u16>,

    /// Read this configuration instead of looking for one; /dev/null is an empty one
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Leave out what this baseline holds
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,

    /// Show also what comments, configuration and baselines hide
    #[arg(long)]
    pub(crate) no_ignores: bool,

    /// Say nothing but the findings
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

/// A format and a file.
fn report(text: &str) -> Result<(Format, PathBuf), String> {
    let (format, file) = text.split_once('=').ok_or("give a format and a file: FORMAT=FILE")?;
    match Format::from_str(format, false) {
        // That one is written while the scan runs.
        Ok(Format::Jsonl) => Err("give json instead of jsonl".to_owned()),
        Ok(_) if file.is_empty() => Err("the name of the file is empty".to_owned()),
        Ok(format) => Ok((format, PathBuf::from(file))),
        Err(_) => {
            let known: Vec<String> = Format::value_variants()
                .iter()
                .filter_map(|format| Some(format.to_possible_value()?.get_name().to_owned()))
                .collect();
            Err(format!("{format} is no format; give one of {}", known.join(", ")))
        }
    }
}
