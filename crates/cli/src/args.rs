//! The command line as it is typed.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use stanch_rules::Severity;
use stanch_rules::schema::Category;

/// Finds hard-coded credentials and says what each one is.
#[derive(Debug, Parser)]
#[command(
    name = "stanch",
    version,
    about = "Finds secrets in files and says what each one is",
    after_help = "Examples:\n  \
        stanch scan .                        everything below this folder\n  \
        git diff | stanch scan -             what is about to be sent\n  \
        stanch scan . --format sarif --output stanch.sarif\n  \
        stanch why src/app.env:12            why a line is reported, or is not\n  \
        stanch detectors show github-pat-classic\n\n\
        Exit codes: 0 clean and complete, 1 findings, 2 incomplete or failed."
)]
pub(crate) struct Args {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Look for secrets in directories, files or standard input
    Scan(Box<ScanArgs>),
    /// Say why a line is reported, or is not
    Why(WhyArgs),
    /// List, show, test and import detectors
    Detectors(DetectorsArgs),
    /// Record the secrets of today, so that only new ones are reported
    Baseline(crate::baseline::BaselineCommand),
    /// Look for secrets in what a build server builds
    Ci(crate::ci::CiArgs),
    /// Stop secrets before they are committed, pushed or received
    Hook(crate::hook::HookCommand),
    /// Say what a leaked secret opens, and what to do now
    Explain(crate::explain::ExplainArgs),
    /// Show code that reads a secret from where it belongs
    Snippet(crate::snippet::SnippetArgs),
    /// Replace secrets in the code by references to where they belong
    Fix(crate::fix::FixArgs),
    /// Keep secrets in a secrets manager
    Secret(crate::secret::SecretArgs),
}

/// `stanch scan`.
#[derive(Debug, Default, ClapArgs)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    disable_help_subcommand = true,
    after_help = "Examples:\n  \
    stanch scan .\n  \
    stanch scan src tests --min-confidence high\n  \
    stanch scan . --only github,aws-access-key\n  \
    stanch scan . --format html --output report.html\n  \
    stanch scan git                      the history of this repository\n  \
    stanch scan staged                   what is about to be committed\n  \
    cat server.log | stanch scan -\n\n\
    A folder with the name of a command is given as ./git.\n\n\
    Exit codes: 0 clean and complete, 1 findings, 2 nothing found but something\n\
    was not read, or the command failed."
)]
pub(crate) struct ScanArgs {
    /// Something else than directories and files.
    #[command(subcommand)]
    pub(crate) command: Option<ScanCommand>,

    /// Directories and files; `-` is standard input
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,

    /// How to scan and report.
    #[command(flatten)]
    pub(crate) options: ScanOptions,

    /// Leave out what .gitignore names, except paths given here
    #[arg(long)]
    pub(crate) gitignore: bool,

    /// Follow symbolic links
    #[arg(long)]
    pub(crate) follow: bool,
}

/// What else than directories and files can be scanned.
#[derive(Debug, Subcommand)]
pub(crate) enum ScanCommand {
    /// The history of a Git repository, or a range of its commits
    Git(GitArgs),
    /// What is about to be committed
    Staged(StagedArgs),
    /// What would leave this machine: changed files and commits not pushed
    Changes(ChangesArgs),
    /// A unified diff
    Diff(DiffArgs),
}

/// `stanch scan git`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  \
    stanch scan git\n  \
    stanch scan git ../project --since 2026-01-01\n  \
    stanch scan git origin/main..HEAD\n  \
    stanch scan git . --branch release --max-commits 100")]
pub(crate) struct GitArgs {
    /// The repository's folder [default: the one that you are in], and commits
    /// such as A..B, A...B or a revision
    #[arg(value_name = "PATH|RANGE", num_args = 0..=2)]
    pub(crate) what: Vec<String>,

    /// Only commits after this revision, or from this date on
    #[arg(long, value_name = "REF|DATE")]
    pub(crate) since: Option<String>,

    /// Only commits of this branch
    #[arg(long, value_name = "NAME")]
    pub(crate) branch: Option<String>,

    /// At most so many commits, the newest ones
    #[arg(long, value_name = "N")]
    pub(crate) max_commits: Option<usize>,

    /// Count what reflogs lead to as history too
    #[arg(long, conflicts_with_all = ["since", "branch", "max_commits"])]
    pub(crate) reflog: bool,

    /// Report also what no reference leads to
    #[arg(long, conflicts_with_all = ["since", "branch", "max_commits"])]
    pub(crate) unreachable: bool,

