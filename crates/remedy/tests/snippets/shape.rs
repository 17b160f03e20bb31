//! What holds for every snippet, run or not.

use libtest_mimic::Trial;
use stanch_remedy::snippet::snippet;
use stanch_remedy::{Language, Manager, Reference};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("every_combination_is_there_and_fits_together", || {
            for language in Language::ALL {
                for manager in Manager::ALL {
                    let name = format!("{} {}", language.id(), manager.id());
                    let written = crate::run::written(language, manager);
                    let program = written.program();
                    assert!(program.contains(&written.expression), "{name}: {program}");
                    assert!(!program.contains("example"), "{name}: {program}");
                    for line in written.function.lines() {
                        assert!(program.contains(line), "{name}: {line}");
                    }
                    for line in written.imports.lines() {
                        assert!(program.contains(line), "{name}: {line}");
                    }
                    assert_eq!(written.is_async, written.expression.contains("await"), "{name}");
                    assert!(!written.notes.is_empty() || manager == Manager::Env, "{name}");
                }
            }
            Ok(())
        }),
        Trial::test("names_that_would_have_to_be_escaped_are_refused", || {
            let with = |variable: &str, path: &str, field: &str| {
                let (variable, path) = (variable.to_owned(), path.to_owned());
                let reference = Reference { variable, path, field: Some(field.to_owned()) };
                snippet(Language::Python, Manager::Vault, &reference).is_some()
            };
            assert!(with("A", "a/b", "c"));
            assert!(!with("A", "a/\"b", "c"));
            assert!(!with("A", "a//b", "c"));
            assert!(!with("A", "a/$b", "c"));
            assert!(!with("1A", "a/b", "c"));
            assert!(!with("A", "a/b", "c'"));
            assert!(!with("", "a/b", "c"));
            Ok(())
        }),
    ]
}
