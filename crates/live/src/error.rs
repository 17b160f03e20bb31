//! What can go wrong, told so that whoever reads it knows what to do.

use std::fmt;

use crate::Kind;

/// What went wrong, where, what became of the value, and what to do next. It
/// never holds a value, nor what a server answered beyond its status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Error {
    /// Which manager.
    pub manager: Kind,
    /// What was asked of whom, such as `GET https://vault:8200/v1/secret/x`,
    /// or the address or setting that is meant.
    pub place: String,
    /// What happened.
    pub problem: Problem,
    /// What became of what was to be written.
    pub written: Written,
    /// What to do next.
    pub next: String,
}

/// What became of what was to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// Nothing was to be written.
    Nothing,
    /// The manager holds what it held before.
    No,
    /// The value arrived, though not all is well.
    Yes,
    /// It may have arrived or not.
    Unknown,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// A setting is missing or cannot be used.
    Setting(String),
    /// The address or the value is not one that this manager can take.
    Unfit(String),
    /// No connection was made.
    Unreachable(String),
    /// No answer came within so many seconds.
    Timeout(u64),
    /// The connection broke before the answer was complete.
    Broken(String),
    /// The credential is not accepted (401).
    Unauthorised,
    /// The credential may not do this (403).
    Forbidden,
    /// There is no such thing (404).
    NotFound,
    /// Somebody else wrote meanwhile. Versions are none where there was no
    /// value, or where the manager has no versions.
    Conflict {
        /// The version that was to be replaced, or that was written.
        expected: Option<String>,
        /// The version that is there.
        found: Option<String>,
    },
    /// Too many requests; the seconds after which the server wants to be asked
    /// again, if it says so.
    RateLimited {
        /// Seconds.
        retry_after: Option<u64>,
    },
    /// The manager is locked and can neither read nor write.
    Sealed,
    /// The request was not accepted, with this status and, if it is a known
    /// one, the error's code.
    Refused(u16, Option<&'static str>),
    /// The server failed, with this status.
    Failed(u16),
    /// The answer is not what this manager answers.
    Unexpected(&'static str),
    /// The answer leads to another host, where nothing is sent.
    Redirected(String),
    /// What is stored now is not what was sent.
    HalfWritten(String),
    /// This manager cannot do that.
    Unsupported(&'static str),
}

impl Error {
    pub(crate) fn new(manager: Kind, place: impl Into<String>, problem: Problem) -> Error {
        let next = next(manager, &problem);
        Error { manager, place: place.into(), problem, written: Written::Nothing, next }
    }

    /// A setting is missing or bad.
    pub(crate) fn setting(manager: Kind, name: &str, what: impl Into<String>) -> Error {
        Error::new(manager, name, Problem::Setting(what.into()))
    }

    pub(crate) fn advise(mut self, next: impl Into<String>) -> Error {
        self.next = next.into();
        self
    }

    pub(crate) fn written(mut self, written: Written) -> Error {
        self.written = written;
        self
    }
}

/// The usual way out.
fn next(manager: Kind, problem: &Problem) -> String {
    match problem {
        Problem::Setting(_) => format!(
            "the server is named by {}; the credential comes from {}",
            manager.server(),
            manager.credential()
        ),
        Problem::Unfit(_) => format!("an address is written {}:{}", manager.id(), manager.form()),
        Problem::Unreachable(_) => {
            format!("check that the server runs, and its address ({})", manager.server())
        }
        Problem::Timeout(_) | Problem::Broken(_) | Problem::Failed(_) => {
            "try again; `--timeout` gives it longer".to_owned()
        }
        Problem::Unauthorised => {
            format!("check that {} is right and has not expired", manager.credential())
        }
        Problem::Forbidden => format!("the credential needs {}", manager.permission()),
        Problem::NotFound => {
            format!("`stanch secret list --manager {}` shows what is there", manager.id())
        }
        Problem::Conflict { .. } => {
            "look at what is there with `stanch secret versions`, then put \
                                     again with `--expect VERSION`"
                .to_owned()
        }
        Problem::RateLimited { retry_after: Some(seconds) } => {
            format!("try again in {seconds} s")
        }
        Problem::RateLimited { retry_after: None } => "try again in a minute".to_owned(),
        Problem::Sealed => {
            "have somebody with the unseal keys run `vault operator unseal`, then try again"
                .to_owned()
        }
        Problem::Refused(..) => {
            "check the address and what the manager allows in names and values".to_owned()
        }
        Problem::Unexpected(_) | Problem::Redirected(_) => format!(
            "check that the address is that of the manager's API and not of a login page or a \
             proxy ({})",
            manager.server()
        ),
        Problem::HalfWritten(_) => "put the value again; putting is safe to repeat".to_owned(),
        Problem::Unsupported(_) => String::new(),
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.manager, self.place, self.problem)?;
        f.write_str(match self.written {
            Written::Nothing => "",
            Written::No => "; nothing was changed",
            Written::Yes => "; the value was written",
            Written::Unknown => "; whether the value was written is not known",
        })?;
        if !self.next.is_empty() {
            write!(f, "\nnext: {}", self.next)?;
        }
        Ok(())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = |version: &Option<String>| match version {
            Some(version) => format!("version {version}"),
            None => "no version".to_owned(),
        };
        match self {
            Problem::Setting(what) | Problem::Unfit(what) => f.write_str(what),
            Problem::Unreachable(why) => write!(f, "cannot be reached ({why})"),
            Problem::Timeout(seconds) => write!(f, "no answer within {seconds} s"),
            Problem::Broken(why) => write!(f, "the connection broke ({why})"),
            Problem::Unauthorised => f.write_str("the credential is not accepted (401)"),
            Problem::Forbidden => f.write_str("permission denied (403)"),
            Problem::NotFound => f.write_str("there is no such secret (404)"),
            Problem::Conflict { expected, found } => write!(
                f,
                "somebody else wrote meanwhile: expected {}, found {}",
                version(expected),
                version(found)
            ),
            Problem::RateLimited { .. } => f.write_str("too many requests (429)"),
            Problem::Sealed => f.write_str("it is sealed"),
            Problem::Refused(status, None) => write!(f, "the request is refused ({status})"),
            Problem::Refused(status, Some(code)) => {
                write!(f, "the request is refused ({status} {code})")
            }
            Problem::Failed(status) => write!(f, "the server failed ({status})"),
            Problem::Unexpected(what) => write!(f, "the answer is not the manager's: {what}"),
            Problem::Redirected(host) => {
                write!(f, "it leads to {host}, and nothing is sent to another host")
            }
            Problem::HalfWritten(what) => f.write_str(what),
            Problem::Unsupported(what) => f.write_str(what),
        }
    }
}
