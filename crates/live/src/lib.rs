//! Talks to providers and secrets managers: the only crate that sends a secret anywhere.
//!
//! To store a value: [`Address::parse`], [`open`], [`store`], all of it inside
//! [`wait`]. Nothing here prints, and no error holds a value or what a server
//! answered.

mod address;
mod error;
mod http;
mod json;
mod kind;
mod manager;
mod managers;
mod settings;
mod store;
mod tls;
mod value;

pub use address::Address;
pub use error::{Error, Problem, Written};
pub use kind::Kind;
pub use manager::{Abilities, Held, Manager, Reply, Version};
pub use managers::open;
pub use settings::{Settings, VaultLogin};
pub use store::{Outcome, Stored, fetch, store};
pub use value::Value;

/// Signing of requests to AWS, which is checked against its test vectors.
pub mod aws {
    pub use crate::managers::aws::sign::{Request, Signer, sign};
}

/// Runs something asynchronous to its end, on this thread alone.
///
/// # Errors
/// The operating system gives no event queue.
pub fn wait<T>(work: impl Future<Output = T>) -> std::io::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(work))
}
