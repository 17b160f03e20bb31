//! `pre-receive` with a real `git push`.

mod support;

#[path = "support/hooks.rs"]
mod git;

use git::Git;
use support::{seeded, token};

fn server() -> Git {
    let git = Git::with_server();
    git.install("server.git", &[]);
    git
}

fn push(git: &Git, args: &[&str]) -> support::Run {
    git.git("work", &[&["push", "-q", "origin"], args].concat())
}

#[test]
fn a_push_is_refused_for_a_secret_and_accepted_without_it() {
    let git = server();
    let bad = git.commit("app.env", &format!("t={}\n", token()));
    let run = push(&git, &["main"]);
    assert_ne!(run.code, 0);
    for part in ["this push is refused: 1 secret", "app.env:1:3", "git commit --amend", &bad[..12]]
    {
        assert!(run.err.contains(part), "{part}: {}", run.err);
    }
    assert!(!run.err.contains(&token()) && !run.err.contains('\u{1b}'), "{}", run.err);
    let ours = run.err.lines().filter_map(|line| line.strip_prefix("remote: "));
    assert!(ours.clone().count() > 5, "{}", run.err);
    assert!(ours.into_iter().all(|l| l.trim_end().chars().count() < 72), "{}", run.err);
    // In a later commit it is still in the push.
    git.commit("app.env", "t=\n");
    assert_ne!(push(&git, &["main"]).code, 0);
    git.ok("work", &["reset", "-q", "--hard", "origin/main"]);
    git.commit("app.env", "t=\n");
    let run = push(&git, &["main"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert_eq!(git.ok("server.git", &["fsck"]), "");
}

#[test]
fn objects_in_a_quarantined_pack_are_seen_and_nothing_is_left_behind() {
    let git = server();
    git.ok("server.git", &["config", "receive.unpackLimit", "1"]);
    git.commit("app.env", &format!("t={}\n", token()));
    assert_ne!(push(&git, &["main"]).code, 0);
    git.ok("work", &["reset", "-q", "--hard", "origin/main"]);
    git.commit("ok", "fine\n");
    assert_eq!(push(&git, &["main"]).code, 0);
    let names = std::fs::read_dir(git.path("server.git/objects")).unwrap();
    let names: Vec<_> = names.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    assert!(!names.iter().any(|n| n.contains("tmp") || n.contains("stanch")), "{names:?}");
    assert!(!git.exists("server.git/objects/info/alternates"));
}

#[test]
fn a_server_that_borrows_objects_by_a_relative_path_is_read() {
    let git = server();
    git.ok("", &["clone", "-q", "--bare", "server.git", "pool.git"]);
    git.write("server.git/objects/info/alternates", "../../pool.git/objects\n");
    git.ok("server.git", &["repack", "-q", "-a", "-d", "-l"]);
    git.commit("ok", "fine\n");
    let run = push(&git, &["main"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    git.commit("app.env", &format!("t={}\n", token()));
    assert_ne!(push(&git, &["main"]).code, 0);
}

#[test]
fn names_tags_and_several_references_are_looked_at_and_deletions_pass() {
    let git = server();
    let name = format!("HEAD:refs/heads/x-{}", token());
    assert_ne!(push(&git, &[&name]).code, 0);
    let note = format!("with {}", seeded("github-pat-classic", 2));
    git.ok("work", &["tag", "-a", "v1", "-m", &note]);
    let run = push(&git, &["v1"]);
    assert_ne!(run.code, 0);
    assert!(run.err.contains("git tag -d v1"), "{}", run.err);
    git.commit("ok", "fine\n");
    assert_ne!(push(&git, &["main", "v1"]).code, 0);
    assert_eq!(push(&git, &["main", "main:other"]).code, 0);
    let run = push(&git, &[":other"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
}

#[test]
fn a_replacement_that_was_pushed_hides_nothing() {
    let git = server();
    git.write("work/clean", "clean\n");
    let clean = git.ok("work", &["hash-object", "-w", "clean"]).trim().to_owned();
    git.commit("app.env", &format!("t={}\n", token()));
    let bad = git.ok("work", &["rev-parse", "HEAD:app.env"]).trim().to_owned();
    let run = push(&git, &[&format!("{clean}:refs/replace/{bad}")]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert_ne!(push(&git, &["main"]).code, 0);
}

#[test]
fn the_pushed_tree_configures_nothing() {
    let git = server();
    git.write(
        "work/stanch.toml",
        "[hook]\nbypass = true\n\n[[exclude]]\npaths = [\"*\"]\nreason = \"x\"\n",
    );
    git.ok("work", &["add", "."]);
    git.ok("server.git", &["config", "receive.advertisePushOptions", "true"]);
    git.commit("app.env", &format!("t={}\n", token()));
    let run = push(&git, &["main"]);
    assert_ne!(run.code, 0, "{}", run.err);
    let run = push(&git, &["-o", "stanch.bypass=trust me", "main"]);
    assert_ne!(run.code, 0, "{}", run.err);
    assert!(run.err.contains("allows no bypass"), "{}", run.err);
    assert!(git.server_trail().is_empty());
}

#[test]
fn the_servers_configuration_excludes_paths_and_grants_a_bypass_with_a_trace() {
    let git = server();
    let config = git.write(
        "etc/stanch.toml",
        "[hook]\nbypass = true\n\n[[exclude]]\npaths = [\"fixtures/made-up/\"]\nreason = \"x\"\n",
    );
    git.ok("server.git", &["config", "stanch.config", config.to_str().unwrap()]);
    git.ok("server.git", &["config", "receive.advertisePushOptions", "true"]);
    git.commit("fixtures/made-up/a", &format!("t={}\n", token()));
    let run = push(&git, &["main"]);
    assert_eq!(run.code, 0, "{}", run.err);
    git.commit("app.env", &format!("t={}\n", seeded("github-pat-classic", 2)));
    let run = push(&git, &["main"]);
    assert!(run.err.contains("git push -o stanch.bypass='why'"), "{}", run.err);
    let run = push(&git, &["-o", "stanch.bypass=", "main"]);
    assert_ne!(run.code, 0, "{}", run.err);
    assert!(run.err.contains("a bypass needs a reason"), "{}", run.err);
    let run = push(&git, &["-o", "ci.skip", "-o", "stanch.bypass=revoked", "main"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let trail = git.server_trail();
    assert_eq!(trail.len(), 1);
    assert_eq!(trail[0]["reason"], "revoked");
    assert_eq!(trail[0]["refs"][0], "refs/heads/main");
    assert_eq!(trail[0]["findings"], 1);
}

#[test]
fn when_the_time_is_over_the_policy_decides_and_it_is_told() {
    let git = server();
    let config = |text: &str| {
        let path = git.write("etc/stanch.toml", text);
        git.ok("server.git", &["config", "stanch.config", path.to_str().unwrap()]);
    };
    git.commit("ok", "fine\n");
    config("[hook]\nbudget = 0.0\n");
    let run = push(&git, &["main"]);
    assert_ne!(run.code, 0);
    assert!(run.err.contains("could not be scanned in 0 s"), "{}", run.err);
    config("[hook]\nbudget = 0.0\non_timeout = \"accept\"\n");
    let run = push(&git, &["main"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.err.contains("NOT wholly scanned"), "{}", run.err);
    let events: Vec<_> = git.server_trail().iter().map(|l| l["event"].clone()).collect();
    assert_eq!(events, ["timeout-rejected", "timeout-accepted"]);
    assert!(!git.exists("server.git/objects/info/alternates"));
}

#[test]
fn a_broken_configuration_refuses_every_push() {
    let git = server();
    git.ok("server.git", &["config", "stanch.config", "/nowhere/stanch.toml"]);
    git.commit("ok", "fine\n");
    let run = push(&git, &["main"]);
    assert_ne!(run.code, 0);
    assert!(run.err.contains("this push is refused"), "{}", run.err);
    assert!(run.err.contains("/nowhere/stanch.toml"), "{}", run.err);
}

#[test]
fn two_pushes_at_once_are_both_judged() {
    let git = server();
    git.ok("", &["clone", "-q", "server.git", "other"]);
    git.commit("app.env", &format!("t={}\n", token()));
    git.write("other/fine", "fine\n");
    git.ok("other", &["add", "."]);
    git.ok("other", &["commit", "-q", "-m", "fine"]);
    std::thread::scope(|scope| {
        let bad = scope.spawn(|| push(&git, &["main:bad"]).code);
        let good = scope.spawn(|| git.git("other", &["push", "-q", "origin", "HEAD:good"]).code);
        assert_ne!(bad.join().unwrap(), 0);
        assert_eq!(good.join().unwrap(), 0);
    });
}
