//! What every manager can be asked.

use std::pin::Pin;

use crate::{Address, Error, Kind, Value};

/// An answer that is on its way.
pub type Reply<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + 'a>>;

/// A secrets manager with everything that is needed to speak to it.
///
/// Implementations only speak the protocol. Comparing, settling what may or
/// may not have happened, and reading back is done once for all of them in
/// [`crate::store`].
pub trait Manager {
    /// Which one.
    fn kind(&self) -> Kind;

    /// What it can do.
    fn abilities(&self) -> Abilities;

    /// What it holds at an address, now or in an older version. That nothing
    /// is there is an answer and no error.
    fn read<'a>(&'a self, at: &'a Address, version: Option<&'a str>) -> Reply<'a, Held>;

    /// Writes a value over what [`Manager::read`] gave, creates what is
    /// missing, and leaves other fields alone. Gives the version that was
    /// written, where the manager tells it.
    fn write<'a>(
        &'a self,
        at: &'a Address,
        value: &'a Value,
        before: &'a Held,
    ) -> Reply<'a, Option<String>>;

    /// Full addresses below a path, sorted; without values.
    fn list<'a>(&'a self, below: &'a str) -> Reply<'a, Vec<String>>;

    /// The versions of a secret, newest first; without values.
    fn versions<'a>(&'a self, at: &'a Address) -> Reply<'a, Vec<Version>>;

    /// A version that somebody else wrote between `before` and `after`, for
    /// managers that cannot be told to write over a certain version only.
    fn overtaken<'a>(
        &'a self,
        _at: &'a Address,
        _before: &'a Held,
        _after: &'a Held,
    ) -> Reply<'a, Option<String>> {
        Box::pin(async { Ok(None) })
    }
}

/// What a manager can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Abilities {
    /// Values can be read back.
    pub readable: bool,
    /// Older versions are listed.
    pub versions: bool,
    /// A write over another version than the expected one is refused by the
    /// server itself.
    pub check_and_set: bool,
}

/// What a manager holds at an address.
#[derive(Clone, Default)]
pub struct Held {
    /// The value; none where nothing is there, and where it cannot be read.
    pub value: Option<Value>,
    /// Whether something is there.
    pub exists: bool,
    /// The version of the secret that the address is in; none if there is no
    /// such secret, or if the manager has no versions.
    pub version: Option<String>,
    /// When that version was written, as the manager says it (RFC 3339 where
    /// it can be had).
    pub changed: Option<String>,
}

/// A version of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its id.
    pub id: String,
    /// When it was written, in RFC 3339, if that is known.
    pub created: Option<String>,
    /// What the manager says of it: `current`, `AWSPREVIOUS`, `destroyed`.
    pub labels: Vec<String>,
}

/// The number that follows a version; none if it is no number.
pub(crate) fn following(version: Option<&str>) -> Option<u64> {
    match version {
        None => Some(1),
        Some(version) => version.parse::<u64>().ok()?.checked_add(1),
    }
}

/// The version before `after`, if it is not `before`, where versions are
/// numbers without gaps.
pub(crate) fn skipped(before: &Held, after: &Held) -> Option<String> {
    let now: u64 = after.version.as_deref()?.parse().ok()?;
    let next = following(before.version.as_deref())?;
    (now > next).then(|| (now - 1).to_string())
}
