//! Source code to look at, from Debian's source packages: what anyone can get
//! in the same form, through apt and without network code of ours.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::shell;

/// apt with the source packages of this Debian, without touching the system's
/// own lists.
pub(crate) struct Apt {
    home: PathBuf,
}

impl Apt {
    /// Reads the lists of source packages, once.
    pub(crate) fn new() -> Result<Apt> {
        if shell::which("apt-get").is_none() {
            bail!("no apt-get here; it is Debian's source packages that are looked at");
        }
        let apt = Apt { home: shell::root().join("bench-corpus").join("noise") };
        fs::create_dir_all(apt.home.join("lists").join("partial"))?;
        let list = apt.home.join("sources.list");
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
            .args([
                "-o",
                &option("Dir::Etc::sourcelist", &self.home.join("sources.list").to_string_lossy()),
            ])
            .args(["-o", "Dir::Etc::sourceparts=-"])
            .args(["-o", &option("Dir::State::lists", &self.home.join("lists").to_string_lossy())]);
        command
    }

    /// The unpacked source of the first of these packages that there is, and
    /// its version.
    pub(crate) fn source(&self, name: &str, packages: &[&str]) -> Result<(PathBuf, String)> {
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
            let key =
                field("Signed-By").map(|key| format!("[signed-by={key}] ")).unwrap_or_default();
            // Those of updates come and go; what is measured is to stay.
            for suite in suites.split_whitespace().filter(|suite| !suite.contains('-')) {
                out.push_str(&format!("deb-src {key}{uri} {suite} main\n"));
            }
        }
    }
    if out.is_empty() {
        bail!("no Debian sources in /etc/apt/sources.list.d");
    }
    Ok(out)
}
