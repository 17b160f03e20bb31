//! Names that people type.

/// A name that stands for nothing, with the names that stand for something.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there are `{}`", .known.join("`, `"))]
pub struct UnknownName {
    known: Vec<&'static str>,
}

impl UnknownName {
    pub(crate) fn among(known: impl IntoIterator<Item = &'static str>) -> UnknownName {
        UnknownName { known: known.into_iter().collect() }
    }
}
