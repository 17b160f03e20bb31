//! Rewriting to every manager in every language: the snippet's function comes
//! in once, the file parses, and nothing is found any more; or the place is
//! refused with the way that there is.
#![expect(clippy::unwrap_used, reason = "a failure here is a failed test")]

use std::path::{Path, PathBuf};

use stanch_remedy::rewrite::{File, Names, Options, places, rewrite};
use stanch_remedy::snippet::snippet;
use stanch_remedy::{Language, Manager};
use stanch_rules::schema::Detector;
use stanch_rules::{load, sample};
use stanch_scan::{Engine, Finding, FingerprintKey, Origin, Scanner, Scratch};

/// A program with two secrets, in which a call may wait where a language has that.
fn program(language: Language) -> (&'static str, &'static str) {
    match language {
        Language::Python => ("app.py", "import sys\n\nfirst = \"{1}\"\nsecond = \"Bearer {2}\"\n"),
        Language::JavaScript => (
            "app.mjs",
            "import fs from \"node:fs\";\n\nconst first = \"{1}\";\nconst second = \"Bearer {2}\";\n",
        ),
        Language::TypeScript => (
            "app.ts",
            "import fs from \"node:fs\";\n\nconst first = \"{1}\";\nconst second = \"Bearer {2}\";\n",
        ),
        Language::Java => (
            "App.java",
            "package a;\n\nimport java.util.List;\n\nclass App {\n    String first = \"{1}\";\n    String second = \"Bearer {2}\";\n}\n",
        ),
        Language::Go => (
            "app.go",
            "package main\n\nimport \"fmt\"\n\nvar first = \"{1}\"\nvar second = \"Bearer {2}\"\n\nfunc main() { fmt.Println(first, second) }\n",
        ),
        Language::Ruby => {
            ("app.rb", "require \"json\"\n\nfirst = \"{1}\"\nsecond = \"Bearer {2}\"\n")
        }
        Language::CSharp => (
            "App.cs",
            "using System.Text;\n\nclass App\n{\n    async Task Run()\n    {\n        var first = \"{1}\";\n        var second = \"Bearer {2}\";\n    }\n}\n",
        ),
        Language::Php => ("app.php", "<?php\n\n$first = '{1}';\n$second = 'Bearer {2}';\n"),
        Language::Rust => (
            "app.rs",
            "use std::fmt;\n\nfn main() {\n    let first = \"{1}\".to_string();\n    let second = String::from(\"{2}\");\n}\n",
        ),
        Language::Kotlin => (
            "App.kt",
            "package a\n\nimport java.io.File\n\nval first = \"{1}\"\nval second = \"Bearer {2}\"\n",
        ),
        Language::Shell => ("app.sh", "#!/bin/sh\nset -eu\n\nfirst=\"{1}\"\nsecond='{2}'\n"),
        Language::PowerShell => ("app.ps1", "$first = '{1}'\n$second = 'Bearer {2}'\n"),
    }
}

fn detectors() -> Vec<Detector> {
    let sources =
        stanch_detectors::FILES.iter().map(|(name, text)| load::parse(name, text).unwrap());
    sources.flat_map(|source| source.content.detectors).collect()
}

fn find(path: &str, text: &[u8]) -> Vec<Finding> {
    let engine = Engine::new(stanch_detectors::pack());
    let key = FingerprintKey::new(&[7; 32]);
    let scanner = Scanner { engine: &engine, key: &key };
    let origin = Origin::File(PathBuf::from(path));
    let found = scanner.blob(&mut Scratch::default(), &origin, text).findings;
    found.into_iter().filter(|finding| finding.confidence >= 0.5).collect()
}

#[test]
fn every_manager_comes_in_once_or_is_refused_with_a_way() {
    let detectors = detectors();
    let token = |seed| {
        let detector = detectors.iter().find(|d| d.id == "github-pat-classic").unwrap();
        sample::sample(detector, seed).unwrap().group("secret").unwrap().to_owned()
    };
    for language in Language::ALL {
        let (path, template) = program(language);
        let text = template.replace("{1}", &token(1)).replace("{2}", &token(2));
        let known = |id: &str| detectors.iter().find(|detector| detector.id == id);
        let found: Vec<_> =
            find(path, text.as_bytes()).iter().flat_map(|f| places(f, &known)).collect();
        assert_eq!(found.len(), 2, "{language:?}");
        for manager in Manager::ALL {
            let file = File { path: Path::new(path), text: text.as_bytes(), neighbours: &[] };
            let options = Options::to(manager);
            let done = rewrite(&file, &found, &mut Names::default(), &options);
            let what = format!("{language:?} {manager:?}");
            assert_eq!(done.changes.len() + done.refused.len(), 2, "{what}");
            if !done.refused.is_empty() {
                let reason = &done.refused[0].reason;
                assert!(
                    reason.contains("--to env") || reason.contains("stanch snippet"),
                    "{what}: {reason}"
                );
                continue;
            }
            let out = String::from_utf8(done.apply(text.as_bytes())).unwrap();
            assert!(find(path, out.as_bytes()).is_empty(), "{what}:\n{out}");
            assert!(!out.contains(&token(1)) && !out.contains(&token(2)), "{what}:\n{out}");
            if manager == Manager::Env {
                continue;
            }
            for change in &done.changes {
                let snippet = snippet(language, manager, &change.reference).unwrap();
                assert!(out.contains(snippet.expression.trim()), "{what}:\n{out}");
                let squeeze = |text: &str| {
                    text.lines().map(|l| l.trim().to_owned() + "\n").collect::<String>()
                };
                let function = squeeze(snippet.function.trim_matches('\n'));
                if !function.trim().is_empty() {
                    assert_eq!(squeeze(&out).matches(&function).count(), 1, "{what}:\n{out}");
                }
                for line in snippet.imports.lines().filter(|line| !line.trim().is_empty()) {
                    assert_eq!(
                        squeeze(&out).matches(&squeeze(line)).count(),
                        1,
                        "{what} {line}:\n{out}"
                    );
                }
            }
        }
    }
}
