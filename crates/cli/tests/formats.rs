//! Every format: its shape, and that no secret is in it unasked.

mod support;

use std::collections::BTreeSet;

use serde_json::Value;
use support::{World, token};

const FORMATS: [&str; 6] = ["human", "json", "jsonl", "sarif", "csv", "html"];

fn world() -> World {
    let world = World::new();
    world.write("src/=app.env", format!("first\nGITHUB_TOKEN={}\n", token()));
    world
}

#[test]
fn no_format_holds_the_secret_unless_asked() {
    let world = world();
    let token = token();
    for format in FORMATS {
        let run = world.run(&["scan", ".", "--format", format]);
        assert_eq!(run.code, 1, "{format}: {}", run.err);
        assert!(!run.out.contains(&token) && !run.err.contains(&token), "{format}");
        assert!(run.out.contains("github-pat-classic"), "{format}");
        let run = world.run(&["scan", ".", "--format", format, "--show-secrets"]);
        assert!(run.out.contains(&token), "{format}");
        assert!(!run.err.contains(&token), "{format}");
    }
    let run = world.run(&["why", "src/=app.env:2"]);
    assert!(run.out.contains("github-pat-classic") && !run.out.contains(&token), "{}", run.out);
}

#[test]
fn json_lines_are_one_object_per_finding() {
    let run = world().run(&["scan", ".", "--format", "jsonl"]);
    let found: Value = serde_json::from_str(run.out.trim_end()).unwrap();
    let keys: Vec<&str> = found.as_object().unwrap().keys().map(String::as_str).collect();
    let keys: BTreeSet<&str> = keys.into_iter().collect();
    let all = BTreeSet::from([
        "schema",
        "detector",
        "name",
        "provider",
        "path",
        "line",
        "column",
        "end_line",
        "end_column",
        "confidence",
        "severity",
        "masked",
        "fingerprint",
        "evidence",
        "facts",
        "encodings",
        "parts",
        "excerpt",
    ]);
    assert_eq!(keys, all);
    assert_eq!(found["schema"], "stanch.finding/1");
    assert_eq!(found["path"], "./src/=app.env");
    assert_eq!((found["line"].as_u64(), found["column"].as_u64()), (Some(2), Some(14)));
    assert_eq!((found["end_line"].as_u64(), found["end_column"].as_u64()), (Some(2), Some(54)));
    assert!(run.err.contains("1 finding, 1 secret: 1 critical."), "{}", run.err);
    assert_eq!(world().run(&["scan", ".", "--format", "jsonl", "-q"]).err, "");
}

#[test]
fn json_has_findings_and_a_receipt() {
    let run = world().run(&["scan", ".", "--format", "json"]);
    let report: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(report["schema"], "stanch.report/1");
    assert_eq!(report["tool"], "stanch");
    assert_eq!(report["findings"].as_array().unwrap().len(), 1);
    assert_eq!(report["receipt"]["complete"], true);
    assert_eq!(report["receipt"]["files"], 1);
    assert_eq!(run.err, "");
}

