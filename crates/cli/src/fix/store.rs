//! Storing secrets before the code asks for them.

use std::io::Write;

use anyhow::{Context, bail};
use stanch_live::{Address, Error, Kind, Outcome, Problem, Stored, Value};
use stanch_remedy::{Manager, Reference};

use super::plan::Plan;
use crate::secret::connection::Connection;

/// Stores the value of every reference of the plan in a manager. It is called
/// before anything is written, so that code never asks for what is not there.
/// What is there already under such a name is never replaced.
///
/// # Errors
/// A value that is not stored for certain; then no file is to be written.
pub(super) fn store(manager: Manager, plan: &Plan, connection: &Connection) -> anyhow::Result<()> {
    let Some(kind) = Kind::from_id(manager.id()) else {
        bail!(
            "an {} keeps nothing by itself; with --store, name a manager with --to",
            manager.name()
        )
    };
    // All addresses are read before the first value leaves.
    let addressed = plan.stored().map(|change| {
        let at = address(manager, &change.reference)?;
        Ok(at.map(|at| (at, Value::new(change.value.expose().to_vec()))))
    });
    let addressed: Vec<Option<(Address, Value)>> = addressed.collect::<Result<_, Error>>()?;
    let settings = connection.settings();
    stanch_live::wait(async {
        for (at, value) in addressed.iter().flatten() {
            let manager = stanch_live::open(kind, &settings, Some(at))?;
            let stored = keep(&*manager, at, value).await?;
            let done = match stored.outcome {
                Outcome::Unchanged => "is there already",
                Outcome::Created | Outcome::Updated => "is stored",
            };
            let version = stored.version.map(|v| format!(", version {v}")).unwrap_or_default();
            // The report tells it too; nobody may be left to read this.
            let _ = writeln!(anstream::stderr(), "{at} {done}{version}.");
        }
        anyhow::Ok(())
    })
    .context("cannot wait for the manager")?
    .context("no file was changed")
}

async fn keep(
    manager: &dyn stanch_live::Manager,
    at: &Address,
    value: &Value,
) -> anyhow::Result<Stored> {
    // With a version that must be there, nobody's other secret is written over.
    let expected = match stanch_live::fetch(manager, at, None).await {
        Ok(held) if held.value.as_ref().is_none_or(|held| !held.same(value)) => bail!(
            "{at} holds another value; give another place with --path, or look at it with \
             `stanch secret get {at}`"
        ),
        Ok(held) => held.version,
        Err(error) if matches!(error.problem, Problem::NotFound) => Some("none".to_owned()),
        Err(error) => return Err(error.into()),
    };
    Ok(stanch_live::store(manager, at, value, expected.as_deref()).await?)
}

/// Where snippets look for a secret; none where nothing is stored.
///
/// # Errors
/// Names that the manager does not take.
pub(super) fn address(manager: Manager, reference: &Reference) -> Result<Option<Address>, Error> {
    let Some(kind) = Kind::from_id(manager.id()) else { return Ok(None) };
    Address::of_name(kind, None, &reference.path, reference.field.as_deref()).map(Some)
}
