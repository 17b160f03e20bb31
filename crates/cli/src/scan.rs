//! `stanch scan`.

pub(crate) mod git;

use std::collections::BTreeSet;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use stanch_scan::{
    Engine, Finding, FingerprintKey, Gap, GapKind, Origin, Scanner, Sink as _, Source, printable,
};
use stanch_sources::{PathOptions, Paths, Stdin, plain};

use crate::args::{Format, ScanArgs, ScanCommand, ScanOptions, SearchOptions};
use crate::collect::{Collector, Receipt, Reported};
use crate::exit::Exit;
use crate::output::Output;
use crate::policy::{self, Policy};
use crate::report::{self, Report};
use crate::{complain, pack};

/// Confidence from which findings are reported when nobody says otherwise.
pub(crate) const DEFAULT_CONFIDENCE: f32 = 0.5;

/// A scan with everything settled: what was typed, and what the configuration
/// says where nothing was typed.
pub(crate) struct Config {
    pub(crate) min_confidence: f32,
    detectors: Vec<PathBuf>,
    only: Vec<String>,
}

impl Config {
    pub(crate) fn new(options: &SearchOptions, policy: &Policy) -> Config {
        let settings = policy.settings();
        Config {
            min_confidence: options
                .min_confidence
                .or(settings.min_confidence)
                .unwrap_or(DEFAULT_CONFIDENCE),
            detectors: options.detectors.iter().chain(&settings.detectors).cloned().collect(),
            only: if options.only.is_empty() {
                settings.only.clone()
            } else {
                options.only.clone()
            },
        }
    }

    /// The engine with the detectors that are asked for.
    ///
    /// # Errors
    /// Detectors that are wrong or unknown.
    pub(crate) fn engine(&self) -> anyhow::Result<Engine> {
        Ok(Engine::new(pack::load(&self.detectors, &self.only)?))
    }
}

/// What a scan works with once everything is settled.
pub(crate) struct Ready<'r, 'c> {
    /// What not to report.
    pub(crate) policy: &'r Policy,
    /// Engine and key.
    pub(crate) scanner: Scanner<'r>,
    /// Where findings go.
    pub(crate) sink: &'r Collector<'c>,
    /// The report that is being written, which is not to be scanned.
    pub(crate) hidden: Option<PathBuf>,
}

/// Runs the command.
pub(crate) fn run(args: &ScanArgs) -> anyhow::Result<Exit> {
    match &args.command {
        Some(ScanCommand::Git(args)) => return git::history(args),
        Some(ScanCommand::Staged(args)) => return git::staged(args),
        Some(ScanCommand::Changes(args)) => return git::changes(args),
        Some(ScanCommand::Diff(args)) => return git::diff(args),
        None => {}
    }
    let targets = Targets::new(&args.paths);
    let key = policy::key::load()?;
    let options = &args.options;
    let search = &options.search;
    let policy =
        Policy::load(search.config.as_deref(), &targets.paths, search.baseline.as_deref(), &key)?;
    perform(options, &policy, &key, |ready| targets.scan(args, ready))
}

/// Scans and reports: `scan` is called once, with everything that it needs.
///
/// # Errors
/// Detectors that are wrong, and a report that cannot be written.
pub(crate) fn perform(
    options: &ScanOptions,
    policy: &Policy,
    key: &FingerprintKey,
    scan: impl FnOnce(&Ready<'_, '_>),
) -> anyhow::Result<Exit> {
    if options.no_color {
        anstream::ColorChoice::Never.write_global();
    }
    let search = &options.search;
    let config = Config::new(search, policy);
    let engine = config.engine()?;
    let mut output = Output::open(options.output.as_deref(), search.show_secrets)?;
    let report_options = report::Options { show_secrets: search.show_secrets, quiet: search.quiet };

    let streams = options.format == Format::Jsonl;
    let hidden = output.hidden();
    let failure = Mutex::new(None);
    let (findings, tally, receipt) = {
        let stream = streams.then(|| output.stream(report_options, &failure));
        let lines_on_terminal = streams && io::stdout().is_terminal();
        let progress = !search.quiet && !lines_on_terminal;
        let collector =
            Collector::new(policy, config.min_confidence, search.no_ignores, progress, stream)
                .joining(engine.pack());
        let scanner = Scanner { engine: &engine, key };
        scan(&Ready { policy, scanner, sink: &collector, hidden });
        collector.finish()
    };
    if let Some(error) = failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(output.explain(error));
    }

    let report =
        Report { findings: &findings, tally: &tally, receipt: &receipt, pack: engine.pack() };
    output.write(options.format, &report, report_options)?;
    // Some forms have no room for the receipt, and a file is not looked at now.
    let elsewhere =
        !matches!(options.format, Format::Human | Format::Json | Format::Html | Format::Markdown);
    let told = !search.quiet && (elsewhere || options.output.is_some());
    if told {
        let mut err = anstream::stderr().lock();
        let _ = report::human::receipt(&mut err, &report);
    }
    Ok(exit(tally.total, &receipt))
}

