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
    assert!(run.out.contains("default-src 'none'"));
    for loaded in ["http://", "https://", "src=\"", "href=", "@import", "url("] {
        assert!(!run.out.contains(loaded), "{loaded}");
    }
}

#[test]
fn an_output_file_appears_whole_and_alone() {
    let world = world();
    let run = world.run(&["scan", ".", "--format", "jsonl", "--output", "report.jsonl", "-q"]);
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    let report = std::fs::read_to_string(world.tree().join("report.jsonl")).unwrap();
    assert_eq!(report.lines().count(), 1);
    let names: Vec<String> = std::fs::read_dir(world.tree())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
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
