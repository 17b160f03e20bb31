//! `cargo xtask train`: fits the model of generic secrets, and measures it.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, bail};

use crate::debian::Apt;
use crate::shell;

/// Fit the model of generic secrets, and write docs/generic.md with what it reaches
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Labelled lines: an archive, or a folder, with labels.jsonl and the files that it names
    #[arg(long, value_name = "FILE|DIR")]
    corpus: PathBuf,

    /// Measure only, with the weights that there are
    #[arg(long)]
    score: bool,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let root = shell::root();
    let corpus = unpacked(args)?;
    let weights = root.join("crates/scan/src/generic/model/weights.rs");
    let train = |words: &[&str], paths: &[PathBuf]| {
        let mut cargo = shell::cargo();
        cargo.args(["run", "--release", "-p", "stanch-scan", "--example", "train", "--"]);
        shell::run(cargo.args(words).args(paths).current_dir(&root))
    };
    if !args.score {
        let apt = Apt::new()?;
        let go = apt.source("golang", &["golang-1.19", "golang-1.24"])?.0;
        let python = apt.source("python", &["python3.11", "python3.13"])?.0;
        train(&["fit"], &[corpus.clone(), weights.clone(), go, python])?;
        shell::run(shell::cargo().args(["fmt", "-p", "stanch-scan"]))?;
    }
    let docs = root.join("docs");
    train(&["score"], &[corpus, docs.join("generic.md"), docs.join("calibration.svg")])?;
    Ok(ExitCode::SUCCESS)
}

/// The folder of the corpus.
fn unpacked(args: &Args) -> Result<PathBuf> {
    let given = args.corpus.canonicalize().with_context(|| args.corpus.display().to_string())?;
    let mut folder = given.clone();
    if given.is_file() {
        folder = shell::root().join("bench-corpus").join("labelled");
        std::fs::create_dir_all(&folder)?;
        shell::run(Command::new("tar").arg("-xf").arg(&given).arg("-C").arg(&folder))?;
    }
    let inner = folder.join("labelled");
    let found = [folder, inner].into_iter().find(|folder| folder.join("labels.jsonl").is_file());
    match found {
        Some(folder) => Ok(folder),
        None => bail!("{}: there is no labels.jsonl in it", given.display()),
    }
}
