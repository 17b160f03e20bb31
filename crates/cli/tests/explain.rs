//! `stanch explain`: what is told of a type and of a leak, in every form.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "only tests are here")]

mod support;

use serde_json::Value;
use support::{World, secret, token};

fn json(world: &World, args: &[&str]) -> Value {
    let run = world.run(&[&["explain"], args, &["--format", "json"]].concat());
    assert_eq!(run.code, 0, "{}", run.err);
    serde_json::from_str(&run.out).unwrap()
}

/// The fingerprint of the only finding of a detector.
fn fingerprint(world: &World, detector: &str) -> String {
    let run = world.run(&["scan", ".", "--format", "json"]);
    let report: Value = serde_json::from_str(&run.out).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let found = findings.iter().find(|f| f["detector"] == detector);
    found.unwrap_or_else(|| panic!("{report}"))["fingerprint"].as_str().unwrap().to_owned()
}

fn check<'v>(book: &'v Value, practice: &str) -> &'v Value {
    let checks = book["checks"].as_array().unwrap();
    checks.iter().find(|c| c["practice"].as_str().unwrap().contains(practice)).unwrap()
}

#[test]
fn a_type_is_explained_in_the_order_of_what_to_do() {
    let world = World::new();
    let run = world.run(&["explain", "azure-devops-pat"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let places: Vec<usize> = [
        "Azure DevOps personal access token (azure-devops-pat)",
        "What an attacker can do",
        "Do this now, in this order",
        "1. Revoke it, before anything else",
        "2. Make a new one",
        "3. Find out whether somebody used it",
        "4. Take it out of the code",
    ]
    .iter()
    .map(|part| run.out.find(part).unwrap_or_else(|| panic!("no {part} in {}", run.out)))
    .collect();
    assert!(places.is_sorted(), "{}", run.out);
    assert!(run.out.lines().count() < 70, "{}", run.out);
}

#[test]
fn a_leak_is_explained_with_its_places_and_never_with_its_value() {
    let world = World::new();
    let value = token();
    world.write("src/app.py", format!("import os\nGITHUB_TOKEN = \"{value}\"\n"));
    world.write("deploy/.env", format!("GITHUB_TOKEN={value}\n"));
    let print = fingerprint(&world, "github-pat-classic");
    for what in ["src/app.py:2", "src/app.py:2:17", &print, &print[..8], "deploy/.env"] {
        for format in ["text", "md", "html", "json"] {
            let run = world.run(&["explain", what, "--format", format]);
            assert_eq!(run.code, 0, "{what}: {}", run.err);
            assert!(!run.out.contains(&value), "{what} {format}");
            for part in [&print, "src/app.py:2", "deploy/.env:1"] {
                assert!(run.out.contains(part), "{what} {format}: no {part} in {}", run.out);
            }
        }
    }
    let book = json(&world, &[&print]);
    assert_eq!(check(&book, "one place only")["outcome"], "failed");
    assert_eq!(check(&book, "Never committed")["outcome"], "unknown");
    let find = book["find"].to_string();
    assert!(find.contains(&print) && find.contains("git grep -n -w GITHUB_TOKEN"), "{find}");
    let causes = book["causes"].to_string();
    assert!(causes.contains("environment file") && causes.contains("source code"), "{causes}");
}

#[test]
fn git_tells_how_far_it_went() {
    let world = World::repository();
    let value = token();
    world.write(".gitignore", ".env\n");
    world.write("a.py", format!("KEY = '{value}'\n"));
    world.commit("first");
    world.write("a.py", "KEY = None\n");
    world.commit("second");
    world.write(".env", format!("KEY={value}\n"));
    let book = json(&world, &[".env:1"]);
    assert_eq!(book["leak"]["places"][0]["presence"], "ignored");
    assert_eq!(book["leak"]["past"][0]["presence"], "history");
    assert_eq!(book["leak"]["past"][0]["path"], "a.py");
    assert_eq!(check(&book, "Never committed")["outcome"], "failed");
    assert_eq!(check(&book, "ignores environment files")["outcome"], "passed");
    assert_eq!(check(&book, "hook")["outcome"], "failed");
    assert_eq!(book["past"]["needed"], true);

    // The file is mended: the fingerprint is looked for in the history.
    let print = book["leak"]["fingerprint"].as_str().unwrap().to_owned();
    world.write(".env", "KEY=\n");
    let run = world.run(&["explain", &print]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.out.contains("committed in: ") && !run.out.contains("stands in: "), "{}", run.out);
    assert!(!run.out.contains(&value));
    let book = json(&world, &[&print]);
    assert_eq!(check(&book, "Gone from all files")["outcome"], "passed");

    // Who wants to wait for no history is told that it was not looked at.
    let run = world.run(&["explain", &print, "--no-history"]);
    assert_eq!(run.code, 2, "{}", run.out);
    assert!(run.err.contains("without `--no-history`"), "{}", run.err);
    world.write(".env", format!("KEY={value}\n"));
    let book = json(&world, &[".env:1", "--no-history"]);
    assert!(book["leak"]["past"].as_array().unwrap().is_empty());
    assert_eq!(check(&book, "Never committed")["outcome"], "unknown");
    assert!(check(&book, "Never committed").to_string().contains("not looked at"));
    world.write(".env", "KEY=\n");

    // A tracked environment file is the worst of them.
    world.write("config.env", format!("KEY={value}\n"));
    world.commit("third");
    let book = json(&world, &[&print]);
    assert_eq!(book["leak"]["places"][0]["presence"], "tracked");
    assert_eq!(check(&book, "ignores environment files")["outcome"], "failed");
    assert_eq!(world.run(&["hook", "install"]).code, 0);
    assert_eq!(check(&json(&world, &[&print]), "hook")["outcome"], "passed");
}

#[test]
fn the_kind_of_place_is_told() {
    let world = World::new();
    let value = token();
    let notebook = format!(
        r#"{{"cells": [{{"cell_type": "code", "source": ["print(t)"], "outputs": [{{"name": "stdout", "text": ["{value}\n"]}}]}}]}}"#
    );
    for (path, text, part) in [
        ("Dockerfile", format!("FROM x\nENV TOKEN={value}\n"), "docker history"),
        (".github/workflows/ci.yml", format!("env:\n  TOKEN: {value}\n"), "pipeline definition"),
        ("logs/run.log", format!("POST token={value}\n"), "It stands in a log"),
        ("a.ipynb", notebook, "output of a notebook cell"),
        ("public/app.js", format!("const t = '{value}';\n"), "browsers download"),
        ("tests/test_a.py", format!("T = '{value}'\n"), "test or a fixture"),
    ] {
        world.write(path, text);
        let book = json(&world, &[path]);
        let causes = book["causes"].to_string();
        assert!(causes.contains(part), "{path}: {causes}");
        std::fs::remove_file(world.tree().join(path)).unwrap();
    }
}

#[test]
fn an_azure_devops_token_is_told_by_month_c3id_and_organisation() {
    let world = World::repository();
    world.git(&[
        "remote",
        "add",
        "origin",
        "https://build@dev.azure.com/contoso/Payments/_git/api",
    ]);
    let value = secret("azure-devops-pat");
    world.write("azure-pipelines.yml", format!("variables:\n  AZURE_DEVOPS_PAT: {value}\n"));
    let book = json(&world, &["azure-pipelines.yml:2"]);
    let fact = |name: &str| {
        let facts = book["leak"]["facts"].as_array().unwrap();
        facts.iter().find(|f| f["name"] == name).unwrap()["value"].as_str().unwrap().to_owned()
    };
    assert_eq!(fact("kind"), "personal access token");
    assert_eq!(fact("created").len(), 7);
    assert_eq!(fact("organization"), "contoso");
    let c3id = fact("correlating id");
    assert_eq!(c3id.len(), 20);
    let text = book.to_string();
    for part in [
        "https://vssps.dev.azure.com/contoso/_apis/tokenadmin/revocations",
        "vso.code_full",
        "high privilege",
        "does not log the use of a token",
        "$(System.AccessToken)",
        &format!("crossCompanyCorrelatingId is {c3id}"),
    ] {
        assert!(text.contains(part), "no {part} in {text}");
    }
    assert!(
        !text.contains(&value) && !text.contains("database") && !text.contains("Active Directory")
    );
}

#[test]
fn a_legacy_token_tells_whose_it_is() {
    let world = World::new();
    world.write("a.env", format!("AZURE_DEVOPS_PAT={}\n", secret("azure-devops-pat-legacy")));
    let text = json(&world, &["a.env"]).to_string();
    assert!(text.contains("user token"), "{text}");
}

/// A certificate with its key as PKCS#12 without a password, in base64, as a
/// publish settings file has it.
fn certificate(world: &World) -> String {
    let openssl = |args: &[&str]| {
        let run =
            std::process::Command::new("openssl").args(args).current_dir(world.tree()).output();
        let run = run.expect("the package openssl is installed");
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    };
    openssl(&[
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-subj",
        "/CN=Windows Azure Tools",
        "-days",
        "300",
        "-keyout",
        "k.pem",
        "-out",
        "c.pem",
    ]);
    openssl(&[
        "pkcs12",
        "-export",
        "-legacy",
        "-keypbe",
        "PBE-SHA1-3DES",
        "-certpbe",
        "PBE-SHA1-RC2-40",
        "-macalg",
        "sha1",
        "-passout",
        "pass:",
        "-inkey",
        "k.pem",
        "-in",
        "c.pem",
        "-out",
        "c.pfx",
    ]);
    let store = std::fs::read(world.tree().join("c.pfx")).unwrap();
    for name in ["k.pem", "c.pem", "c.pfx"] {
        std::fs::remove_file(world.tree().join(name)).unwrap();
    }
    data_encoding::BASE64.encode(&store)
}

#[test]
fn a_management_certificate_is_told_by_thumbprint_and_subscription() {
    let world = World::new();
    let value = certificate(&world);
    world.write(
        "Demo.publishsettings",
        format!(
            "<PublishData><PublishProfile SchemaVersion=\"2.0\" PublishMethod=\"AzureServiceManagementAPI\">\
             <Subscription ServiceManagementUrl=\"https://management.core.windows.net\" \
             Id=\"11111111-2222-3333-4444-555555555555\" Name=\"Demo\" ManagementCertificate=\"{value}\" />\
             </PublishProfile></PublishData>\n"
        ),
    );
    let book = json(&world, &["Demo.publishsettings"]);
    let names: Vec<&str> = book["leak"]["facts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fact| fact["name"].as_str().unwrap())
        .collect();
    for name in ["thumbprint", "subject", "valid until", "subscription id", "subscription name"] {
        assert!(names.contains(&name), "no {name} in {names:?}");
    }
    let text = book.to_string();
    for part in [
        "https://management.core.windows.net/11111111-2222-3333-4444-555555555555/certificates",
        "federatedIdentityCredentials",
        "removeKey",
        "managed identity",
        "Microsoft Entra ID",
    ] {
        assert!(text.contains(part), "no {part} in {text}");
    }
    assert!(!text.contains(&value) && !text.contains("Active Directory"));
}

#[test]
fn what_is_not_known_is_answered_with_what_may_be_meant() {
    let world = World::new();
    for (what, part) in [
        ("azure-devops-pta", "azure-devops-pat"),
        ("github", "github-pat-classic"),
        ("AKIA", "aws-access-key-id"),
        ("slack webhook", "slack-"),
        ("qqqqqqqqqq", "stanch detectors list"),
        ("abc", "at least 6 characters"),
        ("0123456789abcdef", "run this where it was found"),
    ] {
        let run = world.run(&["explain", what]);
        assert_eq!(run.code, 2, "{what}");
        assert!(run.err.contains(part), "{what}: {}", run.err);
        assert!(run.out.is_empty(), "{}", run.out);
    }
    world.write("a.txt", "nothing\n");
    let run = world.run(&["explain", "a.txt:1"]);
    assert!(run.code == 2 && run.err.contains("no secret is found there now"), "{}", run.err);
}

#[test]
fn several_secrets_of_one_file_are_told_apart() {
    let world = World::new();
    world
        .write("a.env", format!("A={}\nB={}\n", token(), support::seeded("github-pat-classic", 7)));
    let run = world.run(&["explain", "a.env"]);
    assert!(run.code == 2 && run.err.contains("a.env stands for 2 secrets"), "{}", run.err);
    assert_eq!(world.run(&["explain", "a.env:2"]).code, 0);
}

#[test]
fn an_output_decides_the_format_and_appears_whole() {
    let world = World::new();
    for (name, start) in
        [("a.html", "<!doctype html>"), ("a.md", "# "), ("a.json", "{"), ("a.txt", "GitHub ")]
    {
        let run = world.run(&["explain", "github-pat-classic", "--output", name]);
        assert_eq!(run.code, 0, "{}", run.err);
        let text = std::fs::read_to_string(world.tree().join(name)).unwrap();
        assert!(text.starts_with(start), "{name}: {}", &text[..40]);
    }
    assert_eq!(world.names().len(), 4, "{:?}", world.names());
    let run = world.run(&["explain", "github-pat-classic", "--output", "."]);
    assert!(run.code == 2 && run.err.contains("it is a folder"), "{}", run.err);
}

#[test]
fn hostile_paths_stay_text() {
    let world = World::repository();
    let path = "a`<img src=x>|`.py";
    world.write(path, format!("K = '{}'\n", token()));
    world.commit("<script>alert(1)</script>");
    let run = world.run(&["explain", path, "--format", "html"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(!run.out.contains("<img"), "{}", run.out);
    let run = world.run(&["explain", path, "--format", "md"]);
    assert!(run.out.contains("``a`<img src=x>\\|`.py:1``"), "{}", run.out);
}

#[test]
fn detector_files_of_ones_own_have_pages_too() {
    let world = World::new();
    world.write(
        "own/acme.toml",
        "[provider]\nid = \"acme\"\nname = \"Acme\"\ncategory = \"saas\"\n\n[provider.runbook]\n\
         use = \"The shop sends it to the Acme API.\"\nfirst = \"replace\"\n\
         why = \"Two keys may live side by side for a day.\"\n\n[[detector]]\nid = \"acme-key\"\n\
         name = \"Acme key\"\nseverity = \"high\"\nrisk = \"Opens Acme.\"\nkeywords = [\"acme_\"]\n\
         pattern = '''\\b(?<secret>acme_[a-z0-9]{32})\\b'''\n",
    );
    let run = world.run(&["explain", "acme-key", "--detectors", "own"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(
        run.out.contains("1. Make a second one and bring it to every service first"),
        "{}",
        run.out
    );
    let value = "acme_".to_owned() + &"x1y2z3w4".repeat(4);
    world.write("a.env", format!("ACME={value}\n"));
    let run = world.run(&["explain", "a.env", "--detectors", "own"]);
    assert!(run.code == 0 && !run.out.contains(&value), "{}", run.err);
}

#[test]
fn the_site_has_a_page_for_every_detector_and_no_secret() {
    let world = World::new();
    let run = world.run(&["explain", "--all", "--output", "site"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let site = world.tree().join("site");
    for rule in &stanch_detectors::pack().rules {
        assert!(site.join(format!("{}.html", rule.id)).is_file(), "{}", rule.id);
    }
    let index = std::fs::read_to_string(site.join("index.html")).unwrap();
    assert!(index.contains("azure-devops-pat.html") && !index.contains("http://"));
    let run = world.run(&["scan", "site", "--quiet", "--min-confidence", "high"]);
    assert_eq!(run.code, 0, "{}", run.out);
}