#[test]
fn sarif_has_the_shape_of_2_1_0() {
    let run = world().run(&["scan", ".", "--format", "sarif", "--quiet"]);
    let log: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let runs = log["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 1);
    let driver = &runs[0]["tool"]["driver"];
    assert_eq!(driver["name"], "stanch");
    let rules = driver["rules"].as_array().unwrap();
    let ids: BTreeSet<&str> = rules.iter().map(|r| r["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), rules.len(), "rule ids are unique");
    for rule in rules {
        let score: f32 = rule["properties"]["security-severity"].as_str().unwrap().parse().unwrap();
        assert!((0.0..=10.0).contains(&score));
        assert!(rule["shortDescription"]["text"].is_string());
    }
    for result in runs[0]["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(["none", "note", "warning", "error"].contains(&result["level"].as_str().unwrap()));
        assert!(result["message"]["text"].is_string());
        let physical = &result["locations"][0]["physicalLocation"];
        let uri = physical["artifactLocation"]["uri"].as_str().unwrap();
        assert_eq!(uri, "src/%3Dapp.env");
        let region = &physical["region"];
        for key in ["startLine", "startColumn", "endLine", "endColumn"] {
            assert!(region[key].as_u64().unwrap() >= 1, "{key}");
        }
        let rank = result["rank"].as_f64().unwrap();
        assert!((0.0..=100.0).contains(&rank));
        assert_eq!(result["partialFingerprints"]["stanch/v1"].as_str().unwrap().len(), 32);
    }
    let invocation = &runs[0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], true);
    assert!(invocation["toolExecutionNotifications"].as_array().unwrap().is_empty());
    assert_eq!(runs[0]["columnKind"], "unicodeCodePoints");
}

#[test]
fn sarif_columns_count_characters() {
    let world = World::new();
    let token = token();
    let line = format!("\u{feff}naïve 😀: «{token}»\n");
    // The mark is no character of the line; ï and « have two bytes, 😀 has four.
    let bytes = line.find(&token).unwrap() + 1;
    let width = token.len();
    world.write("a.txt", &line);
    // The same in the second line, and in one that is longer than any window.
    let long = "é".repeat(3 << 20);
    world.write("b.txt", format!("ü\n{}", line.trim_start_matches('\u{feff}')));
    world.write("c.txt", format!("ü\n{long} {token}\n"));
    let wide: Vec<u8> =
        format!("key = {token}\n").encode_utf16().flat_map(u16::to_le_bytes).collect();
    world.write("d.txt", [&b"\xff\xfe"[..], &wide].concat());
    let run = world.run(&["scan", ".", "--format", "sarif", "--quiet"]);
    let log: Value = serde_json::from_str(&run.out).unwrap();
    let region = |name: &str| {
        let results = log["runs"][0]["results"].as_array().unwrap();
        let of =
            |r: &&Value| r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == name;
        let found = results.iter().find(of).unwrap_or_else(|| panic!("{name}: {}", run.out));
        found["locations"][0]["physicalLocation"]["region"].clone()
    };
    let columns = |name: &str| {
        let region = region(name);
        let number = |key: &str| region[key].as_u64().map(|n| usize::try_from(n).unwrap());
        (number("startColumn"), number("endColumn"))
    };
    let start = bytes - 3 - 1 - 3 - 1;
    assert_eq!(columns("a.txt"), (Some(start), Some(start + width)));
    assert_eq!(region("a.txt")["byteOffset"].as_u64(), Some(bytes as u64 - 1));
    assert_eq!(region("a.txt")["byteLength"].as_u64(), Some(width as u64));
    assert_eq!(columns("b.txt"), (Some(start), Some(start + width)));
    let start = (3 << 20) + 2;
    assert_eq!(columns("c.txt"), (Some(start), Some(start + width)));
    assert_eq!(columns("d.txt"), (None, None));
    assert_eq!(region("d.txt")["startLine"], 1);
}

#[test]
fn a_csv_cell_is_no_formula() {
    let world = World::new();
    world.write("=cmd.env", format!("+GITHUB_TOKEN={}\n", token()));
    let run = world.run(&["scan", "=cmd.env", "--format", "csv", "--quiet"]);
    let mut rows = csv::Reader::from_reader(run.out.as_bytes());
    let header = rows.headers().unwrap().clone();
    assert_eq!(header.get(0), Some("path"));
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].get(0), Some("'=cmd.env"));
    for cell in &rows[0] {
        assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
    }
}

#[test]
fn a_page_loads_nothing_and_escapes_everything() {
    let world = World::new();
    let token = token();
    world.write("<img src=x>.env", format!("</pre><script>x()</script> {token}\n"));
    let run = world.run(&["scan", ".", "--format", "html"]);
    assert!(run.out.starts_with("<!doctype html>"));
    assert_eq!(run.out.matches("<script").count(), 1, "only our own");
    assert!(!run.out.contains("<img"));
    for part in
        ["default-src 'none'", "base-uri 'none'", "form-action 'none'", "script-src 'sha256-"]
    {
        assert!(run.out.contains(part), "{part}");
    }
    assert!(!run.out.contains("unsafe"));
    for loaded in ["http://", "https://", "src=\"", "href=", "@import", "url("] {
        assert!(!run.out.contains(loaded), "{loaded}");
    }
}

#[test]
fn a_page_tells_each_secret_once_with_what_to_do() {
    let world = world();
    world.write("copy.env", format!("GITHUB_TOKEN={}\n", token()));
    let run = world.run(&["scan", ".", "nowhere", "--format", "html"]);
    assert_eq!(run.out.matches("<li data-severity").count(), 1);
    for part in [
        "<h1>2 findings, 1 secret</h1>",
        "1 entry was not read, or not wholly",
        "Revoke each secret where it was made",
        "</span> 1</label>",
        "<dt>also at</dt><dd>./src/=app.env:2:14</dd>",
        "<code>stanch why ./copy.env:1\nstanch detectors show github-pat-classic</code>",
    ] {
        assert!(run.out.contains(part), "{part} is not in {}", run.out);
    }
}

#[test]
fn an_output_file_appears_whole_and_alone() {
    let world = world();
    let run = world.run(&["scan", ".", "--format", "jsonl", "--output", "report.jsonl", "-q"]);
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    let report = std::fs::read_to_string(world.tree().join("report.jsonl")).unwrap();
    assert_eq!(report.lines().count(), 1);
    let names = world.names();
    assert!(!names.iter().any(|name| name.contains(".part")), "{names:?}");
}

#[test]
fn an_output_file_has_no_colours() {
    let world = world();
    let mut command = world.command(&["scan", ".", "--output", "report.txt"]);
    assert_eq!(command.env("CLICOLOR_FORCE", "1").output().unwrap().status.code(), Some(1));
    let report = std::fs::read_to_string(world.tree().join("report.txt")).unwrap();
    assert!(report.contains("github-pat-classic") && !report.contains('\x1b'));
}

