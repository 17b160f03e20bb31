//! The built-in detector pack.
