//! What a file is, and who rewrites it.

use std::path::Path;

use super::draft::{Doc, Draft, Spot};
use super::{Names, code, config};
use crate::Language;

/// Rewrites a file of any kind.
pub(super) fn rewrite(doc: &Doc<'_>, spots: &[Spot<'_>], names: &mut Names, draft: &mut Draft) {
    if config::rewrite(doc, spots, names, draft) {
        return;
    }
    let language = Language::of(Path::new(doc.path)).or_else(|| by_first_line(doc));
    match language {
        Some(Language::Shell) => code::shell::rewrite(doc, spots, names, draft),
        Some(language) if let Some(code) = code::of(language) => {
            code::rewrite(doc, code, language, spots, names, draft);
        }
        Some(language) => refuse(
            draft,
            spots,
            &format!(
                "{} is not rewritten yet. `stanch snippet` shows how it reads a secret.",
                language.name()
            ),
        ),
        None => refuse(draft, spots, config::reason(doc)),
    }
}

pub(super) fn refuse(draft: &mut Draft, spots: &[Spot<'_>], reason: &str) {
    for spot in spots {
        draft.refuse(spot, reason);
    }
}

/// The language that `#!` names.
fn by_first_line(doc: &Doc<'_>) -> Option<Language> {
    let line = doc.slice(doc.line(0)).trim_start_matches('\u{feff}').strip_prefix("#!")?;
    let mut words =
        line.split([' ', '/']).filter(|word| !word.is_empty() && !word.starts_with('-'));
    let program = words.rfind(|word| !word.contains('='))?;
    let program = program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    Some(match program {
        "sh" | "bash" | "dash" | "ksh" | "zsh" | "ash" => Language::Shell,
        "python" => Language::Python,
        "node" | "nodejs" => Language::JavaScript,
        "ruby" => Language::Ruby,
        "php" => Language::Php,
        _ => return None,
    })
}
