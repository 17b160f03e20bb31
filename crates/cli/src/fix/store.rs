//! Storing secrets before the code asks for them.

use anyhow::bail;
use stanch_remedy::Manager;

use super::plan::Plan;

/// Stores the value of every reference of the plan in a manager. It is called
/// before anything is written, so that code never asks for what is not there.
///
/// # Errors
/// A value that is not stored for certain; then nothing is written.
pub(super) fn store(manager: Manager, plan: &Plan) -> anyhow::Result<()> {
    let count = plan.stored().count();
    bail!(
        "{count} values cannot be stored in {} from here yet; store each with `stanch secret put`, \
         then run this again without --store",
        manager.name()
    )
}
