//! `pre-commit` and `pre-push` with the real `git`.

mod support;

#[path = "support/hooks.rs"]
mod git;

use git::Git;
use support::{seeded, token};

fn committing(git: &Git) -> support::Run {
    git.git("work", &["commit", "-q", "-m", "second"])
}

#[test]
fn a_commit_with_a_secret_is_stopped_and_one_without_is_made_in_silence() {
    let git = Git::with_repo();
    git.install("work", &[]);
    git.write("work/app.env", format!("GITHUB_TOKEN={}\n", token()));
    git.ok("work", &["add", "."]);
    let run = committing(&git);
    assert_eq!(run.code, 1, "{}", run.err);
    for part in [
        "this commit is stopped: 1 secret",
        "app.env:1:14",
        "github-pat-classic",
        "git restore --staged -- app.env",
        "stanch detectors show github-pat-classic",
        "stanch:ignore",
        "STANCH_BYPASS='why' git commit",
    ] {
        assert!(run.err.contains(part), "{part}: {}", run.err);
    }
    assert!(!run.err.contains(&token()));
    git.write("work/app.env", "GITHUB_TOKEN=${GITHUB_TOKEN}\n");
    git.ok("work", &["add", "."]);
    let run = committing(&git);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
}

#[test]
fn what_is_not_staged_does_not_stop_a_commit() {
    let git = Git::with_repo();
    git.install("work", &["pre-commit"]);
    git.write("work/staged", "harmless\n");
    git.ok("work", &["add", "."]);
    git.write("work/staged", format!("t={}\n", token()));
    assert_eq!(committing(&git).code, 0);
    // `commit FILE` goes through an index of its own.
    let run = git.git("work", &["commit", "-q", "-m", "x", "staged"]);
    assert_eq!(run.code, 1, "{}", run.err);
}

#[test]
fn the_first_commit_of_all_is_scanned() {
    let git = Git::new();
    git.ok("", &["init", "-q", "work"]);
    git.install("work", &[]);
    git.write("work/a", format!("t={}\n", token()));
    git.ok("work", &["add", "."]);
    let run = committing(&git);
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(run.err.contains("git rm --cached -- a"), "{}", run.err);
    git.write("work/a", "clean\n");
    git.ok("work", &["add", "."]);
    assert_eq!(committing(&git).code, 0);
}

#[test]
fn a_bypass_needs_a_reason_and_leaves_a_line() {
    let mut git = Git::with_repo();
    git.install("work", &[]);
    git.write("work/a", format!("t={}\n", token()));
    git.ok("work", &["add", "."]);
    git.env = vec![("STANCH_BYPASS".into(), " ".into())];
    let run = committing(&git);
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(run.err.contains("a bypass needs a reason"), "{}", run.err);
    assert!(git.trail().is_empty());
    git.env = vec![("STANCH_BYPASS".into(), "made-up \"data\"".into())];
    let run = committing(&git);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.err.contains("passed with 1 secret"), "{}", run.err);
    let trail = git.trail();
    assert_eq!(trail.len(), 1);
    assert_eq!(trail[0]["event"], "bypass");
    assert_eq!(trail[0]["hook"], "pre-commit");
    assert_eq!(trail[0]["reason"], "made-up \"data\"");
    assert_eq!(trail[0]["findings"], 1);
    assert_eq!(trail[0]["who"], "tester");
    assert!(!trail[0].to_string().contains(&token()));
}

#[test]
fn a_policy_can_forbid_to_bypass() {
    let mut git = Git::with_repo();
    git.install("work", &[]);
    git.write("work/stanch.toml", "[hook]\nbypass = false\n");
    git.write("work/a", format!("t={}\n", token()));
    git.ok("work", &["add", "."]);
    git.env = vec![("STANCH_BYPASS".into(), "please".into())];
    let run = committing(&git);
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(run.err.contains("not allowed"), "{}", run.err);
    assert!(git.trail().is_empty());
}

