//! Real and faithful servers for tests, on free ports of this machine, gone
//! when dropped.
//!
//! | server | what it is | who vouches for it |
//! | --- | --- | --- |
//! | [`Moto`] | real: `moto`, the mock of AWS that the Python world tests with, in its server mode, with permissions and signatures checked; refusals are put into the form of AWS (`projects/moto_server.py`) | boto3 and the AWS SDKs of the snippets |
//! | [`Vault`] | faithful: our own, after the HTTP API documentation of Vault and OpenBao | `hvac` in `tests/clients.rs`; `hvac`, `vault/api` for Go and `vault-java-driver` in the tests of the snippets |
//! | [`Conjur`] | faithful: our own, after Conjur's published OpenAPI description | the official `conjur-api` for Python in `tests/clients.rs`; it and those for Java and Go in the tests of the snippets |
//!
//! All of them speak plain HTTP; [`Front`] is TLS in front of any server, with
//! certificates of an [`Authority`] that a test makes.
//!
//! Every server can be made to fail: see [`Fault`]. What `Moto` needs is put
//! into the folder of [`tools::folder`] the first time, and stays there.
//!
//! The servers are for tests: what goes wrong in them panics with a message
//! that says what to install or to look at.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "only tests use this; a broken test server has to end the test"
)]

pub mod http;

mod conjur;
mod fault;
mod moto;
mod serve;
mod tls;
pub mod tools;
mod vault;

pub use conjur::Conjur;
pub use fault::Fault;
pub use moto::{Keys, Moto};
pub use tls::{Authority, Front, Issued};
pub use vault::{AppRole, Vault};

/// Letters and digits from the system's generator, for secrets of tests.
pub fn random(length: usize) -> String {
    const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut bytes = vec![0_u8; length];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    bytes.iter().map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()])).collect()
}

/// An address of this machine where nothing listens: connections are refused
/// at once.
pub fn nowhere() -> String {
    format!("http://127.0.0.1:{}", serve::free_port())
}
