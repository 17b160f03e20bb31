//! Git: what a repository holds, as [`Source`](stanch_scan::Source)s.
//!
//! Start at [`Repo`], which opens one. Repositories are hostile: their
//! configuration runs no program here and leads to no other place, and a
//! missing or broken object is a gap in the receipt, never silence.

mod environment;
mod repo;

pub use gix::ObjectId;
pub use repo::{GitError, Repo};
