//! `stanch scan git` on repositories whose objects are stored in every way that
//! Git knows, and on damaged ones.
#![expect(clippy::unwrap_used, clippy::panic, reason = "only tests are here")]

mod support;

#[path = "support/hooks.rs"]
mod git;

use git::Git;
use serde_json::Value;
use support::{Run, seeded};

/// A token that no other test plants.
fn token(seed: u64) -> String {
    seeded("github-pat-classic", 200 + seed)
}

/// The exit code and report of a scan.
fn scan(git: &Git, folder: &str, args: &[&str]) -> (i32, Value) {
    let args = [&["scan", "git", "--format", "json", "--show-secrets"], args].concat();
    let run = git.stanch(folder, &args);
    assert!(!run.err.contains("panicked"), "{}", run.err);
    let report = serde_json::from_str(&run.out);
    (run.code, report.unwrap_or_else(|_| panic!("{}: {}{}", run.code, run.out, run.err)))
}

fn secrets(report: &Value) -> Vec<&str> {
    let mut all: Vec<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["secret"].as_str().unwrap())
        .collect();
    all.sort_unstable();
    all
}

/// Whether the receipt names a gap that says this.
#[track_caller]
fn has_gap(report: &Value, part: &str) {
    let failed = report["receipt"]["failed"].to_string();
    assert!(failed.contains(part), "{part}: {:#}", report["receipt"]);
}

#[track_caller]
fn has_skipped(report: &Value, part: &str) {
    let skipped = report["receipt"]["skipped"].to_string();
    assert!(skipped.contains(part), "{part}: {:#}", report["receipt"]);
}

/// A repository `work` whose second commit removed the token of the first.
fn with_past() -> Git {
    let git = Git::with_repo();
    git.commit("app.env", &format!("TOKEN={}\n", token(0)));
    git.commit("app.env", "TOKEN=\n");
    git
}

#[track_caller]
fn finds_it(git: &Git, folder: &str) {
    let (code, report) = scan(git, folder, &[]);
    assert_eq!((code, secrets(&report)), (1, vec![token(0).as_str()]), "{report:#}");
    assert_eq!(report["receipt"]["complete"], true, "{report:#}");
    assert_eq!(report["findings"][0]["presence"], "history");
    assert_eq!(report["receipt"]["commits"], 3);
}

#[test]
fn bare_repositories_and_mirrors_are_scanned() {
    let git = with_past();
    git.ok("", &["clone", "-q", "--bare", "work", "bare.git"]);
    git.ok("", &["clone", "-q", "--mirror", "work", "mirror.git"]);
    finds_it(&git, "bare.git");
    finds_it(&git, "mirror.git");
}

#[test]
fn a_folder_in_the_work_tree_stands_for_the_repository() {
    let git = with_past();
    git.write("work/deep/er/file", "x");
    finds_it(&git, "work/deep/er");
    finds_it(&git, "work/.git");
}

#[test]
fn objects_of_other_repositories_are_read_there() {
    let git = with_past();
    git.ok("", &["clone", "-q", "--shared", "work", "shared"]);
    finds_it(&git, "shared");
    std::fs::rename(git.path("work"), git.path("elsewhere")).unwrap();
    let (code, report) = scan(&git, "shared", &[]);
    assert_eq!(code, 2);
    assert_eq!(report["receipt"]["complete"], false);
}

#[test]
fn what_other_work_trees_have_checked_out_counts() {
    let git = Git::with_repo();
    git.ok("work", &["worktree", "add", "-q", "--detach", "../linked"]);
    git.write("linked/app.env", format!("TOKEN={}\n", token(0)));
    git.ok("linked", &["add", "."]);
    git.ok("linked", &["commit", "-q", "-m", "in the linked one"]);
    for folder in ["work", "linked"] {
        let (code, report) = scan(&git, folder, &[]);
        assert_eq!((code, secrets(&report)), (1, vec![token(0).as_str()]), "{folder}");
    }
    // And what the main one has, seen from the linked one.
    git.ok("work", &["checkout", "-q", "--detach"]);
    git.commit("more.env", &format!("TOKEN={}\n", token(1)));
    for folder in ["work", "linked"] {
        let (_, report) = scan(&git, folder, &[]);
        assert_eq!(secrets(&report).len(), 2, "{folder}");
    }
}

#[test]
fn a_shallow_clone_is_not_complete_and_says_how_to_be() {
    let git = with_past();
    let from = format!("file://{}", git.path("work").display());
    git.ok("", &["clone", "-q", "--depth=1", &from, "shallow"]);
    let (code, report) = scan(&git, "shallow", &[]);
    assert_eq!(code, 2, "{report:#}");
    has_gap(&report, "git fetch --unshallow");
}