/// Every finding of these paths that no comment or entry hides, with no
/// baseline in force: what `stanch baseline` and `stanch fix` work on.
///
/// # Errors
/// A configuration that is wrong, and anything that was not read: a baseline
/// of half a tree would report the other half tomorrow, and half of the places
/// of a secret would be mended.
pub(crate) fn findings(paths: &[PathBuf]) -> anyhow::Result<Vec<Finding>> {
    let (findings, receipt) = gather(paths, SearchOptions::default())?;
    if let Some(gap) = receipt.failed.first() {
        anyhow::bail!(
            "{}: {}; mend or exclude it in stanch.toml, so that nothing is overlooked",
            gap.origin,
            gap.reason
        );
    }
    Ok(findings.into_iter().map(|reported| reported.finding).collect())
}

/// Every finding of these paths, hidden and unlikely ones too, and whether
/// everything was read.
///
/// # Errors
/// A configuration or detectors that are wrong.
pub(crate) fn everything(
    paths: &[PathBuf],
    search: SearchOptions,
) -> anyhow::Result<(Vec<Reported>, bool)> {
    let search = SearchOptions { min_confidence: Some(0.0), no_ignores: true, ..search };
    let (findings, receipt) = gather(paths, search)?;
    Ok((findings, receipt.is_complete()))
}

/// What is found below these paths, with no baseline in force.
fn gather(paths: &[PathBuf], search: SearchOptions) -> anyhow::Result<(Vec<Reported>, Receipt)> {
    let key = policy::key::load()?;
    let targets = Targets::new(paths);
    let policy = Policy::load_without_baseline(None, &targets.paths)?;
    let config = Config::new(&search, &policy);
    let engine = config.engine()?;
    let collector = Collector::new(&policy, config.min_confidence, search.no_ignores, true, None)
        .joining(engine.pack());
    let scanner = Scanner { engine: &engine, key: &key };
    let options = ScanOptions { search, ..ScanOptions::default() };
    let args = ScanArgs { paths: paths.to_vec(), options, ..ScanArgs::default() };
    targets.scan(&args, &Ready { policy: &policy, scanner, sink: &collector, hidden: None });
    let (findings, _, receipt) = collector.finish();
    Ok((findings, receipt))
}

fn exit(findings: u64, receipt: &Receipt) -> Exit {
    match (findings, receipt.is_complete()) {
        (1.., _) => Exit::Findings,
        (0, true) => Exit::Clean,
        (0, false) => Exit::Incomplete,
    }
}

/// What was asked to be scanned.
struct Targets {
    stdin: bool,
    paths: Vec<PathBuf>,
    missing: Vec<(PathBuf, String)>,
}

impl Targets {
    fn new(given: &[PathBuf]) -> Targets {
        let mut targets = Targets { stdin: false, paths: Vec::new(), missing: Vec::new() };
        let mut seen = BTreeSet::new();
        for path in given {
            if !seen.insert(path) {
                continue;
            }
            if path == Path::new("-") {
                targets.stdin = true;
                continue;
            }
            match path.metadata() {
                Ok(_) => targets.paths.push(path.clone()),
                Err(error) => {
                    let link = path.symlink_metadata().is_ok_and(|meta| meta.is_symlink());
                    let reason = match error.kind() {
                        io::ErrorKind::NotFound if link => "a link that leads nowhere".to_owned(),
                        _ => plain(&error),
                    };
                    targets.missing.push((path.clone(), reason));
                }
            }
        }
        targets
    }

    fn scan(self, args: &ScanArgs, ready: &Ready<'_, '_>) {
        let (scanner, sink) = (ready.scanner, ready.sink);
        for (path, reason) in self.missing {
            complain(&format!(
                "cannot scan {}: {reason}; check the path, the rest is scanned",
                printable(&path.to_string_lossy())
            ));
            sink.gap(Gap { origin: Origin::File(path), kind: GapKind::Failed, reason });
        }
        if self.stdin {
            Stdin.scan(scanner, sink);
        }
        if self.paths.is_empty() {
            return;
        }
        let excluded = ready.policy.excluder();
        let hidden = ready.hidden.clone();
        let options = PathOptions {
            threads: args.options.search.threads.map_or(0, usize::from),
            gitignore: args.gitignore || ready.policy.settings().gitignore,
            follow: args.follow,
            max_size: args.options.search.max_file_size,
            exclude: Box::new(move |path, is_dir| {
                if hidden.as_deref().is_some_and(|hidden| same(path, hidden)) {
                    return Some("the report that is being written".to_owned());
                }
                excluded(path, is_dir)
            }),
        };
        Paths { paths: self.paths, options }.scan(scanner, sink);
    }
}

/// Whether two paths name one file. File names are compared first, for hardly
/// any file bears the name of a report that is being written.
fn same(path: &Path, hidden: &Path) -> bool {
    path.file_name() == hidden.file_name()
        && matches!((path.canonicalize(), hidden.canonicalize()), (Ok(a), Ok(b)) if a == b)
}
