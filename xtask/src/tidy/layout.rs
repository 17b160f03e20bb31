//! Which files there must be, and what they must be called.

use super::{Tree, Violation};

/// Pages that every reader looks for. Once the first is there, all must be.
const PAGES: &[&str] = &["README.md", "ARCHITECTURE.md", "CHANGELOG.md"];

/// Checks the tree as a whole.
pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut violation = |path: &str, line, message: String| {
        violations.push(Violation { path: path.to_owned(), line, message });
    };
    if PAGES.iter().any(|page| tree.files.contains_key(*page)) {
        for page in PAGES.iter().filter(|page| !tree.files.contains_key(**page)) {
            violation(page, None, "this page is missing. Write it; a screenful is enough".into());
        }
    }
    for (path, text) in &tree.files {
        if is_library(path) && !text.starts_with("//!") {
            violation(
                path,
                Some(1),
                "a crate starts with `//!`. Say in a few lines what it is for and what it never \
                 does"
                    .into(),
            );
        }
        if let Some(stem) = detector_stem(path) {
            if !is_kebab_case(stem) {
                violation(
                    path,
                    None,
                    "a detector file's name is kebab-case: lower-case letters, digits and single \
                     dashes. Rename it"
                        .into(),
                );
            }
            match provider_id(text) {
                Ok(id) if id == stem => {}
                Ok(id) => violation(
                    path,
                    None,
                    format!(
                        "the file is called `{stem}` and its provider's id is `{id}`. Make them \
                         equal"
                    ),
                ),
                Err(why) => violation(path, None, why),
            }
        }
    }
    violations
}

/// Whether a name is made of lower-case letters and digits in parts that single
/// dashes join, and starts with a letter or digit.
pub(crate) fn is_kebab_case(name: &str) -> bool {
    name.split('-').all(|part| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    })
}

fn is_library(path: &str) -> bool {
    let mut parts = path.split('/');
    parts.next() == Some("crates") && parts.nth(1) == Some("src") && parts.eq(["lib.rs"])
}

/// The file name without its ending, for the files directly in `detectors/`.
fn detector_stem(path: &str) -> Option<&str> {
    let stem = path.strip_prefix("detectors/")?.strip_suffix(".toml")?;
    (!stem.contains('/')).then_some(stem)
}

fn provider_id(text: &str) -> Result<String, String> {
    let table: toml::Table = text.parse().map_err(|e| format!("this is not TOML: {e}"))?;
    let id = table.get("provider").and_then(|p| p.get("id")).and_then(|id| id.as_str());
    id.map(str::to_owned).ok_or_else(|| {
        "there is no `id` under `[provider]`. Give it the file's name without `.toml`".into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(files: &[(&str, &str)]) -> Vec<String> {
        check(&Tree::of(files)).iter().map(Violation::to_string).collect()
    }

    #[track_caller]
    fn one(files: &[(&str, &str)], path: &str, text: &str) {
        let messages = messages(files);
        assert_eq!(messages.len(), 1, "{messages:?}");
        assert!(messages[0].starts_with(path) && messages[0].contains(text), "{messages:?}");
    }

    #[test]
    fn a_good_tree_is_quiet() {
        assert_eq!(
            messages(&[
                ("README.md", ""),
                ("ARCHITECTURE.md", ""),
                ("CHANGELOG.md", ""),
                ("crates/scan/src/lib.rs", "//! The engine.\n"),
                ("crates/scan/src/decode/mod.rs", "mod a;\n"),
                ("detectors/hugging-face.toml", "[provider]\nid = \"hugging-face\"\n"),
                ("detectors/notes/README.md", ""),
            ]),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_missing_page_is_told_once_there_is_one() {
        one(&[("README.md", ""), ("ARCHITECTURE.md", "")], "CHANGELOG.md", "missing");
    }

    #[test]
    fn a_library_without_its_opening_lines_is_told() {
        one(&[("crates/scan/src/lib.rs", "mod a;\n")], "crates/scan/src/lib.rs:1", "`//!`");
    }

    #[test]
    fn a_detector_file_with_another_id_is_told() {
        let text = "[provider]\nid = \"git-hub\"\n";
        one(&[("detectors/github.toml", text)], "detectors/github.toml", "`git-hub`");
    }

    #[test]
    fn a_detector_file_without_an_id_or_without_toml_is_told() {
        one(&[("detectors/github.toml", "[provider]\n")], "detectors/github.toml", "no `id`");
        one(&[("detectors/github.toml", "[provider\n")], "detectors/github.toml", "not TOML");
    }

    #[test]
    fn a_detector_file_that_is_not_kebab_case_is_told() {
        for name in ["GitHub", "git_hub", "git--hub", "-github", "github-", ""] {
            let path = format!("detectors/{name}.toml");
            let text = format!("[provider]\nid = \"{name}\"\n");
            one(&[(&path, &text)], &path, "kebab-case");
        }
    }
}
