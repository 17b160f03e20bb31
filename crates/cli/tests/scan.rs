//! `stanch scan`: exit codes, arguments, and what lies in real trees.

mod support;

use std::process::Stdio;

use serde_json::Value;
use support::{World, scrubbed, secret, seeded, token};

#[test]
fn a_clean_tree_is_0() {
    let world = World::new();
    world.write("a.txt", "nothing to see here\n");
    let run = world.run(&["scan", "."]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    insta::assert_snapshot!(scrubbed(&run.out), @r"
    No secrets found.
    Scanned 1 file, 20 bytes in […].
    ");
    assert_eq!(run.err, "");
}

#[test]
fn a_finding_is_1_and_tells_what_where_why_and_what_next() {
    let world = World::new();
    let token = token();
    world.write("src/app.env", format!("# settings\nGITHUB_TOKEN={token}\n"));
    world.write("src/copy.env", format!("GITHUB_TOKEN={token}\n"));
    let run = world.run(&["scan", "src"]);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    for part in [
        "src/app.env:2:14  GitHub personal access token (classic) (github-pat-classic)  critical  high confidence",
        "    why: ",
        "    also at: src/copy.env:1:14",
        "    fingerprint: ",
        "    next: stanch why src/app.env:2  ·  stanch detectors show github-pat-classic",
        "2 findings, 1 secret: 2 critical.",
        "Scanned 2 files,",
    ] {
        assert!(run.out.contains(part), "{part} is not in\n{}", run.out);
    }
    assert!(!run.out.contains(&token));
}

#[test]
fn a_missing_path_is_2_and_named_and_the_rest_is_scanned() {
    let world = World::new();
    world.write("a.txt", "nothing\n");
    let run = world.run(&["scan", "nowhere", "a.txt"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("cannot scan nowhere: no such file or directory"), "{}", run.err);
    assert!(run.out.contains("Scanned 1 file,"), "{}", run.out);
    world.write("b.env", format!("GITHUB_TOKEN={}\n", token()));
    assert_eq!(world.run(&["scan", "nowhere", "b.env"]).code, 1);
}

#[test]
fn bad_arguments_are_2() {
    let world = World::new();
    for args in [
        &["scan"][..],
        &["scan", ".", "--min-confidence", "2"],
        &["scan", ".", "--min-confidence", "huge"],
        &["scan", ".", "--max-file-size", "much"],
        &["scan", ".", "--format", "xml"],
        &["scan", ".", "--threads", "0"],
        &["scan", ".", "--only", "no-such-detector"],
        &["scan", ".", "--detectors", "no-such-folder"],
        &["scan", ".", "--output", "no/such/folder/x.json"],
        &["why", "a.txt"],
        &["why", "nowhere:3"],
        &["detectors", "show", "no-such-detector"],
        &["nonsense"],
    ] {
        let run = world.run(args);
        assert_eq!(run.code, 2, "{args:?}: {}{}", run.out, run.err);
        assert!(!run.err.is_empty() && !run.err.contains("panicked"), "{args:?}: {}", run.err);
    }
}

#[test]
fn a_misspelt_detector_gets_a_hint() {
    let world = World::new();
    let run = world.run(&["scan", ".", "--only", "gihub"]);
    assert!(run.err.contains("did you mean `github`?"), "{}", run.err);
}

#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_read_is_named_and_makes_2() {
    let world = World::new();
    // Reading the first page of a process's memory fails, even for root.
    let run = world.run(&["scan", "/proc/self/mem"]);
    assert_eq!(run.code, 2, "{}{}", run.out, run.err);
    assert!(run.out.contains("    /proc/self/mem: "), "{}", run.out);
    let json = world.run(&["scan", "/proc/self/mem", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(report["receipt"]["complete"], false);
    assert_eq!(report["receipt"]["failed"][0]["path"], "/proc/self/mem");
    let sarif = world.run(&["scan", "/proc/self/mem", "--format", "sarif"]);
    let log: serde_json::Value = serde_json::from_str(&sarif.out).unwrap();
    assert_eq!(log["runs"][0]["invocations"][0]["executionSuccessful"], false);
}

#[test]
fn standard_input_is_scanned() {
    let world = World::new();
    let run = world.run_with(&["scan", "-"], format!("x\ny {}\n", token()).as_bytes());
    assert_eq!(run.code, 1);
    assert!(run.out.contains("-:2:3  GitHub"), "{}", run.out);
    assert!(!run.out.contains("stanch why"), "{}", run.out);
    assert_eq!(world.run_with(&["scan", "-"], b"").code, 0);
}

#[test]
fn only_named_detectors_run() {
    let world = World::new();
    world.write("a.env", format!("GITHUB_TOKEN={}\n", token()));
    assert_eq!(world.run(&["scan", ".", "--only", "gitlab"]).code, 0);
    assert_eq!(world.run(&["scan", ".", "--only", "gitlab,github"]).code, 1);
    assert_eq!(world.run(&["scan", ".", "--only", "github-pat-classic"]).code, 1);
}

#[test]
fn a_comment_hides_a_finding_unless_asked() {
    let world = World::new();
    world.write("a.env", format!("GITHUB_TOKEN={} # stanch:ignore\n", token()));
    let run = world.run(&["scan", "."]);
    assert_eq!(run.code, 0, "{}", run.out);
    assert!(run.out.contains("Ignored 1 finding by `stanch:ignore` comments."), "{}", run.out);
    let run = world.run(&["scan", ".", "--no-ignores"]);
    assert_eq!(run.code, 1);
    assert!(run.out.contains("would be ignored by: `stanch:ignore` comments"), "{}", run.out);
}

#[test]
fn large_files_are_left_out_when_asked_and_named() {
    let world = World::new();
    world.write("a.env", format!("GITHUB_TOKEN={}\n{}", token(), " ".repeat(2000)));
    let run = world.run(&["scan", ".", "--max-file-size", "1K"]);
    assert_eq!(run.code, 0);
    assert!(
        run.out.contains("Skipped 1 entry: larger than the 1024 asked for (./a.env)"),
        "{}",
        run.out
    );
}

#[test]
fn gitignore_counts_only_when_asked() {
    let world = World::new();
    world.write(".gitignore", "*.env\n").write("a.env", format!("GITHUB_TOKEN={}\n", token()));
    assert_eq!(world.run(&["scan", "."]).code, 1);
    let run = world.run(&["scan", ".", "--gitignore"]);
    assert_eq!(run.code, 0);
    let told = "Skipped 1 entry: named by .gitignore or its kin (./a.env)\n";
    assert!(run.out.contains(told), "{}", run.out);
}

#[test]
fn what_is_given_is_scanned_whatever_git_ignores() {
    let world = World::new();
    let token = format!("GITHUB_TOKEN={}\n", token());
    world.write(".gitignore", "*.env\n/build/\n").write("a.env", &token).write("b.env", &token);
    world.write("build/deep/c.txt", &token).write("sub/.gitignore", "*\n!d.txt\n");
    world.write("sub/d.txt", &token).write("sub/e.txt", &token);
    for (paths, findings, told) in [
        (
            &["."][..],
            1,
            "5 entries: named by .gitignore or its kin (./a.env, ./b.env, ./build and 2 others)",
        ),
        (&["a.env"], 1, ""),
        (&["build"], 1, ""),
        (
            &[".", "a.env", "build"],
            3,
            "3 entries: named by .gitignore or its kin (./b.env, ./sub/.gitignore, ./sub/e.txt)",
        ),
        (&["sub"], 1, "2 entries: named by .gitignore or its kin (sub/.gitignore, sub/e.txt)"),
        (&["sub/e.txt"], 1, ""),
    ] {
        let run = world.run(&[&["scan", "--gitignore"], paths].concat());
        let counted = format!("{findings} finding");
        assert!(run.out.contains(&counted), "{paths:?}: {}", run.out);
        assert!(run.out.contains(told), "{paths:?}: {}", run.out);
        assert_eq!(run.out.contains("Skipped"), !told.is_empty(), "{paths:?}: {}", run.out);
    }
}

#[test]
fn a_file_is_scanned_once_however_often_it_is_given() {
    let world = World::new();
    world.write("src/a.env", format!("GITHUB_TOKEN={}\n", token())).write("b.txt", "nothing\n");
    for (paths, files, shown) in [
        (&[".", "./src"][..], 2, "./src/a.env:1:14"),
        (&[".", "src/a.env"], 2, "./src/a.env:1:14"),
        (&["src/a.env", "."], 2, "src/a.env:1:14"),
        (&["src", "src/"], 1, "src/a.env:1:14"),
        (&["src", "src/../src", "b.txt", "./b.txt"], 2, "src/a.env:1:14"),
    ] {
        let run = world.run(&[&["scan"], paths].concat());
        assert!(run.out.starts_with(shown), "{paths:?}: {}", run.out);
        assert!(run.out.contains("1 finding, 1 secret"), "{paths:?}: {}", run.out);
        assert!(!run.out.contains("also at"), "{paths:?}: {}", run.out);
        let scanned = format!("Scanned {files} file");
        assert!(run.out.contains(&scanned), "{paths:?}: {}", run.out);
    }
}

#[test]
fn what_speaks_against_a_finding_is_told_apart() {
    let world = World::new();
    // A password made of words is told with a reason for and one against.
    world.write("db.php", format!("<?php $db_password = '{}{}!';\n", "Sommer", 2019));
    let run = world.run(&["scan", ".", "--min-confidence", "0"]);
    let line = |label: &str| run.out.lines().find(|line| line.starts_with(label));
    assert!(line("    why: ").is_some_and(|line| line.contains("password")), "{}", run.out);
    assert!(line("    against it: ").is_some(), "{}", run.out);
    assert!(!run.out.contains("against: "), "{}", run.out);
    let run = world.run(&["scan", ".", "--min-confidence", "0", "--format", "jsonl", "-q"]);
    let found: serde_json::Value = serde_json::from_str(run.out.trim()).unwrap();
    let evidence: Vec<&str> =
        found["evidence"].as_array().unwrap().iter().filter_map(|text| text.as_str()).collect();
    assert!(evidence.iter().any(|text| text.starts_with("against: ")), "{evidence:?}");
    assert!(evidence.iter().any(|text| !text.starts_with("against: ")), "{evidence:?}");
}

#[test]
fn quiet_prints_findings_only() {
    let world = World::new();
    world.write("a.txt", "nothing\n");
    let run = world.run(&["scan", ".", "--quiet"]);
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (0, "", ""));
}

#[test]
fn line_endings_do_not_change_places_or_fingerprints() {
    let world = World::new();
    let token = token();
    world.write("a.env", format!("x\nGITHUB_TOKEN={token}\ny\n"));
    world.write("b.env", format!("x\r\nGITHUB_TOKEN={token}\r\ny\r\n"));
    let run = world.run(&["scan", ".", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    let (a, b) = (&report["findings"][0], &report["findings"][1]);
    for key in ["line", "column", "end_line", "end_column", "fingerprint"] {
        assert_eq!(a[key], b[key], "{key}");
    }
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    #[test]
    fn a_name_that_is_no_text_is_shown_and_told_exactly() {
        let world = World::new();
        world.write(OsStr::from_bytes(b"a\xff.env"), format!("GITHUB_TOKEN={}\n", token()));
        let run = world.run(&["scan", "."]);
        assert_eq!(run.code, 1);
        assert!(run.out.contains("./a\u{fffd}.env:1:14"), "{}", run.out);
        let run = world.run(&["scan", ".", "--format", "jsonl"]);
        let line: serde_json::Value = serde_json::from_str(run.out.trim()).unwrap();
        assert_eq!(line["path"], "./a\u{fffd}.env");
        assert_eq!(line["path_bytes"], "Li9h/y5lbnY=");
    }

    #[test]
    fn a_configuration_may_be_empty_or_come_through_a_pipe() {
        let world = World::new();
        world.write("a.env", format!("GITHUB_TOKEN={}\n", token()));
        let hides = "[[exclude]]\npaths = [\"/*.env\"]\nreason = \"a test\"\n";
        world.write("stanch.toml", hides).write("empty.toml", "");
        assert_eq!(world.run(&["scan", "."]).code, 0);
        for config in ["/dev/null", "empty.toml"] {
            let run = world.run(&["scan", ".", "--config", config]);
            assert_eq!((run.code, run.err.as_str()), (1, ""), "{config}: {}", run.out);
            assert!(!run.out.contains("is honoured"), "{config}: {}", run.out);
        }
        let run = world.run_with(&["scan", ".", "--config", "/dev/stdin"], hides.as_bytes());
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
        assert!(run.out.contains("excluded by /dev/stdin:1: a test (./a.env)"), "{}", run.out);
        let run = world.run(&["scan", ".", "--config", "."]);
        assert_eq!(run.code, 2);
        assert!(run.err.contains(".: this is a folder"), "{}", run.err);
    }

    #[test]
    fn each_failure_says_what_happened_and_what_to_do() {
        let world = World::new();
        world.write("a.txt", "nothing\n");
        std::os::unix::fs::symlink("nowhere", world.tree().join("link")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(world.tree().join("socket")).unwrap();
        for (path, reason) in [
            ("link", "a link that leads nowhere"),
            ("socket", "a socket, which cannot be read"),
            ("a.txt/b", "a folder in its path is none"),
            ("nowhere", "no such file or directory"),
            #[cfg(target_os = "linux")]
            ("/proc/self/mem", "input/output error"),
        ] {
            let run = world.run(&["scan", path]);
            assert_eq!(run.code, 2, "{path}: {}{}", run.out, run.err);
            assert!(run.out.contains(&format!("    {path}: {reason}\n")), "{}", run.out);
            assert!(run.out.contains("or exclude them in stanch.toml; then scan"), "{}", run.out);
            assert!(!run.out.contains("os error") && !run.err.contains("os error"), "{}", run.out);
        }
        // Below a folder there is nothing to be read in them, and nobody asked for it.
        let run = world.run(&["scan", "."]);
        assert_eq!(run.code, 0, "{}", run.out);
        assert!(run.out.contains("Skipped 1 entry: a socket (./socket)"), "{}", run.out);
        assert!(run.out.contains("Skipped 1 entry: a symbolic link (./link)"), "{}", run.out);
    }

    #[test]
    fn a_folder_that_vanishes_under_way_is_told() {
        let world = World::new();
        world.write("folder/a.txt", "nothing\n");
        let pipe = world.tree().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let mut command = world.command(&["scan", "pipe", "folder"]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // The pipe opens when it is being scanned, which is before the folder is.
        let feed = std::fs::OpenOptions::new().write(true).open(&pipe).unwrap();
        std::fs::remove_dir_all(world.tree().join("folder")).unwrap();
        drop(feed);
        let run = support::Run::from(child.wait_with_output().unwrap());
        assert_eq!(run.code, 2, "{}{}", run.out, run.err);
        assert!(run.out.contains("    folder: no such file or directory\n"), "{}", run.out);
        assert!(run.out.contains("Scanned 1 file"), "{}", run.out);
    }

    #[test]
    fn a_named_pipe_is_skipped_and_named() {
        let world = World::new();
        let pipe = world.tree().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let run = world.run(&["scan", "."]);
        assert_eq!(run.code, 0);
        assert!(run.out.contains("Skipped 1 entry: a named pipe (./pipe)"), "{}", run.out);
    }

    #[test]
    fn symbolic_links_are_not_followed_and_loops_end() {
        let world = World::new();
        world.write("sub/a.env", format!("GITHUB_TOKEN={}\n", token()));
        std::os::unix::fs::symlink("..", world.tree().join("sub/up")).unwrap();
        let run = world.run(&["scan", "."]);
        assert_eq!(run.code, 1);
        assert!(run.out.contains("Skipped 1 entry: a symbolic link (./sub/up)"), "{}", run.out);
        let run = world.run(&["scan", ".", "--follow"]);
        assert_eq!(run.code, 1);
        assert!(run.out.contains("Skipped 1 entry: a loop of symbolic links"), "{}", run.out);
        assert!(!run.out.contains("Not scanned"), "{}", run.out);
    }

    #[test]
    fn a_sparse_file_is_read_to_its_end() {
        use std::os::unix::fs::FileExt;
        let world = World::new();
        let file = std::fs::File::create(world.tree().join("disk.img")).unwrap();
        let line = format!("\nGITHUB_TOKEN={}\n", token());
        file.write_all_at(line.as_bytes(), 24 << 20).unwrap();
        drop(file);
        let run = world.run(&["scan", "."]);
        assert_eq!(run.code, 1, "{}", run.out);
        assert!(run.out.contains("./disk.img:2:14  GitHub"), "{}", run.out);
    }

    #[test]
    fn escapes_in_names_and_content_do_nothing() {
        let world = World::new();
        let token = token();
        let name = "a\x1b[31m\u{202e}\u{9b}2J.env";
        world.write(name, format!("\x1b]0;owned\x07\u{9b}2J\u{202e} GITHUB_TOKEN={token}\n"));
        for format in ["human", "json", "jsonl", "sarif", "csv", "html"] {
            let run = world.run(&["scan", ".", "--format", format]);
            assert_eq!(run.code, 1, "{format}: {}", run.err);
            for text in [&run.out, &run.err] {
                let bad = text
                    .chars()
                    .find(|c| (c.is_control() && !"\n\r".contains(*c)) || *c == '\u{202e}');
                assert_eq!(bad, None, "{format}");
            }
        }
    }

    #[test]
    fn whoever_reads_may_stop_reading() {
        let world = World::new();
        for nr in 0..200 {
            let token = seeded("github-pat-classic", nr);
            world.write(format!("{nr}.env"), format!("GITHUB_TOKEN={token}\n"));
        }
        for format in ["human", "jsonl", "json"] {
            let mut command = world.command(&["scan", ".", "--format", format]);
            let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            drop(child.stdout.take());
            let output = child.wait_with_output().unwrap();
            let err = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(0), "{format}: {err}");
            assert!(!err.contains("panicked") && !err.contains("Broken pipe"), "{format}: {err}");
        }
    }
}

#[test]
fn halves_in_neighbouring_files_are_one_secret() {
    let id = secret("algolia-application-id");
    let key = secret("algolia-api-key");
    let world = World::new();
    world.write("app/ids.env", format!("ALGOLIA_APP_ID={id}\n"));
    world.write("app/keys.env", format!("ALGOLIA_ADMIN_KEY={key}\n"));
    world.write("other/keys.env", format!("ALGOLIA_ADMIN_KEY={key}\n"));
    let run = world.run(&["scan", ".", "--format", "json"]);
    let report: Value = serde_json::from_str(&run.out).unwrap();
    let found: Vec<(&str, &str)> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| (f["path"].as_str().unwrap(), f["detector"].as_str().unwrap()))
        .collect();
    // Alone, an id is no finding and a key only itself.
    assert_eq!(
        found,
        [("./app/keys.env", "algolia-credentials"), ("./other/keys.env", "algolia-api-key")]
    );
    let joined = &report["findings"][0];
    assert!(joined["evidence"].to_string().contains("its app id stands in ./app/ids.env:1:16"));
    assert!(joined["confidence"].as_f64() > report["findings"][1]["confidence"].as_f64());
    assert!(!run.out.contains(&id) && !run.out.contains(&key));

    // Of two ids nobody knows which one it is.
    let other = seeded("algolia-application-id", 2);
    world.write("app/more.env", format!("ALGOLIA_APP_ID={other}\n"));
    let run = world.run(&["scan", "app", "--format", "json"]);
    let report: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(report["findings"][0]["detector"], "algolia-api-key");
    // Unless one stands in the file of the key, however far from it.
    let far =
        format!("ALGOLIA_ADMIN_KEY={key}\n{}ALGOLIA_APP_ID={other}\n", "# more\n".repeat(900));
    world.write("app/keys.env", far);
    let run = world.run(&["scan", "app", "--format", "json"]);
    let report: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(report["findings"][0]["detector"], "algolia-credentials");
    assert_eq!(report["findings"].as_array().unwrap().len(), 1);
}
