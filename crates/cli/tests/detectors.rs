//! `stanch detectors` and `stanch why`, and users' own detector files.

mod support;

use support::{World, token};

const ACME: &str = r#"
[provider]
id       = "acme"
name     = "Acme"
category = "saas"

[[detector]]
id       = "acme-key"
name     = "Acme key"
severity = "high"
risk     = "Opens the warehouse."
keywords = ["acmek_"]
pattern  = '''\b(?<secret>acmek_[A-Za-z0-9]{24})\b'''
matches  = ["key = {sample}"]
rejects  = ["key = acmek_<yours>"]
"#;

fn with_detectors(text: &str) -> World {
    let world = World::new();
    world.write("rules/acme.toml", text);
    world
}

#[test]
fn a_users_detector_finds() {
    let world = with_detectors(ACME);
    let detector =
        stanch_rules::load::parse("acme.toml", ACME).unwrap().content.detectors.remove(0);
    let made = stanch_rules::sample::sample(&detector, 1).unwrap().text;
    world.write("a.txt", format!("x {made}\ny {}\n", token()));
    let run = world.run(&["scan", "a.txt", "--detectors", "rules"]);
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(run.out.contains("(acme-key)") && run.out.contains("(github-pat-classic)"));
    let run = world.run(&["detectors", "test", "rules"]);
    assert_eq!((run.code, run.out.as_str()), (0, "All 2 examples of 1 detector pass.\n"));
    let run = world.run(&["detectors", "list", "--provider", "acme", "--detectors", "rules"]);
    assert!(run.out.starts_with("acme-key  high            Acme key\n"), "{}", run.out);
}

#[test]
fn a_broken_file_is_named_with_line_and_column() {
    let cases = [
        (ACME.replace("severity = \"high\"", "severity = \"huge\""), "rules/acme.toml:10:12: "),
        (ACME.replace("[provider]", "[provider"), "rules/acme.toml:2:"),
        (ACME.replace("{24})", "{24}"), "rules/acme.toml:13:"),
        (
            ACME.replace("acme-key", "github-pat-classic"),
            "is already used in detectors/github.toml",
        ),
    ];
    for (text, expected) in cases {
        let world = with_detectors(&text);
        let run = world.run(&["scan", ".", "--detectors", "rules"]);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{}", run.err);
        assert!(run.err.contains(expected), "{expected} is not in {}", run.err);
    }
}

#[test]
fn two_files_with_one_id_are_refused() {
    let world = with_detectors(ACME);
    world.write("rules/other.toml", ACME.replace("id       = \"acme\"", "id = \"other\""));
    let run = world.run(&["scan", ".", "--detectors", "rules"]);
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains("the id `acme-key` is already used in rules/acme.toml"),
        "{}",
        run.err
    );
}

#[test]
fn a_failing_example_says_why() {
    let world = with_detectors(&ACME.replace("key = {sample}", "key = acmek_{missing}"));
    let run = world.run(&["detectors", "test", "rules"]);
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(run.out.contains("acme-key matches: \"key = acmek_{missing}\""), "{}", run.out);
    assert!(run.out.contains("not found"), "{}", run.out);
}

