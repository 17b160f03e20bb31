//! `stanch detectors import`: rule files of other tools, with invented
//! providers and generated values.
#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod support;

use support::{Run, World};

const ALNUM: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const HEX: &[u8] = b"0123456789abcdef";

/// A made-up value; the same seed gives the same one.
fn value(alphabet: &[u8], len: usize, seed: u64) -> String {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        char::from(alphabet[(state >> 33) as usize % alphabet.len()])
    };
    (0..len).map(|_| next()).collect()
}

fn import(world: &World, file: &str, content: impl AsRef<[u8]>) -> Run {
    world.write(format!("theirs/{file}"), content);
    world.run(&["detectors", "import", &format!("theirs/{file}"), "--output", "rules"])
}

/// What a scan of a text with the imported detectors finds.
fn found(world: &World, text: &str) -> Vec<(String, String)> {
    world.write("scanned/config.txt", text);
    let args = ["scan", "scanned", "--detectors", "rules", "--format", "json", "--show-secrets"];
    let run = world.run(&args);
    let report: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let text = |v: &serde_json::Value| v.as_str().unwrap_or_default().to_owned();
    findings.iter().map(|f| (text(&f["detector"]), text(&f["secret"]))).collect()
}

fn read(world: &World, name: &str) -> String {
    std::fs::read_to_string(world.tree().join(name)).unwrap()
}

