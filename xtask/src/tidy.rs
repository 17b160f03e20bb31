//! `cargo xtask tidy`: what the compiler and clippy cannot check.
//!
//! The checks are pure: a tree of texts and the answer of `cargo metadata` go
//! in, violations come out. So each rule is tested on a small made-up tree, and
//! the test at the end of this file holds the repository itself to all of them.

mod arrows;
mod generated;
mod layout;
mod rust;
mod text;

pub(crate) use layout::is_kebab_case;
pub(crate) use text::PLACE_TO_FILL;

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::shell;

/// Check the rules of the repository: crate arrows, file lengths, detector
/// files and the like.
#[derive(clap::Args)]
pub(crate) struct Args {}

/// A broken rule, where, and how to mend it.
#[derive(Debug, PartialEq, Eq)]
struct Violation {
    /// Path from the root, with slashes.
    path: String,
    /// Line from 1, where one line is to blame.
    line: Option<usize>,
    /// What is wrong and how to mend it, as a sentence or two.
    message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.path, self.message),
            None => write!(f, "{}: {}", self.path, self.message),
        }
    }
}

/// The texts of a repository by path from its root. Files that are not UTF-8
/// are left out: no rule speaks of them.
#[derive(Default)]
struct Tree {
    files: BTreeMap<String, String>,
}

impl Tree {
    /// Every file that is tracked, or would be after `git add --all`.
    fn read(root: &Path) -> Result<Tree> {
        let mut tree = Tree::default();
        for path in paths(root)? {
            // A file may be deleted and still be in the index.
            if let Ok(bytes) = fs::read(root.join(&path))
                && let Ok(text) = String::from_utf8(bytes)
            {
                tree.files.insert(path, text);
            }
        }
        Ok(tree)
    }

    #[cfg(test)]
    fn of(files: &[(&str, &str)]) -> Tree {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
        Tree { files: files.collect() }
    }
}

pub(crate) fn run(_: &Args) -> Result<ExitCode> {
    let tree = Tree::read(&shell::root())?;
    let violations = check(&tree, &shell::metadata()?);
    for violation in &violations {
        println!("{violation}");
    }
    if violations.is_empty() {
        println!("tidy: {} files, nothing to mend", tree.files.len());
        return Ok(ExitCode::SUCCESS);
    }
    println!("tidy: {} to mend", violations.len());
    Ok(ExitCode::FAILURE)
}

fn check(tree: &Tree, metadata: &serde_json::Value) -> Vec<Violation> {
    let mut violations = arrows::check(metadata);
    violations.extend(layout::check(tree));
    violations.extend(generated::check(tree));
    for (path, text) in &tree.files {
        text::check(path, text, &mut violations);
        if path.ends_with(".rs") {
            rust::check(path, text, &mut violations);
        }
    }
    violations
}

/// Paths from the root, from git where it knows the folder, and otherwise from
/// a walk that leaves out what a build makes. (An unpacked source archive is no
/// git repository, and git does not trust a folder that another user owns.)
pub(crate) fn paths(root: &Path) -> Result<Vec<String>> {
    let listed = shell::output(Command::new("git").arg("-C").arg(root).args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]));
    if let Ok(listed) = listed
        && !listed.is_empty()
    {
        return Ok(listed.split('\0').filter(|p| !p.is_empty()).map(str::to_owned).collect());
    }
    let mut found = Vec::new();
    walk(root, "", &mut found)?;
    found.sort();
    Ok(found)
}

/// Folders, from the root, that only a build or a benchmark makes.
const MADE: &[&str] =
    &[".git", "target", "fuzz/target", "fuzz/corpus", "fuzz/artifacts", "bench-corpus"];

fn walk(dir: &Path, prefix: &str, found: &mut Vec<String>) -> Result<()> {
    for entry in fs::read_dir(dir).with_context(|| format!("cannot list {}", dir.display()))? {
        let entry = entry?;
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let kind = entry.file_type()?;
        if kind.is_dir() && !MADE.contains(&path.as_str()) {
            walk(&entry.path(), &format!("{path}/"), found)?;
        } else if kind.is_file() {
            found.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_is_tidy() {
        let tree = Tree::read(&shell::root()).unwrap();
        assert!(tree.files.contains_key("xtask/src/tidy.rs"), "the tree was not read");
        let violations = check(&tree, &shell::metadata().unwrap());
        let shown: Vec<String> = violations.iter().map(Violation::to_string).collect();
        assert!(shown.is_empty(), "{} to mend:\n{}", shown.len(), shown.join("\n"));
    }

    #[test]
    fn a_walk_finds_what_git_lists() {
        let mut walked = Vec::new();
        walk(&shell::root(), "", &mut walked).unwrap();
        assert!(walked.iter().any(|p| p == "xtask/src/tidy/rust.rs"));
        assert!(!walked.iter().any(|p| p.starts_with("target/") || p.starts_with(".git/")));
    }

    #[test]
    fn every_rule_runs_and_says_where() {
        let tree = Tree::of(&[("crates/scan/src/lib.rs", "fn f() { unsafe {} }\n")]);
        let shown: Vec<String> = check(&tree, &serde_json::json!({ "packages": [] }))
            .iter()
            .map(|v| v.to_string())
            .collect();
        assert_eq!(shown.len(), 2, "{shown:?}");
        assert!(shown[0].starts_with("crates/scan/src/lib.rs:1: "), "{shown:?}");
        assert!(shown[1].starts_with("crates/scan/src/lib.rs:1: `unsafe`"), "{shown:?}");
    }
}
