//! Fits the model of generic secrets, and measures it; `cargo xtask train`
//! calls it:
//!
//! ```text
//! train fit CORPUS WEIGHTS [CLEAN…]     writes the weights into the source
//! train score CORPUS REPORT PICTURE     measures the engine with them
//! ```
//!
//! CORPUS is a folder with `labels.jsonl` and the files that it names; CLEAN
//! are folders of source code without secrets.
#![expect(clippy::print_stdout, reason = "a tool that says what it does")]
#![expect(clippy::indexing_slicing, reason = "indices are of the same arrays")]

mod corpus;
mod fit;
mod human;
mod report;
mod score;

use std::error::Error;
use std::path::Path;

use corpus::Example;

/// What may go wrong.
type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The seed of everything that is made up or shuffled.
const SEED: u64 = 20_261;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["fit", corpus, weights, clean @ ..] => fit(Path::new(corpus), Path::new(weights), clean),
        ["score", corpus, report, picture] => {
            report::write(Path::new(corpus), Path::new(report), Path::new(picture))
        }
        _ => {
            Err("usage: train fit CORPUS WEIGHTS [CLEAN…] | train score CORPUS REPORT PICTURE"
                .into())
        }
    }
}

fn fit(corpus: &Path, weights: &Path, clean: &[&str]) -> Result<()> {
    let mut examples: Vec<Example> = corpus::labelled(corpus)?;
    println!("{} labelled assignments", examples.len());
    let made_up = human::settings(SEED, human::Share::Training);
    examples.extend(made_up.iter().flat_map(corpus::invented));
    for folder in clean {
        let before = examples.len();
        corpus::clean(Path::new(folder), &mut examples)?;
        println!("{} assignments in {folder}", examples.len() - before);
    }
    let training: Vec<&Example> = examples.iter().filter(|example| !example.held_out).collect();
    println!("fitting to {} assignments", training.len());
    let fitted = fit::fit(&training);
    for (name, held) in [("training", false), ("hold-out", true)] {
        let of = |example: &&Example| example.held_out == held && example.labelled;
        let scored: Vec<(f64, bool)> = examples
            .iter()
            .filter(of)
            .map(|example| (fit::probability(&fitted, &example.features), example.truth))
            .collect();
        println!("{name}: {}", score::Counts::at(0.5, &scored));
    }
    fit::write(weights, &fitted)
}
