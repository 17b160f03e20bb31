//! `stanch ci`: which commits are looked at for what a build server says, and
//! what it is told.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "only tests are here")]

mod clones;
mod support;

use std::path::Path;
use std::process::{Command, Stdio};

use clones::{Depth, Upstream, git};
use support::{Run, seeded, token};

const ZERO: &str = "0000000000000000000000000000000000000000";
const GONE: &str = "1234567890123456789012345678901234567890";

fn upstream() -> Upstream {
    let old = format!("GITHUB_TOKEN={}\n", seeded("github-pat-classic", 7));
    Upstream::new(&old, &format!("GITHUB_TOKEN={}\n", token()))
}

/// Runs `stanch ci` in a clone with the variables of a server.
fn ci(up: &Upstream, clone: &Path, vars: &[(&str, &str)], args: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stanch"));
    command
        .arg("ci")
        .args(args)
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("HOME", up.folder("home"))
        .envs(vars.iter().copied())
        .current_dir(clone)
        .stdin(Stdio::null());
    Run::from(command.output().unwrap())
}

/// The variables of a push on GitLab, which are all there is to it.
fn push<'v>(branch: &'v str, before: &'v str, after: &'v str) -> [(&'v str, &'v str); 6] {
    [
        ("GITLAB_CI", "true"),
        ("CI_PIPELINE_SOURCE", "push"),
        ("CI_DEFAULT_BRANCH", "main"),
        ("CI_COMMIT_BRANCH", branch),
        ("CI_COMMIT_BEFORE_SHA", before),
        ("CI_COMMIT_SHA", after),
    ]
}

/// The commits that a dry run names.
fn planned(run: &Run, name: &str) -> Vec<String> {
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let marked = format!("    {name} ");
    run.out.lines().filter_map(|l| l.strip_prefix(&marked)).map(str::to_owned).collect()
}

#[test]
fn a_push_is_what_came_after_the_last_one() {
    let up = upstream();
    let clone = up.clone("refs/heads/topic", Depth::Full);
    let run = ci(&up, &clone, &push("topic", &up.main, &up.topic), &["--dry-run"]);
    assert_eq!(planned(&run, "from"), [up.topic.as_str()]);
    assert_eq!(planned(&run, "without"), [up.main.as_str()]);
    let head = "Stanch on GitLab CI/CD, push: 2 commits, what came after ";
    assert!(run.out.starts_with(head), "{}", run.out);
}

#[test]
fn a_secret_that_a_later_commit_of_the_push_removes_is_found() {
    let up = upstream();
    up.git(&["checkout", "--quiet", "topic"]);
    let last = up.commit("src/app.env", "GITHUB_TOKEN=from the environment\n");
    let clone = up.clone("refs/heads/topic", Depth::Full);
    let run = ci(&up, &clone, &push("topic", &up.main, &last), &[]);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    assert!(run.out.contains("src/app.env:1:14"), "{}", run.out);
}

#[test]
fn the_first_push_of_a_branch_is_what_is_not_on_the_main_branch() {
    let up = upstream();
    let clone = up.clone("refs/heads/topic", Depth::Full);
    let run = ci(&up, &clone, &push("topic", ZERO, &up.topic), &["--dry-run"]);
    assert_eq!(planned(&run, "without"), [up.main.as_str()]);
    // The main branch's own first push has nothing before it.
    let clone = up.clone("refs/heads/main", Depth::Full);
    let run = ci(&up, &clone, &push("main", ZERO, &up.main), &["--dry-run"]);
    assert!(planned(&run, "without").is_empty());
    assert!(run.out.contains("2 commits, everything up to this commit"), "{}", run.out);
}

#[test]
fn after_a_forced_push_it_is_what_no_other_branch_has() {
    let up = upstream();
    let clone = up.clone("refs/heads/topic", Depth::Full);
    let run = ci(&up, &clone, &push("topic", GONE, &up.topic), &["--dry-run"]);
    assert_eq!(planned(&run, "without"), [up.main.as_str()]);
    assert!(run.out.contains("after a forced push"), "{}", run.out);
    // What was there before may still be there, without being an ancestor.
    up.git(&["checkout", "--quiet", "-b", "rewritten", &up.first]);
    let other = up.commit("new.txt", "new\n");
    let clone = up.clone("refs/heads/rewritten", Depth::Full);
    let run = ci(&up, &clone, &push("rewritten", &up.topic, &other), &["--dry-run"]);
    assert_eq!(planned(&run, "without"), [up.topic.as_str()]);
    assert!(run.out.contains(": 1 commit,"), "{}", run.out);
}

#[test]
fn a_tag_is_what_no_branch_has_and_a_schedule_is_everything() {
    let up = upstream();
    up.git(&["checkout", "--quiet", "--detach", "main"]);
    let tagged = up.commit("release.txt", "1.0\n");
    up.git(&["tag", "v1"]);
    let clone = up.clone("refs/tags/v1", Depth::Full);
    let vars = |name: &'static str, value: &'static str| {
        [("GITLAB_CI", "true"), (name, value), ("CI_COMMIT_SHA", tagged.as_str())]
    };
    let run = ci(&up, &clone, &vars("CI_COMMIT_TAG", "v1"), &["--dry-run"]);
    assert!(run.out.contains("tag: 1 commit, what is on no branch"), "{}", run.out);
    let run = ci(&up, &clone, &vars("CI_PIPELINE_SOURCE", "schedule"), &["--dry-run"]);
    assert!(run.out.contains("schedule: 3 commits, everything up to this"), "{}", run.out);
}

