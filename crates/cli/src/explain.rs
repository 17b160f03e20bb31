//! `stanch explain`.

use clap::Args;

use crate::exit::Exit;

/// `stanch explain`.
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {}

/// Runs the command.
pub(crate) fn run(_: &ExplainArgs) -> anyhow::Result<Exit> {
    anyhow::bail!("not there yet")
}
