//! What a detector file means: its schema, its checks, the checksums and facts
//! that a value carries in itself, sample generation, and the packed form.
//!
//! Everything here is pure. This crate never touches files, network or clock,
//! so a rule can be judged on any machine, at build time and at run time, with
//! the same answer.

pub mod book;
pub mod checksum;
pub mod entropy;
pub mod facts;
pub mod load;
pub mod pack;
pub mod pattern;
pub mod runbook;
pub mod sample;
pub mod schema;
pub mod words;

pub use pack::{Pack, Rule};
pub use schema::Severity;
