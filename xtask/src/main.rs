//! The project's own tasks: `cargo xtask --help`.
//!
//! Each command has a file of its own; what they share is in `shell`.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a developer's tool talks to its terminal"
)]

mod bench;
mod debian;
mod fuzz;
mod generate;
mod new_detector;
mod noise;
mod shell;
mod test;
mod tidy;
mod train;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Everything that maintainers of Stanch run.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    Test(test::Args),
    Tidy(tidy::Args),
    NewDetector(new_detector::Args),
    Gen(generate::Args),
    Bench(bench::Args),
    Noise(noise::Args),
    Train(train::Args),
    Fuzz(fuzz::Args),
}

fn main() -> ExitCode {
    let result = match Args::parse().task {
        Task::Test(args) => test::run(&args),
        Task::Tidy(args) => tidy::run(&args),
        Task::NewDetector(args) => new_detector::run(&args),
        Task::Gen(args) => generate::run(&args),
        Task::Bench(args) => bench::run(&args),
        Task::Noise(args) => noise::run(&args),
        Task::Train(args) => train::run(&args),
        Task::Fuzz(args) => fuzz::run(&args),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
