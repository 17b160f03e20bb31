//! `cargo xtask noise`: what is found in source code that has no secrets, by
//! detector and package, as a table that a change shows in its diff.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

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

/// What stands in a path, and what a finding there is.
const EXPLANATIONS: &[(&[&str], &str)] = &[
    (
        &["test", "testing", "tests", "testdata", "testlib", "spec", "specs", "fixture", "fixtures",
          "mock", "mocks", "selftests", "integration", "fuzzer", "benchmark", "benchmarks",
          "bench", "corpora", "fuzz", "testonly"],
        "made up for a test, and of the form of a secret",
    ),
    (
        &["doc", "docs", "documentation", "guide", "guides", "example", "examples", "sample",
          "samples", "readme", "howto", "md", "rst", "adoc", "html", "xml", "jsp", "swagger",
          "contrib"],
        "an example of the documentation, or the default of a product",
    ),
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
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let home = shell::root().join("bench-corpus").join("noise");
    fs::create_dir_all(&home)?;
    let binary = match &args.binary {
        Some(binary) => binary.canonicalize()?,
        None => {
            shell::run(shell::cargo().args(["build", "--release", "-p", "stanch"]))?;
            shell::target_dir()?.join("release").join("stanch")
        }
    };
    let apt = Apt::new(&home)?;
    let mut corpora = Vec::new();
    for (name, packages, language) in PACKAGES {
        let (dir, version) = apt.source(name, packages)?;
        println!("scanning {name} {version}");
        let found = scan(&binary, &dir)?;
        let mut lines = 0;
        count(&dir, &mut lines)?;
        corpora.push(Corpus { name, language, version, lines, found });
    }
    let path = shell::root().join("docs").join("noise.md");
    fs::write(&path, table(&corpora)?)?;
    println!("written: {}", path.display());
    Ok(ExitCode::SUCCESS)
}

/// apt with the source packages of this Debian, without touching the system's
/// own lists.
struct Apt {
    home: PathBuf,
}

impl Apt {
    fn new(home: &Path) -> Result<Apt> {
        if shell::which("apt-get").is_none() {
            bail!("no apt-get here; the noise is measured on Debian's source packages");
        }
        let apt = Apt { home: home.to_owned() };
        fs::create_dir_all(home.join("lists").join("partial"))?;
        let list = home.join("sources.list");
        if !list.is_file() {
            fs::write(&list, sources()?)?;
            shell::run(apt.get().args(["update", "-q"]))?;
        }
        Ok(apt)
    }

    fn get(&self) -> Command {
        let mut command = Command::new("apt-get");
        let option = |name: &str, path: &str| format!("{name}={path}");
        command
            .args(["-o", &option("Dir::Etc::sourcelist", &self.home.join("sources.list").to_string_lossy())])
            .args(["-o", "Dir::Etc::sourceparts=-"])
            .args(["-o", &option("Dir::State::lists", &self.home.join("lists").to_string_lossy())]);
        command
    }

    /// The unpacked source of the first of these packages that there is, and
    /// its version.
    fn source(&self, name: &str, packages: &[&str]) -> Result<(PathBuf, String)> {
        let dir = self.home.join(name);
        let mark = self.home.join(format!("{name}.version"));
        if let Ok(version) = fs::read_to_string(&mark) {
            return Ok((dir, version));
        }
        if dir.exists() {
            fs::remove_dir_all(&dir)?;
        }
        let archives = dir.join("archives");
        fs::create_dir_all(&archives)?;
        for package in packages {
            println!("downloading the source of {package}");
            let mut get = self.get();
            get.args(["source", "--download-only", "--tar-only", "-q", package]);
            if shell::run(get.current_dir(&archives)).is_err() {
                continue;
            }
            let mut version = String::new();
            for entry in fs::read_dir(&archives)? {
                let archive = entry?.path();
                let file = archive.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let Some((stem, ending)) = file.split_once(".tar.") else { continue };
                if ending.contains("asc") {
                    continue;
                }
                version = stem.trim_end_matches(".orig").to_owned().max(version);
                let into = dir.join(stem);
                fs::create_dir_all(&into)?;
                shell::run(Command::new("tar").arg("-xf").arg(&archive).arg("-C").arg(&into))?;
            }
            fs::remove_dir_all(&archives)?;
            fs::write(&mark, &version)?;
            return Ok((dir, version));
        }
        bail!("apt-get has the source of none of {}", packages.join(", "))
    }
}

/// The system's own Debian sources, for source packages.
fn sources() -> Result<String> {
    let mut out = String::new();
    for entry in fs::read_dir("/etc/apt/sources.list.d").context("no apt sources")? {
        let path = entry?.path();
        let text = fs::read_to_string(&path).unwrap_or_default();
        if path.extension().is_none_or(|ending| ending != "sources") {
            continue;
        }
        for stanza in text.split("\n\n").filter(|stanza| stanza.contains("debian-archive")) {
            let field = |name: &str| {
                let line = stanza.lines().find(|line| line.starts_with(name));
                line.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim().to_owned())
            };
            let (Some(uri), Some(suites)) = (field("URIs"), field("Suites")) else { continue };
            let key = field("Signed-By").map(|key| format!("[signed-by={key}] ")).unwrap_or_default();
            for suite in suites.split_whitespace() {
                out.push_str(&format!("deb-src {key}{uri} {suite} main\n"));
            }
        }
    }
    if out.is_empty() {
        bail!("no Debian sources in /etc/apt/sources.list.d");
    }
    Ok(out)
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
        found.push(Found { detector: text("detector"), path: text("path") });
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

fn explanation(path: &str) -> Option<usize> {
    let path = path.to_ascii_lowercase();
    let words: Vec<&str> = path.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    EXPLANATIONS.iter().position(|(marks, _)| words.iter().any(|word| marks.contains(word)))
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
    out.push_str("\n## What they are\n\n| what | findings |\n|---|--:|\n");
    let mut reasons = vec![0; EXPLANATIONS.len() + 1];
    let others = corpora.iter().flat_map(|corpus| &corpus.found);
    for found in others.filter(|found| !is_key(&found.detector)) {
        let at = explanation(&found.path).unwrap_or(EXPLANATIONS.len());
        reasons[at] += 1;
    }
    for (at, count) in reasons.iter().enumerate() {
        let what = EXPLANATIONS.get(at).map_or(
            "in the source itself: names of parameters in comments, messages, tokens of parsers, and defaults",
            |explained| explained.1,
        );
        writeln!(out, "| {what} | {count} |")?;
    }
    Ok(out)
}
