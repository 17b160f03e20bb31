//! `stanch hook install`, `uninstall`, `status` and `doctor`.

mod support;

#[path = "support/hooks.rs"]
mod git;

use git::Git;
use support::token;

/// What `status` says of a hook.
#[expect(clippy::unwrap_used, reason = "only tests call this")]
fn state(git: &Git, folder: &str, hook: &str) -> String {
    let run = git.stanch(folder, &["hook", "status", "--format", "json"]);
    let states: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    let found = states.as_array().unwrap().iter().find(|s| s["hook"] == hook).unwrap();
    found["state"].as_str().unwrap().to_owned()
}

/// Whether a commit with a secret is stopped.
fn stops(git: &Git, folder: &str) -> bool {
    git.write(&format!("{folder}/a.env"), format!("t={}\n", token()));
    git.ok(folder, &["add", "a.env"]);
    let run = git.git(folder, &["commit", "-q", "-m", "x"]);
    if run.code == 0 {
        git.ok(folder, &["reset", "-q", "--hard", "HEAD~1"]);
    }
    run.err.contains("this commit is stopped")
}

#[test]
fn installing_twice_is_installing_once_and_uninstalling_leaves_nothing() {
    let git = Git::with_repo();
    assert_eq!(state(&git, "work", "pre-commit"), "absent");
    git.install("work", &[]);
    let first = git.read("work/.git/hooks/pre-commit");
    git.install("work", &[]);
    assert_eq!(git.read("work/.git/hooks/pre-commit"), first);
    assert_eq!(state(&git, "work", "pre-commit"), "installed");
    assert!(stops(&git, "work"));
    let run = git.stanch("work", &["hook", "uninstall"]);
    assert_eq!(run.code, 0, "{}", run.out);
    assert!(!git.exists("work/.git/hooks/pre-commit"));
    assert!(!stops(&git, "work"));
    assert_eq!(git.stanch("work", &["hook", "uninstall", "pre-commit"]).code, 2);
}

#[test]
fn a_hook_that_was_there_runs_first_can_still_fail_and_comes_back() {
    let git = Git::with_server();
    let old = "#!/bin/sh\necho ran >> ../ran\n[ ! -e fail ]\n";
    git.script("work/.git/hooks/pre-commit", old);
    let reads = "#!/bin/sh\ncat > ../said\necho \"$1\" >> ../said\n";
    git.script("work/.git/hooks/pre-push", reads);
    git.install("work", &[]);
    assert!(stops(&git, "work"));
    assert!(git.exists("ran"));
    git.write("work/a.env", "clean\n");
    git.write("work/fail", "");
    git.ok("work", &["add", "a.env"]);
    assert_ne!(git.git("work", &["commit", "-q", "-m", "x"]).code, 0);
    std::fs::remove_file(git.path("work/fail")).unwrap();
    git.ok("work", &["commit", "-q", "-m", "x"]);
    git.ok("work", &["push", "-q", "origin", "main"]);
    let said = git.read("said");
    assert!(said.starts_with("refs/heads/main ") && said.ends_with("\norigin\n"), "{said:?}");
    git.commit("b.env", &format!("t={}\n", token()));
    assert_eq!(git.git("work", &["push", "-q", "origin", "main"]).code, 1);
    git.stanch("work", &["hook", "uninstall"]);
    assert_eq!(git.read("work/.git/hooks/pre-commit"), old);
    assert_eq!(git.read("work/.git/hooks/pre-push"), reads);
    assert!(!git.exists("work/.git/hooks/pre-commit.before-stanch"));
}

#[test]
fn a_folder_that_was_made_goes_with_the_last_hook() {
    let git = Git::new();
    git.ok("", &["init", "-q", "--template=", "work"]);
    assert!(!git.exists("work/.git/hooks"));
    git.install("work", &["pre-commit"]);
    git.stanch("work", &["hook", "uninstall"]);
    assert!(!git.exists("work/.git/hooks"));
}

#[test]
fn when_another_tool_took_the_place_nothing_is_lost() {
    let git = Git::with_repo();
    git.script("work/.git/hooks/pre-commit", "#!/bin/sh\n# one\n");
    git.install("work", &["pre-commit"]);
    git.script("work/.git/hooks/pre-commit", "#!/bin/sh\n# two\n");
    assert_eq!(state(&git, "work", "pre-commit"), "foreign");
    let run = git.stanch("work", &["hook", "install", "pre-commit"]);
    assert_eq!(run.code, 2, "{}", run.out);
    assert!(run.err.contains("another tool has replaced"), "{}", run.err);
    assert!(git.read("work/.git/hooks/pre-commit").contains("two"));
}

