//! What is seen on a terminal of 80 columns.
#![cfg(target_os = "linux")]

mod support;

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use support::{World, token};

/// What a terminal is sent while `stanch` runs with these arguments and
/// something feeds it; nothing where no terminal can be made.
fn sent(world: &World, args: &str, feed: impl FnOnce()) -> Option<String> {
    let stanch = env!("CARGO_BIN_EXE_stanch");
    let script = format!("stty cols 80 rows 24; exec '{stanch}' {args}");
    let mut command = Command::new("script");
    command.args(["-q", "-e", "-c", &script, "/dev/null"]).current_dir(world.tree());
    command.env("HOME", world.tree().join("../home")).env("TERM", "xterm").env_remove("NO_COLOR");
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let child = command.spawn().ok()?;
    feed();
    let output = child.wait_with_output().ok()?;
    String::from_utf8(output.stdout).ok()
}

/// What stays on the screen, without colours.
fn seen(sent: &str) -> String {
    let last = sent.rsplit("\x1b[2K").next().unwrap_or_default().replace('\r', "");
    anstream::adapter::strip_str(&last).to_string()
}

#[test]
fn a_long_scan_shows_progress_and_leaves_none() {
    let world = World::new();
    let pipe = world.tree().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let feed = || {
        let mut pipe = std::fs::OpenOptions::new().write(true).open(&pipe).unwrap();
        for _ in 0..4 {
            pipe.write_all(&b"nothing to see here\n".repeat(150_000)).unwrap();
            std::thread::sleep(Duration::from_millis(250));
        }
    };
    let Some(sent) = sent(&world, "scan pipe", feed) else { return };
    assert!(sent.contains("\x1b[2K") && sent.contains("0 findings"), "{sent:?}");
    let seen = seen(&sent);
    assert!(seen.starts_with("No secrets found.\nScanned 1 file, 12 MB in "), "{seen:?}");
}

#[test]
fn a_short_scan_shows_no_progress_and_its_lines_fit() {
    let world = World::new();
    let deep = "a-folder-with-a-long-name/and-one-more-below-it/configuration.production.env";
    world.write(deep, format!("GITHUB_TOKEN={}\n", token()));
    for nr in 0..5 {
        let link = world.tree().join(format!("a-link-with-a-rather-long-name-{nr}"));
        std::os::unix::fs::symlink("nowhere", link).unwrap();
    }
    let Some(sent) = sent(&world, "scan .", || {}) else { return };
    assert!(!sent.contains("\x1b[2K"), "{sent:?}");
    let seen = seen(&sent);
    assert!(seen.contains("github-pat-classic)  critical  high confidence\n"), "{seen}");
    // A path and a command are not broken, so that they can be copied.
    let whole = |line: &&str| !line.contains(deep);
    for line in seen.lines().filter(whole) {
        assert!(line.chars().count() <= 80, "{line:?}");
    }
    assert!(seen.contains(&format!("next: stanch why ./{deep}:1\n          stanch ")), "{seen}");
}
