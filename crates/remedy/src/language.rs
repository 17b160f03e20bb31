//! Programming languages.

use std::path::Path;
use std::str::FromStr;

use crate::UnknownName;

/// A programming language that snippets are written in and code is rewritten
/// in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Language {
    Python,
    JavaScript,
    TypeScript,
    Java,
    Go,
    Ruby,
    CSharp,
    Php,
    Rust,
    Kotlin,
    Shell,
    PowerShell,
}

impl Language {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Language; 12] = [
        Language::Python,
        Language::JavaScript,
        Language::TypeScript,
        Language::Java,
        Language::Go,
        Language::Ruby,
        Language::CSharp,
        Language::Php,
        Language::Rust,
        Language::Kotlin,
        Language::Shell,
        Language::PowerShell,
    ];

    /// Stable id, as it is typed.
    pub fn id(self) -> &'static str {
        self.names().0
    }

    /// The name that people know it by.
    pub fn name(self) -> &'static str {
        self.names().1
    }

    /// The usual ending of its files, without the dot.
    pub fn extension(self) -> &'static str {
        self.names().2
    }

    fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Language::Python => ("python", "Python", "py"),
            Language::JavaScript => ("javascript", "JavaScript", "js"),
            Language::TypeScript => ("typescript", "TypeScript", "ts"),
            Language::Java => ("java", "Java", "java"),
            Language::Go => ("go", "Go", "go"),
            Language::Ruby => ("ruby", "Ruby", "rb"),
            Language::CSharp => ("csharp", "C#", "cs"),
            Language::Php => ("php", "PHP", "php"),
            Language::Rust => ("rust", "Rust", "rs"),
            Language::Kotlin => ("kotlin", "Kotlin", "kt"),
            Language::Shell => ("shell", "Shell", "sh"),
            Language::PowerShell => ("powershell", "PowerShell", "ps1"),
        }
    }

    /// The language of a file, by the ending of its name.
    pub fn of(path: &Path) -> Option<Language> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        Some(match ending.as_str() {
            "py" | "pyi" | "pyw" => Language::Python,
            "js" | "jsx" | "mjs" | "cjs" => Language::JavaScript,
            "ts" | "tsx" | "mts" | "cts" => Language::TypeScript,
            "java" => Language::Java,
            "go" => Language::Go,
            "rb" | "rake" | "gemspec" => Language::Ruby,
            "cs" => Language::CSharp,
            "php" => Language::Php,
            "rs" => Language::Rust,
            "kt" | "kts" => Language::Kotlin,
            "sh" | "bash" | "zsh" | "ksh" => Language::Shell,
            "ps1" | "psm1" => Language::PowerShell,
            _ => return None,
        })
    }
}

impl FromStr for Language {
    type Err = UnknownName;

    /// The language with this id, ending, or another name that people type.
    fn from_str(text: &str) -> Result<Language, UnknownName> {
        let wanted = text.to_ascii_lowercase();
        let id = match wanted.as_str() {
            "node" => "javascript",
            "c#" => "csharp",
            "golang" => "go",
            "bash" => "shell",
            id => id,
        };
        let fits = |language: &Language| language.id() == id || language.extension() == id;
        let known = Language::ALL.into_iter().find(fits);
        known.ok_or_else(|| UnknownName::among(Language::ALL.map(Language::id)))
    }
}
