//! Carrying findings over along delta chains gives the same as scanning every
//! version whole.
#![expect(clippy::unwrap_used, reason = "a test")]

#[path = "../../cli/tests/support/past.rs"]
mod past;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;

use past::Past;
use stanch_rules::{load, sample};
use stanch_scan::{Copied, Engine, Finding, FingerprintKey, Gap, Scanner, Scratch, Sink, Source};
use stanch_sources::git::{History, Repo};

#[derive(Default)]
struct Kept {
    findings: Mutex<Vec<Finding>>,
    gaps: Mutex<Vec<String>>,
}

impl Sink for Kept {
    fn findings(&self, findings: Vec<Finding>) {
        self.findings.lock().unwrap().extend(findings);
    }

    fn gap(&self, gap: Gap) {
        self.gaps.lock().unwrap().push(format!("{} {}", gap.origin, gap.reason));
    }
}

fn git(folder: &Path, args: &[&str], input: &[u8]) {
    let mut command = Command::new("git");
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", folder);
    command.env("GIT_CONFIG_NOSYSTEM", "1").current_dir(folder).args(args).stdin(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    assert!(child.wait().unwrap().success(), "git {args:?}");
}

/// Everything that a scan says, in order.
fn scan(folder: &Path, engine: &Engine, whole: bool, threads: usize) -> Vec<String> {
    let repo = Repo::discover(folder).unwrap();
    let key = FingerprintKey::new(&[7; 32]);
    let kept = Kept::default();
    let mut history = History::new(&repo);
    history.whole = whole;
    history.options.threads = threads;
    history.scan(Scanner { engine, key: &key }, &kept);
    let findings = kept.findings.into_inner().unwrap();
    let mut all: Vec<String> = findings
        .iter()
        .map(|found| {
            let git = found.origin.git().unwrap();
            let commit = git.commit.as_ref().map(|commit| commit.id.as_str());
            format!(
                "{} {} {} {:?} {:?} {:?} {:?} {} {:?} {}",
                found.detector,
                found.fingerprint,
                found.origin,
                found.location,
                commit,
                git.presence,
                git.object,
                found.confidence,
                found.ignored_by,
                found.excerpt,
            )
        })
        .collect();
    all.extend(kept.gaps.into_inner().unwrap());
    all.sort();
    all
}

/// Values of all kinds, and marks that change how what follows them is read.
fn planted(seed: u64) -> Vec<String> {
    let sources =
        stanch_detectors::FILES.iter().map(|(name, text)| load::parse(name, text).unwrap());
    let detectors: Vec<_> = sources.flat_map(|source| source.content.detectors).collect();
    let mut lines: Vec<String> = detectors
        .iter()
        .skip(seed as usize % 7)
        .step_by(7)
        .filter_map(|detector| {
            let made = sample::sample(detector, seed)?;
            Some(format!("{} = \"{}\"", detector.id, made.group("secret")?))
        })
        .collect();
    let mut id = 0;
    lines.retain(|line| {
        id += 1;
        id <= 120 && line.len() < 4000
    });
    let ids = ["aws-access-key-id", "aws-secret-access-key"].map(|wanted| {
        let detector = detectors.iter().find(|detector| detector.id == wanted).unwrap();
        let made = sample::sample(detector, seed).unwrap();
        format!("{} = {}", wanted.replace('-', "_"), made.group("secret").unwrap())
    });
    lines.extend(ids);
    let marks = [
        "text = \"\"\"",
        "`",
        "cat > file <<-END",
        "END",
        "/*",
        "password = \"Tr0ub4dor&3x!\"",
        "db_url: postgres://app:k3yb0ard-Cat9@db.example.org:5432/app",
        "secret_key:",
        "  9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "-----BEGIN CERTIFICATE-----",
        "-----END CERTIFICATE-----",
        "{\"password\": \"",
        "# stanch:ignore",
        "-----BEGIN RSA PRIVATE KEY-----",
        "-----END RSA PRIVATE KEY-----",
        "    const template = `",
    ];
    for _ in 0..3 {
        lines.extend(marks.map(str::to_owned));
    }
    // Lists of hashes, and a line that is longer than most.
    for at in 0..20u64 {
        let number = seed.wrapping_add(at).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        lines.push(format!("part{at} = {number:016x}{:016x}", number.rotate_left(7)));
        let words = "it says a lot ".repeat(at as usize * 3);
        lines.push(format!("note = '{words}', secret_key = \"{number:016x}\""));
    }
    lines
}

#[test]
fn what_is_carried_over_is_what_a_whole_scan_finds() {
    let engine = Engine::new(stanch_detectors::pack());
    let mut all = 0;
    let seeds: u64 = std::env::var("SEEDS").map_or(4, |seeds| seeds.parse().unwrap());
    for seed in 1..=seeds {
        let dir = tempfile::tempdir().unwrap();
        git(dir.path(), &["init", "-q", "-b", "main", "."], b"");
        let past = Past::new(seed, 60, &planted(seed));
        git(dir.path(), &["fast-import", "--quiet"], &past.stream);
        git(dir.path(), &["repack", "-adfq", "--depth=50", "--window=50"], b"");
        let whole = scan(dir.path(), &engine, true, 1);
        all += whole.len();
        for threads in [1, 3] {
            let carried = scan(dir.path(), &engine, false, threads);
            let extra: Vec<_> = carried.iter().filter(|row| !whole.contains(row)).collect();
            let lacking: Vec<_> = whole.iter().filter(|row| !carried.contains(row)).collect();
            assert!(
                carried == whole,
                "seed {seed}, {threads} threads:\ncarried only: {extra:#?}\nwhole only: {lacking:#?}"
            );
        }
    }
    assert!(all > 80, "there is next to nothing in these histories");
}

/// Compares both ways for a text from which `cut` was taken out at `at`, and
/// for the way back.
fn compare(engine: &Engine, text: &str, at: usize, cut: &str) {
    let (head, tail) = text.split_at(at);
    let tail = tail.strip_prefix(cut).unwrap();
    let short = format!("{head}{tail}");
    let copies = |from: usize, to: usize| {
        [(0, 0, head.len()), (from, to, tail.len())].map(|(from, to, len)| Copied { from, to, len })
    };
    let say = |text: &str, found: &stanch_scan::Found| {
        let matches = engine.settle(text.as_bytes(), found);
        matches.iter().map(|m| format!("{:?} {}", m.span, m.confidence)).collect::<Vec<_>>()
    };
    let (long_at, short_at) = (at + cut.len(), at);
    for (old, new, copied) in [
        (text, short.as_str(), copies(long_at, short_at)),
        (&short, text, copies(short_at, long_at)),
    ] {
        let mut scratch = Scratch::default();
        let base = engine.find(&mut scratch, old.as_bytes(), "a.py");
        let whole = engine.find(&mut scratch, new.as_bytes(), "a.py");
        let base = (old.as_bytes(), &base);
        let carried = engine.find_changed(&mut scratch, new.as_bytes(), "a.py", base, &copied);
        let (whole, carried) = (say(new, &whole), say(new, &carried));
        assert_eq!(carried, whole, "{at} {cut:?}");
    }
}

#[test]
fn what_stands_far_away_is_reckoned_with() {
    let engine = Engine::new(stanch_detectors::pack());
    let filler = |len: usize| "x = call(it)\n".repeat(len / 13);
    let value = "secret_key = 9f86d081884c7d659a2feaa0c55ad015\n";
    let password = "password = k3yb0ard-Cat9-Wx\n";
    let (far, near) = (filler(1300), filler(2600));
    // A here-document that ends, or not.
    for value in [value, password] {
        let open = format!("{near}cat > file <<-EOF\n");
        let text = format!("{open}EOF\n{far}{value}{near}");
        compare(&engine, &text, open.len(), "EOF\n");
        // A literal that begins so far above that a line more puts it out of sight.
        let open = format!("{near}text = `\n{}", filler(1300));
        for len in (2500..2800).step_by(13) {
            let text = format!("{open}more words\n{}{value}{near}", filler(len));
            compare(&engine, &text, open.len(), "more words\n");
        }
        // Hashes in long lines around it.
        let hash = "part = 0123456789abcdef0123456789abcdef";
        let pad = |len: usize| format!("{hash} {}\n", "y ".repeat(len / 2));
        let line = format!("{} {}", "z ".repeat(150), value);
        let text = format!("{near}{}{}{line}{}{}{near}", pad(200), pad(200), pad(200), pad(200));
        compare(&engine, &text, near.len(), hash);
        let at = text.rfind(hash).unwrap();
        compare(&engine, &text, at, hash);
    }
}