    /// Keep what is found, masked, and scan only what is new the next time; in
    /// a file of your cache folder unless one is given
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    #[arg(conflicts_with_all = ["since", "branch", "max_commits", "reflog", "unreachable", "show_secrets"])]
    pub(crate) cache: Option<Option<PathBuf>>,

    /// How to scan and report.
    #[command(flatten)]
    pub(crate) options: ScanOptions,
}

/// `stanch scan staged`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Example:\n  stanch scan staged")]
pub(crate) struct StagedArgs {
    /// The repository's folder
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) path: PathBuf,

    /// How to scan and report.
    #[command(flatten)]
    pub(crate) options: ScanOptions,
}

/// `stanch scan changes`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  \
    stanch scan changes\n  \
    stanch scan changes --upstream origin/main")]
pub(crate) struct ChangesArgs {
    /// The repository's folder
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) path: PathBuf,

    /// Compare with this revision [default: the branch's upstream, else the main branch]
    #[arg(long, value_name = "REF")]
    pub(crate) upstream: Option<String>,

    /// How to scan and report.
    #[command(flatten)]
    pub(crate) options: ScanOptions,
}

/// `stanch scan diff`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  \
    git diff main | stanch scan diff -\n  \
    stanch scan diff fix.patch")]
pub(crate) struct DiffArgs {
    /// A file with a unified diff; `-` is standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// How to scan and report.
    #[command(flatten)]
    pub(crate) options: ScanOptions,
}

/// How to scan and report, whatever is scanned.
#[derive(Debug, Default, ClapArgs)]
pub(crate) struct ScanOptions {
    /// How to report
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,

    /// Write the report here; it appears whole or not at all
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// How to scan.
    #[command(flatten)]
    pub(crate) search: SearchOptions,

    /// No colours (NO_COLOR is understood as well)
    #[arg(long)]
    pub(crate) no_color: bool,
}

/// How to scan, whatever is scanned and wherever findings go.
#[derive(Debug, Clone, Default, ClapArgs)]
pub(crate) struct SearchOptions {
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

/// How findings are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people, on a terminal
    #[default]
    Human,
    /// One object with findings and receipt
    Json,
    /// One object per finding and line, as they are found
    Jsonl,
    /// SARIF 2.1.0, for code hosts and editors
    Sarif,
    /// For spreadsheets
    Csv,
    /// One self-contained page
    Html,
    /// Markdown, for the summary of a build
    Markdown,
    /// JUnit XML, for build servers
    Junit,
    /// Annotations of GitHub Actions
    Github,
    /// Secret detection report of GitLab
    Gitlab,
    /// Code quality report of GitLab
    GitlabQuality,
    /// Logging commands of Azure Pipelines
    Azure,
    /// Service messages of TeamCity
    Teamcity,
    /// Code Insights report of Bitbucket
    BitbucketReport,
    /// Annotations of that report
    BitbucketAnnotations,
}

/// `stanch why`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Example:\n  stanch why src/app.env:12")]
pub(crate) struct WhyArgs {
    /// A file and a line in it; a column after the line is allowed
    #[arg(value_name = "FILE:LINE")]
    pub(crate) place: PathBuf,

    /// Use your own detector files too: every .toml in this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) detectors: Vec<PathBuf>,

