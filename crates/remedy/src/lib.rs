//! What to do about a leak: the runbook of a secret, snippets that hold it the
//! right way, and the rewriting of code that holds it the wrong way. Nothing
//! here touches the network.

mod language;
mod manager;
mod name;
mod reference;
pub mod rewrite;
pub mod runbook;
pub mod snippet;

pub use language::Language;
pub use manager::Manager;
pub use name::UnknownName;
pub use reference::Reference;
