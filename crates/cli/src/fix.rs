//! `stanch fix`: replaces secrets by references to where they belong.

mod check;
mod diff;
mod git;
mod history;
mod neighbours;
mod plan;
mod store;
mod tell;
mod write;

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use stanch_remedy::Manager;

use crate::exit::Exit;
use crate::find;
use crate::secret::connection::Connection;
use plan::Plan;

/// `stanch fix`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    stanch fix src/app.py:12 --diff           what would change; nothing is written\n  \
    stanch fix src/app.py:12                  read it from the environment\n  \
    stanch fix 3f9a1c --to vault              wherever that secret stands\n  \
    stanch fix . --branch remove-secrets      all of them, in a commit of a new branch\n  \
    stanch fix --history                      what rewriting the history would take\n\n\
    Exit codes: 0 everything is fixed, 1 something is left for you, 2 failed.")]
pub(crate) struct FixArgs {
    /// Fingerprints, places such as src/app.py:12, files or folders
    #[arg(value_name = "FINDING", required_unless_present = "history")]
    which: Vec<String>,

    /// Where the program is to read the secret from: env, aws, vault, conjur,
    /// azure, gcp or kubernetes
    #[arg(long, value_name = "MANAGER", default_value = "env")]
    to: Manager,

    /// The secret's path in the manager [default: made from its name]
    #[arg(long, value_name = "PATH")]
    path: Option<String>,

    /// The field below that path
    #[arg(long, value_name = "NAME")]
    field: Option<String>,

    /// Show what would change, secrets masked, and change nothing
    #[arg(long, conflicts_with_all = ["branch", "store"])]
    diff: bool,

    /// Put the change into one commit of a new branch, and leave the work tree alone
    #[arg(long, value_name = "NAME")]
    branch: Option<String>,

    /// Store the secrets in the manager first
    #[arg(long)]
    store: bool,

    /// Change files even if Git could not bring them back
    #[arg(long)]
    force: bool,

    /// Leave secrets in comments where they are, instead of masking them
    #[arg(long)]
    keep_comments: bool,

    /// Plan the removal from the whole history, instead of changing files
    #[arg(long, conflicts_with_all = ["diff", "branch", "store"])]
    history: bool,

    /// Carry the plan out on a fresh mirror of the repository, made here
    #[arg(long, value_name = "DIR", requires = "run")]
    mirror: Option<PathBuf>,

    /// Carry the plan out, on the mirror and nowhere else
    #[arg(long, requires = "history", requires = "mirror")]
    run: bool,

    /// How to reach the manager, with --store.
    #[command(flatten)]
    connection: Connection,
}

/// Runs the command.
pub(crate) fn run(args: &FixArgs) -> anyhow::Result<Exit> {
    if args.history {
        return history::run(&args.which, args.mirror.as_deref().filter(|_| args.run));
    }
    let root = std::env::current_dir().context("the working folder is gone")?;
    let findings = find::findings(&args.which, std::path::Path::new("."))?;
    if findings.is_empty() {
        bail!("there is nothing to fix");
    }
    let mut plan = Plan::new(&findings, args)?;
    plan.verify()?;
    if args.diff {
        tell::diff(&plan)?;
        return Ok(plan.exit());
    }
    if plan.files.iter().all(|file| !file.is_changed()) {
        tell::outcome(&plan, &tell::Done::Nothing, args)?;
        return Ok(plan.exit());
    }
    let repo = git::Repo::around(&root);
    write::allowed(&plan, repo.as_ref(), args)?;
    if args.store {
        // Whatever goes wrong afterwards, the value is not lost.
        store::store(args.to, &plan, &args.connection)?;
    }
    let done = match &args.branch {
        Some(name) => {
            let Some(repo) = &repo else {
                bail!("there is no Git repository here to make a branch in")
            };
            tell::Done::Branch { name: name.clone(), commit: git::branch(repo, &plan, name)? }
        }
        None => tell::Done::Written { untracked: write::files(&plan, repo.as_ref())? },
    };
    tell::outcome(&plan, &done, args)?;
    Ok(plan.exit())
}
