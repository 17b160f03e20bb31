//! Storing a value so that afterwards it is known what is stored.

use std::time::Duration;

use crate::error::{Error, Problem, Written};
use crate::manager::{Held, Manager};
use crate::{Address, Kind, Value};

/// After how long it is looked again whether a write that was not answered
/// arrived.
const SETTLE: [Duration; 3] =
    [Duration::ZERO, Duration::from_millis(300), Duration::from_millis(1000)];

/// What storing came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The manager.
    pub manager: Kind,
    /// Where the value is.
    pub address: Address,
    /// What was done.
    pub outcome: Outcome,
    /// The version that holds the value, where the manager has versions.
    pub version: Option<String>,
    /// The version before.
    pub previous: Option<String>,
    /// The value was read back and is the same. Managers that show no values
    /// leave this false.
    pub verified: bool,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// There was nothing before.
    Created,
    /// Another value was replaced, or one that cannot be compared.
    Updated,
    /// The same value was there already, and nothing was written.
    Unchanged,
}

/// Stores a value at an address.
///
/// It reads first, writes nothing if the same value is there, lets the manager
/// refuse to write over what somebody else wrote meanwhile (or notices it, with
/// managers that cannot), and reads the value back. With `expected`, the secret
/// must have that version before; `none` stands for no secret at all.
///
/// # Errors
/// [`Error::written`] tells what became of the value.
pub async fn store(
    manager: &dyn Manager,
    at: &Address,
    value: &Value,
    expected: Option<&str>,
) -> Result<Stored, Error> {
    if value.expose().is_empty() {
        return Err(Error::new(
            at.manager,
            at.to_string(),
            Problem::Unfit("the value is empty".into()),
        )
        .advise("give the value on standard input"));
    }
    let before = manager.read(at, None).await.map_err(untouched)?;
    if let Some(expected) = expected {
        let fits = match expected {
            "none" => !before.exists,
            version => before.version.as_deref() == Some(version),
        };
        if !fits {
            let expected = (expected != "none").then(|| expected.to_owned());
            return Err(conflict(at, expected, before.version).written(Written::No));
        }
    }
    let attempt = Attempt { manager, at, value, before };
    if attempt.before.value.as_ref().is_some_and(|held| held.same(value)) {
        let version = attempt.before.version.clone();
        return Ok(attempt.stored(Outcome::Unchanged, version, true));
    }
    match manager.write(at, value, &attempt.before).await {
        Ok(written) => attempt.confirm(written).await,
        Err(error) if error.written == Written::Unknown => attempt.settle(error).await,
        Err(error) => Err(attempt.refused(error).await),
    }
}

/// Reads what is at an address.
///
/// # Errors
/// [`Problem::NotFound`] if nothing is there.
pub async fn fetch(
    manager: &dyn Manager,
    at: &Address,
    version: Option<&str>,
) -> Result<Held, Error> {
    let held = manager.read(at, version).await?;
    if held.exists {
        return Ok(held);
    }
    let place = match version {
        Some(version) => format!("{at}, version {version}"),
        None => at.to_string(),
    };
    Err(Error::new(at.manager, place, Problem::NotFound))
}

/// A write that is on its way, with what was there before.
struct Attempt<'a> {
    manager: &'a dyn Manager,
    at: &'a Address,
    value: &'a Value,
    before: Held,
}

