//! `stanch fix`.

use clap::Args;

use crate::exit::Exit;

/// `stanch fix`.
#[derive(Debug, Args)]
pub(crate) struct FixArgs {}

/// Runs the command.
pub(crate) fn run(_: &FixArgs) -> anyhow::Result<Exit> {
    anyhow::bail!("not there yet")
}
