//! A folder of its own for every test, and the real binary in it.
#![allow(dead_code, reason = "each test file uses what it needs")]
#![expect(clippy::unwrap_used, reason = "only tests call this")]

pub(crate) mod repository;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use stanch_rules::{load, sample};

/// A scratch folder with a tree to scan and a home.
pub(crate) struct World {
    dir: tempfile::TempDir,
}

/// What a run gave.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl World {
    pub(crate) fn new() -> World {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("tree")).unwrap();
        std::fs::create_dir(dir.path().join("home")).unwrap();
        World { dir }
    }

    /// The folder that commands run in.
    pub(crate) fn tree(&self) -> PathBuf {
        self.dir.path().join("tree")
    }

    pub(crate) fn write(&self, name: impl AsRef<Path>, content: impl AsRef<[u8]>) -> &World {
        let path = self.tree().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    /// Names of what lies in the folder that commands run in.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.tree()).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    /// The binary in a scrubbed environment.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let home = self.dir.path().join("home");
        let mut command = Command::new(env!("CARGO_BIN_EXE_stanch"));
        command
            .env_clear()
            .env("HOME", &home)
            .env("XDG_CONFIG_HOME", home.join(".config"))
            .env("XDG_DATA_HOME", home.join(".local/share"))
            .env("XDG_STATE_HOME", home.join(".local/state"))
            .env("XDG_CACHE_HOME", home.join(".cache"))
            .current_dir(self.tree())
            .stdin(Stdio::null())
            .args(args);
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Run {
        Run::from(self.command(args).output().unwrap())
    }

    pub(crate) fn run_with(&self, args: &[&str], input: &[u8]) -> Run {
        use std::io::Write;
        let mut command = self.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        Run::from(child.wait_with_output().unwrap())
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Run {
        Run {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// A made-up value that a detector finds.
pub(crate) fn secret(detector: &str) -> String {
    seeded(detector, 1)
}

/// The same with a seed.
pub(crate) fn seeded(detector: &str, seed: u64) -> String {
    let sources =
        stanch_detectors::FILES.iter().map(|(name, text)| load::parse(name, text).unwrap());
    let detector =
        sources.flat_map(|source| source.content.detectors).find(|d| d.id == detector).unwrap();
    let made = sample::sample(&detector, seed).unwrap();
    made.group("secret").unwrap().to_owned()
}

/// A GitHub token, the one most tests use.
pub(crate) fn token() -> String {
    secret("github-pat-classic")
}

/// An output without what differs from run to run.
pub(crate) fn scrubbed(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let line = match line.split_once("fingerprint: ") {
            Some((before, _)) => format!("{before}fingerprint: […]"),
            None => line.to_owned(),
        };
        let line = match line.rsplit_once(" in ") {
            Some((before, time)) if time.ends_with("s.") => format!("{before} in […]."),
            _ => line,
        };
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}