    /// Read this configuration file instead of looking for one
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

/// `stanch detectors`.
#[derive(Debug, ClapArgs)]
pub(crate) struct DetectorsArgs {
    /// What to do with them.
    #[command(subcommand)]
    pub(crate) command: DetectorsCommand,
}

/// What to do with detectors.
#[derive(Debug, Subcommand)]
pub(crate) enum DetectorsCommand {
    /// List what can be found
    List(ListArgs),
    /// Show everything known of one detector
    Show {
        /// The detector's id, as `stanch detectors list` gives it
        id: String,
        /// Your own detector files: every .toml in this folder
        #[arg(long, value_name = "DIR")]
        detectors: Vec<PathBuf>,
    },
    /// Run the examples that detector files carry
    Test {
        /// A folder with your own detector files; without it, the built-in ones
        dir: Option<PathBuf>,
    },
    /// Make detector files from the rule files of other tools
    Import(ImportArgs),
}

/// `stanch detectors import`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  \
    stanch detectors import .gitleaks.toml\n  \
    stanch detectors import rules/*.yml --output security/rules\n  \
    stanch detectors import custom.toml --provider acme\n\n\
    Exit codes: 0 all rules were imported, 1 some could not, 2 the command failed.")]
pub(crate) struct ImportArgs {
    /// Rule files of gitleaks, Betterleaks, Kingfisher, detect-secrets or ggshield
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,

    /// Write the detector files into this folder
    #[arg(short, long, value_name = "DIR", default_value = "stanch-detectors")]
    pub(crate) output: PathBuf,

    /// Id of the provider, and name of the file [default: from the rule file's name]
    #[arg(long, value_name = "ID")]
    pub(crate) provider: Option<String>,

    /// Whose rules they are [default: what the file looks like]
    #[arg(long, value_enum, value_name = "TOOL")]
    pub(crate) from: Option<ImportFormat>,

    /// Overwrite files that are there
    #[arg(long)]
    pub(crate) force: bool,
}

/// Whose rule file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ImportFormat {
    /// TOML of gitleaks or Betterleaks
    #[value(alias = "betterleaks")]
    Gitleaks,
    /// YAML of Kingfisher
    Kingfisher,
    /// The baseline of detect-secrets
    DetectSecrets,
    /// .gitguardian.yaml of ggshield
    #[value(alias = "ggshield")]
    Gitguardian,
}

/// `stanch detectors list`.
#[derive(Debug, ClapArgs)]
pub(crate) struct ListArgs {
    /// Only those of one provider, by its id
    #[arg(long, value_name = "ID")]
    pub(crate) provider: Option<String>,

    /// Only those of one severity: low, medium, high or critical
    #[arg(long, value_name = "LEVEL", value_parser = severity)]
    pub(crate) severity: Option<Severity>,

    /// Only those of one category of providers, such as cloud or payment
    #[arg(long, value_name = "NAME", value_parser = category)]
    pub(crate) category: Option<Category>,

    /// Only those with a live check, which tells whether a secret still works
    #[arg(long)]
    pub(crate) verifiable: bool,

    /// How to write them
    #[arg(long, value_enum, default_value_t = ListFormat::Human)]
    pub(crate) format: ListFormat,

    /// Your own detector files: every .toml in this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) detectors: Vec<PathBuf>,
}

/// How a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// For people
    Human,
    /// One array
    Json,
}

/// A confidence by name or number.
pub(crate) fn confidence(text: &str) -> Result<f32, String> {
    match text {
        "low" => Ok(0.3),
        "medium" => Ok(0.5),
        "high" => Ok(0.8),
        _ => match text.parse::<f32>() {
            Ok(value) if (0.0..=1.0).contains(&value) => Ok(value),
            _ => Err("give low, medium, high or a number from 0 to 1".to_owned()),
        },
    }
}

/// Bytes; K, M and G count in powers of 1024.
pub(crate) fn size(text: &str) -> Result<u64, String> {
    let upper = text.trim().to_ascii_uppercase();
    let number = upper.trim_end_matches('B').trim_end_matches('I');
    let (digits, shift) = match number.as_bytes().last() {
        Some(b'K') => (&number[..number.len() - 1], 10),
        Some(b'M') => (&number[..number.len() - 1], 20),
        Some(b'G') => (&number[..number.len() - 1], 30),
        _ => (number, 0),
    };
    digits
        .trim()
        .parse::<u64>()
        .ok()
        .and_then(|value| value.checked_mul(1 << shift))
        .ok_or_else(|| "give a number of bytes, such as 4096, 500K, 20M or 1G".to_owned())
}

/// A category by its name in detector files.
fn category(text: &str) -> Result<Category, String> {
    Category::of(text).ok_or_else(|| {
        let names = Category::ALL.map(Category::id);
        format!("give one of {}", names.join(", "))
    })
}

/// A severity by its name.
pub(crate) fn severity(text: &str) -> Result<Severity, String> {
    match text {
        "low" => Ok(Severity::Low),
        "medium" => Ok(Severity::Medium),
        "high" => Ok(Severity::High),
        "critical" => Ok(Severity::Critical),
        _ => Err("give low, medium, high or critical".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Args::command().debug_assert();
    }

    #[test]
    fn sizes_count_in_powers_of_1024() {
        assert_eq!(size("12"), Ok(12));
        assert_eq!(size("2k"), Ok(2048));
        assert_eq!(size("1MiB"), Ok(1 << 20));
        assert_eq!(size("3GB"), Ok(3 << 30));
        assert!(size("99999999999999G").is_err() && size("M").is_err() && size("").is_err());
    }
}
