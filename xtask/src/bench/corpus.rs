//! Real source code to scan, from Debian's packages: what anyone can get in the
//! same form, through apt and without network code of ours.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::shell;

/// Source code in a folder.
pub(super) struct Corpus {
    pub(super) name: &'static str,
    pub(super) dir: PathBuf,
    /// Debian package and version.
    pub(super) package: String,
    pub(super) files: u64,
    pub(super) bytes: u64,
}

/// Name, and packages of which the first that this Debian has is taken.
const SOURCES: &[(&str, &[&str])] = &[
    ("linux", &["linux-source-6.1", "linux-source-6.12", "linux-source"]),
    ("go", &["golang-1.19-src", "golang-1.24-src"]),
    ("javascript", &["node-typescript"]),
];

/// Downloads and unpacks what is not there yet.
pub(super) fn prepare(home: &Path) -> Result<Vec<Corpus>> {
    // This repository's own configuration leaves the corpus out.
    fs::write(home.join("stanch.toml"), "# Nothing is left out.\n")?;
    SOURCES.iter().map(|(name, packages)| one(home, name, packages)).collect()
}

fn one(home: &Path, name: &'static str, packages: &[&str]) -> Result<Corpus> {
    let dir = home.join("corpora").join(name);
    let mark = home.join("corpora").join(format!("{name}.package"));
    if !mark.is_file() {
        let debs = home.join("debs");
        fs::create_dir_all(&debs)?;
        let deb = match packages.iter().find_map(|package| find(&debs, package)) {
            Some(deb) => deb,
            None => download(&debs, packages)?,
        };
        if dir.exists() {
            fs::remove_dir_all(&dir)?;
        }
        unpack(home, &deb, &dir)?;
        let field = |field| shell::output(Command::new("dpkg-deb").arg("-f").arg(&deb).arg(field));
        fs::write(&mark, format!("{} {}", field("Package")?, field("Version")?))?;
    }
    let (mut files, mut bytes) = (0, 0);
    count(&dir, &mut files, &mut bytes)?;
    Ok(Corpus { name, dir, package: fs::read_to_string(mark)?, files, bytes })
}

fn find(debs: &Path, package: &str) -> Option<PathBuf> {
    let mut files = fs::read_dir(debs).ok()?.filter_map(Result::ok).map(|entry| entry.path());
    files.find(|file| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(&format!("{package}_")) && name.ends_with(".deb")
    })
}

fn download(debs: &Path, packages: &[&str]) -> Result<PathBuf> {
    if shell::which("apt-get").is_none() {
        bail!("no apt-get here; put the Debian package {} into bench-corpus/debs", packages[0]);
    }
    for is_fresh in [false, true] {
        if is_fresh {
            println!("updating apt's lists");
            shell::run(shell::as_root("apt-get")?.args(["update", "-q"]))?;
        }
        for package in packages {
            println!("downloading with apt-get: {package}");
            let command = &mut Command::new("apt-get");
            let command = command.args(["download", "-q", package]).current_dir(debs);
            if shell::run(command).is_ok()
                && let Some(deb) = find(debs, package)
            {
                return Ok(deb);
            }
        }
    }
    bail!("apt-get has none of {}", packages.join(", "));
}

/// Unpacks a package, and the archives of source code that it holds.
fn unpack(home: &Path, deb: &Path, dir: &Path) -> Result<()> {
    println!("unpacking {}", deb.display());
    let parts = home.join("unpack");
    if parts.exists() {
        fs::remove_dir_all(&parts)?;
    }
    fs::create_dir_all(&parts)?;
    shell::run(Command::new("dpkg-deb").arg("-x").arg(deb).arg(&parts))?;
    let source = parts.join("usr").join("src");
    let archives: Vec<PathBuf> = fs::read_dir(&source)
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.to_string_lossy().ends_with(".tar.xz") && path.is_file())
        .collect();
    fs::create_dir_all(dir.parent().context("no parent")?)?;
    if archives.is_empty() {
        fs::rename(&parts, dir)?;
        return Ok(());
    }
    fs::create_dir_all(dir)?;
    for archive in archives {
        shell::run(Command::new("tar").arg("-xf").arg(archive).arg("-C").arg(dir))?;
    }
    fs::remove_dir_all(&parts)?;
    Ok(())
}

/// Regular files below a folder, and their bytes; links are not followed.
fn count(dir: &Path, files: &mut u64, bytes: &mut u64) -> Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            count(&entry.path(), files, bytes)?;
        } else if kind.is_file() {
            *files += 1;
            *bytes += entry.metadata()?.len();
        }
    }
    Ok(())
}