#[test]
fn the_message_of_a_tag_is_looked_at() {
    let up = Upstream::new("nothing\n", "nothing\n");
    up.git(&["tag", "-a", "-m", &format!("GITHUB_TOKEN={}", token()), "v1"]);
    let clone = up.clone("refs/tags/v1", Depth::Full);
    let vars = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_EVENT_NAME", "push"),
        ("GITHUB_REF", "refs/tags/v1"),
        ("GITHUB_SHA", up.main.as_str()),
    ];
    let run = ci(&up, &clone, &vars, &[]);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    // It is no file, so the annotation names none.
    assert!(run.out.contains("\n::error title=GitHub personal"), "{}", run.out);
}

#[test]
fn a_merge_queue_is_what_it_adds_to_its_base() {
    let up = upstream();
    let clone = up.clone("refs/pull/7/merge", Depth::Full);
    let event = up.folder("files").join("event.json");
    let told = format!(
        r#"{{"merge_group": {{"base_sha": "{}", "base_ref": "refs/heads/main"}}}}"#,
        up.main
    );
    std::fs::write(&event, told).unwrap();
    let vars = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_EVENT_NAME", "merge_group"),
        ("GITHUB_EVENT_PATH", event.to_str().unwrap()),
        ("GITHUB_SHA", up.merge.as_str()),
    ];
    let run = ci(&up, &clone, &vars, &["--dry-run"]);
    assert_eq!(planned(&run, "without"), [up.main.as_str()]);
    assert!(run.out.contains("merge queue: 3 commits, what is not on main"), "{}", run.out);
}

#[test]
fn the_first_parent_of_an_authors_own_merge_hides_nothing() {
    let up = upstream();
    // A merge whose first parent is the change itself.
    up.git(&["checkout", "--quiet", "-b", "aside", &up.first]);
    up.commit("aside.txt", "aside\n");
    up.git(&["checkout", "--quiet", "topic"]);
    up.git(&["merge", "--quiet", "--no-ff", "-m", "Mine", "aside"]);
    let mine = up.git(&["rev-parse", "HEAD"]);
    let clone = up.clone("refs/heads/topic", Depth::Full);
    let event = up.folder("files").join("event.json");
    let told = format!(
        r#"{{"pull_request": {{"base": {{"sha": "{}"}}, "head": {{"sha": "{mine}"}}}}}}"#,
        up.main
    );
    std::fs::write(&event, told).unwrap();
    let vars = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_EVENT_NAME", "pull_request"),
        ("GITHUB_EVENT_PATH", event.to_str().unwrap()),
        ("GITHUB_REF", "refs/pull/7/merge"),
        ("GITHUB_BASE_REF", "main"),
        // The host's merge is not what the workflow has checked out.
        ("GITHUB_SHA", GONE),
    ];
    let run = ci(&up, &clone, &vars, &[]);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    assert!(run.out.contains("src/app.env:1:14"), "{}", run.out);
}

#[test]
fn a_local_branch_that_holds_the_change_is_no_target() {
    let up = upstream();
    let clone = up.clone("refs/heads/topic", Depth::Full);
    // What Drone does, with a remote branch that was never fetched.
    git(&clone, &["update-ref", "-d", "refs/remotes/origin/main"]);
    git(&clone, &["checkout", "--quiet", "-B", "main"]);
    let vars = [
        ("DRONE", "true"),
        ("DRONE_BUILD_EVENT", "pull_request"),
        ("DRONE_TARGET_BRANCH", "main"),
        ("DRONE_COMMIT_SHA", up.topic.as_str()),
    ];
    let run = ci(&up, &clone, &vars, &[]);
    assert_eq!(run.code, 2, "{}{}", run.out, run.err);
    assert!(run.err.contains("branch main is not in this clone"), "{}", run.err);
    let run = ci(&up, &clone, &vars, &["--deepen"]);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
}

#[test]
fn a_shallow_clone_is_deepened_where_that_is_asked_for() {
    let up = upstream();
    let clone = up.clone("refs/heads/topic", Depth::One);
    let vars = push("topic", &up.main, &up.topic);
    let run = ci(&up, &clone, &vars, &[]);
    assert_eq!(run.code, 2, "{}{}", run.out, run.err);
    let run = ci(&up, &clone, &vars, &["--deepen"]);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    assert!(run.out.contains("src/app.env:1:14") && !run.out.contains("old.env"), "{}", run.out);
    // Of the last commit alone enough is there.
    let clone = up.clone("refs/heads/topic", Depth::Full);
    git(&clone, &["fetch", "--quiet", "--depth=2", "origin", "topic"]);
    let before = git(&clone, &["rev-parse", "HEAD~1"]);
    let run = ci(&up, &clone, &push("topic", &before, &up.topic), &[]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
}

#[test]
fn a_failure_is_told_to_the_server_too() {
    let up = upstream();
    let clone = up.clone("refs/heads/topic", Depth::One);
    let vars = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_EVENT_NAME", "workflow_dispatch"),
        ("GITHUB_SHA", up.topic.as_str()),
    ];
    let run = ci(&up, &clone, &vars, &[]);
    assert_eq!(run.code, 2, "{}{}", run.out, run.err);
    assert!(run.out.starts_with("::error title=Stanch scanned nothing::"), "{}", run.out);
    assert_eq!(ci(&up, &clone, &vars, &["--no-annotations"]).out, "");
}