fn tested(world: &World) {
    let run = world.run(&["detectors", "test", "rules"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
}

const GITLEAKS: &str = r##"
title = "Shop rules"

[extend]
useDefault = true
disabledRules = ["generic-thing"]

[[allowlists]]
description = "made by machines"
paths = ['''^testdata/''', '''\.(?:lock|[a-z]+sum)$''']
stopwords = ["sample"]

[[rules]]
id = "Shop_Key"
description = "Shop API key, which \"opens\" every order"
regex = '''\b(SHOPK-(?:live|test)\-[A-Za-z0-9]{28})(?:['"\s\x60;]|\\n|$)'''
secretGroup = 1
entropy = 3
keywords = ["shopk"]
tags = ["key", "severity:critical"]

  [[rules.allowlists]]
  description = "the manual"
  condition = "OR"
  paths = ['''(^|/)manual/''']
  regexes = ['''0{8}''']

[[rules]]
id = "shop-context"
description = "Shop secret"
regex = '''(?i)[\w.-]*?(?:shopper)(?:[0-9a-z\-_\t .]{0,20})[\s'"]{0,3}(?:=|:){1,3}[<{\s'"]{0,3}(?P<value>[a-f0-9]{32})(?:['"\s;]|$)'''
keywords = ["shopper"]

[[rules]]
id = "shop-shape"
description = "A value with nothing of the shop's in it"
regex = '''\b[a-f0-9]{40}\b'''
keywords = ["shopware"]
path = '''\.ini$'''

[[rules]]
id = "shop-file"
description = "A key store"
path = '''\.keystore$'''

[[rules]]
id = "shop-backward"
description = "Not for RE2 either"
regex = '''shopz_(a)(?!b)'''
keywords = ["shopz"]

[[rules]]
id = "shop-nothing"
description = "Eight digits"
regex = '''\b[0-9]{8}\b'''

[[rules]]
id = "github-pat-classic"
description = "An id that is taken"
regex = '''shopq_[a-z0-9]{30}'''
keywords = ["shopq_"]
"##;

#[test]
fn rules_of_gitleaks_find_what_they_are_for() {
    let world = World::new();
    let run = import(&world, ".gitleaks.toml", GITLEAKS);
    assert_eq!((run.code, run.err.as_str()), (1, ""), "{}", run.out);
    tested(&world);

    let key = format!("SHOPK-live-{}", value(ALNUM, 28, 1));
    let hex = value(HEX, 32, 2);
    let long = value(HEX, 40, 3);
    let other = format!("shopq_{}", value(HEX, 30, 4));
    let text = format!(
        "a = '{key}'\nmy_very_shopper_secret: \"{hex}\"\n[shopware]\nx = {long}\n{other}\n\
         shopk-live-{}\n",
        value(ALNUM, 28, 5)
    );
    let found = found(&world, &text);
    let wanted = [
        ("shop-key", key),
        ("shop-context", hex),
        ("shop-shape", long),
        ("gitleaks-github-pat-classic", other),
    ];
    for (id, secret) in wanted {
        let wanted = (id.to_owned(), secret);
        assert!(found.contains(&wanted), "{wanted:?} is not in {found:?}\n{}", run.out);
    }
    // In lower case it is no key of the shop.
    assert_eq!(found.iter().filter(|(id, _)| id == "shop-key").count(), 1, "{found:?}");
}

#[test]
fn what_gitleaks_has_and_stanch_does_not_is_told() {
    let world = World::new();
    let run = import(&world, ".gitleaks.toml", GITLEAKS);
    for part in [
        ".gitleaks.toml (gitleaks or Betterleaks rules): 4 detectors in rules/gitleaks.toml.",
        "shop-file: it is about paths alone",
        "shop-backward: its pattern is not understood: look-around",
        "shop-nothing: nothing leads to its pattern",
        "shop-shape: not every match contains `shopware`, so it must stand at most 300",
        "shop-shape: it runs on all files, and not only on \\.ini$",
        "shop-context: what its pattern repeats without end",
        "shop-key: the regexes of its allowlist are not imported",
        "its id is `gitleaks-github-pat-classic`, as `github-pat-classic` is taken",
        "it extends the tool's own rules",
        "it switches off generic-thing",
        "\\.(?:lock|[a-z]+sum)$ in its allowlist is no path pattern",
        "the stopwords of its allowlist are not imported",
        "2 entries for stanch.toml in rules/stanch.toml.suggested",
        "stanch detectors test rules\n",
        "stanch scan . --detectors rules\n",
    ] {
        assert!(run.out.contains(part), "{part} is not in {}", run.out);
    }
    let text = read(&world, "rules/gitleaks.toml");
    for part in [
        "# Made from .gitleaks.toml by",
        "name = \"Shop rules\"",
        "severity = \"critical\"",
        "risk = 'Shop API key, which \"opens\" every order'",
        "keywords = [\n    \"SHOPK-live-\",\n    \"SHOPK-test-\",\n]",
        "(?<secret>SHOPK-",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

#[test]
fn suggested_entries_are_understood() {
    let world = World::new();
    import(&world, ".gitleaks.toml", GITLEAKS);
    let text = read(&world, "rules/stanch.toml.suggested");
    world.write("scanned/stanch.toml", &text);
    let key = || format!("k = 'SHOPK-test-{}'\n", value(ALNUM, 28, 9));
    world.write("scanned/testdata/a.txt", key());
    world.write("scanned/docs/manual/a.txt", key());
    let run = world.run(&["scan", "scanned", "--detectors", "rules", "--format", "json"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    world.write("scanned/docs/a.txt", key());
    let run = world.run(&["scan", "scanned", "--detectors", "rules"]);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
}

const BETTERLEAKS: &str = r#"
minVersion = "2.0.0"
prefilter = '''attributes["path"].startsWith("x/")'''

[[rules]]
id = "barn-token"
description = "Barn token"
regex = '''\bbarn_[A-Za-z0-9]{32}\b'''
keywords = ["barn_"]
filter = '''
entropy(finding.secret) <= 3.25 ||
failsTokenEfficiency(finding.secret)
'''
validate = '''{"result": "valid"}'''
components = [{ id = "barn-id", within = "5L" }]

[[rules]]
id = "barn-id"
description = "Barn id"
regex = '''\bbid_[0-9]{12}\b'''
keywords = ["bid_"]
skipReport = true
"#;

#[test]
fn rules_of_betterleaks_keep_the_entropy_of_their_filter() {
    let world = World::new();
    let run = import(&world, "barn.toml", BETTERLEAKS);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    tested(&world);
    let text = read(&world, "rules/barn.toml");
    assert!(text.contains("entropy = 3.25"), "{text}");
    assert!(text.contains("needs = \"what barn-id finds beside it\""), "{text}");
    for part in [
        "barn-id: it reports nothing by itself",
        "barn-token: its filter is not imported as a whole",
        "barn-token: its validation is not imported",
        "its filter for all rules is an expression",
    ] {
        assert!(run.out.contains(part), "{part} is not in {}", run.out);
    }
    let token = format!("barn_{}", value(ALNUM, 32, 6));
    let dull = format!("barn_{}", "ab".repeat(16));
    assert_eq!(
        found(&world, &format!("{token}\n{dull}\n")),
        [("barn-token".to_owned(), token.clone())]
    );
}

/// A file of Kingfisher with one made-up example.
fn kingfisher(example: &str) -> String {
    format!(
        r#"rules:
  - name: Mill Access Key
    id: custom.mill.1
    pattern: |
      (?xi)                    # any case, with comments
      \b
      mill
      (?:.|[\n\r]){{0,32}}?
      (?:SECRET|TOKEN)
      (?:.|[\n\r]){{0,16}}?
      \b
      (?P<TOKEN>
        [a-z0-9]{{36}}         # the key itself
      )
      \b
    pattern_requirements:
      min_digits: 2
      ignore_if_contains:
        - test
    min_entropy: 3.0
    confidence: medium
    examples:
      - 'MILL_TOKEN = "{example}"'
    negative_examples:
      - MILL_TOKEN = "short"
    references:
      - https://mill.example/docs/keys
    depends_on_rule:
      - rule_id: custom.mill.2
        variable: MILLID
    validation:
      type: Http
      content:
        request:
          method: GET
          url: https://api.mill.example/me
  - name: Mill Account Id
    id: custom.mill.2
    pattern: '\b(mid-[0-9]{{8}})\b'
    min_entropy: 1.0
    visible: false
  - name: Mill Session
    id: custom.mill.3
    pattern: '(?x)\b( millsess\#[A-F0-9]{{24}} )\b'
    confidence: low
"#
    )
}

#[test]
fn rules_of_kingfisher_find_what_they_are_for() {
    let world = World::new();
    let example = value(b"abcdefghjkmnp23456789", 36, 10);
    let run = import(&world, "mill.yml", kingfisher(&example));
    assert_eq!((run.code, run.err.as_str()), (1, ""), "{}", run.out);
    tested(&world);
    for part in [
        "mill.yml (Kingfisher rules): 2 detectors in rules/mill.toml.",
        "custom.mill.2: it reports nothing by itself",
        "custom-mill-1: its validation is not imported",
        "custom-mill-1: its pattern_requirements (ignore_if_contains, min_digits) are not",
    ] {
        assert!(run.out.contains(part), "{part} is not in {}", run.out);
    }
    let text = read(&world, "rules/mill.toml");
    for part in [
        "name = \"Mill Access Key\"",
        "severity = \"medium\"",
        "severity = \"low\"",
        "docs = \"https://mill.example/docs/keys\"",
        "needs = \"Mill Account Id\"",
        "matches = ['MILL_TOKEN = \"{sample}\"']",
        "rejects = ['MILL_TOKEN = \"short\"']",
        "keywords = [\"mill\"]",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert!(!text.contains(&example), "{text}");
    let token = value(b"abcdefghjkmnp23456789", 36, 11);
    let session = format!("millsess#{}", value(b"0123456789ABCDEF", 24, 12));
    let text = format!("mill_secret: {token}\n\n\n{session}\nwool_secret: {}\n", &token[..20]);
    let all = found(&world, &text);
    assert!(all.contains(&("custom-mill-1".to_owned(), token)), "{all:?}");
    assert!(all.contains(&("custom-mill-3".to_owned(), session)), "{all:?}");
}

#[test]
fn a_baseline_of_detect_secrets_has_no_rules_and_says_so() {
    let world = World::new();
    let baseline = serde_json::json!({
        "version": "1.5.0",
        "plugins_used": [
            { "name": "Base64HighEntropyString", "limit": 4.5 },
            { "name": "KeywordDetector", "keyword_exclude": "sample.*" },
            { "name": "ShopDetector", "path": "file://tools/shop_detector.py" }
        ],
        "filters_used": [
            { "path": "detect_secrets.filters.allowlist.is_line_allowlisted" },
            { "path": "detect_secrets.filters.regex.should_exclude_file",
              "pattern": ["^fixtures/", "[a-z]+\\.lock"] },
            { "path": "detect_secrets.filters.regex.should_exclude_line", "pattern": ["x = .*"] }
        ],
        "results": { "a.py": [{ "type": "Secret Keyword", "filename": "a.py",
            "hashed_secret": "0".repeat(40), "is_verified": false, "line_number": 3 }] },
        "generated_at": "2026-01-01T00:00:00Z"
    });
    let run = import(&world, ".secrets.baseline", baseline.to_string());
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    for part in [
        ".secrets.baseline (detect-secrets baseline): nothing in it became a detector.",
        "ShopDetector: it is a plugin in Python (file://tools/shop_detector.py)",
        "the limit of 4.5 of Base64HighEntropyString is not imported",
        "the keyword exclusion sample.* of KeywordDetector is not imported",
        "the exclusion of files [a-z]+\\.lock is no path pattern",
        "the filter should_exclude_line (x = .*) is not imported",
        "its 1 known secrets are honoured as they are",
        "`stanch baseline create`",
        "1 entry for stanch.toml",
    ] {
        assert!(run.out.contains(part), "{part} is not in {}", run.out);
    }
    assert!(!run.out.contains("Next:"), "{}", run.out);
    let text = read(&world, "rules/stanch.toml.suggested");
    assert!(text.contains("paths = [\"/fixtures/\"]"), "{text}");
}

#[test]
fn lists_of_gitguardian_become_entries_of_stanch_toml() {
    let world = World::new();
    let two = "version: 2\nsecret:\n  ignored_paths:\n    - docs/samples\n    - '**/*.lock'\n  \
               ignored_detectors:\n    - Generic Password\n    - Shop Thing\n  ignored_matches:\n    \
               - name: sample\n      match: '0000'\n";
    let run = import(&world, ".gitguardian.yaml", two);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    for part in [
        ".gitguardian.yaml (ggshield configuration): nothing in it became a detector.",
        "Shop Thing: no detector of Stanch is called so",
        "its 1 ignored values are honoured as they are",
        "2 entries for stanch.toml",
    ] {
        assert!(run.out.contains(part), "{part} is not in {}", run.out);
    }
    let text = read(&world, "rules/stanch.toml.suggested");
    assert!(text.contains("\"**/docs/samples\""), "{text}");
    assert!(text.contains("detector = \"generic-password\""), "{text}");
    world.write("scanned/stanch.toml", &text).write("scanned/a.txt", "nothing\n");
    let run = world.run(&["scan", "scanned"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);

    let one =
        "paths-ignore:\n  - '*.md'\nmatches-ignore:\n  - sample-value\nbanlisted-detectors: []\n";
    let world = World::new();
    let run = import(&world, "gg.yml", one);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(read(&world, "rules/stanch.toml.suggested").contains("\"*.md\""));
}

#[test]
fn what_is_there_is_not_overwritten_unasked() {
    let world = World::new();
    assert_eq!(import(&world, "barn.toml", BETTERLEAKS).code, 1);
    let before = read(&world, "rules/barn.toml");
    let run = import(&world, "barn.toml", BETTERLEAKS.replace("Barn token", "Another"));
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert!(run.err.contains("rules/barn.toml is there already; --force"), "{}", run.err);
    assert_eq!(read(&world, "rules/barn.toml"), before);
    let run = world.run(&["detectors", "import", "theirs/barn.toml", "-o", "rules", "--force"]);
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(read(&world, "rules/barn.toml").contains("Another"));
    // A second file beside it has ids of its own.
    let args = ["detectors", "import", "theirs/barn.toml", "-o", "rules", "--provider", "stable"];
    let run = world.run(&args);
    assert!(run.out.contains("its id is `stable-barn-token`"), "{}{}", run.out, run.err);
    tested(&world);
}

#[test]
fn alternatives_with_values_of_their_own_become_detectors() {
    let world = World::new();
    let rule = r#"[[rules]]
id = "loft"
keywords = ["loft", "LFT3"]
regex = '''(?i)[\w.-]{0,50}?(?:loft)[\s'"]{0,3}=[\s'"]{0,5}([a-z0-9]{24})\b|\b(LFT3[a-z0-9]{40})\b'''

[[rules.allowlists]]
paths = ['''^old/''']
"#;
    let run = import(&world, "loft.toml", rule);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    tested(&world);
    let (one, two) = (value(HEX, 24, 20), format!("LFT3{}", value(HEX, 40, 21)));
    let all = found(&world, &format!("my_loft = '{one}'\n\n\n\n\nx: {two}\n"));
    assert!(all.contains(&("loft".to_owned(), one)), "{all:?}");
    assert!(all.contains(&("loft-loft".to_owned(), two)), "{all:?}");
    assert!(run.out.contains("2 entries for stanch.toml"), "{}", run.out);
}

#[test]
fn rules_that_a_detector_makes_needless_are_told() {
    let world = World::new();
    let rules = r#"
[[rules]]
id = "long"
regex = '''token: \bglpat-[A-Za-z0-9_-]{20}\b'''

[[rules]]
id = "own"
regex = '''\bhayloft_[A-Za-z0-9_-]{20}\b'''
"#;
    let run = import(&world, "again.toml", rules);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.out.contains("long: `gitlab-pat` reports its values without it"), "{}", run.out);
    assert!(!run.out.contains("own: "), "{}", run.out);
    tested(&world);
}

#[test]
fn all_is_well_when_every_rule_is_imported() {
    let world = World::new();
    let one = "[[rules]]\nid = \"hay\"\nregex = '''\\bhay_[a-z0-9]{30}\\b'''\n";
    let run = import(&world, "hay.toml", one);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.out.starts_with(
        "hay.toml (gitleaks or Betterleaks rules): 1 detector in rules/hay.toml.\n\nNext:"
    ));
}

#[test]
fn broken_files_are_told_and_nothing_is_written() {
    let rule = "[[rules]]\nid = \"a\"\nregex = ";
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("a.toml", format!("{rule}'''x").into_bytes(), "a.toml: line 3 column "),
        (
            "b.toml",
            format!("{rule}7\n").into_bytes(),
            "b.toml: line 3 column 9: invalid type: integer",
        ),
        ("c.yml", b"rules:\n  - id: a\n bad\n".to_vec(), "c.yml: line 3 column 2: "),
        ("d.yml", b"rules:\n  - name: a\n    pattern: x\n".to_vec(), "missing field `id`"),
        ("e.json", b"{\"plugins_used\": [".to_vec(), "this is no JSON"),
        ("f.toml", b"[provider]\nid = \"f\"\n".to_vec(), "a detector file of Stanch already"),
        ("g.txt", b"hello\n".to_vec(), "this is no rule file of gitleaks"),
        ("h.toml", b"# x\n[[rules]]\nid = \"\xff\"\n".to_vec(), "line 3 is not in UTF-8"),
        ("i.toml", b"\xff\xfe[\0".to_vec(), "in UTF-16"),
        ("j.toml", vec![b'#'; (16 << 20) + 1], "more than 16 MiB"),
        (
            "k.yml",
            b"a: &a [x, x]\nb: &b [*a, *a, *a]\nrules: [*b, *b]\n".to_vec(),
            "k.yml: line 3 column 9: expected mapping",
        ),
        ("l.toml", Vec::new(), "this is no rule file"),
    ];
    for (file, content, message) in cases {
        let world = World::new();
        let run = import(&world, file, content);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{file}: {}", run.err);
        assert!(run.err.contains(message), "{file}: {message} is not in {}", run.err);
        assert!(run.err.contains(file), "{}", run.err);
        assert!(!world.tree().join("rules").exists(), "{file}");
    }
}

#[test]
fn a_file_can_be_said_to_be_anothers() {
    let world = World::new();
    world.write("rules.txt", "version: 2\nrules:\n  - id: a\n    pattern: hayk_[a-z0-9]{24}\n");
    let args = ["detectors", "import", "rules.txt", "--from", "kingfisher", "--provider", "hay"];
    let run = world.run(&args);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(read(&world, "stanch-detectors/hay.toml").contains("hayk_"));
    let run = world.run(&["detectors", "import", "rules.txt", "--from", "betterleaks"]);
    assert_eq!(run.code, 2);
    let run = world.run(&["detectors", "import", "rules.txt", "--provider", "No Kebab"]);
    assert!(run.code == 2 && run.err.contains("is not kebab-case"), "{}", run.err);
}