#[test]
fn what_a_partial_clone_lacks_is_named() {
    let git = with_past();
    git.ok("work", &["config", "uploadpack.allowFilter", "true"]);
    let from = format!("file://{}", git.path("work").display());
    git.ok("", &["clone", "-q", "--filter=blob:none", &from, "partial"]);
    let (code, report) = scan(&git, "partial", &[]);
    assert_eq!(code, 2, "{report:#}");
    has_gap(&report, "app.env");
    has_gap(&report, "git fetch --refetch");
    git.ok("", &["clone", "-q", "--bare", "--filter=tree:0", &from, "treeless"]);
    let (code, report) = scan(&git, "treeless", &[]);
    assert_eq!(code, 2, "{report:#}");
    has_gap(&report, "git fetch --refetch");
}

#[test]
fn repositories_of_sha256_are_scanned() {
    let git = Git::new();
    git.ok("", &["init", "-q", "-b", "main", "--object-format=sha256", "work"]);
    git.commit("readme", "words\n");
    git.commit("app.env", &format!("TOKEN={}\n", token(0)));
    git.commit("app.env", "TOKEN=\n");
    finds_it(&git, "work");
    git.ok("work", &["repack", "-adfq"]);
    finds_it(&git, "work");
}

#[test]
fn submodules_are_named_by_their_path() {
    let git = with_past();
    let args =
        ["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "./", "libs/own"];
    git.ok("work", &args);
    git.ok("work", &["commit", "-q", "-m", "a submodule"]);
    let (code, report) = scan(&git, "work", &[]);
    assert_eq!((code, secrets(&report).len()), (1, 1));
    has_skipped(&report, "submodule");
    has_skipped(&report, "libs/own");
}

#[test]
fn pointers_to_large_files_are_named() {
    let git = Git::with_repo();
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:\
        4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";
    git.commit("media/film.bin", pointer);
    let (code, report) = scan(&git, "work", &[]);
    assert_eq!(code, 0, "{report:#}");
    has_skipped(&report, "media/film.bin");
    has_skipped(&report, "git lfs fetch --all");
}

#[test]
fn what_is_replaced_and_what_replaces_it_are_both_scanned() {
    let mut git = Git::with_repo();
    let old = git.commit("app.env", &format!("TOKEN={}\n", token(0)));
    git.env = vec![("GIT_AUTHOR_NAME".into(), "Someone Else".into())];
    git.write("work/app.env", format!("TOKEN={}\n", token(1)));
    git.ok("work", &["add", "."]);
    git.ok("work", &["commit", "-q", "--amend", "--reset-author", "-m", "another"]);
    let new = git.ok("work", &["rev-parse", "HEAD"]).trim().to_owned();
    git.ok("work", &["reset", "-q", "--hard", &old]);
    git.ok("work", &["replace", &old, &new]);
    let (_, report) = scan(&git, "work", &[]);
    let mut expected = [token(0), token(1)];
    expected.sort_unstable();
    assert_eq!(secrets(&report), expected);
    for found in report["findings"].as_array().unwrap() {
        let of_old = found["secret"] == token(0).as_str();
        assert_eq!(found["commit"], if of_old { old.as_str() } else { new.as_str() });
        assert_eq!(found["author"], if of_old { "A" } else { "Someone Else" }, "{found:#}");
    }
}

#[test]
fn a_repository_without_commits_is_clean() {
    let git = Git::new();
    git.ok("", &["init", "-q", "work"]);
    let (code, report) = scan(&git, "work", &[]);
    assert_eq!((code, &report["receipt"]["commits"]), (0, &0.into()));
    let run = git.stanch("work", &["scan", "git"]);
    assert!(run.out.contains("no commits"), "{}", run.out);
    // Of this one the tree is nowhere stored.
    git.ok("work", &["commit", "-q", "--allow-empty", "-m", "nothing"]);
    let (code, report) = scan(&git, "work", &[]);
    assert_eq!((code, &report["receipt"]["commits"]), (0, &1.into()), "{report:#}");
}

#[test]
fn what_is_no_repository_is_refused_with_what_to_do() {
    let git = Git::new();
    for args in [&["scan", "git"][..], &["scan", "git", "/"], &["scan", "git", "./nowhere"]] {
        let Run { code, err, .. } = git.stanch("", args);
        assert_eq!(code, 2, "{args:?}: {err}");
        assert!(err.contains("give the folder of"), "{args:?}: {err}");
    }
}

/// A repository `work` with one pack, many versions of a large file in it and a
/// token in the first file of all; the path of the pack.
fn with_pack() -> (Git, std::path::PathBuf) {
    let git = Git::with_repo();
    let mut text: String =
        (0..900).map(|line| format!("line {} of the file\n", line * 7919)).collect();
    for version in 0..8 {
        text.insert_str(version * 900, &format!("version {version}\n"));
        git.commit("large.txt", &text);
    }
    git.commit("app.env", &format!("TOKEN={}\n", token(0)));
    git.ok("work", &["repack", "-adfq", "--depth=50"]);
    let packs = std::fs::read_dir(git.path("work/.git/objects/pack")).unwrap();
    let mut packs = packs.map(|entry| entry.unwrap().path());
    let pack = packs.find(|path| path.extension().is_some_and(|e| e == "pack")).unwrap();
    (git, pack)
}

/// Changes a file, which Git has made read-only.
fn change(path: &std::path::Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut content = std::fs::read(path).unwrap();
    change(&mut content);
    std::fs::remove_file(path).unwrap();
    std::fs::write(path, content).unwrap();
}

/// Fails unless something is said to be lacking.
#[track_caller]
fn is_incomplete(git: &Git, what: &str) {
    let (code, report) = scan(git, "work", &[]);
    assert_eq!(report["receipt"]["complete"], false, "{what}");
    assert!(!report["receipt"]["failed"].as_array().unwrap().is_empty(), "{what}");
    assert_eq!(code, if secrets(&report).is_empty() { 2 } else { 1 }, "{what}");
}

#[test]
fn a_pack_that_is_damaged_anywhere_leaves_gaps() {
    let (git, pack) = with_pack();
    let sound = std::fs::read(&pack).unwrap();
    // The trailing checksum is no object's.
    let end = sound.len() - 20;
    for step in 0..24 {
        let at = 12 + step * (end - 24) / 24;
        change(&pack, |content| content[at..at + 8].iter_mut().for_each(|byte| *byte ^= 0x5a));
        is_incomplete(&git, &format!("bytes flipped at {at}"));
        change(&pack, |content| content.clone_from(&sound));
    }
    for len in [0, 4, 12, 33, end / 3, end / 2, end - 1] {
        change(&pack, |content| content.truncate(len));
        is_incomplete(&git, &format!("cut at {len}"));
        change(&pack, |content| content.clone_from(&sound));
    }
}

#[test]
fn an_index_that_is_damaged_anywhere_leaves_gaps_or_harms_nothing() {
    let (git, pack) = with_pack();
    let index = pack.with_extension("idx");
    let sound = std::fs::read(&index).unwrap();
    for step in 0..40 {
        let at = step * (sound.len() - 4) / 40;
        change(&index, |content| content[at..at + 4].fill(0xff));
        let (code, report) = scan(&git, "work", &[]);
        assert!(report["receipt"]["complete"] == false || code == 1, "damaged at {at}: {report:#}");
        change(&index, |content| content.clone_from(&sound));
    }
    for len in [0, 7, 1000, 1032, sound.len() / 2, sound.len() - 21] {
        change(&index, |content| content.truncate(len));
        is_incomplete(&git, &format!("cut at {len}"));
        change(&index, |content| content.clone_from(&sound));
    }
    std::fs::remove_file(&index).unwrap();
    is_incomplete(&git, "no index");
    let (_, report) = scan(&git, "work", &[]);
    has_gap(&report, "git index-pack");
}

#[test]
fn a_pack_without_its_index_s_pack_is_a_gap() {
    let (git, pack) = with_pack();
    std::fs::remove_file(&pack).unwrap();
    is_incomplete(&git, "no pack");
}

#[test]
fn loose_objects_that_are_garbage_are_gaps() {
    let git = with_past();
    for revision in ["HEAD:app.env", "HEAD~1:app.env", "HEAD~1^{tree}", "HEAD~1", "HEAD"] {
        let id = git.ok("work", &["rev-parse", revision]).trim().to_owned();
        let path = git.path(&format!("work/.git/objects/{}/{}", &id[..2], &id[2..]));
        let sound = std::fs::read(&path).unwrap();
        type Spoil = fn(&mut Vec<u8>);
        let garbage: [(&str, Spoil); 4] = [
            ("emptied", |content| content.clear()),
            ("cut", |content| content.truncate(content.len() / 2)),
            ("overwritten", |content| content.fill(0x41)),
            ("flipped", |content| {
                let at = content.len() / 2;
                content[at..].iter_mut().for_each(|byte| *byte ^= 0x33);
            }),
        ];
        for (how, make) in garbage {
            change(&path, make);
            is_incomplete(&git, &format!("{revision} {how}"));
            change(&path, |content| content.clone_from(&sound));
        }
        std::fs::remove_file(&path).unwrap();
        is_incomplete(&git, &format!("{revision} removed"));
        std::fs::write(&path, sound).unwrap();
    }
    finds_it(&git, "work");
}
