//! The page to search in: one file that needs no other and no network.

use anyhow::Result;
use serde_json::json;
use stanch_rules::Severity;
use stanch_rules::schema::Category;

use super::text::count;
use super::{Entry, MARK};

const TEMPLATE: &str = include_str!("../../templates/detectors.html");

/// The page as HTML.
pub(super) fn index(entries: &[Entry<'_>]) -> Result<String> {
    let mut rows = Vec::new();
    for entry in entries {
        for page in &entry.pages {
            let row = json!([
                page.id,
                page.name,
                entry.id(),
                entry.name(),
                page.category.id(),
                page.severity.id(),
                u8::from(page.verify.is_automatic()),
                page.marks,
                page.variable.as_deref().unwrap_or_default(),
            ]);
            // The end of a script is the only thing that JSON must not hold here.
            rows.push(serde_json::to_string(&row)?.replace('<', "\\u003c"));
        }
    }
    rows.sort();
    let used = |category: &&Category| {
        entries.iter().any(|entry| entry.source.content.provider.category == **category)
    };
    let categories: String =
        Category::ALL.iter().filter(used).map(|c| option(c.id(), c.name())).collect();
    let levels: String = Severity::ALL.iter().map(|level| option(level.id(), level.id())).collect();
    Ok(TEMPLATE
        .replace("{{mark}}", &format!("{MARK}; do not edit by hand."))
        .replace("{{detectors}}", &count(rows.len(), "detector", "detectors"))
        .replace("{{providers}}", &count(entries.len(), "provider", "providers"))
        .replace("{{categories}}", &categories)
        .replace("{{levels}}", &levels)
        .replace("{{rows}}", &rows.join(",\n")))
}

fn option(value: &str, name: &str) -> String {
    format!("<option value=\"{value}\">{name}</option>")
}