#[test]
fn a_range_may_be_given() {
    let up = upstream();
    let clone = up.clone("refs/heads/topic", Depth::Full);
    let run = ci(&up, &clone, &[], &[]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("no build server is recognised"), "{}", run.err);
    let run = ci(&up, &clone, &[], &["--range", "origin/main..HEAD"]);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    assert!(run.out.starts_with("Stanch: 2 commits, as given, origin/main..HEAD."), "{}", run.out);
    let clone = up.clone("refs/heads/topic", Depth::One);
    let run = ci(&up, &clone, &[], &["--range", &format!("{}..HEAD", up.main), "--deepen"]);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    let run = ci(&up, &clone, &[("CI", "true")], &["--range", "nowhere..HEAD"]);
    assert_eq!(run.code, 2);
    let run = ci(&up, &clone, &push("topic", GONE, GONE), &[]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("which this build is for, is not in this clone"), "{}", run.err);
}

#[test]
fn a_build_may_fail_for_the_worst_only() {
    let up = Upstream::new("nothing\n", "db_password = \"kX9#mQ2$vL7pTz4w\"\n");
    let clone = up.clone("refs/heads/topic", Depth::Full);
    let vars = push("topic", &up.main, &up.topic);
    let low = ci(&up, &clone, &vars, &["--min-confidence", "low"]);
    assert_eq!(low.code, 1, "{}{}", low.out, low.err);
    let worst = ci(&up, &clone, &vars, &["--min-confidence", "low", "--fail-on", "critical"]);
    assert_eq!(worst.code, 0, "{}{}", worst.out, worst.err);
    assert!(worst.out.contains("db_password"), "{}", worst.out);
}

#[test]
fn bad_arguments_are_2() {
    let up = Upstream::new("", "");
    let clone = up.clone("refs/heads/topic", Depth::Full);
    for args in [
        &["--report", "junit"][..],
        &["--report", "xml=a.xml"],
        &["--report", "jsonl=a.jsonl"],
        &["--report", "junit="],
        &["--report", "junit=no/such/folder/a.xml"],
        &["--fail-on", "much"],
        &["/"],
    ] {
        let run = ci(&up, &clone, &push("topic", &up.main, &up.topic), args);
        assert_eq!(run.code, 2, "{args:?}: {}", run.out);
        assert!(!run.err.contains("panicked"), "{args:?}: {}", run.err);
    }
}

#[test]
fn nothing_that_is_scanned_gives_a_command_to_a_server() {
    let token = token();
    let text = format!(
        "::add-mask::GITHUB_TOKEN={token}\n##vso[task.setvariable variable=x]{token}\n\
         ##teamcity[buildStop comment='{token}']\n##[error]{token}\n"
    );
    let up = Upstream::new("nothing\n", &text);
    up.git(&["checkout", "--quiet", "topic"]);
    let odd = "::error::##vso[task.complete]##teamcity[x]\n::debug::y]|'.env";
    let last = up.commit(odd, &format!("GITHUB_TOKEN={}\n", seeded("github-pat-classic", 3)));
    let clone = up.clone("refs/heads/topic", Depth::Full);
    let base = ("STANCH_CI_BASE", up.main.as_str());
    let summary = up.folder("files").join("summary.md");
    for (server, own) in [
        ("GITHUB_ACTIONS", "::error file="),
        ("TF_BUILD", "##vso[task.logissue type="),
        ("TEAMCITY_VERSION", "##teamcity["),
        ("CIRCLECI", "no command"),
    ] {
        let vars = [
            (server, "true"),
            base,
            ("GITHUB_SHA", last.as_str()),
            ("GITHUB_STEP_SUMMARY", summary.to_str().unwrap()),
        ];
        let run = ci(&up, &clone, &vars, &[]);
        assert_eq!(run.code, 1, "{server}: {}{}", run.out, run.err);
        assert!(!run.out.contains(&token), "{server}");
        for line in run.out.lines() {
            let ours = line.starts_with(own);
            assert!(ours || !line.trim_start().starts_with("::"), "{server}: {line}");
            // Of what begins with a command, a server reads no second one.
            for mark in ["##vso[", "##[", "##teamcity["] {
                assert!(ours || !line.contains(mark), "{server}: {line}");
            }
        }
    }
    let summary = std::fs::read_to_string(summary).unwrap();
    assert!(summary.contains("&#58;&#58;error") && !summary.contains("::"), "{summary}");
}
