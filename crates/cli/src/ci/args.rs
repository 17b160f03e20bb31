//! The command line of `stanch ci`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use stanch_rules::Severity;

use crate::args::{Format, SearchOptions, severity};

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

    /// How to scan.
    #[command(flatten)]
    pub(crate) search: SearchOptions,
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
