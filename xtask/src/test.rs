//! `cargo xtask test`: everything that continuous integration runs, in order,
//! to the end, with one closing line.

use std::fmt::Display;
use std::path::Path;
use std::process::{self, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

use anyhow::{Context, Result, bail};

use crate::fuzz;
use crate::shell::{self, Need};
use crate::tidy;

/// Run every check: format, lints, tests, a short fuzz run and a scan of the
/// repository by the scanner itself. Installs what the tests need.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Leave out the fuzz run.
    #[arg(long)]
    quick: bool,
}

/// Programs that the tests call, beyond Rust and a linker, which whoever runs
/// this already has.
const NEEDS: &[Need] = &[
    Need { has: "git", package: "git", why: "tests make repositories with it" },
    Need {
        has: "git-filter-repo",
        package: "git-filter-repo",
        why: "`stanch fix --history` rewrites mirrors with it",
    },
    Need { has: "chromium", package: "chromium", why: "tests open pages in it" },
    Need { has: "openssl", package: "openssl", why: "tests make keys and certificates with it" },
    Need { has: "python3", package: "python3", why: "Python snippets and moto run on it" },
    Need {
        has: "/usr/share/doc/python3-venv",
        package: "python3-venv",
        why: "the libraries of snippets and moto live in it",
    },
    Need { has: "node", package: "nodejs", why: "JavaScript snippets run on it" },
    Need { has: "npm", package: "npm", why: "it gets the libraries of JavaScript snippets" },
    Need { has: "javac", package: "openjdk-17-jdk-headless", why: "Java snippets are compiled" },
    Need { has: "mvn", package: "maven", why: "it gets the libraries of Java snippets" },
    Need { has: "ruby", package: "ruby", why: "Ruby snippets run on it" },
    Need {
        has: "/usr/share/doc/ruby-aws-sdk-core",
        package: "ruby-aws-sdk-core",
        why: "Ruby snippets ask AWS with it",
    },
    Need { has: "php", package: "php-cli", why: "PHP snippets run on it" },
    Need { has: "mcs", package: "mono-mcs", why: "C# snippets are compiled" },
    Need { has: "mono", package: "mono-runtime", why: "C# snippets run on it" },
    Need { has: "curl", package: "curl", why: "shell snippets ask Conjur with it" },
    Need { has: "shellcheck", package: "shellcheck", why: "it lints shell snippets" },
];

/// Seconds for each fuzz target.
const FUZZ_SECONDS: u32 = 10;

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let mut report = Report::default();
    report.step("tools", || install().map(|()| (1, 0)));
    report.step("libraries", || {
        // Tests would do it when they come to it, and say less.
        shell::run(shell::cargo().args(["run", "--quiet", "--package", "stanch-test-servers"]))?;
        Ok((1, 0))
    });
    report.step("format", || {
        shell::run(shell::cargo().args(["fmt", "--all", "--check"]))?;
        shell::run(shell::cargo().args(["fmt", "--check", "--manifest-path", "fuzz/Cargo.toml"]))?;
        Ok((1, 0))
    });
    report.step("clippy", || {
        let lints = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
        shell::run(shell::cargo().args(lints))?;
        Ok((1, 0))
    });
    // The tests of xtask hold the repository to the rules of `tidy`.
    report.step("tests", test);
    if !args.quick {
        report.step("fuzz", || fuzz::run_all(FUZZ_SECONDS));
    }
    report.step("self-scan", || scan_ourselves().map(|()| (1, 0)));
    report.close();
    Ok(if report.failed() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn install() -> Result<()> {
    shell::install(NEEDS)?;
    for (component, command) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        if shell::output(shell::cargo().args([command, "--version"])).is_ok() {
            continue;
        }
        if shell::which("rustup").is_none() {
            bail!(
                "`cargo {command}` is missing and there is no rustup; please install {component}"
            );
        }
        println!("installing with rustup: {component}");
        shell::run(Command::new("rustup").args(["component", "add", component]))?;
    }
    Ok(())
}

fn test() -> Result<(u64, u64)> {
    let mut counts = (0, 0);
    let good = shell::run_lines(
        shell::cargo().args(["test", "--workspace", "--no-fail-fast"]).stdin(Stdio::null()),
        |line| {
            if let Some((passed, failed)) = test_result(line) {
                counts.0 += passed;
                counts.1 += failed;
            }
        },
    )?;
    // What does not compile, or dies on its way, gives no result to count.
    if !good && counts.1 == 0 {
        counts.1 = 1;
    }
    Ok(counts)
}

