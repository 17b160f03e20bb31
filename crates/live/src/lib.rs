//! Talks to providers and secrets managers: the only crate that sends a secret anywhere.
