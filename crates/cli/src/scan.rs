//! `stanch scan`.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use stanch_scan::{
    Engine, Finding, FingerprintKey, Gap, GapKind, Origin, Scanner, Sink, Source, printable,
};
use stanch_sources::{PathOptions, Paths, Stdin, plain};

use crate::args::{Format, ScanArgs};
use crate::collect::{Collector, Receipt};
use crate::exit::Exit;
use crate::output::Output;
use crate::policy::{self, Policy};
use crate::report::{self, Report};
use crate::{complain, pack};

/// Confidence from which findings are reported when nobody says otherwise.
pub(crate) const DEFAULT_CONFIDENCE: f32 = 0.5;

/// A scan with everything settled: what was typed, and what the configuration
/// says where nothing was typed.
struct Config<'a> {
    args: &'a ScanArgs,
    min_confidence: f32,
    detectors: Vec<PathBuf>,
    only: Vec<String>,
    gitignore: bool,
}

impl<'a> Config<'a> {
    fn new(args: &'a ScanArgs, policy: &Policy) -> Config<'a> {
        let settings = policy.settings();
        Config {
            args,
            min_confidence: args
                .min_confidence
                .or(settings.min_confidence)
                .unwrap_or(DEFAULT_CONFIDENCE),
            detectors: args.detectors.iter().chain(&settings.detectors).cloned().collect(),
            only: if args.only.is_empty() { settings.only.clone() } else { args.only.clone() },
            gitignore: args.gitignore || settings.gitignore,
        }
    }
}

/// Runs the command.
pub(crate) fn run(args: &ScanArgs) -> anyhow::Result<Exit> {
    if args.no_color {
        anstream::ColorChoice::Never.write_global();
    }
    let key = policy::key::load()?;
    let targets = Targets::new(&args.paths);
    let policy =
        Policy::load(args.config.as_deref(), &targets.paths, args.baseline.as_deref(), &key)?;
    let config = Config::new(args, &policy);
    let engine = Engine::new(pack::load(&config.detectors, &config.only)?);
    let mut output = Output::open(args)?;
    let report_options = report::Options { show_secrets: args.show_secrets, quiet: args.quiet };

    let streams = args.format == Format::Jsonl;
    let hidden = output.hidden();
    let failure = Mutex::new(None);
    let (findings, tally, receipt) = {
        let stream = streams.then(|| output.stream(report_options, &failure));
        let lines_on_terminal = streams && io::stdout().is_terminal();
        let progress = !args.quiet && !lines_on_terminal;
        let collector =
            Collector::new(&policy, config.min_confidence, args.no_ignores, progress, stream);
        targets.scan(&config, &policy, &engine, &key, hidden, &collector);
        collector.finish()
    };
    if let Some(error) = failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(output.explain(error));
    }

    let report =
        Report { findings: &findings, tally: &tally, receipt: &receipt, pack: engine.pack() };
    output.write(args, &report, report_options)?;
    // Some forms have no room for the receipt, and a file is not looked at now.
    let elsewhere =
        !matches!(args.format, Format::Human | Format::Json | Format::Html | Format::Markdown);
    let told = !args.quiet && (elsewhere || args.output.is_some());
    if told {
        let mut err = anstream::stderr().lock();
        let _ = report::human::receipt(&mut err, &report);
    }
    Ok(exit(tally.total, &receipt))
}

/// Every finding of these paths that no comment or entry hides, with no
/// baseline in force: what `stanch baseline` works on.
///
/// # Errors
/// A configuration that is wrong, and anything that was not read: a baseline
/// of half a tree would report the other half tomorrow.
pub(crate) fn findings(paths: &[PathBuf]) -> anyhow::Result<Vec<Finding>> {
    let key = policy::key::load()?;
    let args = ScanArgs { paths: paths.to_vec(), ..ScanArgs::default() };
    let targets = Targets::new(paths);
    let policy = Policy::load_without_baseline(None, &targets.paths)?;
    let config = Config::new(&args, &policy);
    let engine = Engine::new(pack::load(&config.detectors, &config.only)?);
    let collector = Collector::new(&policy, config.min_confidence, false, true, None);
    targets.scan(&config, &policy, &engine, &key, None, &collector);
    let (findings, _, receipt) = collector.finish();
    if let Some(gap) = receipt.failed.first() {
        anyhow::bail!(
            "{}: {}; mend or exclude it in stanch.toml, so that the baseline covers everything",
            gap.origin,
            gap.reason
        );
    }
    Ok(findings.into_iter().map(|reported| reported.finding).collect())
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

    fn scan(
        self,
        config: &Config<'_>,
        policy: &Policy,
        engine: &Engine,
        key: &FingerprintKey,
        hidden: Option<PathBuf>,
        sink: &dyn Sink,
    ) {
        let scanner = Scanner { engine, key };
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
        let excluded = policy.excluder();
        let options = PathOptions {
            threads: config.args.threads.map_or(0, usize::from),
            gitignore: config.gitignore,
            follow: config.args.follow,
            max_size: config.args.max_file_size,
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
