//! Pages made of a runbook: HTML, Markdown and JSON.
//!
//! Paths, authors and facts come from whoever wrote the scanned files. Every
//! one is escaped where it is shown: HTML by the templates' own escaping,
//! Markdown by the filters below.

use std::sync::OnceLock;

use data_encoding::BASE64;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, context};
use sha2::{Digest as _, Sha256};

use super::{Runbook, snippets};
use crate::Language;

/// The style of all pages.
pub(super) const STYLE: &str = include_str!("../../templates/page.css");

/// The script of all pages; every page works without it.
pub(super) const SCRIPT: &str = include_str!("../../templates/page.js");

/// A page could not be made, which is a fault of a template.
#[derive(Debug, thiserror::Error)]
#[error("the page cannot be made, which is a fault of Stanch: {0}")]
pub struct RenderError(#[from] minijinja::Error);

/// One page that needs nothing else. Its tabs begin with `language`, if that
/// is given.
///
/// # Errors
/// See [`RenderError`].
pub fn html(book: &Runbook, language: Option<Language>) -> Result<String, RenderError> {
    // Nothing is loaded and nothing sent; the two inline parts are known by their hashes.
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    );
    page(book, &policy, language, false)
}

/// The page as a part of a site, which brings style and script.
pub(super) fn site_page(book: &Runbook, policy: &str) -> Result<String, RenderError> {
    page(book, policy, None, true)
}

fn page(
    book: &Runbook,
    policy: &str,
    language: Option<Language>,
    site: bool,
) -> Result<String, RenderError> {
    let template = environment().get_template("page.html")?;
    Ok(template.render(context! {
        book => Value::from(Serde(book)),
        policy,
        site,
        style => STYLE,
        script => SCRIPT,
        path => snippets::path(&book.secret.id, &book.secret.provider),
        first_language => language.map(Language::id),
        version => env!("CARGO_PKG_VERSION"),
    })?)
}

/// The page as Markdown (CommonMark with tables and task lists).
///
/// # Errors
/// See [`RenderError`].
pub fn markdown(book: &Runbook) -> Result<String, RenderError> {
    let text = environment()
        .get_template("page.md")?
        .render(context! { book => Value::from(Serde(book)) })?;
    // Templates leave blank lines where a part is missing.
    let mut out = String::with_capacity(text.len());
    let mut blank = 0;
    let mut in_code = false;
    for line in text.lines() {
        in_code ^= line.starts_with("```");
        blank = if line.trim().is_empty() && !in_code { blank + 1 } else { 0 };
        if blank < 2 {
            out.push_str(line.trim_end());
            out.push('\n');
        }
    }
    Ok(out)
}

/// Everything as JSON.
///
/// # Errors
/// Only when memory runs out.
pub fn json(book: &Runbook) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(book).map(|text| text + "\n")
}

/// The templates, ready to be used.
pub(super) fn environment() -> &'static Environment<'static> {
    static READY: OnceLock<Environment<'static>> = OnceLock::new();
    READY.get_or_init(|| {
        let mut env = Environment::new();
        env.set_auto_escape_callback(|name| {
            if name.ends_with(".html") { AutoEscape::Html } else { AutoEscape::None }
        });
        env.add_filter("code", |text: String| Value::from_safe_string(code(&text)));
        env.add_filter("link", |url: String, name: Option<String>| {
            Value::from_safe_string(link(&url, name.as_deref()))
        });
        env.add_filter("md", |text: String| md(&text));
        env.add_filter("plain", |text: String| plain(&text));
        env.add_filter("span", |text: String| span(&text));
        env.add_filter("fenced", |text: String, language: String| fenced(&text, &language));
        for (name, text) in [
            ("page.html", include_str!("../../templates/page.html")),
            ("index.html", include_str!("../../templates/index.html")),
            ("page.md", include_str!("../../templates/page.md")),
        ] {
            // A template that is wrong is missed by whoever asks for it, and by the tests.
            let _ = env.add_template(name, text);
        }
        env
    })
}

pub(super) fn hash(text: &str) -> String {
    BASE64.encode(&Sha256::digest(text.as_bytes()))
}

/// A text with `code` in backticks as HTML.
fn code(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for (at, part) in text.split('`').enumerate() {
        let inside = at % 2 == 1;
        out.push_str(if inside { "<code>" } else { "" });
        escape(part, &mut out);
        out.push_str(if inside { "</code>" } else { "" });
    }
    out
}

/// A link to a page on the web; anything else is text.
fn link(url: &str, name: Option<&str>) -> String {
    let mut address = String::new();
    escape(url, &mut address);
    let mut shown = String::new();
    escape(name.unwrap_or(url), &mut shown);
    if url.starts_with("https://") {
        format!("<a href=\"{address}\" rel=\"noopener noreferrer\">{shown}</a>")
    } else {
        shown
    }
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
}

/// A text with `code` in backticks as Markdown, in one line.
fn md(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for (at, part) in text.split('`').enumerate() {
        if at % 2 == 1 { out.push_str(&span(part)) } else { out.push_str(&plain(part)) }
    }
    out
}

/// Text that is only text wherever in a Markdown page it stands.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' => out.push(' '),
            '\\' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '~' | '`' | '!' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// A code span, which nothing in the text can end. A `|` would end a cell of a
/// table even in there.
fn span(text: &str) -> String {
    let text = text.replace(['\n', '\r'], " ").replace('|', "\\|");
    let ticks = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

fn fenced(text: &str, language: &str) -> String {
    let ticks = "`".repeat(longest_run(text).max(2) + 1);
    format!("{ticks}{language}\n{}\n{ticks}", text.trim_end_matches('\n'))
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_escapes_from_text() {
        assert_eq!(code("a `b<c>` \"d\""), "a <code>b&lt;c&gt;</code> &quot;d&quot;");
        assert_eq!(link("javascript:x", None), "javascript:x");
        assert_eq!(md("see `a|b` *now* <x>"), "see `a\\|b` \\*now\\* \\<x\\>");
        assert_eq!(span("a``b"), "```a``b```");
        assert_eq!(fenced("```\nx", "sh"), "````sh\n```\nx\n````");
    }
}