#[test]
fn without_the_program_a_hook_fails_unless_a_reason_is_given() {
    let mut git = Git::with_repo();
    git.install("work", &[]);
    let hook = git.read("work/.git/hooks/pre-commit");
    let gone = hook.replace(env!("CARGO_BIN_EXE_stanch"), "/nowhere/stanch");
    assert_ne!(hook, gone);
    git.script("work/.git/hooks/pre-commit", &gone);
    let run = git.git("work", &["commit", "-q", "--allow-empty", "-m", "x"]);
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(run.err.contains("the program is gone"), "{}", run.err);
    git.env = vec![("STANCH_BYPASS".into(), "a \"new\"\nmachine".into())];
    git.ok("work", &["commit", "-q", "--allow-empty", "-m", "x"]);
    let trail = git.trail();
    assert_eq!(trail[0]["reason"], "a \"new\"machine");
    assert_eq!(trail[0]["event"], "bypass");
}

#[test]
fn a_hooks_path_of_the_repository_is_used() {
    let git = Git::with_repo();
    std::fs::create_dir(git.path("work/my hooks")).unwrap();
    git.ok("work", &["config", "core.hooksPath", "my hooks"]);
    git.install("work", &[]);
    assert!(git.exists("work/my hooks/pre-commit"));
    assert!(stops(&git, "work"));
    git.stanch("work", &["hook", "uninstall"]);
    assert!(!git.exists("work/my hooks/pre-commit"));
}

#[test]
fn a_hooks_path_that_shadows_is_told_and_not_written_to() {
    let git = Git::with_repo();
    git.install("work", &[]);
    std::fs::create_dir(git.path("shared")).unwrap();
    let shared = git.path("shared");
    git.ok("work", &["config", "--global", "core.hooksPath", shared.to_str().unwrap()]);
    assert_eq!(state(&git, "work", "pre-commit"), "shadowed");
    let run = git.stanch("work", &["hook", "install"]);
    assert_eq!(run.code, 2, "{}", run.out);
    assert!(run.err.contains("core.hooksPath"), "{}", run.err);
    assert!(!git.exists("shared/pre-commit"));
    assert_eq!(git.stanch("work", &["hook", "doctor"]).code, 2);
    // For all repositories that folder is the place.
    git.install("work", &["--global"]);
    assert!(git.exists("shared/pre-commit"));
    assert!(stops(&git, "work"));
    git.stanch("work", &["hook", "uninstall", "--global"]);
    assert!(!git.exists("shared/pre-commit"));
}

#[test]
fn global_hooks_reach_every_repository_and_run_its_own_hooks_too() {
    let git = Git::with_repo();
    git.install("work", &["--global"]);
    assert!(stops(&git, "work"));
    git.script("work/.git/hooks/pre-commit", "#!/bin/sh\necho ran >> ../ran\n");
    git.script("work/.git/hooks/commit-msg", "#!/bin/sh\necho \"$1\" >> ../message\n");
    assert!(stops(&git, "work"));
    assert!(git.exists("ran"));
    git.write("work/a.env", "clean\n");
    git.ok("work", &["add", "."]);
    git.ok("work", &["commit", "-q", "-m", "x"]);
    assert!(git.read("message").contains("COMMIT_EDITMSG"));
    // In a linked work tree too.
    git.ok("work", &["worktree", "add", "-q", "../linked"]);
    std::fs::remove_file(git.path("ran")).unwrap();
    assert!(stops(&git, "linked"));
    assert!(git.exists("ran"));
    // One scan is enough where the repository has our hook as well.
    git.install("work", &[]);
    assert_eq!(state(&git, "work", "pre-commit"), "installed");
    assert!(stops(&git, "work"));
    let run = git.stanch("work", &["hook", "doctor"]);
    assert_eq!(run.code, 0, "{}", run.out);
    git.stanch("work", &["hook", "uninstall"]);
    git.stanch("work", &["hook", "uninstall", "--global"]);
    assert_eq!(git.git("work", &["config", "--global", "core.hooksPath"]).code, 1);
    assert!(!stops(&git, "work"));
}

#[test]
fn husky_gets_a_line_and_keeps_its_hooks() {
    let git = Git::with_repo();
    git.ok("work", &["config", "core.hooksPath", ".husky/_"]);
    git.script("work/.husky/_/pre-commit", "#!/bin/sh\nexec sh -e .husky/pre-commit \"$@\"\n");
    git.write("work/.husky/pre-commit", "echo checks >> ../checks");
    let run = git.stanch("work", &["hook", "install", "pre-commit"]);
    assert_eq!(run.code, 2);
    assert!(run.out.contains("    stanch hook run pre-commit\n"), "{}", run.out);
    git.install("work", &["--write", "pre-commit"]);
    let text = git.read("work/.husky/pre-commit");
    assert_eq!(text, "echo checks >> ../checks\nstanch hook run pre-commit\n");
    git.install("work", &["--write", "pre-commit"]);
    assert_eq!(git.read("work/.husky/pre-commit"), text);
    assert_eq!(state(&git, "work", "pre-commit"), "managed");
}

