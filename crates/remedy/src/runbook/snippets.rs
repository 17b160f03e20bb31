//! Snippets of a page, under the names that its secret usually has.

use serde::Serialize;
use stanch_rules::book::Page;

use super::Choice;
use crate::snippet::{Dependency, Snippet, snippet};
use crate::{Language, Manager, Reference};

/// A snippet as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Code {
    /// The language's id.
    pub language: &'static str,
    /// The language's name.
    pub language_name: &'static str,
    /// The manager's id.
    pub manager: &'static str,
    /// The manager's name.
    pub manager_name: &'static str,
    /// The source text.
    pub code: String,
    /// How to get the libraries that it needs.
    pub needs: Vec<String>,
    /// What else to know.
    pub notes: Vec<String>,
}

/// The names under which a secret of this type is kept unless somebody chose
/// others.
pub fn reference(page: &Page) -> Reference {
    let variable =
        page.variable.clone().unwrap_or_else(|| page.id.to_ascii_uppercase().replace('-', "_"));
    Reference { variable, path: path(&page.id, &page.provider), field: Some("api_key".to_owned()) }
}

/// The path of a detector's secret in a manager, such as `azure-devops/pat`.
pub(super) fn path(detector: &str, provider: &str) -> String {
    let rest = detector.strip_prefix(provider).map(|rest| rest.trim_start_matches('-'));
    let name = match rest {
        Some("") => "secret",
        Some(rest) => rest,
        None => detector,
    };
    format!("{provider}/{name}")
}

/// All snippets that there are for a page, by language and manager.
pub(super) fn all(page: &Page, choice: Choice) -> Vec<Code> {
    of(&reference(page), choice)
}

/// All snippets that there are for a secret of these names.
pub(super) fn of(reference: &Reference, choice: Choice) -> Vec<Code> {
    let languages =
        Language::ALL.into_iter().filter(|l| choice.language.is_none_or(|only| only == *l));
    languages
        .flat_map(|language| Manager::ALL.into_iter().map(move |manager| (language, manager)))
        .filter(|(_, manager)| choice.manager.is_none_or(|only| only == *manager))
        .filter_map(|(language, manager)| snippet(language, manager, reference))
        .map(|snippet| shown(&snippet))
        .collect()
}

fn shown(snippet: &Snippet) -> Code {
    Code {
        language: snippet.language.id(),
        language_name: snippet.language.name(),
        manager: snippet.manager.id(),
        manager_name: snippet.manager.name(),
        code: snippet.program(),
        needs: snippet.dependencies.iter().map(Dependency::install).collect(),
        notes: snippet.notes.clone(),
    }
}
