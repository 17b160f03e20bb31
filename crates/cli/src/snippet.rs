//! `stanch snippet`.

use clap::Args;

use crate::exit::Exit;

/// `stanch snippet`.
#[derive(Debug, Args)]
pub(crate) struct SnippetArgs {}

/// Runs the command.
pub(crate) fn run(_: &SnippetArgs) -> anyhow::Result<Exit> {
    anyhow::bail!("not there yet")
}
