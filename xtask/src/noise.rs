//! `cargo xtask noise`: what is found in source code that has no secrets, by
//! detector and package, as a table that a change shows in its diff.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::debian::Apt;
use crate::shell;

/// Measure what is found where nothing should be, and write docs/noise.md
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The binary [default: a release build of this tree]
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
}

/// Debian source packages, each with what is taken where it has another name.
const PACKAGES: &[(&str, &[&str], &str)] = &[
    ("linux", &["linux"], "C"),
    ("golang", &["golang-1.19", "golang-1.24"], "Go"),
    ("kubernetes", &["kubernetes"], "Go"),
    ("nodejs", &["nodejs"], "JavaScript, C++"),
    ("python", &["python3.11", "python3.13"], "Python, C"),
    ("rails", &["rails"], "Ruby"),
    ("tomcat", &["tomcat10", "tomcat11"], "Java"),
    ("cargo", &["cargo", "rust-cargo"], "Rust"),
    ("wordpress", &["wordpress"], "PHP, JavaScript"),
    ("phpmyadmin", &["phpmyadmin"], "PHP"),
    ("openssl", &["openssl"], "C, Perl"),
    ("curl", &["curl"], "C, Perl"),
];

/// Detectors of well-formed keys, which test suites are full of and which are
/// keys all the same.
const KEYS: &[&str] = &["private-key", "pkcs12", "jwk-"];

/// Where each finding is listed, with what it is.
const LIST: &str = "docs/noise.tsv";

/// The columns of the list.
const COLUMNS: [&str; 6] = ["package", "path", "line", "detector", "kind", "what it is"];

/// What a finding may be, in the list's words and in the page's.
const KINDS: &[(&str, &str)] = &[
    ("test", "made up for a test, and of the form of a secret"),
    ("example", "an example of the documentation"),
    ("default", "the default of a product, which opens every installation that keeps it"),
    ("public", "a value that is public by design, and has the form of a secret"),
    ("real", "a secret of somebody, committed in the clear"),
    ("wrong", "no secret: a name, a message or a piece of code"),
    ("", "not looked at yet"),
];

struct Corpus {
    name: &'static str,
    language: &'static str,
    version: String,
    lines: u64,
    found: Vec<Found>,
}

struct Found {
    detector: String,
    path: String,
    line: u64,
    kind: String,
    what: String,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let binary = match &args.binary {
        Some(binary) => binary.canonicalize()?,
        None => {
            shell::run(shell::cargo().args(["build", "--release", "-p", "stanch"]))?;
            shell::target_dir()?.join("release").join("stanch")
        }
    };
    let apt = Apt::new()?;
    let mut corpora = Vec::new();
    for (name, packages, language) in PACKAGES {
        let (dir, version) = apt.source(name, packages)?;
        println!("scanning {name} {version}");
        let found = scan(&binary, &dir)?;
        let mut lines = 0;
        count(&dir, &mut lines)?;
        corpora.push(Corpus { name, language, version, lines, found });
    }
    let list = shell::root().join(LIST);
    explain(&mut corpora, &fs::read_to_string(&list).unwrap_or_default());
    fs::write(&list, listed(&corpora)?)?;
    let path = shell::root().join("docs").join("noise.md");
    fs::write(&path, table(&corpora)?)?;
    println!("written: {} and {}", path.display(), list.display());
    let open = corpora.iter().flat_map(noise).filter(|found| found.kind.is_empty()).count();
    if open > 0 {
        println!("{open} findings need a kind and an explanation in {LIST}");
    }
    Ok(ExitCode::SUCCESS)
}

fn scan(binary: &Path, dir: &Path) -> Result<Vec<Found>> {
    let mut command = Command::new(binary);
    command.args(["scan", ".", "--format", "jsonl", "--no-ignores", "--quiet"]);
    command.args(["--config", "/dev/null"]).current_dir(dir);
    let output = command.output().with_context(|| shell::shown(&command))?;
    if output.status.code() == Some(2) && output.stdout.is_empty() {
        bail!("{}: {}", shell::shown(&command), String::from_utf8_lossy(&output.stderr));
    }
    let mut found = Vec::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let value: serde_json::Value = serde_json::from_str(line)?;
        let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
        found.push(Found {
            detector: text("detector"),
            path: text("path"),
            line: value["line"].as_u64().unwrap_or_default(),
            kind: String::new(),
            what: String::new(),
        });
    }
    Ok(found)
}

