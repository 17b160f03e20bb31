//! The formats that build servers read: their shape, what is escaped in them,
//! and that no secret is in them unasked.
#![expect(clippy::unwrap_used, reason = "only tests are here")]

mod support;

use serde_json::Value;
use support::{Run, World, token};

const FORMATS: [&str; 9] = [
    "junit",
    "github",
    "gitlab",
    "gitlab-quality",
    "azure",
    "teamcity",
    "bitbucket-report",
    "bitbucket-annotations",
    "markdown",
];

fn world() -> World {
    let world = World::new();
    world.write("src/app.env", format!("first\nGITHUB_TOKEN={}\n", token()));
    world
}

fn scan(world: &World, format: &str) -> Run {
    let run = world.run(&["scan", ".", "--format", format]);
    assert_eq!(run.code, 1, "{format}: {}", run.err);
    run
}

fn json(world: &World, format: &str) -> Value {
    serde_json::from_str(&scan(world, format).out).unwrap()
}

#[test]
fn no_format_holds_the_secret_unless_asked() {
    let (world, token) = (world(), token());
    for format in FORMATS {
        let run = scan(&world, format);
        assert!(!run.out.contains(&token) && !run.err.contains(&token), "{format}");
        let shown = world.run(&["scan", ".", "--format", format, "--show-secrets"]);
        let expected = !matches!(format, "bitbucket-report" | "gitlab-quality" | "markdown");
        assert_eq!(shown.out.contains(&token), expected, "{format}: {}", shown.out);
    }
    // There the underscore of the value is written as an entity.
    let shown = world.run(&["scan", ".", "--format", "markdown", "--show-secrets"]);
    assert!(shown.out.contains(&token.replace('_', "&#95;")), "{}", shown.out);
}

#[test]
fn annotations_of_github_name_file_and_lines() {
    let run = scan(&world(), "github");
    let (command, message) = run.out.trim_end().rsplit_once("::").unwrap();
    assert_eq!(
        command,
        "::error file=src/app.env,line=2,endLine=2,col=14,endColumn=54,\
         title=GitHub personal access token (classic)"
    );
    assert!(
        message.ends_with("`stanch detectors show github-pat-classic` tells how."),
        "{message}"
    );
    assert!(run.err.contains("1 finding, 1 secret: 1 critical."), "{}", run.err);
}

/// The required keys and the patterns of version 15.0.7 of the schema.
#[test]
fn a_secret_detection_report_has_what_gitlab_requires() {
    let world = world();
    for (code, report) in [
        (1, json(&world, "gitlab")),
        (0, {
            let clean = World::new();
            clean.write("a.txt", "nothing\n");
            serde_json::from_str(&clean.run(&["scan", ".", "--format", "gitlab"]).out).unwrap()
        }),
    ] {
        assert_eq!(report["version"], "15.0.7");
        let scan = &report["scan"];
        for tool in [&scan["analyzer"], &scan["scanner"]] {
            for key in ["id", "name", "version"] {
                assert!(!tool[key].as_str().unwrap().is_empty(), "{key}");
            }
            assert!(!tool["vendor"]["name"].as_str().unwrap().is_empty());
        }
        assert_eq!(
            (scan["type"].as_str(), scan["status"].as_str()),
            (Some("secret_detection"), Some("success"))
        );
        for key in ["start_time", "end_time"] {
            let time = scan[key].as_str().unwrap();
            let form: String =
                time.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
            assert_eq!(form, "0000-00-00T00:00:00", "{time}");
        }
        let found = report["vulnerabilities"].as_array().unwrap();
        assert_eq!(found.len(), code);
        for one in found {
            let id = one["id"].as_str().unwrap();
            let parts: Vec<usize> = id.split('-').map(str::len).collect();
            assert_eq!(parts, [8, 4, 4, 4, 12], "{id}");
            assert!(one["name"].as_str().unwrap().len() <= 255);
            assert!(one["solution"].as_str().unwrap().len() <= 7000);
            assert_eq!(one["severity"], "Critical");
            let identifier = &one["identifiers"][0];
            for key in ["type", "name", "value"] {
                assert!(!identifier[key].as_str().unwrap().is_empty(), "{key}");
            }
            assert_eq!(identifier["value"], "github-pat-classic");
            assert_eq!(one["location"]["file"], "src/app.env");
            assert_eq!(one["location"]["start_line"], 2);
            assert_eq!(one["location"]["commit"]["sha"], "0000000");
            assert!(one.get("raw_source_code_extract").is_none());
        }
    }
    // The same finding has the same id in the next run.
    let id = |report: Value| report["vulnerabilities"][0]["id"].clone();
    assert_eq!(id(json(&world, "gitlab")), id(json(&world, "gitlab")));
}

