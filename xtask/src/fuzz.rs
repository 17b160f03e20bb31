//! `cargo xtask fuzz`: libFuzzer on the pinned stable toolchain.
//!
//! The targets are in `fuzz/`, a workspace of its own. What cargo-fuzz would do
//! is little: build with coverage counters and run the binary. Only the address
//! sanitizer needs a nightly compiler, and safe code gains little from it.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};

use crate::shell;

/// Counters for each edge and comparison, which libFuzzer reads.
const FLAGS: &str = "-Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Ccodegen-units=1 \
    --cfg fuzzing";

/// Fuzz one target, or all of them in turn.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The target: a `[[bin]]` of fuzz/Cargo.toml. All by default.
    target: Option<String>,
    /// Seconds for each target.
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// Run one input, such as a crash that was found, instead of fuzzing.
    #[arg(long, value_name = "FILE", requires = "target")]
    input: Option<PathBuf>,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let fuzzer = Fuzzer::build()?;
    let mut failed = false;
    for target in &fuzzer.targets {
        if args.target.as_ref().is_some_and(|wanted| *wanted != target.name) {
            continue;
        }
        println!("fuzz: {}", target.name);
        let mut command = match &args.input {
            Some(input) => {
                let mut command = fuzzer.command(target);
                command.arg(input);
                command
            }
            None => fuzzer.campaign(target, args.seconds)?,
        };
        if !command.status()?.success() {
            failed = true;
            println!("{}", advice(target));
        }
    }
    if let Some(wanted) = &args.target
        && !fuzzer.targets.iter().any(|target| target.name == *wanted)
    {
        let names: Vec<&str> = fuzzer.targets.iter().map(|t| t.name.as_str()).collect();
        bail!("there is no fuzz target `{wanted}`; there are {}", names.join(", "));
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Fuzzes every target for some seconds and is quiet about those that hold.
/// Returns how many held and how many did not.
pub(crate) fn run_all(seconds: u32) -> Result<(u64, u64)> {
    let fuzzer = Fuzzer::build()?;
    let (mut held, mut broke) = (0, 0);
    for target in &fuzzer.targets {
        let output = fuzzer.campaign(target, seconds)?.stdin(Stdio::null()).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        if output.status.success() {
            held += 1;
            println!("fuzz {}: {}", target.name, said.lines().next_back().unwrap_or("held"));
        } else {
            broke += 1;
            println!("{said}\nfuzz {}: broke. {}", target.name, advice(target));
        }
    }
    Ok((held, broke))
}

fn advice(target: &Target) -> String {
    let name = &target.name;
    format!(
        "To run the input again: cargo xtask fuzz {name} --input fuzz/artifacts/{name}/FILE. \
         Once mended, keep it as a test of the crate"
    )
}

struct Target {
    name: String,
    /// Folders with inputs to begin with.
    seeds: Vec<PathBuf>,
}

struct Fuzzer {
    targets: Vec<Target>,
    binaries: PathBuf,
}

impl Fuzzer {
    fn build() -> Result<Fuzzer> {
        let has = "g++";
        shell::install(&[shell::Need { has, package: "g++", why: "libFuzzer is built from C++" }])?;
        let fuzz = shell::root().join("fuzz");
        let targets = targets(&fs::read_to_string(fuzz.join("Cargo.toml"))?)?;
        let triple = host(&shell::output(Command::new("rustc").arg("-vV"))?)?;
        let own = env::var_os("CARGO_TARGET_DIR");
        let target_dir = own.map_or_else(|| fuzz.join("target"), |d| PathBuf::from(d).join("fuzz"));
        let mut flags = FLAGS.to_owned();
        if let Ok(more) = env::var("RUSTFLAGS") {
            flags = format!("{flags} {more}");
        }
        // Naming the target, even our own, keeps the flags away from build
        // scripts and procedural macros, which could not be linked with them.
        shell::run(
            shell::cargo()
                .args(["build", "--release", "--bins", "--target", &triple])
                .arg("--target-dir")
                .arg(&target_dir)
                .current_dir(&fuzz)
                .env("RUSTFLAGS", flags)
                .env_remove("CARGO_ENCODED_RUSTFLAGS"),
        )?;
        Ok(Fuzzer { targets, binaries: target_dir.join(triple).join("release") })
    }

    fn command(&self, target: &Target) -> Command {
        let mut command = Command::new(self.binaries.join(&target.name));
        // An input that takes a second is news: everything is meant to be linear.
        command
            .args(["-timeout=10", "-rss_limit_mb=2048", "-close_fd_mask=1"])
            .current_dir(shell::root().join("fuzz"));
        command
    }

    fn campaign(&self, target: &Target, seconds: u32) -> Result<Command> {
        let fuzz = shell::root().join("fuzz");
        let corpus = fuzz.join("corpus").join(&target.name);
        let artifacts = fuzz.join("artifacts").join(&target.name);
        fs::create_dir_all(&corpus)?;
        fs::create_dir_all(&artifacts)?;
        let mut command = self.command(target);
        command
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!("-artifact_prefix={}/", artifacts.display()))
            .arg(corpus)
            .args(target.seeds.iter().map(|seeds| fuzz.join(seeds)).filter(|dir| dir.is_dir()));
        Ok(command)
    }
}

/// The targets that a manifest declares, with `[package.metadata.seeds]`.
fn targets(manifest: &str) -> Result<Vec<Target>> {
    let manifest: toml::Table = manifest.parse().context("fuzz/Cargo.toml")?;
    let seeds = manifest
        .get("package")
        .and_then(|package| package.get("metadata"))
        .and_then(|metadata| metadata.get("seeds"));
    let bins = manifest.get("bin").and_then(|bins| bins.as_array()).map(Vec::as_slice);
    let names = bins.unwrap_or_default().iter().filter_map(|bin| bin.get("name")?.as_str());
    Ok(names
        .map(|name| {
            let dirs = seeds.and_then(|seeds| seeds.get(name)?.as_array()).map(Vec::as_slice);
            let dirs = dirs.unwrap_or_default().iter().filter_map(|dir| dir.as_str());
            Target { name: name.to_owned(), seeds: dirs.map(PathBuf::from).collect() }
        })
        .collect())
}

/// The host's target triple in the answer of `rustc -vV`.
fn host(version: &str) -> Result<String> {
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("rustc -vV names no host")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_has_its_file_and_every_file_its_target() {
        let fuzz = shell::root().join("fuzz");
        let manifest = fs::read_to_string(fuzz.join("Cargo.toml")).unwrap();
        let mut declared: Vec<String> =
            targets(&manifest).unwrap().into_iter().map(|t| format!("{}.rs", t.name)).collect();
        let mut there: Vec<String> = fs::read_dir(fuzz.join("fuzz_targets"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        declared.sort();
        there.sort();
        assert_eq!(declared, there);
    }

    #[test]
    fn targets_come_with_their_seeds() {
        let targets = targets(
            "[package.metadata.seeds]\na = [\"../detectors\"]\n\
             [[bin]]\nname = \"a\"\n[[bin]]\nname = \"b\"\n",
        )
        .unwrap();
        assert_eq!(targets.len(), 2);
        assert_eq!(targets[0].seeds, [PathBuf::from("../detectors")]);
        assert!(targets[1].seeds.is_empty());
    }

    #[test]
    fn the_host_is_read_from_what_rustc_says() {
        assert_eq!(host("rustc 1.0\nhost: a-b-c\nrelease: 1.0\n").unwrap(), "a-b-c");
        assert!(host("rustc 1.0").is_err());
    }
}
