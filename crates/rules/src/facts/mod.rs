//! What a value says of itself, without asking anyone.