#[test]
fn lefthook_and_the_framework_get_their_lines() {
    let git = Git::with_repo();
    git.write("work/lefthook.yml", "pre-commit:\n  commands:\n    lint:\n      run: lint\n");
    git.script("work/.git/hooks/pre-commit", "#!/bin/sh\n# lefthook\n");
    let run = git.stanch("work", &["hook", "install"]);
    assert_eq!(run.code, 2);
    assert!(run.out.contains("      run: stanch hook run pre-push {1} {2}\n"), "{}", run.out);
    assert!(run.out.contains("      use_stdin: true\n"), "{}", run.out);
    git.install("work", &["--write"]);
    assert_eq!(
        git.read("work/lefthook.yml"),
        "pre-commit:\n  commands:\n    stanch:\n      run: stanch hook run pre-commit\n    lint:\n      \
         run: lint\npre-push:\n  commands:\n    stanch:\n      run: stanch hook run pre-push {1} {2}\n      \
         use_stdin: true\n"
    );
    assert_eq!(git.read("work/.git/hooks/pre-commit"), "#!/bin/sh\n# lefthook\n");
    assert_eq!(state(&git, "work", "pre-commit"), "managed");
    std::fs::remove_file(git.path("work/lefthook.yml")).unwrap();

    git.write("work/.pre-commit-config.yaml", "repos:\n- repo: meta\n  hooks: []\n");
    git.install("work", &["--write", "pre-commit"]);
    let text = git.read("work/.pre-commit-config.yaml");
    assert!(text.starts_with("repos:\n- repo: local\n  hooks:\n    - id: stanch\n"), "{text}");
    assert!(text.ends_with("- repo: meta\n  hooks: []\n"), "{text}");
    let out = git.install("work", &["--anyway", "pre-commit"]);
    assert!(out.contains("runs first"), "{out}");
}

#[test]
fn servers_that_start_a_folder_of_hooks_get_a_file_there() {
    let git = Git::new();
    git.ok("", &["init", "-q", "--bare", "gitea.git"]);
    std::fs::create_dir(git.path("gitea.git/hooks/pre-receive.d")).unwrap();
    git.install("gitea.git", &[]);
    assert!(git.exists("gitea.git/hooks/pre-receive.d/stanch"));
    assert_eq!(state(&git, "gitea.git", "pre-receive"), "installed");
    git.ok("", &["init", "-q", "--bare", "gitlab.git"]);
    std::fs::create_dir(git.path("gitlab.git/custom_hooks")).unwrap();
    git.install("gitlab.git", &[]);
    assert!(git.exists("gitlab.git/custom_hooks/pre-receive"));
    git.stanch("gitlab.git", &["hook", "uninstall"]);
    git.stanch("gitea.git", &["hook", "uninstall"]);
    assert!(!git.exists("gitlab.git/custom_hooks/pre-receive"));
    assert!(!git.exists("gitea.git/hooks/pre-receive.d/stanch"));
}

#[test]
fn the_doctor_starts_the_hooks_and_names_what_does_not_run() {
    let git = Git::with_repo();
    let run = git.stanch("work", &["hook", "doctor"]);
    assert_eq!(run.code, 2);
    assert!(run.out.contains("next: stanch hook install pre-commit"), "{}", run.out);
    git.install("work", &[]);
    let run = git.stanch("work", &["hook", "doctor"]);
    assert_eq!(run.code, 0, "{}", run.out);
    assert!(run.out.contains("pre-commit: it fires"), "{}", run.out);
    git.write("work/.git/hooks/x", "");
    let hook = git.path("work/.git/hooks/pre-commit");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o644)).unwrap();
        let run = git.stanch("work", &["hook", "doctor"]);
        assert_eq!(run.code, 2);
        assert!(run.out.contains("chmod +x"), "{}", run.out);
    }
    // Asking is no way past a hook.
    git.install("work", &[]);
    let mut asked = Git::with_repo();
    asked.install("work", &[]);
    asked.env = vec![("STANCH_HOOK_PROBE".into(), "1".into())];
    assert_ne!(asked.git("work", &["commit", "-q", "--allow-empty", "-m", "x"]).code, 0);
}

#[test]
fn submodules_have_hooks_of_their_own() {
    let git = Git::with_repo();
    git.ok("", &["init", "-q", "-b", "main", "top"]);
    git.ok(
        "top",
        &["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "../work", "sub"],
    );
    git.install("top/sub", &["pre-commit"]);
    assert!(git.exists("top/.git/modules/sub/hooks/pre-commit"));
    assert!(stops(&git, "top/sub"));
}
