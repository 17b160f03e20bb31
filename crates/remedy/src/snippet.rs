//! Code that reads a secret from where it belongs.
//!
//! A snippet is a source file below `snippets/<language>/<manager>.<ending>`
//! in three parts, so that it can be shown whole, run as it stands, and
//! taken apart by [`crate::rewrite`].

use crate::{Language, Manager, Reference};

/// How a program in one language reads a secret from one manager.
#[derive(Debug, Clone)]
pub struct Snippet {
    /// What it is written in.
    pub language: Language,
    /// What it reads from.
    pub manager: Manager,
    /// Its import statements, one a line; empty if it needs none.
    pub imports: String,
    /// The function that reads a secret; empty where an expression does it.
    pub function: String,
    /// The expression that gives the value, such as `os.environ["X"]` or
    /// `read_secret("azure-devops/pat", "api_key")`.
    pub expression: String,
    /// Whether the expression must be awaited (it says so itself) and hence
    /// stands in asynchronous code only.
    pub is_async: bool,
    /// Libraries that it needs, pinned.
    pub dependencies: Vec<Dependency>,
}

/// A library as its package manager knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// The package manager: `pip`, `npm`, `maven`, `go`, `gem`, `nuget`,
    /// `composer`, `cargo`, `powershell`.
    pub manager: String,
    /// The library's name there.
    pub name: String,
    /// The version that the snippet was tried with.
    pub version: String,
}

/// The snippet for a secret; none where nobody would do that.
pub fn snippet(_: Language, _: Manager, _: &Reference) -> Option<Snippet> {
    None
}
