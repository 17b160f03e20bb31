//! Packs, walked along their delta chains.
//!
//! `gix-pack` decodes packs too, but hands out objects without saying what a
//! delta inserted, which is what makes scanning a history cheap; so the chains
//! are followed here, on its files and indexes.

mod delta;
mod forest;
mod walk;

pub(crate) use forest::Pack;
pub(crate) use walk::{Base, LARGEST, Object, Place, Visitor, too_large, walk};
