//! Replacing a secret in a file by a reference to where it belongs.
