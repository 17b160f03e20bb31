//! The whole knowledge base as a static site that opens from a folder.

use minijinja::context;
use minijinja::value::{Serde, Value};
use serde::Serialize;
use stanch_rules::Severity;
use stanch_rules::book::Book;
use stanch_rules::schema::Category;

use super::render::{self, RenderError};
use super::{Choice, Runbook, snippets};
use crate::{Manager, Reference};

/// A file of the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its name; all files lie in one folder.
    pub name: String,
    /// Its content.
    pub content: String,
}

/// Pages load style, script and snippets from their own folder and nothing
/// from anywhere else. A page that was opened from a folder has no origin of
/// its own, which is why `file:` is named.
const POLICY: &str = "default-src 'none'; style-src 'self' file:; script-src 'self' file:; \
                      base-uri 'none'; form-action 'none'";

/// All files of the site, the index first. They are made one by one, as they
/// are asked for.
pub fn files(book: &Book) -> impl Iterator<Item = Result<File, RenderError>> {
    let file = |name: &str, content: String| File { name: name.to_owned(), content };
    let fixed = [
        index(book).map(|content| file("index.html", content)),
        Ok(file("page.css", render::STYLE.to_owned())),
        Ok(file("page.js", render::SCRIPT.to_owned())),
        Ok(file("snippets.js", shared_snippets())),
    ];
    let pages = book.pages.iter().map(|page| {
        // The other snippets are the same on every page but for two names.
        let choice = Choice { manager: Some(Manager::Env), language: None };
        let runbook = Runbook::new(page, None, choice);
        let content = render::site_page(&runbook, POLICY)?;
        Ok(File { name: format!("{}.html", page.id), content })
    });
    fixed.into_iter().chain(pages)
}

#[derive(Serialize)]
struct Entry<'b> {
    id: &'b str,
    name: &'b str,
    provider: &'b str,
    category: Category,
    severity: Severity,
    marks: String,
    words: String,
}

fn index(book: &Book) -> Result<String, RenderError> {
    let mut pages: Vec<Entry<'_>> = book
        .pages
        .iter()
        .map(|page| {
            let marks = page.marks.iter().take(3).map(String::as_str).collect::<Vec<_>>();
            let words = [
                page.id.as_str(),
                &page.name,
                &page.provider,
                &page.provider_name,
                severity(page.severity),
                page.variable.as_deref().unwrap_or_default(),
                &page.marks.join(" "),
            ];
            Entry {
                id: &page.id,
                name: &page.name,
                provider: &page.provider_name,
                category: page.category,
                severity: page.severity,
                marks: marks.join(" "),
                words: words.join(" ").to_lowercase(),
            }
        })
        .collect();
    pages.sort_by(|a, b| {
        let key = |entry: &Entry<'_>| (entry.provider.to_lowercase(), entry.name.to_lowercase());
        key(a).cmp(&key(b))
    });
    let mut categories: Vec<Category> = pages.iter().map(|page| page.category).collect();
    categories.sort_unstable();
    categories.dedup();
    let template = render::environment().get_template("index.html")?;
    let version = env!("CARGO_PKG_VERSION");
    Ok(template.render(context! {
        pages => Value::from(Serde(&pages)),
        categories => Value::from(Serde(&categories)),
        policy => POLICY,
        version,
    })?)
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
        Severity::Critical => "critical",
    }
}

/// Names that stand for those of a page; the script puts the real ones in.
fn placeholders() -> Reference {
    Reference {
        variable: "STANCH_VARIABLE".to_owned(),
        path: "stanchprovider/stanchname".to_owned(),
        field: Some("api_key".to_owned()),
    }
}

fn shared_snippets() -> String {
    let all: Vec<[String; 7]> = snippets::of(&placeholders(), Choice::default())
        .into_iter()
        .map(|code| {
            [
                code.language.to_owned(),
                code.language_name.to_owned(),
                code.manager.to_owned(),
                code.manager_name.to_owned(),
                code.code,
                code.needs.join("\n"),
                code.notes.join(" "),
            ]
        })
        .collect();
    // Text and nothing else, so this cannot fail.
    let all = serde_json::to_string(&all).unwrap_or_else(|_| "[]".to_owned());
    format!("window.STANCH_SNIPPETS = {all};\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_snippets_become_those_of_every_page() {
        let shared = snippets::of(&placeholders(), Choice::default());
        for page in stanch_detectors::book().pages {
            let reference = snippets::reference(&page);
            let Some((provider, name)) = reference.path.split_once('/') else { panic!("{page:?}") };
            let own = snippets::of(&reference, Choice::default());
            assert_eq!(own.len(), shared.len());
            for (own, shared) in own.iter().zip(&shared) {
                let named = shared
                    .code
                    .replace("STANCH_VARIABLE", &reference.variable)
                    .replace("stanchprovider", provider)
                    .replace("stanchname", name);
                assert_eq!(named, own.code, "{} {} {}", page.id, own.language, own.manager);
            }
        }
    }
}
