//! Sources of blobs: directories, files, Git repositories and standard input.
//!
//! A source reads; it never judges. Files are read in windows, so that memory
//! does not grow with their size, and everything that is not read is reported
//! as a [`Gap`](stanch_scan::Gap).

pub mod git;
mod paths;
mod reason;
mod roots;
mod stdin;
mod unvisited;
mod window;

pub use paths::{Exclude, PathOptions, Paths};
pub use reason::plain;
pub use stdin::Stdin;