#[test]
fn a_push_is_stopped_for_new_branches_tags_names_and_messages() {
    let git = Git::with_server();
    git.install("work", &[]);
    let push = |args: &[&str]| git.git("work", &[&["push", "-q"], args].concat());

    git.ok("work", &["switch", "-q", "-c", "feature"]);
    let bad = git.commit("a.env", &format!("t={}\n", token()));
    git.commit("b", "harmless\n");
    let run = push(&["origin", "feature"]);
    assert_eq!(run.code, 1, "{}", run.err);
    let rebase = format!("git rebase -i {}^", &bad[..12]);
    for part in ["this push is stopped", "a.env:1:3", &rebase, "revoke it first"] {
        assert!(run.err.contains(part), "{part}: {}", run.err);
    }
    // Taking it out in a later commit does not take it out of the push.
    git.commit("a.env", "t=\n");
    assert_eq!(push(&["origin", "feature"]).code, 1);
    git.ok("work", &["reset", "-q", "--hard", "origin/main"]);
    git.commit("a.env", "t=\n");
    let run = push(&["origin", "feature"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));

    let note = format!("release with {}", seeded("github-pat-classic", 2));
    git.ok("work", &["tag", "-a", "v1", "-m", &note]);
    let run = push(&["origin", "v1"]);
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(run.err.contains("git tag -d v1"), "{}", run.err);
    git.ok("work", &["tag", "-d", "v1"]);

    let name = format!("try-{}", seeded("github-pat-classic", 3));
    let run = push(&["origin", &format!("HEAD:refs/heads/{name}")]);
    assert_eq!(run.code, 1, "{}", run.err);

    git.write("work/c", "c\n");
    git.ok("work", &["add", "c"]);
    git.ok("work", &["commit", "-q", "-m", &note]);
    let run = push(&["origin", "feature"]);
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(run.err.contains("git commit --amend"), "{}", run.err);
}

#[test]
fn deletions_bring_nothing_and_a_forced_push_only_what_is_new() {
    let git = Git::with_server();
    // The server has a secret already; it is not this push that brings it.
    git.commit("old.env", &format!("t={}\n", token()));
    git.ok("work", &["push", "-q", "--no-verify", "origin", "main", "main:gone"]);
    git.install("work", &[]);
    let run = git.git("work", &["push", "-q", "origin", ":gone"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));

    git.ok("work", &["commit", "-q", "--amend", "--no-verify", "-m", "other words"]);
    let run = git.git("work", &["push", "-q", "--force", "origin", "main"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));

    git.commit("new.env", &format!("t={}\n", seeded("github-pat-classic", 5)));
    git.ok("work", &["branch", "second", "HEAD~1"]);
    let run = git.git("work", &["push", "-q", "--force", "origin", "second", "main"]);
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(run.err.contains("1 secret.") && run.err.contains("new.env"), "{}", run.err);
}

#[test]
fn a_first_push_scans_everything_and_says_so() {
    let git = Git::with_repo();
    git.commit("a.env", &format!("t={}\n", token()));
    git.commit("a.env", "t=\n");
    git.ok("", &["init", "-q", "--bare", "server.git"]);
    git.ok("work", &["remote", "add", "origin", "../server.git"]);
    git.install("work", &[]);
    let run = git.git("work", &["push", "-q", "origin", "main"]);
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(run.err.contains("nothing is known of what origin has"), "{}", run.err);
    assert!(run.err.contains("all 3 commits"), "{}", run.err);
}

#[test]
fn the_frameworks_variables_stand_for_what_git_says() {
    let mut git = Git::with_server();
    let head = git.commit("a.env", &format!("t={}\n", token()));
    git.env = vec![
        ("PRE_COMMIT_REMOTE_BRANCH".into(), "refs/heads/main".into()),
        ("PRE_COMMIT_REMOTE_NAME".into(), "origin".into()),
        ("PRE_COMMIT_TO_REF".into(), head),
    ];
    let run = git.stanch("work", &["hook", "run", "pre-push"]);
    assert_eq!(run.code, 1, "{}", run.err);
}

#[test]
fn somebody_elses_repository_is_not_passed_over() {
    let git = Git::with_repo();
    if git.git("work", &["config", "user.x", "y"]).code != 0 {
        return;
    }
    #[cfg(unix)]
    {
        let owned = std::os::unix::fs::chown(git.path("work/.git"), Some(4242), Some(4242))
            .and_then(|()| std::os::unix::fs::chown(git.path("work"), Some(4242), Some(4242)));
        if owned.is_err() {
            return; // Only root may give files away.
        }
        let run = git.stanch("work", &["hook", "run", "pre-commit"]);
        assert_eq!(run.code, 2, "{}", run.err);
        assert!(run.err.contains("belongs to somebody else"), "{}", run.err);
        assert!(run.err.contains("git config --global --add safe.directory"), "{}", run.err);
        let run = git.stanch("work", &["hook", "doctor"]);
        assert_eq!(run.code, 2, "{}", run.out);
        assert!(run.out.contains("dubious ownership"), "{}", run.out);
        git.ok("home", &["config", "--global", "--add", "safe.directory", "*"]);
        let run = git.stanch("work", &["hook", "run", "pre-commit"]);
        assert_eq!(run.code, 0, "{}", run.err);
    }
}

