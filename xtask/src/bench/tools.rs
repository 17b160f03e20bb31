//! The tools: how each is called and how it counts.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::measure::{Run, measure};
use crate::shell;

/// Threads for every tool.
const THREADS: &str = "2";

/// Stands for the report's path in a tool's arguments.
const REPORT: &str = "REPORT";

/// A program to measure.
pub(super) struct Tool {
    pub(super) name: String,
    pub(super) version: String,
    /// Whether a few runs must do.
    pub(super) is_slow: bool,
    program: PathBuf,
    /// Arguments before the folder.
    args: Vec<&'static str>,
    count: fn(&str) -> u64,
}

impl Tool {
    /// Scans a file or folder. A tool's exit code is its own affair: most of
    /// them end with another one when they find something.
    pub(super) fn run(&self, home: &Path, path: &Path) -> Result<Run> {
        let out = home.join("out");
        fs::create_dir_all(&out)?;
        let report = out.join("report");
        let stdout = out.join("stdout");
        fs::write(&report, "")?;
        let args = self.args.iter().map(|arg| {
            if *arg == REPORT { report.clone().into_os_string() } else { OsString::from(arg) }
        });
        let args = args.chain([path.as_os_str().to_owned()]);
        let mut run = measure(&self.program, args, &stdout)?;
        let said = if self.args.contains(&REPORT) { report } else { stdout };
        run.findings = (self.count)(&String::from_utf8_lossy(&fs::read(said)?));
        Ok(run)
    }

    /// The call as one would type it.
    pub(super) fn command(&self) -> String {
        let name = self.program.file_name().unwrap_or_default().to_string_lossy();
        format!("{name} {} DIR", self.args.join(" "))
    }
}

/// Stanch first, then the tools to compare with.
pub(super) fn all(home: &Path, binary: &Path) -> Result<Vec<Tool>> {
    let kingfisher = install_kingfisher(home)?;
    let ripgrep = shell::which("rg").context("ripgrep")?;
    let version = |program: &Path| -> Result<String> {
        let said = shell::output(Command::new(program).arg("--version"))?;
        Ok(said.lines().next().unwrap_or_default().to_owned())
    };
    let tools = vec![
        Tool {
            name: "Stanch".into(),
            version: version(binary)?,
            is_slow: false,
            program: binary.to_owned(),
            args: vec!["scan", "--threads", THREADS, "--format", "jsonl", "--output", REPORT],
            count: |report| count_json(report, "fingerprint"),
        },
        Tool {
            name: "ripgrep, one word".into(),
            version: version(&ripgrep)?,
            is_slow: false,
            program: ripgrep,
            args: vec!["--threads", THREADS, "--no-ignore", "--hidden", "--text", "-c", "ghp_"],
            count: |lines| {
                lines.lines().filter_map(|line| line.rsplit(':').next()).map(number).sum()
            },
        },
        kingfisher_tool(home, version(&kingfisher)?, kingfisher)?,
    ];
    Ok(tools)
}

/// What reads a history: Stanch first.
pub(super) fn for_git(home: &Path, binary: &Path, decode: &Path) -> Result<Vec<Tool>> {
    let kingfisher = install_kingfisher(home)?;
    let version = |program: &Path| -> Result<String> {
        let said = shell::output(Command::new(program).arg("--version"))?;
        Ok(said.lines().next().unwrap_or_default().to_owned())
    };
    let git = shell::which("git").context("git")?;
    Ok(vec![
        Tool {
            name: "Stanch".into(),
            version: version(binary)?,
            is_slow: false,
            program: binary.to_owned(),
            args: vec![
                "scan",
                "git",
                "--threads",
                THREADS,
                "--format",
                "jsonl",
                "--output",
                REPORT,
            ],
            count: |report| count_json(report, "fingerprint"),
        },
        Tool {
            name: "decoding alone".into(),
            version: "gix-pack, examples/history.rs".into(),
            is_slow: false,
            program: decode.to_owned(),
            args: vec!["decode"],
            count: |_| 0,
        },
        Tool {
            name: "git log -p".into(),
            version: version(&git)?,
            is_slow: true,
            program: "sh".into(),
            args: vec!["-c", "git -C \"$0\" log -p -U0 --all"],
            count: |_| 0,
        },
        kingfisher_tool(home, version(&kingfisher)?, kingfisher)?,
    ])
}

/// Kingfisher, warmed up: it compiles its rules once and keeps them, which is
/// not part of its scanning.
fn kingfisher_tool(home: &Path, version: String, program: PathBuf) -> Result<Tool> {
    let tool = Tool {
        name: "Kingfisher".into(),
        version,
        is_slow: true,
        program,
        args: vec![
            "scan",
            "--no-validate",
            "--no-update-check",
            "--quiet",
            "--jobs",
            THREADS,
            "--format",
            "jsonl",
            "--output",
            REPORT,
        ],
        count: |report| count_json(report, "finding"),
    };
    let dir = home.join("tools").join("warm-up");
    fs::create_dir_all(&dir)?;
    fs::write(dir.join("empty.txt"), "nothing\n")?;
    tool.run(home, &dir)?;
    Ok(tool)
}

/// Kingfisher from the Python package index, in a folder of its own.
fn install_kingfisher(home: &Path) -> Result<PathBuf> {
    let venv = home.join("tools").join("kingfisher");
    let program = venv.join("bin").join("kingfisher");
    if !program.is_file() {
        println!("installing Kingfisher with pip into bench-corpus/tools");
        shell::run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
        shell::run(Command::new(venv.join("bin").join("pip")).args([
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "kingfisher-bin",
        ]))?;
    }
    Ok(program)
}

/// How many lines are JSON objects with the key.
fn count_json(report: &str, key: &str) -> u64 {
    let has = |line: &&str| {
        serde_json::from_str::<serde_json::Value>(line).is_ok_and(|v| v.get(key).is_some())
    };
    report.lines().filter(has).count() as u64
}

fn number(text: &str) -> u64 {
    text.trim().parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_are_counted_and_other_lines_are_not() {
        let report = "{\"fingerprint\":\"a\"}\n{\"summary\":1}\nx\n{\"fingerprint\":\"b\"}\n";
        assert_eq!(count_json(report, "fingerprint"), 2);
    }
}
