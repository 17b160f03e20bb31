//! What `cargo xtask gen` writes must be what it would write now.

use std::collections::BTreeMap;

use super::{Tree, Violation};
use crate::generate;

/// Checks the tree as a whole.
pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let directly = |folder: &'static str, ending: &'static str| {
        let inside = move |path: &&String| {
            path.strip_prefix(folder).is_some_and(|n| n.ends_with(ending) && !n.contains('/'))
        };
        let files = tree.files.iter().filter(move |(path, _)| inside(path));
        files.map(|(path, text)| (path.clone(), text.clone())).collect::<BTreeMap<_, _>>()
    };
    let violation =
        |path: &str, message: String| Violation { path: path.to_owned(), line: None, message };
    let detectors = directly("detectors/", ".toml");
    if detectors.is_empty() {
        return Vec::new();
    }
    match generate::files(&detectors) {
        Ok(wanted) => generate::stale(&wanted, &directly(generate::FOLDER, ""))
            .iter()
            .map(|path| violation(path, "not up to date. Run `cargo xtask gen`".to_owned()))
            .collect(),
        Err(fault) => vec![violation("detectors", format!("{fault}"))],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACME: &str = "[provider]\nid = \"acme\"\nname = \"Acme\"\ncategory = \"saas\"\n";

    #[test]
    fn a_forgotten_run_and_a_file_that_is_left_over_are_told() {
        let path = "detectors/acme.toml";
        let missing = check(&Tree::of(&[(path, ACME)]));
        let paths: Vec<&str> = missing.iter().map(|v| v.path.as_str()).collect();
        assert_eq!(
            paths,
            ["docs/detectors/README.md", "docs/detectors/acme.md", "docs/detectors/index.html"]
        );
        assert!(missing[0].message.contains("cargo xtask gen"));

        let mut files = BTreeMap::from([(path.to_owned(), ACME.to_owned())]);
        let made = generate::files(&files).unwrap();
        let page = made["docs/detectors/acme.md"].clone();
        files.extend(made);
        assert_eq!(check(&Tree { files: files.clone() }), []);

        files.insert("docs/detectors/gone.md".to_owned(), page);
        files.insert("docs/detectors/notes.md".to_owned(), "Somebody's own.\n".to_owned());
        let left = check(&Tree { files });
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].path, "docs/detectors/gone.md");
    }

    #[test]
    fn a_detector_file_that_cannot_be_read_is_told_with_its_line() {
        let told = check(&Tree::of(&[("detectors/acme.toml", "[provider]\nid = 1\n")]));
        assert!(told[0].message.starts_with("detectors/acme.toml:2:"), "{told:?}");
    }
}