impl Attempt<'_> {
    /// The manager said yes: is it so?
    async fn confirm(self, written: Option<String>) -> Result<Stored, Error> {
        let after = match self.manager.read(self.at, None).await {
            Ok(after) => after,
            Err(error) => {
                return Err(error.written(Written::Yes).advise(format!(
                    "reading it back failed; `stanch secret get {}` tells whether all is well",
                    self.at
                )));
            }
        };
        if !self.manager.abilities().readable {
            if !after.exists {
                return Err(self.half("it was accepted, but there is no such secret now"));
            }
            let version = after.version.or(written);
            return Ok(self.stored(self.outcome(), version, false));
        }
        self.compare(after, written).await
    }

    /// Whether the value that is there now is ours, and what it means if not.
    async fn compare(self, after: Held, written: Option<String>) -> Result<Stored, Error> {
        // A value that is there and not shown, such as a hidden variable of
        // GitLab, can only be believed.
        if after.exists && after.value.is_none() {
            return Ok(self.stored(self.outcome(), after.version.or(written), false));
        }
        if after.value.as_ref().is_some_and(|held| held.same(self.value)) {
            if let Some(lost) = self.manager.overtaken(self.at, &self.before, &after).await? {
                return Err(conflict(self.at, self.before.version, Some(lost.clone()))
                    .written(Written::Yes)
                    .advise(format!(
                        "the value is current now, over version {lost} of somebody else; \
                         `stanch secret versions {}` shows both",
                        self.at
                    )));
            }
            return Ok(self.stored(self.outcome(), after.version.or(written), true));
        }
        if written.is_some() && after.version.is_some() && after.version != written {
            return Err(conflict(self.at, written, after.version).written(Written::Yes).advise(
                format!(
                    "somebody else's version is current now; `stanch secret versions {}` shows \
                     both",
                    self.at
                ),
            ));
        }
        Err(self.half("what is stored now is not what was sent"))
    }

    /// The manager did not answer: what did it do?
    async fn settle(self, error: Error) -> Result<Stored, Error> {
        let mut after = None;
        for pause in SETTLE {
            tokio::time::sleep(pause).await;
            let Ok(held) = self.manager.read(self.at, None).await else { continue };
            let ours = held.value.as_ref().is_some_and(|now| now.same(self.value));
            let moved = held.version != self.before.version || held.exists != self.before.exists;
            after = Some(held);
            if ours || moved {
                break;
            }
        }
        let unsettled = |error: Error, at: &Address| {
            error.written(Written::Unknown).advise(format!(
                "`stanch secret get {at}` tells whether it was; putting it again is safe"
            ))
        };
        let Some(after) = after else { return Err(unsettled(error, self.at)) };
        let moved = after.version != self.before.version || after.exists != self.before.exists;
        if !self.manager.abilities().readable {
            if moved {
                return Ok(self.stored(self.outcome(), after.version, false));
            }
            return Err(unsettled(error, self.at));
        }
        let same_as_before = match (&after.value, &self.before.value) {
            (Some(now), Some(then)) => now.same(then),
            (None, None) => !after.exists,
            _ => false,
        };
        if same_as_before && !moved {
            return Err(error.written(Written::No).advise(format!(
                "a second later it had not arrived; put it again, or look once more with \
                 `stanch secret get {}`",
                self.at
            )));
        }
        if after.exists && after.value.is_none() {
            return Err(unsettled(error, self.at));
        }
        if after.value.as_ref().is_some_and(|held| held.same(self.value)) {
            return self.compare(after, None).await;
        }
        if moved && after.version.is_some() {
            return Err(conflict(self.at, self.before.version, after.version)
                .written(Written::Unknown)
                .advise(format!(
                    "the write was not answered, and what is current now is not it; `stanch \
                     secret versions {}` shows what is there",
                    self.at
                )));
        }
        Err(self.half("the write was not answered, and what is stored now is not what was sent"))
    }

    /// The manager said no. If somebody else wrote meanwhile, that is why.
    async fn refused(&self, error: Error) -> Error {
        let plain = Problem::Conflict { expected: None, found: None };
        if error.problem != plain && !matches!(error.problem, Problem::Refused(..)) {
            return untouched(error);
        }
        let now = self.manager.read(self.at, None).await.unwrap_or_default();
        let moved = now.version != self.before.version || now.exists != self.before.exists;
        let other = match (&now.value, &self.before.value) {
            (Some(now), Some(then)) => !now.same(then),
            _ => false,
        };
        if error.problem == plain || moved || other {
            let next = match error.problem {
                // The manager's own reason is better than a guess.
                Problem::Conflict { .. } if !moved && !other => error.next.clone(),
                _ => String::new(),
            };
            let found = conflict(self.at, self.before.version.clone(), now.version);
            let found = if next.is_empty() { found } else { found.advise(next) };
            return found.written(Written::No);
        }
        untouched(error)
    }

    fn outcome(&self) -> Outcome {
        if self.before.exists { Outcome::Updated } else { Outcome::Created }
    }

    fn half(&self, what: &str) -> Error {
        let before = match &self.before.version {
            Some(version) => format!("; before it was version {version}"),
            None => String::new(),
        };
        Error::new(
            self.at.manager,
            self.at.to_string(),
            Problem::HalfWritten(format!("{what}{before}")),
        )
    }

    fn stored(&self, outcome: Outcome, version: Option<String>, verified: bool) -> Stored {
        let previous = (outcome != Outcome::Unchanged).then(|| self.before.version.clone());
        Stored {
            manager: self.at.manager,
            address: self.at.clone(),
            outcome,
            version,
            previous: previous.flatten(),
            verified,
        }
    }
}

fn conflict(at: &Address, expected: Option<String>, found: Option<String>) -> Error {
    Error::new(at.manager, at.to_string(), Problem::Conflict { expected, found })
}

/// A failure that came before anything was written.
fn untouched(error: Error) -> Error {
    if error.written == Written::Nothing { error.written(Written::No) } else { error }
}
