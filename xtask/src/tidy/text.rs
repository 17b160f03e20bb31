//! Rules that hold in any text file.

use super::Violation;

/// Lines that a file may have.
const MOST_LINES: usize = 800;

/// Files that may be longer, each with the reason. A name that ends in a slash
/// stands for all that is in the folder.
const LONG_FILES: &[(&str, &str)] = &[
    ("crates/rules/src/checksum/bip39/english.txt", "the standard's list has a word on each line"),
    ("detectors/azure.toml", "one provider, one file, and this one has forty kinds of keys"),
    ("docs/detectors/", "`cargo xtask gen` writes it"),
    ("tests/servers/projects/package-lock.json", "npm writes it"),
];

/// Hosts of package registries. The project names none of them: detectors for
/// their tokens take the base URL from configuration. Each is written in two
/// halves so that this file keeps its own rule.
const REGISTRIES: &[&str] = &[
    concat!("crates", ".io"),
    concat!("pypi", ".org"),
    concat!("pythonhosted", ".org"),
    concat!("npmjs", ".org"),
    concat!("npmjs", ".com"),
    concat!("yarnpkg", ".com"),
    concat!("rubygems", ".org"),
    concat!("hub.docker", ".com"),
    concat!("docker", ".io"),
    concat!("packagist", ".org"),
    concat!("nuget", ".org"),
    concat!("maven", ".org"),
    concat!("repo.maven.apache", ".org"),
    concat!("proxy.golang", ".org"),
    concat!("hex", ".pm"),
    concat!("pub", ".dev"),
    concat!("cpan", ".org"),
];

/// Folders that only exist on somebody's own machine.
const MACHINES: &[&str] = &[concat!("/ho", "me/"), concat!("/ro", "ot/"), concat!("/wo", "rk/")];

/// The mark of unfinished work.
const UNFINISHED: &str = concat!("FIX", "ME");

/// The mark of the places to fill in a new detector file.
pub(crate) const PLACE_TO_FILL: &str = concat!("CHANGE", " ME");

/// Checks one file.
pub(super) fn check(path: &str, text: &str, violations: &mut Vec<Violation>) {
    // What cargo writes is cargo's business.
    if path == "Cargo.lock" || path.ends_with("/Cargo.lock") {
        return;
    }
    let mut violation = |line, message: String| {
        violations.push(Violation { path: path.to_owned(), line, message });
    };
    let lines = text.lines().count();
    if lines > MOST_LINES && !may_be_long(path) {
        violation(
            None,
            format!(
                "{lines} lines; {MOST_LINES} is the most. Split the file by idea, or enter it \
                 with a reason in LONG_FILES in xtask/src/tidy/text.rs"
            ),
        );
    }
    let is_detector = path.starts_with("detectors/");
    for (index, line) in text.lines().enumerate() {
        let number = Some(index + 1);
        let lower = line.to_ascii_lowercase();
        for host in REGISTRIES.iter().filter(|host| names_host(&lower, host)) {
            violation(
                number,
                format!(
                    "`{host}` is the host of a package registry. Take the URL from configuration, \
                     or use a made-up host such as registry.example"
                ),
            );
        }
        for folder in MACHINES.iter().filter(|folder| names_folder(line, folder)) {
            violation(
                number,
                format!(
                    "`{folder}` is a folder of somebody's own machine. Use a path from the \
                     repository's root, or a made-up one such as /srv/app"
                ),
            );
        }
        if line.contains(UNFINISHED) {
            violation(
                number,
                format!("{UNFINISHED} marks unfinished work. Finish it, or write an issue"),
            );
        }
        if is_detector && line.contains(PLACE_TO_FILL) {
            violation(number, format!("{PLACE_TO_FILL}: this place still has to be filled"));
        }
    }
}

fn may_be_long(path: &str) -> bool {
    LONG_FILES
        .iter()
        .any(|(name, _)| *name == path || (name.ends_with('/') && path.starts_with(name)))
}

/// Whether `line`, in lower case, names the host or a host below it.
fn names_host(line: &str, host: &str) -> bool {
    let part_of_label = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    line.match_indices(host).any(|(at, _)| {
        let before = line.get(..at).and_then(|s| s.chars().next_back());
        let after = line.get(at + host.len()..).and_then(|s| s.chars().next());
        !before.is_some_and(part_of_label) && !after.is_some_and(part_of_label)
    })
}

/// Whether `line` names the folder as one directly below the root, and not as a
/// part of a longer path or URL.
fn names_folder(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line.get(..at).and_then(|s| s.chars().next_back());
        !before.is_some_and(|c| c.is_ascii_alphanumeric() || "._-~*})$".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(path: &str, text: &str) -> Vec<String> {
        let mut violations = Vec::new();
        check(path, text, &mut violations);
        violations.iter().map(Violation::to_string).collect()
    }

    #[track_caller]
    fn one(path: &str, text: &str, wanted: &str) {
        let messages = messages(path, text);
        assert_eq!(messages.len(), 1, "{messages:?}");
        assert!(messages[0].contains(wanted), "{messages:?}");
    }

    #[track_caller]
    fn none(path: &str, text: &str) {
        assert_eq!(messages(path, text), Vec::<String>::new());
    }

    #[test]
    fn a_long_file_is_told() {
        none("a.rs", &"x\n".repeat(MOST_LINES));
        one("a.rs", &"x\n".repeat(MOST_LINES + 1), "801 lines");
        none("fuzz/Cargo.lock", &"x\n".repeat(MOST_LINES + 1));
    }

    #[test]
    fn every_registry_host_is_told_in_any_case_and_below_others() {
        for host in REGISTRIES {
            one("docs/a.md", &format!("\nsee https://WWW.{}/x\n", host.to_uppercase()), "a.md:2: ");
            one("docs/a.md", host, "package registry");
            none("docs/a.md", &format!("my{host}"));
            none("docs/a.md", &format!("{host}x"));
            none("Cargo.lock", host);
        }
    }

    #[test]
    fn a_folder_of_a_machine_is_told_and_a_part_of_a_path_is_not() {
        for folder in MACHINES {
            one("a.rs", &format!("let p = \"{folder}x\";"), "somebody's own machine");
            none("a.rs", &format!("https://example.com{folder}x"));
            none("a.rs", &format!("./crates{folder}x"));
        }
    }

    #[test]
    fn unfinished_work_is_told() {
        one("a.rs", &format!("// {UNFINISHED}: later"), "unfinished");
    }

    #[test]
    fn a_place_to_fill_is_told_in_detector_files_only() {
        one("detectors/a.toml", &format!("name = \"{PLACE_TO_FILL}\""), "filled");
        none("xtask/templates/a.toml", PLACE_TO_FILL);
    }

    #[test]
    fn every_long_file_has_a_reason() {
        for (name, reason) in LONG_FILES {
            assert!(!reason.is_empty(), "{name}");
        }
    }
}
