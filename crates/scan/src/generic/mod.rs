//! Generic secrets: assignments whose name promises a secret.
//!
//! The engine looks for [`ROOTS`] and calls [`assignment`] at every hit. Nearly
//! all hits are ordinary code or prose, so `assignment` is a hand-written parser
//! that gives up at the first byte which rules a secret out. What survives goes
//! to [`judge`], a small logistic model whose features can be named to the user.

mod assignment;
mod context;
mod model;
mod name;
mod noise;
mod placeholder;
mod value;
mod words;

pub use assignment::assignment;
pub use context::Place;
pub(crate) use context::{BLOCK_SIGHT, DOCUMENT_SIGHT, document_mark, rfind};
pub use model::{FEATURES, Features, features, judge, judge_login, judge_password, weigh};
pub(crate) use noise::is_hash;
pub use placeholder::placeholder;

use std::ops::Range;

/// The lower-case words at which the engine must call [`assignment`], with the
/// position of the word's first byte; case does not matter in the text.
pub const ROOTS: &[&str] =
    &["pass", "pwd", "secret", "token", "key", "cred", "auth", "dsn", "curl", "securestring"];

/// `name = value` as found in source, configuration, markup and command lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// Byte range of the identifier that promises a secret, without quotes.
    pub name: Range<usize>,
    /// Byte range of the value, without quotes, prefix or authentication scheme.
    pub value: Range<usize>,
    /// How name and value are tied together.
    pub form: Form,
}

/// How name and value are tied together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// A quoted literal after an operator: `password = "x"`.
    Quoted,
    /// A bare value that fills the rest of its line: `password: x`.
    Line,
    /// A bare value within a line: `{user: u, password: x}`, `a=b;pwd=x`.
    Inline,
    /// A literal wrapped in a call: `password = String("x")`.
    Wrapped,
    /// A setter: `set_password("x")`.
    Call,
    /// A literal compared with the name: `password == "x"`.
    Compare,
    /// The literal that stands in when a variable is unset: `getenv("P", "x")`.
    Default,
    /// Name and value as two neighbouring literals: `define('P', 'x')`.
    Pair,
    /// Name and value as two fields: `{"name": "P", "value": "x"}`.
    Fields,
    /// `<password>x</password>`.
    Element,
    /// A command line option: `--password x`.
    Flag,
    /// Name and value parted by blanks: `ENV P x`, `requirepass x`.
    Space,
}

/// What kind of secret the name promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A password or passphrase.
    Password,
    /// An access, API or session token.
    Token,
    /// An API, access, signing or encryption key.
    Key,
    /// A secret without further qualification, such as a client secret.
    Secret,
    /// Credentials or the value of an authorization header.
    Credential,
}

impl Kind {
    /// The detector that reports this kind.
    pub fn detector(self) -> &'static str {
        match self {
            Kind::Password => "generic-password",
            Kind::Token => "generic-token",
            Kind::Key => "generic-api-key",
            Kind::Secret => "generic-secret",
            Kind::Credential => "generic-credential",
        }
    }

    /// Every kind.
    pub const ALL: [Kind; 5] =
        [Kind::Password, Kind::Token, Kind::Key, Kind::Secret, Kind::Credential];
}

/// What the model thinks of an assignment.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// Calibrated probability in 0..=1 that the value is a secret.
    pub probability: f32,
    /// What kind of secret the name promises.
    pub kind: Kind,
    /// The strongest reasons for and against, strongest first.
    pub reasons: Vec<&'static str>,
}

#[cfg(test)]
mod tests;