#[test]
fn what_was_not_read_is_in_every_report() {
    let world = World::new();
    world.write("big.env", "x".repeat(100));
    // A path that is not there is a failure in any report.
    for (format, sign) in [
        ("junit", "<error type=\"unread\""),
        ("github", "::warning "),
        ("gitlab", "\"status\": \"failure\""),
        ("azure", "##vso[task.logissue type=warning;"),
        ("teamcity", "typeId='stanch-unread'"),
        ("bitbucket-report", "\"result\": \"FAILED\""),
        ("markdown", "**Not scanned, or not wholly: 1 entry**"),
    ] {
        let run = world.run(&["scan", "nowhere", "big.env", "--format", format]);
        assert_eq!(run.code, 2, "{format}");
        assert!(run.out.contains(sign), "{format}: {}", run.out);
    }
}

#[test]
fn a_code_quality_report_is_a_list_of_issues() {
    let report = json(&world(), "gitlab-quality");
    let issue = &report[0];
    assert_eq!(issue["check_name"], "github-pat-classic");
    assert_eq!(issue["severity"], "blocker");
    assert_eq!(issue["location"]["path"], "src/app.env");
    assert_eq!(issue["location"]["lines"]["begin"], 2);
    assert!(!issue["fingerprint"].as_str().unwrap().is_empty());
}

#[test]
fn code_insights_are_a_report_and_its_annotations() {
    let world = world();
    let report = json(&world, "bitbucket-report");
    assert_eq!(
        (report["report_type"].as_str(), report["result"].as_str()),
        (Some("SECURITY"), Some("FAILED"))
    );
    assert!(report["data"].as_array().unwrap().len() <= 10);
    let annotations = json(&world, "bitbucket-annotations");
    let one = &annotations[0];
    assert_eq!(one["annotation_type"], "VULNERABILITY");
    assert_eq!(one["severity"], "CRITICAL");
    assert_eq!((one["path"].as_str(), one["line"].as_u64()), (Some("src/app.env"), Some(2)));
    assert!(one["summary"].as_str().unwrap().chars().count() <= 450);
}

/// Elements and attributes as in the schema that Jenkins validates with.
#[cfg(unix)]
#[test]
fn junit_is_well_formed_whatever_files_are_called() {
    use quick_xml::events::Event;
    let world = world();
    world.write("a\"<b>&]]>'\u{1}\n.env", format!("GITHUB_TOKEN={} <&\u{1}>\n", token()));
    let text = scan(&world, "junit").out;
    let mut reader = quick_xml::Reader::from_str(&text);
    reader.config_mut().check_end_names = true;
    let (mut open, mut elements) = (Vec::new(), Vec::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => break,
            Event::Start(start) => {
                let name = start.name().as_ref().to_owned();
                for attribute in start.attributes() {
                    attribute.unwrap();
                }
                open.push(name.clone());
                elements.push(open.join("/"));
            }
            Event::Empty(start) => {
                let name = start.name().as_ref().to_owned();
                elements.push(format!("{}/{name}", open.join("/")));
            }
            Event::End(_) => drop(open.pop()),
            _ => {}
        }
    }
    let case = "testsuites/testsuite/testcase";
    let failure = format!("{case}/failure");
    assert_eq!(elements, ["testsuites", "testsuites/testsuite", case, &failure, case, &failure]);
    assert!(text.contains("tests=\"2\" failures=\"2\" errors=\"0\""), "{text}");
    assert!(!text.contains('\u{1}'));
    // A suite without tests is an error to some servers.
    let clean = World::new();
    clean.write("a.txt", "nothing\n");
    let text = clean.run(&["scan", ".", "--format", "junit"]).out;
    assert!(text.contains("tests=\"1\" failures=\"0\"") && text.contains("<testcase "), "{text}");
}

#[cfg(unix)]
#[test]
fn a_name_of_a_file_ends_no_command_and_begins_none() {
    let world = World::new();
    let name = "a,title=x::b;]|'[##vso[task.complete]\n::error::c.env";
    world.write(name, format!("GITHUB_TOKEN={}\n", token()));
    for (format, lines) in [("github", 1), ("azure", 1), ("teamcity", 3)] {
        let run = scan(&world, format);
        assert_eq!(run.out.lines().count(), lines, "{format}: {}", run.out);
    }
    let github = scan(&world, "github").out;
    assert_eq!(github.matches("::").count(), 2, "{github}");
    assert!(github.contains("file=a%2Ctitle=x%3A%3Ab;]|'[##vso"), "{github}");
    let azure = scan(&world, "azure").out;
    assert!(azure.contains("sourcepath=a,title=x::b%3B%5D|'["), "{azure}");
    let teamcity = scan(&world, "teamcity").out;
    assert!(teamcity.contains("file='a,title=x::b;|]|||'|[##vso|[task.complete|]"), "{teamcity}");
}