/// Lines of all regular files.
fn count(dir: &Path, lines: &mut u64) -> Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            count(&entry.path(), lines)?;
        } else if kind.is_file() {
            let text = fs::read(entry.path())?;
            *lines += text.iter().filter(|byte| **byte == b'\n').count() as u64;
        }
    }
    Ok(())
}

fn is_key(detector: &str) -> bool {
    KEYS.iter().any(|key| detector.starts_with(key))
}

/// The findings that are no well-formed keys.
fn noise(corpus: &Corpus) -> impl Iterator<Item = &Found> {
    corpus.found.iter().filter(|found| !is_key(&found.detector))
}

/// Takes over what the list said before of the same findings.
fn explain(corpora: &mut [Corpus], list: &str) {
    let mut known = BTreeMap::new();
    for row in list.lines().skip(1) {
        if let [package, path, line, detector, kind, what] =
            row.split('\t').collect::<Vec<_>>().as_slice()
        {
            known.insert((*package, *path, *line, *detector), (*kind, *what));
        }
    }
    for corpus in corpora {
        for found in &mut corpus.found {
            let line = found.line.to_string();
            let key = (corpus.name, found.path.as_str(), line.as_str(), found.detector.as_str());
            if let Some((kind, what)) = known.get(&key) {
                found.kind = (*kind).to_owned();
                found.what = (*what).to_owned();
            }
        }
    }
}

/// The list of all findings.
fn listed(corpora: &[Corpus]) -> Result<String> {
    let mut out = COLUMNS.join("\t") + "\n";
    for corpus in corpora {
        let mut rows: Vec<&Found> = noise(corpus).collect();
        rows.sort_by_key(|found| (&found.path, found.line, &found.detector));
        for Found { path, line, detector, kind, what } in rows {
            writeln!(out, "{}\t{path}\t{line}\t{detector}\t{kind}\t{what}", corpus.name)?;
        }
    }
    Ok(out)
}

fn table(corpora: &[Corpus]) -> Result<String> {
    let mut out = String::from(
        "# Noise\n\n\
         What `stanch scan` reports at default confidence in source code that has no secrets.\n\
         `cargo xtask noise` measures it on Debian's source packages and writes this page; a change of a detector \
         shows here what it costs.\n\
         Well-formed private keys are counted apart: test suites are full of them, and they are keys all the same.\n\n\
         | package | languages | lines | findings | for 100,000 lines | keys |\n|---|---|--:|--:|--:|--:|\n",
    );
    let (mut lines, mut findings, mut keys) = (0, 0, 0);
    for corpus in corpora {
        let own = corpus.found.iter().filter(|found| is_key(&found.detector)).count();
        let rest = corpus.found.len() - own;
        writeln!(
            out,
            "| {} | {} | {} | {rest} | {:.2} | {own} |",
            corpus.version,
            corpus.language,
            corpus.lines,
            rest as f64 / corpus.lines as f64 * 1e5
        )?;
        lines += corpus.lines;
        findings += rest;
        keys += own;
    }
    writeln!(
        out,
        "| **together** | | {lines} | {findings} | **{:.2}** | {keys} |",
        findings as f64 / lines as f64 * 1e5
    )?;
    out.push_str("\n## By detector\n\n| detector |");
    for corpus in corpora {
        write!(out, " {} |", corpus.name)?;
    }
    out.push_str(" together |\n|---|");
    out.push_str(&"--:|".repeat(corpora.len() + 1));
    out.push('\n');
    let mut by_detector: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, corpus) in corpora.iter().enumerate() {
        for found in &corpus.found {
            by_detector.entry(&found.detector).or_insert_with(|| vec![0; corpora.len()])[at] += 1;
        }
    }
    let mut rows: Vec<_> = by_detector.into_iter().collect();
    rows.sort_by_key(|(name, counts)| (std::cmp::Reverse(counts.iter().sum::<usize>()), *name));
    for (name, counts) in rows {
        write!(out, "| `{name}` |")?;
        for count in &counts {
            match count {
                0 => out.push_str("  |"),
                some => write!(out, " {some} |")?,
            }
        }
        writeln!(out, " {} |", counts.iter().sum::<usize>())?;
    }
    write!(
        out,
        "\n## What they are\n\n[noise.tsv](noise.tsv) has each of them, and what it is.\n\n\
         | what | findings |\n|---|--:|\n"
    )?;
    for (kind, what) in KINDS {
        let count = corpora.iter().flat_map(noise).filter(|found| found.kind == *kind).count();
        if count > 0 {
            writeln!(out, "| {what} | {count} |")?;
        }
    }
    Ok(out)
}