#[test]
fn colours_are_forced_and_forbidden() {
    let world = world();
    let run = |args: &[&str], env: &[(&str, &str)]| {
        let out = world.command(args).envs(env.iter().copied()).output().unwrap().stdout;
        String::from_utf8(out).unwrap().contains('\x1b')
    };
    assert!(!run(&["scan", "."], &[]));
    assert!(run(&["scan", "."], &[("CLICOLOR_FORCE", "1")]));
    assert!(!run(&["scan", ".", "--no-color"], &[("CLICOLOR_FORCE", "1")]));
    assert!(!run(&["scan", "."], &[("NO_COLOR", "1")]));
}

#[cfg(unix)]
mod unix {
    use std::io::Write;
    use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
    use std::os::unix::process::ExitStatusExt;
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn an_interrupted_scan_leaves_no_file() {
        for (signal, number) in [("INT", 2), ("TERM", 15), ("HUP", 1)] {
            let world = World::new();
            // Whoever runs the tests in the background has them ignore interrupts.
            let mut command = Command::new("env");
            command.args(["--default-signal=INT,TERM,HUP", env!("CARGO_BIN_EXE_stanch")]);
            command.args(["scan", "-", "--output", "report.jsonl", "--format", "jsonl"]);
            command.env("HOME", world.tree().join("../home"));
            command.current_dir(world.tree()).stdin(Stdio::piped());
            let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
            let mut input = child.stdin.take().unwrap();
            input.write_all(b"more to come\n").unwrap();
            let patience = Instant::now() + Duration::from_secs(20);
            while world.names().is_empty() {
                assert!(Instant::now() < patience, "no file is being written");
                std::thread::sleep(Duration::from_millis(5));
            }
            let id = child.id().to_string();
            assert!(Command::new("kill").args(["-s", signal, &id]).status().unwrap().success());
            let status = child.wait().unwrap();
            drop(input);
            assert_eq!(status.signal(), Some(number), "{signal}: {status:?}");
            assert_eq!(world.names(), Vec::<String>::new(), "{signal}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_interruption_that_was_to_be_ignored_is() {
        let world = World::new();
        let stanch = env!("CARGO_BIN_EXE_stanch");
        let mut command = Command::new("sh");
        // A file appears before the program ignores or heeds anything.
        let script = format!("trap '' HUP; exec '{stanch}' scan - --output report.txt");
        command.args(["-c", &script]).current_dir(world.tree()).stdin(Stdio::piped());
        command.env("HOME", world.tree().join("../home"));
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        let patience = Instant::now() + Duration::from_secs(20);
        while world.names().is_empty() {
            assert!(Instant::now() < patience, "no file is being written");
            std::thread::sleep(Duration::from_millis(5));
        }
        let id = child.id().to_string();
        assert!(Command::new("kill").args(["-s", "HUP", &id]).status().unwrap().success());
        std::thread::sleep(Duration::from_millis(50));
        drop(child.stdin.take());
        assert_eq!(child.wait().unwrap().code(), Some(0));
        assert_eq!(world.names(), ["report.txt"]);
    }

    #[test]
    fn a_device_or_pipe_is_written_to_and_stays_what_it_is() {
        let world = world();
        let pipe = world.tree().join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let mut command = world.command(&["scan", "src", "--output", "pipe", "--format", "json"]);
        let child = command.stderr(Stdio::piped()).spawn().unwrap();
        let report = std::fs::read_to_string(&pipe).unwrap();
        assert_eq!(child.wait_with_output().unwrap().status.code(), Some(1));
        assert!(report.contains("stanch.report/1"), "{report}");
        assert!(std::fs::metadata(&pipe).unwrap().file_type().is_fifo());
    }

    #[test]
    fn a_link_stays_and_what_it_leads_to_is_written() {
        let world = world();
        world.write("reports/old.json", "old");
        symlink("reports/old.json", world.tree().join("latest.json")).unwrap();
        let args = ["scan", "src", "--output", "latest.json", "--format", "json", "-q"];
        assert_eq!(world.run(&args).code, 1);
        assert!(std::fs::symlink_metadata(world.tree().join("latest.json")).unwrap().is_symlink());
        let report = std::fs::read_to_string(world.tree().join("reports/old.json")).unwrap();
        assert!(report.contains("stanch.report/1"), "{report}");
    }

    #[test]
    fn a_folder_is_no_report() {
        let world = world();
        let run = world.run(&["scan", "src", "--output", "src"]);
        assert_eq!(run.code, 2);
        assert!(run.err.contains("src: it is a folder; name a file in it"), "{}", run.err);
    }

    #[test]
    fn a_report_with_secrets_is_for_its_owner_only() {
        let world = world();
        let mode = |name: &str| {
            std::fs::metadata(world.tree().join(name)).unwrap().permissions().mode() & 0o777
        };
        world.run(&["scan", "src", "--output", "shown.txt", "--show-secrets"]);
        assert_eq!(mode("shown.txt"), 0o600);
        world.run(&["scan", "src", "--output", "plain.txt"]);
        world.write("any.txt", "");
        assert_eq!(mode("plain.txt"), mode("any.txt"));
    }
}
