//! The engine: bytes in, matches out.
//!
//! This crate never touches files, network, clock or global state, and cannot
//! fail on any input.

pub mod decode;
pub mod generic;
