//! Code that reads a secret from where it belongs.
//!
//! A snippet is a source file below `snippets/<language>/<manager>.<ending>`.
//! It is a whole program that runs as it stands, for the secret that the
//! constants below name. Comments in angle brackets mark its parts, so that it
//! can be taken apart by [`crate::rewrite`]:
//!
//! | comment | what it says |
//! | --- | --- |
//! | `<imports>` … `</imports>` | import statements, one a line |
//! | `<function>` … `</function>` | the function that reads a secret |
//! | `<use>` … `</use>` | what the program does with the value |
//! | `<expression> …` | the expression that gives the value |
//! | `<whole> …` | the same for a secret without a field |
//! | `<async>` | the expression must stand in asynchronous code |
//! | `<needs> pip boto3 1.44.5` | a library, its package manager and version (`-` for any) |
//! | `<note> …` | what else a reader has to know |

mod parts;
mod sources;

use crate::{Language, Manager, Reference};
use parts::Parts;

/// What stands in the source files for a [`Reference`].
const VARIABLE: &str = "EXAMPLE_API_KEY";
const PATH: &str = "example/api-key";
const NAME: &str = "example-api-key";
const FIELD: &str = "api_key";

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
    /// It ends the program, or throws, where the value is missing.
    pub function: String,
    /// The expression that gives the value, such as
    /// `read_secret("azure-devops/pat", "api_key")`.
    pub expression: String,
    /// Whether the expression must be awaited (it says so itself) and hence
    /// stands in asynchronous code only.
    pub is_async: bool,
    /// Libraries that it needs, pinned.
    pub dependencies: Vec<Dependency>,
    /// What else a reader has to know: variables that it reads, permissions.
    pub notes: Vec<String>,
    /// The whole program, with its use in the middle.
    before: String,
    usage: String,
    after: String,
}

/// A library as its package manager knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// The package manager: `pip`, `npm`, `maven`, `go`, `gem`, `nuget`,
    /// `composer`, `cargo`, `powershell`, or `program` for what is installed
    /// from its vendor.
    pub manager: String,
    /// The library's name there.
    pub name: String,
    /// The version that the snippet was tried with; empty where it was only
    /// parsed, and for programs.
    pub version: String,
}

/// The snippet for a secret; none where the names of the reference cannot be
/// written into code as they are (see [`is_plain`]).
pub fn snippet(language: Language, manager: Manager, reference: &Reference) -> Option<Snippet> {
    if !is_plain(reference) {
        return None;
    }
    let parts = Parts::read(sources::source(language, manager)?)?;
    let shown = match (&reference.field, &parts.whole) {
        (None, Some(whole)) => whole,
        _ => &parts.expression,
    };
    let field = reference.field.as_deref().unwrap_or(FIELD);
    let name = reference.path.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let name = if manager == Manager::Kubernetes { name.to_ascii_lowercase() } else { name };
    let expression = shown
        .replace(VARIABLE, "\0variable")
        .replace(PATH, "\0path")
        .replace(NAME, "\0name")
        .replace(FIELD, "\0field")
        .replace("\0variable", &reference.variable)
        .replace("\0path", &reference.path)
        .replace("\0name", &name)
        .replace("\0field", field);
    let fitted = |text: &str| text.replace(&parts.expression, &expression);
    Some(Snippet {
        language,
        manager,
        imports: parts.imports,
        function: parts.function,
        is_async: parts.is_async,
        dependencies: parts.dependencies,
        notes: parts.notes,
        before: fitted(&parts.before),
        usage: parts.usage,
        after: parts.after,
        expression,
    })
}

/// Whether the names of a reference are such that they need no escapes in any
/// language: the variable is an identifier; path and field are of letters,
/// digits and `/ _ + = . @ -`, and no part of the path is empty.
pub fn is_plain(reference: &Reference) -> bool {
    let in_name = |c: char| c.is_ascii_alphanumeric() || "_+=.@-".contains(c);
    let variable = &reference.variable;
    !variable.is_empty()
        && !variable.starts_with(|c: char| c.is_ascii_digit())
        && variable.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && reference
            .path
            .split('/')
            .all(|part| !matches!(part, "" | "." | "..") && part.chars().all(in_name))
        && reference.field.iter().all(|field| !field.is_empty() && field.chars().all(in_name))
}

impl Snippet {
    /// A whole program that reads the value and uses it without showing it.
    pub fn program(&self) -> String {
        self.program_using(&self.usage)
    }

    /// The same program doing something else with the value, which is in the
    /// variable `secret` (`$secret` where variables are written so).
    pub fn program_using(&self, statements: &str) -> String {
        let indent: String = self.usage.chars().take_while(|c| *c == ' ' || *c == '\t').collect();
        let mut text = self.before.clone();
        for line in statements.lines() {
            if !line.trim().is_empty() && !line.starts_with(&indent) {
                text.push_str(&indent);
            }
            text.push_str(line);
            text.push('\n');
        }
        text.push_str(&self.after);
        text
    }
}

impl Dependency {
    /// What to type to get it.
    pub fn install(&self) -> String {
        let Dependency { manager, name, version } = self;
        let pinned = |mark: &str| match version.as_str() {
            "" => String::new(),
            version => format!("{mark}{version}"),
        };
        match manager.as_str() {
            "pip" => format!("pip install {name}{}", pinned("==")),
            "npm" => format!("npm install {name}{}", pinned("@")),
            "maven" => format!("Maven or Gradle: {name}{}", pinned(":")),
            "go" => format!("go get {name}{}", pinned("@v")),
            "gem" => format!("gem install {name}{}", pinned(" --version ")),
            "nuget" => format!("dotnet add package {name}{}", pinned(" --version ")),
            "composer" => format!("composer require {name}{}", pinned(":")),
            "cargo" => match name.split_once('/') {
                Some((name, features)) => {
                    format!("cargo add {name}{} --features {features}", pinned("@"))
                }
                None => format!("cargo add {name}{}", pinned("@")),
            },
            "powershell" => format!("Install-Module -Name {name}{}", pinned(" -RequiredVersion ")),
            _ => format!("install {name}"),
        }
    }
}
