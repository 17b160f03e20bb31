//! The source files.

use crate::{Language, Manager};

/// All files of a language, in the order of [`Manager::ALL`].
macro_rules! all {
    ($folder:literal, $ending:literal) => {
        [
            include_str!(concat!("../../snippets/", $folder, "/env.", $ending)),
            include_str!(concat!("../../snippets/", $folder, "/aws.", $ending)),
            include_str!(concat!("../../snippets/", $folder, "/vault.", $ending)),
            include_str!(concat!("../../snippets/", $folder, "/conjur.", $ending)),
            include_str!(concat!("../../snippets/", $folder, "/azure.", $ending)),
            include_str!(concat!("../../snippets/", $folder, "/gcp.", $ending)),
            include_str!(concat!("../../snippets/", $folder, "/kubernetes.", $ending)),
        ]
    };
}

/// The file of a combination.
pub(super) fn source(language: Language, manager: Manager) -> Option<&'static str> {
    let files = match language {
        Language::Python => all!("python", "py"),
        Language::JavaScript => all!("javascript", "js"),
        Language::TypeScript => all!("typescript", "ts"),
        Language::Java => all!("java", "java"),
        Language::Go => all!("go", "go"),
        Language::Ruby => all!("ruby", "rb"),
        Language::CSharp => all!("csharp", "cs"),
        Language::Php => all!("php", "php"),
        Language::Rust => all!("rust", "rs"),
        Language::Kotlin => all!("kotlin", "kt"),
        Language::Shell => all!("shell", "sh"),
        Language::PowerShell => all!("powershell", "ps1"),
    };
    let at = Manager::ALL.iter().position(|known| *known == manager)?;
    files.get(at).copied()
}
