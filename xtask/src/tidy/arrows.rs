//! Which crate may use which: the walls that a newcomer can see.

use serde_json::Value;

use super::Violation;

/// Crate, and the crates of ours that it may use in its normal and build
/// dependencies. Tests may use any. ARCHITECTURE.md shows the same arrows.
const ARROWS: &[(&str, &[&str])] = &[
    ("cli", &["server", "store", "live", "remedy", "sources", "scan", "detectors", "rules"]),
    ("server", &["store", "live", "remedy", "sources", "scan", "detectors"]),
    ("remedy", &["scan", "rules"]),
    ("live", &[]),
    ("store", &[]),
    ("sources", &["scan"]),
    ("scan", &["rules"]),
    ("detectors", &["rules"]),
    ("rules", &[]),
    ("test-servers", &[]),
    ("xtask", &["rules"]),
];

/// Checks the answer of `cargo metadata`.
pub(super) fn check(metadata: &Value) -> Vec<Violation> {
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let names: Vec<&str> = packages.iter().filter_map(|p| p["name"].as_str()).collect();
    let mut violations = Vec::new();
    for package in packages {
        let name = crate_of(package["name"].as_str().unwrap_or_default());
        let mut violation = |message| {
            let path = if name == "xtask" { "xtask" } else { &format!("crates/{name}") };
            violations.push(Violation { path: format!("{path}/Cargo.toml"), line: None, message });
        };
        let Some((_, allowed)) = ARROWS.iter().find(|(of, _)| *of == name) else {
            violation(format!(
                "the crate `{name}` has no arrows yet. Say what it may use in ARROWS in \
                 xtask/src/tidy/arrows.rs, and draw it in ARCHITECTURE.md"
            ));
            continue;
        };
        let dependencies = package["dependencies"].as_array().map(Vec::as_slice);
        for dependency in dependencies.unwrap_or_default() {
            let used = dependency["name"].as_str().unwrap_or_default();
            if dependency["kind"] == "dev" || !names.contains(&used) {
                continue;
            }
            let used = crate_of(used);
            if !allowed.contains(&used) {
                violation(format!(
                    "`{name}` must not depend on `{used}`; it may use {}. Move what it needs \
                     into a crate that it may use, or hand it in from the caller. If the arrow \
                     itself is wrong, change ARROWS in xtask/src/tidy/arrows.rs and \
                     ARCHITECTURE.md together",
                    if allowed.is_empty() { "none of ours".to_owned() } else { allowed.join(", ") }
                ));
            }
        }
    }
    violations
}

/// The folder name of a package: `stanch-scan` lives in `crates/scan`, and
/// `stanch` itself in `crates/cli`.
fn crate_of(package: &str) -> &str {
    if package == "stanch" { "cli" } else { package.strip_prefix("stanch-").unwrap_or(package) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check_one(package: &str, used: &str, kind: Option<&str>) -> Vec<Violation> {
        check(&json!({ "packages": [
            { "name": package, "dependencies": [{ "name": used, "kind": kind }] },
            { "name": used, "dependencies": [] },
        ]}))
    }

    #[test]
    fn a_drawn_arrow_is_fine() {
        assert_eq!(check_one("stanch", "stanch-rules", None), []);
        assert_eq!(check_one("stanch-detectors", "stanch-rules", Some("build")), []);
    }

    #[test]
    fn an_arrow_against_the_drawing_is_told_with_its_mending() {
        for kind in [None, Some("build")] {
            let violations = check_one("stanch-rules", "stanch-scan", kind);
            assert_eq!(violations.len(), 1);
            assert_eq!(violations[0].path, "crates/rules/Cargo.toml");
            assert!(violations[0].message.contains("`rules` must not depend on `scan`"));
            assert!(violations[0].message.contains("Move what it needs"));
        }
    }

    #[test]
    fn tests_may_use_any_crate() {
        assert_eq!(check_one("stanch-scan", "stanch-detectors", Some("dev")), []);
    }

    #[test]
    fn crates_from_elsewhere_do_not_count() {
        let metadata = json!({ "packages": [
            { "name": "stanch-rules", "dependencies": [{ "name": "serde", "kind": null }] },
        ]});
        assert_eq!(check(&metadata), []);
    }

    #[test]
    fn a_crate_without_arrows_is_told() {
        let violations =
            check(&json!({ "packages": [{ "name": "stanch-new", "dependencies": [] }] }));
        assert!(violations[0].message.contains("`new` has no arrows"));
    }

    #[test]
    fn the_drawing_has_no_circle() {
        // Each crate may only use crates that stand after it, sorted by use.
        fn reaches(from: &str, to: &str, depth: usize) -> bool {
            let next = ARROWS.iter().find(|(of, _)| *of == from).map_or(&[][..], |(_, to)| to);
            depth > 0 && next.iter().any(|n| *n == to || reaches(n, to, depth - 1))
        }
        for (name, _) in ARROWS {
            assert!(!reaches(name, name, ARROWS.len()), "{name} uses itself");
        }
    }
}
