//! How long `stanch fix` takes for 100 secrets in a repository of 10,000 files:
//!
//! ```text
//! cargo build --release -p stanch
//! cargo run --release -p stanch --example fix_speed -- target/release/stanch
//! ```
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that somebody looks at"
)]

use std::path::Path;
use std::process::Command;
use std::time::Instant;
use std::{env, fs};

use stanch_rules::{load, sample};

const FILES: usize = 10_000;
const SECRETS: usize = 100;

fn main() {
    let binary = env::args().nth(1).unwrap_or_else(|| "target/release/stanch".to_owned());
    let binary = Path::new(&binary).canonicalize().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let text = stanch_detectors::FILES.iter().find(|(name, _)| name.contains("github.toml"));
    let (name, text) = text.unwrap();
    let detectors = load::parse(name, text).unwrap().content.detectors;
    let detector = detectors.iter().find(|detector| detector.id == "github-pat-classic").unwrap();
    for at in 0..FILES {
        let mut text: String =
            (0..60).map(|n| format!("value_{n} = compute({n}, {at})\n")).collect();
        if at % (FILES / SECRETS) == 0 {
            let sample = sample::sample(detector, at as u64).unwrap();
            text.push_str(&format!("token = \"{}\"\n", sample.group("secret").unwrap()));
        }
        let path = folder.path().join(format!("src/{}/module_{at}.py", at % 97));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let git = |args: &[&str]| {
        let identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"];
        let done = Command::new("git").args(identity).args(args).current_dir(&folder).status();
        assert!(done.unwrap().success());
    };
    git(&["init", "-q"]);
    git(&["add", "-A"]);
    git(&["commit", "-q", "-m", "first"]);
    for args in [&["fix", ".", "--diff"][..], &["fix", "."]] {
        let start = Instant::now();
        let run = Command::new(&binary).args(args).current_dir(&folder).output().unwrap();
        let took = start.elapsed();
        let changed = String::from_utf8_lossy(&run.stdout).matches("os.environ[").count();
        println!(
            "stanch {}: {:.2} s, exit {:?}, {changed}",
            args.join(" "),
            took.as_secs_f64(),
            run.status.code()
        );
    }
}
