//! `stanch`, the program: arguments in, reports and exit codes out.

mod args;
mod baseline;
mod ci;
mod collect;
mod detectors;
mod exit;
mod explain;
mod find;
mod fix;
mod hook;
mod interrupt;
mod output;
mod pack;
mod policy;
mod report;
mod scan;
mod secret;
mod snippet;
mod why;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use crate::args::{Args, Command};
use crate::exit::Exit;

fn main() -> ExitCode {
    let args = Args::parse();
    let done = match args.command {
        Command::Scan(args) => scan::run(&args).map(ExitCode::from),
        Command::Why(args) => why::run(&args).map(ExitCode::from),
        Command::Detectors(args) => detectors::run(&args).map(ExitCode::from),
        Command::Baseline(command) => baseline::run(command, scan::findings),
        Command::Ci(args) => ci::run(&args).map(ExitCode::from),
        Command::Hook(command) => hook::run(command).map(ExitCode::from),
        Command::Explain(args) => explain::run(&args).map(ExitCode::from),
        Command::Snippet(args) => snippet::run(&args).map(ExitCode::from),
        Command::Fix(args) => fix::run(&args).map(ExitCode::from),
        Command::Secret(args) => secret::run(&args).map(ExitCode::from),
    };
    match done {
        Ok(exit) => exit,
        // Whoever reads has seen enough, as in `stanch scan . | head`.
        Err(error) if is_broken_pipe(&error) => Exit::Clean.into(),
        Err(error) => {
            complain(&format!("{error:#}"));
            Exit::Incomplete.into()
        }
    }
}

/// Tells of a failure on standard error.
pub(crate) fn complain(message: &str) {
    let style = report::style::ERROR;
    // Nobody is left to be told when standard error itself is gone.
    let _ = writeln!(anstream::stderr(), "{style}stanch:{style:#} {message}");
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let io = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        let json = cause.downcast_ref::<serde_json::Error>().and_then(|e| e.io_error_kind());
        io.or(json) == Some(io::ErrorKind::BrokenPipe)
    })
}
