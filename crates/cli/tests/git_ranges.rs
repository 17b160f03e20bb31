//! `stanch scan git`, `staged`, `changes` and `diff` on repositories that the
//! real `git` made.

mod support;

use std::collections::BTreeSet;

use support::repository::places;
use support::{World, secret, seeded, token};

/// Two halves of one key, as they stand in a file.
fn pair(id: u64, key: u64) -> String {
    format!(
        "[default]\naws_access_key_id = {}\nregion = eu\naws_secret_access_key = {}\n",
        seeded("aws-access-key-id", id),
        seeded("aws-secret-access-key", key),
    )
}

fn detectors(findings: &[serde_json::Value]) -> BTreeSet<String> {
    findings.iter().map(|found| found["detector"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_staged_half_of_a_pair_is_reported_as_the_pair() {
    let world = World::repository();
    world.write("aws.ini", pair(1, 1)).commit("first");
    assert_eq!(world.run(&["scan", "staged"]).code, 0);
    world.write("aws.ini", pair(1, 2)).git(&["add", "-A"]);
    let found = world.findings(&["scan", "staged"]);
    assert!(detectors(&found).contains("aws-access-key"), "{found:#?}");
    // What is on disk and not staged is not asked for.
    world.write("aws.ini", "");
    assert_eq!(world.run(&["scan", "staged"]).code, 1);
}

#[test]
fn only_added_lines_are_reported() {
    let world = World::repository();
    let (old, new) = (seeded("github-pat-classic", 1), seeded("github-pat-classic", 2));
    world.write("a.env", format!("A={old}\n")).commit("first");
    world.write("a.env", format!("# more\nA={old}\n"));
    world.git(&["add", "-A"]);
    assert_eq!(world.run(&["scan", "staged"]).code, 0);
    world.write("a.env", format!("# more\nA={old}\nB={new}\n"));
    world.git(&["add", "-A"]);
    assert_eq!(places(&world.findings(&["scan", "staged"])), ["a.env:3"]);
    world.commit("second");
    assert_eq!(places(&world.findings(&["scan", "git", "HEAD~1..HEAD"])), ["a.env:3"]);
    let all = world.findings(&["scan", "git"]);
    assert_eq!(places(&all), ["a.env:1", "a.env:3"]);
}

#[test]
fn a_finding_tells_its_commit_and_whether_it_is_still_there() {
    let world = World::repository();
    world.git(&["remote", "add", "origin", "git@github.com:o/r.git"]);
    world.write("src/a b.env", format!("x\nA={}\n", token()));
    let first = world.commit("first");
    let found = world.findings(&["scan", "git"]);
    let found = &found[0];
    assert_eq!(found["commit"], first.as_str());
    assert_eq!(found["author"], "Ada Example");
    assert_eq!(found["email"], "ada@example.org");
    assert_eq!(found["date"], "2026-01-02T03:04:05+01:00");
    assert_eq!(found["presence"], "head");
    assert_eq!(found["place"], "file");
    let url = format!("https://github.com/o/r/blob/{first}/src/a%20b.env#L2");
    assert_eq!(found["url"], url.as_str());
    world.write("src/a b.env", "x\n").commit("second");
    let run = world.run(&["scan", "git"]);
    for part in ["Ada Example <ada@example.org>, 2026-01-02 03:04 +01:00", "history", &url] {
        assert!(run.out.contains(part), "{part} is not in\n{}", run.out);
    }
    assert!(run.out.contains("2 commits"), "{}", run.out);
}

#[test]
fn what_moves_adds_nothing_and_what_a_revert_brings_back_does() {
    let world = World::repository();
    world.write("a/x.env", format!("A={}\n", token()));
    world.write("z.txt", "1\n").commit("first");
    std::fs::rename(world.tree().join("a"), world.tree().join("b")).unwrap();
    world.commit("moved");
    assert_eq!(world.run(&["scan", "git", "HEAD~1..HEAD"]).code, 0);
    world.write("b/x.env", "A=\n").commit("removed");
    world.git(&["revert", "--no-edit", "HEAD"]);
    assert_eq!(places(&world.findings(&["scan", "git", "HEAD~1..HEAD"])), ["b/x.env:1"]);
}

#[test]
fn a_merge_adds_only_what_no_parent_has() {
    let world = World::repository();
    let tokens: Vec<String> = (1..6).map(|seed| seeded("github-pat-classic", seed)).collect();
    world.write("base", "0\n").commit("base");
    for (at, branch) in ["one", "two", "three"].iter().enumerate() {
        world.git(&["checkout", "-q", "-b", branch, "main"]);
        world.write(format!("{branch}.env"), format!("A={}\n", tokens[at])).commit(branch);
    }
    world.git(&["checkout", "-q", "main"]);
    world.git(&["merge", "-q", "--no-ff", "--no-commit", "one", "two", "three"]);
    world.write("evil.env", format!("A={}\n", tokens[4]));
    world.commit("octopus");
    let parents =
        ["HEAD^1", "HEAD^2", "HEAD^3", "HEAD^4"].map(|parent| world.git(&["rev-parse", parent]));
    assert_eq!(parents.len(), 4);
    let all = world.findings(&["scan", "git"]);
    assert_eq!(places(&all), ["evil.env:1", "one.env:1", "three.env:1", "two.env:1"]);
    let evil = all.iter().find(|found| found["path"] == "evil.env").unwrap();
    assert_eq!(evil["commit"], world.git(&["rev-parse", "HEAD"]).trim());
}

#[test]
fn messages_and_tags_are_scanned() {
    let world = World::repository();
    world.commit(&format!("use\n\nA={}\n", seeded("github-pat-classic", 1)));
    world.git(&["tag", "-a", "v1", "-m", &format!("A={}", seeded("github-pat-classic", 2))]);
    let found = world.findings(&["scan", "git"]);
    let kinds: BTreeSet<&str> =
        found.iter().map(|found| found["place"].as_str().unwrap()).collect();
    assert_eq!(kinds, BTreeSet::from(["commit-message", "tag-message"]));
}

#[test]
fn odd_names_and_line_ends_do_not_matter() {
    let world = World::repository();
    let mut names = vec!["a b.env", "new\nline.env", "qu\"ote'.env", "täg.env", "-dash.env"];
    for (at, name) in names.iter().enumerate() {
        let token = seeded("github-pat-classic", at as u64 + 1);
        world.write(name, format!("x\r\nA={token}\r\n"));
    }
    world.git(&["add", "-A"]);
    names.sort_unstable();
    let paths = |found: Vec<serde_json::Value>| {
        let mut paths: Vec<String> =
            found.iter().map(|found| found["path"].as_str().unwrap().to_owned()).collect();
        paths.sort_unstable();
        paths
    };
    assert_eq!(paths(world.findings(&["scan", "staged"])), names);
    let diff = world.git(&["diff", "--cached", "-U0"]);
    world.write("../x.patch", diff);
    assert_eq!(paths(world.findings(&["scan", "diff", "../x.patch"])), names);
    world.commit("first");
    assert_eq!(paths(world.findings(&["scan", "git"])), names);
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_no_text_is_kept_in_bytes() {
    use std::os::unix::ffi::OsStringExt;
    let world = World::repository();
    let name = std::ffi::OsString::from_vec(b"\xff.env".to_vec());
    world.write(&name, format!("A={}\n", token())).git(&["add", "-A"]);
    let found = world.findings(&["scan", "staged"]);
    assert_eq!(found[0]["path_bytes"], "/y5lbnY=");
    world.commit("first");
    assert_eq!(world.findings(&["scan", "git"])[0]["path_bytes"], "/y5lbnY=");
}

#[test]
fn every_kind_of_repository_is_read() {
    for format in ["sha1", "sha256"] {
        let world = World::new();
        world.git(&["init", "-q", "--object-format", format]);
        world.write("a.env", format!("A={}\n", token()));
        world.git(&["add", "-A"]);
        // No commit yet.
        assert_eq!(world.findings(&["scan", "staged"]).len(), 1, "{format}");
        world.commit("first");
        assert_eq!(world.findings(&["scan", "git"]).len(), 1, "{format}");
        world.git(&["checkout", "-q", "--detach"]);
        assert_eq!(world.findings(&["scan", "git"]).len(), 1);
        world.git(&["clone", "-q", "--bare", ".", "../bare.git"]);
        let bare = world.findings(&["scan", "git", "../bare.git"]);
        assert_eq!((bare.len(), &bare[0]["presence"]), (1, &"head".into()));
        world.git(&["worktree", "add", "-q", "../linked"]);
        world.write("../linked/b.env", format!("A={}\n", seeded("github-pat-classic", 2)));
        world.git_in("../linked", &["add", "-A"]);
        assert_eq!(places(&world.findings(&["scan", "staged", "../linked"])), ["b.env:1"]);
    }
}

#[test]
fn a_shallow_clone_says_what_is_missing() {
    let world = World::repository();
    world.write("a", "1\n").commit("first");
    world.write("a", "2\n").commit("second");
    let url = format!("file://{}", world.tree().display());
    world.git(&["clone", "-q", "--depth", "1", &url, "../shallow"]);
    let run = world.run(&["scan", "git", "../shallow"]);
    assert_eq!(run.code, 2, "{}{}", run.out, run.err);
    assert!(run.out.contains("git fetch --unshallow"), "{}", run.out);
    let run = world.run(&["scan", "git", "../shallow", "HEAD~1..HEAD"]);
    assert_eq!(run.code, 2, "{}{}", run.out, run.err);
    assert!(run.err.contains("git fetch --unshallow"), "{}", run.err);
}

#[test]
fn a_missing_blob_is_named() {
    let world = World::repository();
    world.write("a.env", format!("A={}\n", token())).commit("first");
    let id = world.git(&["rev-parse", "HEAD:a.env"]).trim().to_owned();
    let object = world.tree().join(".git/objects").join(&id[..2]).join(&id[2..]);
    std::fs::remove_file(object).unwrap();
    let run = world.run(&["scan", "git"]);
    assert_eq!(run.code, 2, "{}{}", run.out, run.err);
    assert!(run.out.contains(&format!("object {id} is missing")), "{}", run.out);
}

#[test]
fn a_selection_without_commits_says_so() {
    let world = World::repository();
    world.commit("first");
    let run = world.run(&["scan", "git", "HEAD..HEAD"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.out.contains("no commits, because none were selected"), "{}", run.out);
    let run = world.run(&["scan", "git", "--since", "no such thing"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("nor a date"), "{}", run.err);
}

#[test]
fn dates_branches_and_limits_select_commits() {
    let world = World::repository();
    for (at, day) in ["2026-01-01", "2026-02-01", "2026-03-01"].iter().enumerate() {
        let token = seeded("github-pat-classic", at as u64 + 1);
        world.write(format!("{at}.env"), format!("A={token}\n")).git(&["add", "-A"]);
        let date = format!("{day}T12:00:00Z");
        let mut command = world.git_command(".", &["commit", "-q", "-m", "x"]);
        assert!(command.env("GIT_COMMITTER_DATE", &date).status().unwrap().success());
    }
    world.git(&["branch", "old", "HEAD~1"]);
    let check = |args: &[&str], expected: &[&str]| {
        let args: Vec<&str> = ["scan", "git"].iter().chain(args).copied().collect();
        assert_eq!(places(&world.findings(&args)), expected, "{args:?}");
    };
    check(&["--since", "2026-01-15"], &["1.env:1", "2.env:1"]);
    check(&["--since", "HEAD~1"], &["2.env:1"]);
    check(&["--branch", "old"], &["0.env:1", "1.env:1"]);
    check(&["--max-commits", "1"], &["2.env:1"]);
    check(&["old...HEAD"], &["2.env:1"]);
    check(&[".", "old"], &["0.env:1", "1.env:1"]);
}

#[test]
fn submodules_are_named() {
    let world = World::repository();
    world.write("a", "1\n").commit("first");
    let url = format!("file://{}", world.tree().display());
    world.git(&["submodule", "--quiet", "add", &url, "sub"]);
    let run = world.run(&["scan", "staged"]);
    assert!(run.out.contains("a submodule"), "{}{}", run.out, run.err);
    world.commit("second");
    assert!(world.run(&["scan", "git"]).out.contains("a submodule"));
}

#[test]
fn changes_are_what_was_not_pushed() {
    let world = World::repository();
    let tokens: Vec<String> = (1..7).map(|seed| seeded("github-pat-classic", seed)).collect();
    world.write("old.env", format!("A={}\n", tokens[0])).commit("first");
    let run = world.run(&["scan", "changes"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("--set-upstream-to"), "{}", run.err);
    world.git(&["clone", "-q", "--bare", ".", "../up.git"]);
    world.git(&["remote", "add", "origin", "../up.git"]);
    world.git(&["fetch", "-q", "origin"]);
    world.git(&["branch", "-q", "--set-upstream-to=origin/main"]);
    assert_eq!(world.run(&["scan", "changes"]).code, 0);
    world.write("pushed.env", format!("A={}\n", tokens[1])).commit("second");
    world.write("staged.env", format!("A={}\n", tokens[2])).git(&["add", "-A"]);
    world.write("old.env", format!("A={}\nB={}\n", tokens[0], tokens[3]));
    world.write("new.env", format!("A={}\n", tokens[4]));
    world.write(".gitignore", "ignored.env\n");
    world.write("ignored.env", format!("A={}\n", tokens[5]));
    let found = world.findings(&["scan", "changes"]);
    assert_eq!(places(&found), ["new.env:1", "old.env:2", "pushed.env:1", "staged.env:1"]);
}

#[test]
fn policies_apply_to_paths_of_the_repository() {
    let world = World::repository();
    let token = token();
    world.write("docs/a.env", format!("A={token}\n"));
    world.write("stanch.toml", "[[exclude]]\npaths = [\"docs/\"]\nreason = \"examples\"\n");
    world.git(&["add", "-A"]);
    let run = world.run(&["scan", "staged"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.out.contains("examples"), "{}", run.out);
    std::fs::create_dir(world.tree().join("sub")).unwrap();
    let mut command = world.command(&["scan", "staged"]);
    let output = command.current_dir(world.tree().join("sub")).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_diff_reports_added_lines_at_their_number() {
    let world = World::repository();
    let (old, new) = (seeded("github-pat-classic", 1), secret("github-pat-classic"));
    assert_eq!(old, new);
    let new = seeded("github-pat-classic", 9);
    let lines: String = (0..30).map(|at| format!("line {at}\n")).collect();
    world.write("a.env", format!("A={old}\n{lines}")).write("bin", b"\0\x01").commit("first");
    world.write("a.env", format!("A={old}\n{lines}B={new}")).write("bin", b"\0\x02").commit("next");
    for args in [
        &["diff", "HEAD~1"][..],
        &["diff", "-U0", "HEAD~1"],
        &["show"],
        &["format-patch", "--stdout", "-1"],
    ] {
        let diff = world.git(args);
        let run = world.run_with(&["scan", "diff", "-", "--format", "json"], diff.as_bytes());
        let report: serde_json::Value = serde_json::from_str(&run.out).unwrap();
        assert_eq!(places(report["findings"].as_array().unwrap()), ["a.env:32"], "{args:?}");
        assert!(run.out.contains("binary content"), "{args:?}: {}", run.out);
    }
    assert_eq!(world.run_with(&["scan", "diff", "-"], b"no diff at all\n").code, 2);
    assert_eq!(world.run_with(&["scan", "diff", "-"], b"").code, 0);
    let cut = world.git(&["diff", "HEAD~1"]);
    let cut = &cut[..cut.find("+B=").unwrap()];
    assert_eq!(world.run_with(&["scan", "diff", "-"], cut.as_bytes()).code, 2);
}
