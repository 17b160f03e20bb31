//! `stanch hook`: secrets are stopped before they are committed, pushed or
//! received.
//!
//! Installing, asking and mending talk to the user's own `git`, because what
//! counts is where *that* looks for hooks. The module `run` is what Git starts at every
//! commit and push: it starts no other program, and reads only what is new.

mod audit;
mod bypass;
mod doctor;
mod git;
mod install;
mod manager;
mod pass;
mod prereceive;
mod protocol;
mod run;
mod script;
mod status;
mod tell;
mod watchdog;
mod yaml;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};

use crate::args::ListFormat;
use crate::exit::Exit;

/// `stanch hook`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  \
    stanch hook install                     pre-commit and pre-push of this repository\n  \
    stanch hook install --global            of all repositories of yours\n  \
    stanch hook install pre-receive         on a server, in a bare repository\n  \
    stanch hook doctor                      whether they really run\n  \
    STANCH_BYPASS='test data' git commit    past a hook, where policy allows it\n\n\
    Exit codes: 0 done or clean, 1 findings, 2 not done or not everything read.")]
pub(crate) struct HookCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Install hooks; what is there already is kept and runs first
    Install(InstallArgs),
    /// Take the hooks away and put back what was there before
    Uninstall(UninstallArgs),
    /// Say which hooks are installed, and which never run
    Status {
        /// How to write it
        #[arg(long, value_enum, default_value_t = ListFormat::Human)]
        format: ListFormat,
    },
    /// Check that the hooks really run, and say what to mend
    Doctor,
    /// What Git starts: scan what is about to be committed, pushed or received
    Run(RunArgs),
}

#[derive(Debug, ClapArgs)]
struct InstallArgs {
    /// For all repositories of this user, through core.hooksPath; their own hooks still run
    #[arg(long, conflicts_with = "local")]
    global: bool,

    /// For this repository only, which is the default
    #[arg(long)]
    local: bool,

    /// Write the lines into the configuration of husky, lefthook or pre-commit, not only print them
    #[arg(long)]
    write: bool,

    /// Install beside a hook manager too; its hook is kept and runs first
    #[arg(long, conflicts_with = "write")]
    anyway: bool,

    /// Which [default: pre-commit and pre-push; pre-receive in a bare repository]
    #[arg(value_enum, value_name = "HOOK")]
    hooks: Vec<Hook>,
}

#[derive(Debug, ClapArgs)]
struct UninstallArgs {
    /// Those for all repositories of this user
    #[arg(long, conflicts_with = "local")]
    global: bool,

    /// Those of this repository, which is the default
    #[arg(long)]
    local: bool,

    /// Which [default: all that are installed]
    #[arg(value_enum, value_name = "HOOK")]
    hooks: Vec<Hook>,
}

#[derive(Debug, ClapArgs)]
struct RunArgs {
    /// Which hook Git runs
    #[arg(value_enum, value_name = "HOOK")]
    hook: Hook,

    /// Read this configuration instead of looking for one
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Seconds that pre-receive may take [default: 4]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    budget: Option<std::time::Duration>,

    /// What Git passes: for pre-push the name and address of the remote
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARG")]
    args: Vec<OsString>,
}

/// A hook that can be installed.
#[expect(clippy::enum_variant_names, reason = "these are Git's names")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
enum Hook {
    /// Before a commit is made, on what is staged
    PreCommit,
    /// Before objects are sent, on what the other side has not seen
    PrePush,
    /// On a server, before references are changed
    PreReceive,
}

impl Hook {
    const ALL: [Hook; 3] = [Hook::PreCommit, Hook::PrePush, Hook::PreReceive];

    /// Git's name for it.
    fn name(self) -> &'static str {
        match self {
            Hook::PreCommit => "pre-commit",
            Hook::PrePush => "pre-push",
            Hook::PreReceive => "pre-receive",
        }
    }

    /// Whether Git tells it something on standard input.
    fn reads_input(self) -> bool {
        self != Hook::PreCommit
    }
}

/// Runs the command.
///
/// # Errors
/// What cannot be done, with what to do about it. No hook passes then.
pub(crate) fn run(command: HookCommand) -> anyhow::Result<Exit> {
    match command.what {
        What::Install(args) => install::install(&args),
        What::Uninstall(args) => install::uninstall(&args),
        What::Status { format } => status::run(format),
        What::Doctor => doctor::run(),
        What::Run(args) => run::start(&args),
    }
}

/// Whether a hook of ours looks at commits of the repository here; none where
/// there is no repository.
pub(crate) fn watches_commits() -> Option<bool> {
    let place = git::Place::here().ok()?;
    let runs = |state: &status::HookState| {
        state.which == Hook::PreCommit
            && matches!(state.state, status::State::Installed | status::State::Managed)
    };
    Some(status::of(&place).iter().any(runs))
}

fn seconds(text: &str) -> Result<std::time::Duration, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.0..=3600.0).contains(&seconds) => {
            Ok(std::time::Duration::from_secs_f64(seconds))
        }
        _ => Err("give a number of seconds from 0 to 3600".to_owned()),
    }
}
