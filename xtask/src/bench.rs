//! `cargo xtask bench`: Stanch beside other tools on real source code, and
//! alone on files made to hurt. Writes docs/benchmarks.md.
//!
//! The tools run in one alternating sequence, so that a machine that slows down
//! slows all of them, and medians are compared, so that one bad run counts
//! little.

mod corpus;
mod git;
mod measure;
mod report;
mod special;
mod tools;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use self::measure::Run;
use self::tools::Tool;
use crate::shell::{self, Need};

/// Compare with other tools on real source code, and write docs/benchmarks.md.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// What to measure: all of Stanch beside its peers, or only the engine's
    /// own benchmarks.
    #[arg(value_enum, default_value = "peers")]
    what: What,
    /// 3 rounds instead of 5.
    #[arg(long)]
    quick: bool,
    /// Leave out the files made to hurt.
    #[arg(long)]
    no_special: bool,
    /// With `git`: a repository or bundle to measure too; may be repeated.
    #[arg(long, value_name = "PATH")]
    history: Vec<PathBuf>,
    /// Measure this binary instead of building one.
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum What {
    /// Stanch beside ripgrep and Kingfisher.
    Peers,
    /// `cargo bench -p stanch-scan`.
    Engine,
    /// Histories and hooks, beside decoding alone, git and Kingfisher.
    Git,
}

/// Kingfisher takes so long that two runs must do.
const SLOW_ROUNDS: usize = 2;

/// Programs that preparing and measuring call.
const NEEDS: &[Need] = &[
    Need { has: "/usr/bin/time", package: "time", why: "measures time and memory" },
    Need { has: "rg", package: "ripgrep", why: "the fastest search for one word, to compare with" },
    Need { has: "python3", package: "python3", why: "Kingfisher comes as a Python package" },
    Need { has: "/usr/share/doc/python3-venv", package: "python3-venv", why: "the same" },
    Need { has: "dpkg-deb", package: "dpkg", why: "unpacks the corpus" },
    Need { has: "xz", package: "xz-utils", why: "unpacks the corpus" },
];

/// All runs of one tool on one corpus.
struct Series {
    tool: String,
    runs: Vec<Run>,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    if matches!(args.what, What::Engine) {
        shell::run(shell::cargo().args(["bench", "-p", "stanch-scan"]))?;
        return Ok(ExitCode::SUCCESS);
    }
    shell::install(NEEDS)?;
    let home = shell::root().join("bench-corpus");
    fs::create_dir_all(&home)?;
    let binary = match &args.binary {
        Some(binary) => fs::canonicalize(binary).context("--binary")?,
        None => build()?,
    };
    if matches!(args.what, What::Git) {
        return git::run(args, &home, &binary);
    }
    let corpora = corpus::prepare(&home)?;
    let tools = tools::all(&home, &binary)?;
    let rounds = if args.quick { 3 } else { 5 };

    let mut results = Vec::new();
    for corpus in &corpora {
        results.push(compare(&home, &tools, &corpus.dir, rounds)?);
    }
    let special =
        if args.no_special { Vec::new() } else { special::measure(&home, &corpora, &tools[0])? };

    let page = report::page(&report::Facts {
        date: shell::output(Command::new("date").args(["-u", "+%F"]))?,
        machine: report::machine(),
        command: command_line(args),
        rounds,
        tools: &tools,
        corpora: &corpora,
        results: &results,
        special: &special,
        binary_bytes: fs::metadata(&binary)?.len(),
    });
    let path = shell::root().join("docs").join("benchmarks.md");
    fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
    fs::write(&path, &page)?;
    println!("{page}\nwrote docs/benchmarks.md");
    Ok(ExitCode::SUCCESS)
}

fn build() -> Result<PathBuf> {
    shell::run(shell::cargo().args(["build", "--release", "-p", "stanch"]))?;
    Ok(shell::target_dir()?.join("release").join("stanch"))
}

fn command_line(args: &Args) -> String {
    let mut line = "cargo xtask bench".to_owned();
    for (set, flag) in [(args.quick, " --quick"), (args.no_special, " --no-special")] {
        line.push_str(if set { flag } else { "" });
    }
    line
}

/// One warm-up of the quick tools, which also fills the file cache, then rounds
/// in which each tool runs once.
fn compare(home: &Path, tools: &[Tool], dir: &Path, rounds: usize) -> Result<Vec<Series>> {
    let name = dir.file_name().unwrap_or_default().to_string_lossy();
    let mut all: Vec<Series> =
        tools.iter().map(|t| Series { tool: t.name.clone(), runs: Vec::new() }).collect();
    for tool in tools.iter().filter(|tool| !tool.is_slow) {
        tool.run(home, dir)?;
    }
    for round in 1..=rounds {
        for (tool, series) in tools.iter().zip(&mut all) {
            if tool.is_slow && round > SLOW_ROUNDS {
                continue;
            }
            let run = tool.run(home, dir)?;
            println!("{name}, round {round}, {}: {run}", tool.name);
            series.runs.push(run);
        }
    }
    Ok(all)
}
