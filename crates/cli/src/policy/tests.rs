//! Policies over real folders, with findings of the real engine.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use jiff::civil::date;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use stanch_rules::schema::Detector;
use stanch_rules::{load, sample};
use stanch_scan::{Engine, Finding, FingerprintKey, Origin, Scanner, Scratch};

use super::known::{Baseline, Label};
use super::*;
use crate::baseline::audit::ask;
use crate::baseline::{Change, create, update};

static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new(stanch_detectors::pack()));
static DETECTOR: LazyLock<Detector> = LazyLock::new(|| {
    let (name, text) = stanch_detectors::FILES
        .iter()
        .find(|(_, text)| text.contains("\"github-pat-classic\""))
        .unwrap();
    let file = load::parse(name, text).unwrap().content;
    file.detectors.into_iter().find(|d| d.id == "github-pat-classic").unwrap()
});

fn token(seed: u64) -> String {
    let sample = sample::sample(&DETECTOR, seed).unwrap();
    sample.group("secret").unwrap().to_owned()
}

fn key() -> FingerprintKey {
    FingerprintKey::new(&[3; 32])
}

/// A folder with one file in it.
struct Tree {
    dir: tempfile::TempDir,
}

impl Tree {
    fn new(files: &[(&str, &str)]) -> Tree {
        let tree = Tree { dir: tempfile::tempdir().unwrap() };
        fs::create_dir(tree.root().join(".git")).unwrap();
        files.iter().for_each(|(name, text)| tree.write(name, text));
        tree
    }

