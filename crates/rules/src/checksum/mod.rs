//! Checksums that providers build into their tokens, one file per algorithm.