#[test]
fn why_tells_of_a_finding() {
    let world = World::new();
    world.write("a.env", format!("x\nGITHUB_TOKEN={}\n", token()));
    let run = world.run(&["why", "a.env:2"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.out.contains("a.env:2:14  GitHub personal access token"), "{}", run.out);
    assert!(run.out.contains("reported"), "{}", run.out);
    assert!(run.out.contains("github-pat-classic won over it"), "{}", run.out);
}

#[test]
fn why_tells_of_a_rejection_an_ignore_and_of_nothing() {
    let world = World::new();
    let token = token();
    world.write(
        "a.env",
        format!("GITHUB_TOKEN={token} # stanch:ignore\nprose\nghp_{}\n", "x".repeat(36)),
    );
    let run = world.run(&["why", "a.env:1"]);
    assert!(run.out.contains("ignored by the comment `stanch:ignore`"), "{}", run.out);
    let run = world.run(&["why", "a.env:2"]);
    assert!(run.out.contains("no detector looked at this line"), "{}", run.out);
    let run = world.run(&["why", "a.env:3"]);
    assert!(run.out.contains("github-pat-classic  rejected: "), "{}", run.out);
    let run = world.run(&["why", "a.env:99"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("a.env has no line 99"), "{}", run.err);
}

#[test]
fn show_tells_everything_known() {
    let world = World::new();
    let run = world.run(&["detectors", "show", "github-pat-classic"]);
    assert_eq!(run.code, 0);
    for part in
        ["GitHub personal access token (classic)", "pattern: ", "live check: GET", "revoke: "]
    {
        assert!(run.out.contains(part), "{part} is not in {}", run.out);
    }
}

#[test]
fn show_tells_what_else_is_needed_and_what_to_do_first() {
    let more = r#"needs    = "the warehouse's name"
password = true
near     = ["acme"]
within   = 40

[detector.runbook]
first  = "replace"
why    = "The warehouse stands still without it."
revoke = ["Press `Delete` beside the key's name.", "It answers 401 at once."]
"#;
    let world = with_detectors(&format!("{ACME}{more}"));
    let run = world.run(&["detectors", "show", "acme-key", "--detectors", "rules"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let out = run.out.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "category: Other services",
        "needs beside it: the warehouse's name",
        "shape: 30 characters: `acmek_`, then letters and digits",
        "marks: `acmek_`",
        "near words: `acme`, at most 40 bytes before it, or 40 after it on its line",
        "password: people choose it",
        "confidence: 75 %",
        "live check: not known",
        "first: bring a second one to everybody who uses it, then revoke it. The warehouse stands \
         still without it.",
        "1. Press Delete beside the key's name.",
        "2. It answers 401 at once.",
        "everything: stanch explain acme-key",
    ] {
        assert!(out.contains(part), "{part} is not in {}", run.out);
    }
}

fn listed(world: &World, options: &[&str]) -> Vec<serde_json::Value> {
    let args = [&["detectors", "list", "--format", "json"], options].concat();
    let run = world.run(&args);
    assert_eq!(run.code, 0, "{}", run.err);
    serde_json::from_str(&run.out).unwrap_or_default()
}

#[test]
fn list_is_json_when_asked() {
    let world = World::new();
    let all = listed(&world, &["--severity", "critical"]);
    assert!(all.len() > 10 && all.iter().all(|d| d["severity"] == "critical"));
    let github = listed(&world, &["--provider", "github"]);
    let classic = github.iter().find(|d| d["id"] == "github-pat-classic").unwrap();
    let told = ["name", "provider", "category", "severity", "verifiable"].map(|key| &classic[key]);
    assert_eq!(
        serde_json::json!(told),
        serde_json::json!([
            "GitHub personal access token (classic)",
            "github",
            "code-host",
            "critical",
            true
        ])
    );
}

#[test]
fn list_knows_categories_and_live_checks() {
    let (provider, detector) = ACME.split_once("[[detector]]").unwrap();
    let request = r#"hosts    = ["api.acme.example"]
verify   = "whoami"

[request.whoami]
method  = "GET"
url     = "https://api.acme.example/me"
headers = { Key = "{secret}" }
verdict = [{ status = 200, is = "live" }, { status = 401, is = "dead" }]
"#;
    let old = detector.replace("acme-key", "acme-old").replace("acmek_", "acmeo_");
    let world = with_detectors(&format!(
        "{}{request}\n[[detector]]{detector}\n[[detector]]{old}verify = {{ none = \"No such call.\" }}\n",
        provider.trim_end().to_owned() + "\n"
    ));
    let ids = |options: &[&str]| -> Vec<String> {
        let options = [&["--detectors", "rules", "--provider", "acme"], options].concat();
        listed(&world, &options).iter().map(|d| d["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&[]), ["acme-key", "acme-old"]);
    assert_eq!(ids(&["--category", "saas"]), ["acme-key", "acme-old"]);
    assert_eq!(ids(&["--category", "cloud"]), Vec::<String>::new());
    // The provider's live check holds for its detectors, but for those that have a reason.
    assert_eq!(ids(&["--verifiable"]), ["acme-key"]);

    let run = world.run(&["detectors", "list", "--provider", "acme", "--detectors", "rules"]);
    assert!(
        run.out.starts_with(
            "acme-key  high      live  Acme key\nacme-old  high            Acme key\n"
        ),
        "{}",
        run.out
    );
    let handlers = listed(&world, &["--verifiable", "--provider", "azure-devops"]);
    assert!(handlers.iter().any(|d| d["id"] == "azure-devops-pat"), "code is a live check too");
    let run = world.run(&["detectors", "list", "--category", "clouds"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("give one of cloud, code-host"), "{}", run.err);
}

#[test]
fn why_looks_into_what_is_encoded() {
    let world = World::new();
    let hex: String = format!("note {} end", token()).bytes().map(|b| format!("{b:02x}")).collect();
    world.write("a.txt", format!("first\n\ndata: {hex}\n"));
    let run = world.run(&["why", "a.txt:3"]);
    assert!(run.out.contains("decoded from: hex"), "{}", run.out);
    let run = world.run(&["why", "a.txt:1"]);
    assert!(run.out.contains("no detector looked at this line"), "{}", run.out);
}

#[test]
fn why_tells_what_a_part_belongs_to() {
    let world = World::new();
    let (id, key) =
        (support::secret("aws-access-key-id"), support::secret("aws-secret-access-key"));
    world.write("a.env", format!("AWS_ACCESS_KEY_ID={id}\nAWS_SECRET_ACCESS_KEY={key}\n"));
    let run = world.run(&["why", "a.env:1"]);
    assert!(run.out.contains("aws-access-key-id  a part of aws-access-key: "), "{}", run.out);
    assert!(!run.out.contains(&key), "{}", run.out);
}

#[test]
fn parts_on_one_line_are_all_masked() {
    let world = World::new();
    let (id, key) =
        (support::secret("aws-access-key-id"), support::secret("aws-secret-access-key"));
    world.write("a.env", format!("aws_access_key_id={id} aws_secret_access_key={key}\n"));
    for format in ["human", "json", "csv", "html", "sarif", "jsonl"] {
        let run = world.run(&["scan", ".", "--format", format]);
        assert!(run.out.contains("aws-access-key"), "{format}: {}", run.out);
        assert!(!run.out.contains(&key) && !run.out.contains(&id), "{format}: {}", run.out);
    }
}