    fn root(&self) -> PathBuf {
        self.dir.path().canonicalize().unwrap()
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.root().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn policy(&self) -> Policy {
        Policy::load(None, &[self.root()], None, &key()).unwrap()
    }

    fn error(&self) -> String {
        let error = Policy::load(None, &[self.root()], None, &key()).err().unwrap();
        format!("{error:#}")
    }

    fn findings(&self, name: &str) -> Vec<Finding> {
        let path = self.root().join(name);
        let text = fs::read(&path).unwrap();
        findings(&path, &text)
    }

    fn ignored(&self, policy: &Policy, name: &str) -> Vec<Option<Ignored>> {
        self.findings(name).iter().map(|finding| policy.ignored(finding)).collect()
    }

    fn baseline(&self, name: &str) -> Baseline {
        let place = Place::new(&self.root(), &[self.root()]);
        create(&self.findings(name), &key().id(), &place, date(2026, 11, 22))
    }
}

fn findings(path: &Path, text: &[u8]) -> Vec<Finding> {
    let key = key();
    let scanner = Scanner { engine: &ENGINE, key: &key };
    let origin = Origin::File(path.to_owned());
    scanner.blob(&mut Scratch::default(), &origin, text).findings
}

fn line(token: &str) -> String {
    format!("GITHUB_TOKEN = \"{token}\"\n")
}

#[test]
fn a_baseline_survives_moved_lines_renames_and_line_endings() {
    for seed in 1..20 {
        let text = line(&token(seed));
        let tree = Tree::new(&[("a.py", &text)]);
        assert!(!tree.findings("a.py").is_empty());
        tree.baseline("a.py").write(&tree.root().join(files::BASELINE)).unwrap();
        tree.write("a.py", &format!("{}{text}", "import os\n".repeat(seed as usize)));
        tree.write("moved/b.py", &text);
        tree.write("c.py", &text.replace('\n', "\r\n"));
        let policy = tree.policy();
        for name in ["a.py", "moved/b.py", "c.py"] {
            let ignored = tree.ignored(&policy, name);
            assert!(!ignored.is_empty() && ignored.iter().all(Option::is_some), "{seed} {name}");
        }
    }
}

#[test]
fn a_baseline_holds_nothing_to_test_a_guess_against() {
    let token = token(1);
    let tree = Tree::new(&[("a.py", &line(&token))]);
    let baseline = tree.baseline("a.py");
    let text = baseline.to_text().unwrap();
    assert!(!text.contains(&token));
    assert!(!text.contains(&token[4..20]));
    // Whatever is as long as an MD5, SHA-1 or SHA-256 is a keyed fingerprint.
    let hashes = text.split(|c: char| !c.is_ascii_hexdigit()).filter(|run| run.len() >= 32);
    assert!(hashes.into_iter().all(|run| baseline.entries.contains_key(run)));
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    assert!(!text.contains(&hex(&Sha1::digest(&token))));
    assert!(!text.contains(&hex(&Sha256::digest(&token))));
    assert!(text.contains("\"a.py\""));
    assert!(!text.contains("line\":"));
    assert!(findings(Path::new(files::BASELINE), text.as_bytes()).is_empty());
}

#[test]
fn a_second_secret_on_an_ignored_line_is_still_reported() {
    let (first, second) = (token(1), token(2));
    let tree = Tree::new(&[("a.py", &line(&first))]);
    tree.baseline("a.py").write(&tree.root().join(files::BASELINE)).unwrap();
    tree.write("a.py", &format!("a = \"{first}\"; b = \"{second}\"\n"));
    let policy = tree.policy();
    let reported: Vec<_> =
        tree.findings("a.py").into_iter().filter(|f| policy.ignored(f).is_none()).collect();
    assert_eq!(reported.len(), 1);
    assert_eq!(reported[0].secret.expose(), second.as_bytes());
}

#[test]
fn a_baseline_made_with_another_key_is_refused() {
    let tree = Tree::new(&[("a.py", &line(&token(1)))]);
    let mut baseline = tree.baseline("a.py");
    baseline.key_id = "00000000".to_owned();
    baseline.write(&tree.root().join(files::BASELINE)).unwrap();
    let error = tree.error();
    assert!(error.contains("the fingerprint key 00000000"), "{error}");
    assert!(error.contains("STANCH_FINGERPRINT_KEY"), "{error}");
    assert!(Policy::load_without_baseline(None, &[tree.root()]).is_ok());
}

#[test]
fn a_review_labels_what_is_still_found_and_saves_each_answer() {
    let token = token(1);
    let tree = Tree::new(&[("a.py", &line(&token))]);
    let path = tree.root().join(files::BASELINE);
    let mut baseline = tree.baseline("a.py");
    let found = tree.findings("a.py");
    let mut out = Vec::new();
    let mut input = "what?\na\nkept for the demo\n".as_bytes();
    ask(&mut baseline, &found, false, &mut input, &mut out, |b| b.write(&path)).unwrap();
    let out = String::from_utf8(out).unwrap();
    assert!(out.contains("a.py:1  GITHUB_TOKEN") && !out.contains(&token), "{out}");
    let saved = Baseline::read(&path).unwrap();
    let entry = saved.entries.values().next().unwrap();
    assert_eq!(
        (entry.label, entry.reason.as_deref()),
        (Label::Accepted, Some("kept for the demo"))
    );
}

#[test]
fn an_update_keeps_labels_and_drops_only_on_demand() {
    let tree = Tree::new(&[("a.py", &line(&token(1))), ("b.py", &line(&token(2)))]);
    let mut baseline = tree.baseline("a.py");
    let place = Place::new(&tree.root(), &[tree.root()]);
    baseline.entries.values_mut().for_each(|e| e.label = Label::Accepted);
    let found = tree.findings("b.py");
    let day = date(2026, 11, 23);
    let change = update(&mut baseline, &found, &place, day, false);
    assert_eq!(change, Change { added: 1, gone: 1, dropped: 0 });
    assert_eq!(baseline.entries.values().filter(|e| e.label == Label::Accepted).count(), 1);
    let change = update(&mut baseline, &found, &place, day, true);
    assert_eq!(change, Change { added: 0, gone: 1, dropped: 1 });
    assert_eq!(baseline.entries.len(), 1);
}

#[test]
fn entries_of_the_configuration_ignore_expire_and_are_told_when_unused() {
    let tree = Tree::new(&[("src/a.py", &line(&token(1)))]);
    let print = tree.findings("src/a.py")[0].fingerprint.clone();
    let config = |expires: &str| {
        format!(
            "[[ignore]]\nfingerprint = \"{print}\"\nreason = \"sample\"\nowner = \"me\"\n{expires}\n\
             [[ignore]]\ndetector = \"none-such\"\npaths = [\"docs/\"]\nreason = \"manual\"\n"
        )
    };
    tree.write("stanch.toml", &config(""));
    // The configuration is found upward from a folder below it.
    let below = Policy::load(None, &[tree.root().join("src")], None, &key()).unwrap();
    let ignored = below.ignored(&tree.findings("src/a.py")[0]).unwrap();
    assert!(ignored.by.ends_with("stanch.toml:1"), "{}", ignored.by);
    assert_eq!(ignored.reason.as_deref(), Some("sample"));
    assert!(below.leftovers().is_empty(), "a part of the tree tells nothing");
    let policy = tree.policy();
    assert!(policy.ignored(&tree.findings("src/a.py")[0]).is_some());
    let left = policy.leftovers();
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(left[0].contains("stanch.toml:6: this entry matched nothing"), "{left:?}");
    assert!(policy.notes().iter().any(|note| note.contains("stanch.toml is honoured")));

    tree.write("stanch.toml", &config("expires = 2020-01-31"));
    let policy = tree.policy();
    assert!(policy.ignored(&tree.findings("src/a.py")[0]).is_none());
    let left = policy.leftovers();
    assert!(left[0].contains("stanch.toml:1: this entry (owner: me) expired on 2020-01-31"));
}

#[test]
fn a_configuration_excludes_paths_with_its_reason() {
    let tree = Tree::new(&[(
        "stanch.toml",
        "[[exclude]]\npaths = [\"vendor/\", \"*.lock\", \"gone/x\"]\nreason = \"theirs\"\n",
    )]);
    let policy = tree.policy();
    let excluded = policy.excluder();
    let reason = excluded(&tree.root().join("vendor"), true).unwrap();
    assert!(reason.starts_with("excluded by ") && reason.ends_with("stanch.toml:1: theirs"));
    assert!(excluded(&tree.root().join("a/b.lock"), false).is_some());
    assert!(excluded(&tree.root().join("a/b.txt"), false).is_none());
    let left = policy.leftovers();
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(left[0].contains("\"gone/x\" excluded nothing"), "{left:?}");
}

#[test]
fn a_broken_configuration_is_told_with_its_place() {
    let tree = Tree::new(&[("stanch.toml", "[[ignore]]\nfingerprnt = \"x\"\n")]);
    let error = tree.error();
    assert!(error.contains("stanch.toml:2:1: unknown field"), "{error}");
}

#[test]
fn a_baseline_entry_that_expired_does_not_ignore() {
    let tree = Tree::new(&[("a.py", &line(&token(1)))]);
    let mut baseline = tree.baseline("a.py");
    baseline.entries.values_mut().for_each(|e| e.expires = Some(date(2020, 1, 1)));
    baseline.write(&tree.root().join(files::BASELINE)).unwrap();
    let policy = tree.policy();
    assert_eq!(tree.ignored(&policy, "a.py"), [None]);
    assert!(policy.leftovers().iter().any(|left| left.contains("expired on 2020-01-01")));
}

#[test]
fn ignore_files_of_gitleaks_are_honoured() {
    let text = format!("\n{}", line(&token(1)));
    let list = format!(
        "# known\nsrc/a.py:github-pat:2\n{}:src/b.py:github-pat:9\nsrc/c.py:x:1\nnonsense\n",
        "ab".repeat(20)
    );
    let tree = Tree::new(&[("src/a.py", &text), (".gitleaksignore", &list)]);
    let policy = tree.policy();
    let ignored = tree.ignored(&policy, "src/a.py");
    assert!(ignored[0].as_ref().unwrap().by.ends_with(".gitleaksignore:2"));
    let left = policy.leftovers();
    assert!(left.iter().any(|l| l.contains("line 5 is not of the form")), "{left:?}");
    assert!(left.iter().any(|l| l.contains(".gitleaksignore:4: 1 of 3 entries")), "{left:?}");

    let fixed = &token(2)[4..16];
    let toml = format!(
        "title = \"x\"\n[extend]\nuseDefault = true\n[allowlist]\ndescription = \"samples\"\n\
         paths = ['''(^|/)tests?\\/''']\nregexes = ['''{fixed}''']\nstopwords = [\"abc\"]\n\
         [[rules]]\nid = \"r\"\nregex = \"x\"\n[[rules.allowlists]]\nregexes = [\"y\"]\n"
    );
    let tree = Tree::new(&[
        ("a.py", &line(&token(2))),
        ("b.py", &line(&token(3))),
        (".gitleaks.toml", &toml),
    ]);
    let policy = tree.policy();
    let ignored = tree.ignored(&policy, "a.py");
    assert_eq!(ignored[0].as_ref().unwrap().reason.as_deref(), Some("samples"));
    assert_eq!(tree.ignored(&policy, "b.py"), [None]);
    assert!(policy.excluder()(&tree.root().join("x/tests/k.pem"), false).is_some());
    let left = policy.leftovers();
    assert!(left.iter().any(|l| l.contains("stopwords are not honoured")), "{left:?}");
    assert!(left.iter().any(|l| l.contains("allowlists of 1 rules")), "{left:?}");
}

#[test]
fn a_baseline_of_detect_secrets_is_honoured_by_file() {
    let token = token(1);
    let hash: String = Sha1::digest(&token).iter().map(|b| format!("{b:02x}")).collect();
    let baseline = format!(
        r#"{{"version": "1.4.0", "plugins_used": [{{"name": "GitHubTokenDetector"}}], "results":
        {{"a.py": [{{"type": "GitHub Token", "filename": "a.py", "hashed_secret": "{hash}",
        "is_verified": false, "is_secret": false, "line_number": 1}}]}},
        "generated_at": "2021-11-08T16:55:15Z"}}"#
    );
    let tree = Tree::new(&[
        ("a.py", &format!("\n\n{}", line(&token))),
        ("b.py", &line(&token)),
        (".secrets.baseline", &baseline),
    ]);
    let policy = tree.policy();
    let ignored = tree.ignored(&policy, "a.py");
    assert_eq!(ignored[0].as_ref().unwrap().reason.as_deref(), Some("audited as no secret"));
    assert_eq!(tree.ignored(&policy, "b.py"), [None]);
}