#[test]
fn missing_objects_and_a_broken_index_stop_a_hook() {
    let git = Git::with_server();
    let head = git.commit("a", "text that is new\n");
    let blob = git.ok("work", &["rev-parse", "HEAD:a"]).trim().to_owned();
    let file = format!("work/.git/objects/{}/{}", &blob[..2], &blob[2..]);
    std::fs::remove_file(git.path(&file)).unwrap();
    let line = format!("refs/heads/main {head} refs/heads/main {}\n", "0".repeat(40));
    let run = git.stanch_with("work", &["hook", "run", "pre-push", "origin", "url"], &line);
    assert_eq!(run.code, 2, "{}", run.err);
    assert!(run.err.contains("not scanned"), "{}", run.err);
    let gone = format!("refs/heads/x {} refs/heads/x {}\n", "12".repeat(20), "0".repeat(40));
    let run = git.stanch_with("work", &["hook", "run", "pre-push", "origin", "url"], &gone);
    assert_eq!(run.code, 2, "{}", run.err);
    let run = git.stanch_with("work", &["hook", "run", "pre-push", "origin", "url"], "nonsense\n");
    assert_eq!(run.code, 2, "{}", run.err);
    git.write("work/.git/index", "broken");
    let run = git.stanch("work", &["hook", "run", "pre-commit"]);
    assert_eq!(run.code, 2, "{}", run.err);
}

#[test]
fn outside_of_a_repository_and_with_a_broken_configuration_hooks_fail() {
    let git = Git::with_repo();
    let run = git.stanch("home", &["hook", "run", "pre-commit"]);
    assert_eq!(run.code, 2, "{}", run.err);
    git.write("work/stanch.toml", "nonsense = 1\n");
    let run = git.stanch("work", &["hook", "run", "pre-commit"]);
    assert_eq!(run.code, 2, "{}", run.err);
    assert!(run.err.contains("stanch.toml:1:1"), "{}", run.err);
}

#[test]
fn two_hooks_at_once_do_not_disturb_each_other() {
    let mut git = Git::with_repo();
    git.write("work/a", format!("t={}\n", token()));
    git.ok("work", &["add", "."]);
    git.env = vec![("STANCH_BYPASS".into(), "at once".into())];
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let run = || git.stanch("work", &["hook", "run", "pre-commit"]);
            scope.spawn(move || assert_eq!(run().code, 0));
        }
    });
    assert_eq!(git.trail().len(), 4);
}

#[test]
fn linked_work_trees_and_folders_below_are_scanned() {
    let git = Git::with_repo();
    git.install("work", &[]);
    git.ok("work", &["worktree", "add", "-q", "../linked"]);
    git.write("linked/below/a", format!("t={}\n", token()));
    git.ok("linked", &["add", "."]);
    let run = git.git("linked/below", &["commit", "-q", "-m", "x"]);
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(run.err.contains("below/a:1:3"), "{}", run.err);
}

#[test]
fn configuration_comments_and_baselines_hold_in_hooks_too() {
    let git = Git::with_repo();
    git.install("work", &[]);
    let policy = "[[exclude]]\npaths = [\"fixtures/made-up/\"]\nreason = \"x\"\n\n[[ignore]]\n\
                  detector = \"github-pat-classic\"\npaths = [\"/docs/*.md\"]\nreason = \"y\"\n";
    git.write("work/stanch.toml", policy);
    let line = |seed| format!("t={}\n", seeded("github-pat-classic", seed));
    git.write("work/fixtures/made-up/a", line(1));
    git.write("work/docs/a.md", line(2));
    git.write("work/b", line(3).replace('\n', " # stanch:ignore\n"));
    git.ok("work", &["add", "."]);
    let run = committing(&git);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    git.write("work/below/docs/a.md", line(4));
    git.ok("work", &["add", "."]);
    assert_eq!(committing(&git).code, 1);
}
