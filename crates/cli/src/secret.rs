//! `stanch secret`.

use clap::Args;

use crate::exit::Exit;

/// `stanch secret`.
#[derive(Debug, Args)]
pub(crate) struct SecretArgs {}

/// Runs the command.
pub(crate) fn run(_: &SecretArgs) -> anyhow::Result<Exit> {
    anyhow::bail!("not there yet")
}
