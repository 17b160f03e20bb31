//! Git: what a repository holds, as [`Source`](stanch_scan::Source)s.
//!
//! Start at [`Repo`], which opens one. Repositories are hostile: their
//! configuration runs no program here and leads to no other place, and a
//! missing or broken object is a gap in the receipt, never silence.

mod changes;
mod compare;
mod diff;
mod environment;
mod history;
mod index;
mod lines;
mod link;
mod look;
mod objects;
mod options;
mod pack;
mod past;
mod patch;
mod place;
mod pushed;
mod range;
mod repo;
mod select;
mod staged;
mod standing;
mod store;
mod walk;
mod workers;

pub use changes::Changes;
pub use diff::Diff;
pub use gix::ObjectId;
pub use history::History;
pub use link::with_line;
pub use options::{GitExclude, GitOptions};
pub use past::Extent;
pub use pushed::Known;
pub use range::Range;
pub use repo::{GitError, Repo};
pub use select::{Selection, Since};
pub use staged::Staged;
pub use standing::Standing;