/// Passed and failed of a line such as
/// `test result: FAILED. 3 passed; 1 failed; 0 ignored; …`.
fn test_result(line: &str) -> Option<(u64, u64)> {
    let (_, counts) = line.trim().strip_prefix("test result: ")?.split_once(". ")?;
    let count = |name: &str| {
        counts.split(';').find_map(|part| part.trim().strip_suffix(name)?.trim().parse().ok())
    };
    Some((count("passed")?, count("failed")?))
}

/// The scanner must find nothing in its own repository, and read all of it.
///
/// It scans a copy of the files that are tracked, or would be after
/// `git add --all`: what builds and fuzz runs leave behind beside them is full
/// of samples, and is nobody's to publish.
fn scan_ourselves() -> Result<()> {
    // With `--tests` the features are those of the tests, so nothing is built
    // a second time.
    shell::run(shell::cargo().args(["build", "--workspace", "--bins", "--tests"]))?;
    let binary = shell::target_dir()?.join("debug").join("stanch");
    let copy = env::temp_dir().join(format!("stanch-self-scan-{}", process::id()));
    let scanned = copy_to(&copy).and_then(|()| {
        println!("scanning a copy of the repository in {}", copy.display());
        shell::run(Command::new(binary).args(["scan", "."]).current_dir(&copy))
    });
    let removed = fs::remove_dir_all(&copy);
    scanned?;
    removed.with_context(|| format!("cannot remove {}", copy.display()))
}

fn copy_to(copy: &Path) -> Result<()> {
    let root = shell::root();
    // A folder that is there already was put there by somebody else.
    fs::create_dir(copy).with_context(|| format!("cannot make {}", copy.display()))?;
    for path in tidy::paths(&root)? {
        let (from, to) = (root.join(&path), copy.join(&path));
        if !from.is_file() {
            continue;
        }
        if let Some(dir) = to.parent() {
            fs::create_dir_all(dir)?;
        }
        fs::copy(&from, &to).with_context(|| format!("cannot copy {path}"))?;
    }
    Ok(())
}

/// What each step came to.
#[derive(Default)]
struct Report {
    steps: Vec<Step>,
}

struct Step {
    name: &'static str,
    passed: u64,
    failed: u64,
    took: Duration,
}

impl Report {
    /// Runs a step and keeps its counts. An error counts as one failure, and
    /// the next step runs all the same.
    fn step(&mut self, name: &'static str, work: impl FnOnce() -> Result<(u64, u64)>) {
        println!("==> {name}");
        let start = Instant::now();
        let (passed, failed) = work().unwrap_or_else(|error| {
            eprintln!("{name}: {error:#}");
            (0, 1)
        });
        let step = Step { name, passed, failed, took: start.elapsed() };
        println!("<== {}", step.line());
        self.steps.push(step);
    }

    fn failed(&self) -> u64 {
        self.steps.iter().map(|step| step.failed).sum()
    }

    fn close(&self) {
        println!();
        for step in &self.steps {
            println!("{}", step.line());
        }
        println!("{}", self.last_line());
    }

    fn last_line(&self) -> impl Display {
        let passed: u64 = self.steps.iter().map(|step| step.passed).sum();
        format!("{passed} passed, {} failed", self.failed())
    }
}

impl Step {
    fn line(&self) -> String {
        let outcome = if self.failed == 0 { "ok" } else { "FAILED" };
        let Step { name, passed, failed, took } = self;
        format!("{name:<10} {outcome:<6} {passed:>5} / {failed} in {:.1} s", took.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_the_test_harnesses_are_read() {
        let ok = "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out";
        let bad = "test result: FAILED. 3 passed; 4 failed; 0 ignored; finished in 0.00s";
        assert_eq!(test_result(ok), Some((12, 0)));
        assert_eq!(test_result(bad), Some((3, 4)));
        for line in ["", "running 3 tests", "test result: ", "test result: ok. x passed; 1 failed"]
        {
            assert_eq!(test_result(line), None, "{line}");
        }
    }

    #[test]
    fn a_step_that_fails_is_counted_and_the_next_one_runs() {
        let mut report = Report::default();
        report.step("one", || bail!("broken"));
        report.step("two", || Ok((5, 2)));
        report.step("three", || Ok((1, 0)));
        assert_eq!(report.last_line().to_string(), "6 passed, 3 failed");
    }
}