#[test]
fn configurations_of_ggshield_are_honoured_in_both_versions() {
    let (one, two) = (token(1), token(2));
    let sha = |text: &str| -> String {
        Sha256::digest(text).iter().map(|b| format!("{b:02x}")).collect()
    };
    let new = format!(
        "version: 2\nexit_zero: false\nsecret:\n  ignored_paths:\n    - '**/README.md'\n    \
         - doc/*\n  ignored_matches:\n    - name: sample\n      match: {}\n    - name:\n      \
         match: {}\n",
        sha(&one),
        sha(&format!("{two},apikey"))
    );
    let old = format!(
        "matches-ignore:\n  - {two}\n  - name: sample\n    match: {}\n\
                       paths-ignore:\n  - doc/*\n",
        sha(&one)
    );
    for (name, config) in [(".gitguardian.yaml", new), (".gitguardian.yml", old)] {
        let tree = Tree::new(&[
            ("a.py", &line(&one)),
            ("b.py", &line(&two)),
            ("c.py", &line(&token(3))),
            (name, &config),
        ]);
        let policy = tree.policy();
        assert_eq!(policy.leftovers().len(), 1, "{:?}", policy.leftovers());
        let ignored = tree.ignored(&policy, "a.py");
        assert_eq!(ignored[0].as_ref().unwrap().reason.as_deref(), Some("sample"));
        assert!(tree.ignored(&policy, "b.py")[0].is_some());
        assert_eq!(tree.ignored(&policy, "c.py"), [None]);
        assert!(policy.excluder()(&tree.root().join("x/doc/a.txt"), false).is_some());
        assert!(policy.excluder()(&tree.root().join("x/dog/a.txt"), false).is_none());
    }
}

#[test]
fn other_files_are_honoured_or_named() {
    let tree = Tree::new(&[
        (".trufflehogignore", "# theirs\n^vendor/\n.*\\.lock$\n(\n"),
        ("kingfisher-baseline.yaml", "ExactFindings:\n  matches: []\n"),
        (".gitguardian.yaml", "secret: [\n"),
    ]);
    let policy = tree.policy();
    let excluded = policy.excluder();
    let reason = excluded(&tree.root().join("vendor/a.go"), false).unwrap();
    assert!(reason.ends_with(".trufflehogignore:2"), "{reason}");
    assert!(excluded(&tree.root().join("a/Cargo.lock"), false).is_some());
    assert!(excluded(&tree.root().join("a/vendor/b"), false).is_none());
    let left = policy.leftovers();
    assert!(left.iter().any(|l| l.contains("line 4 is not honoured")), "{left:?}");
    assert!(left.iter().any(|l| l.contains("use `stanch baseline create`")), "{left:?}");
    assert!(left.iter().any(|l| l.contains(".gitguardian.yaml: not understood (")), "{left:?}");
}
