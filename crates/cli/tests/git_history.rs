//! `stanch scan git` against what the real `git` says of the same history.
#![expect(clippy::unwrap_used, clippy::panic, reason = "only tests are here")]

mod support;

#[path = "support/hooks.rs"]
mod git;
#[path = "support/past.rs"]
mod past;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Write;
use std::process::Stdio;

use git::Git;
use past::Past;
use serde_json::Value;
use support::seeded;

/// Tokens that no other test plants.
fn tokens(count: u64) -> Vec<String> {
    (100..100 + count).map(|seed| seeded("github-pat-classic", seed)).collect()
}

fn report(git: &Git, folder: &str, args: &[&str]) -> (i32, Value) {
    let args = [&["scan", "git", "--format", "json", "--show-secrets"], args].concat();
    let run = git.stanch(folder, &args);
    let report = serde_json::from_str(&run.out);
    (run.code, report.unwrap_or_else(|_| panic!("{}{}", run.out, run.err)))
}

fn findings(git: &Git, folder: &str, args: &[&str]) -> Vec<Value> {
    report(git, folder, args).1["findings"].as_array().unwrap().clone()
}

/// What both sides say of a finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    token: String,
    path: Vec<u8>,
    commit: String,
    line: u64,
    at_head: bool,
}

fn text<'v>(found: &'v Value, key: &str) -> &'v str {
    found[key].as_str().unwrap_or_default()
}

fn path_of(found: &Value) -> Vec<u8> {
    match found["path_bytes"].as_str() {
        Some(bytes) => data_encoding::BASE64.decode(bytes.as_bytes()).unwrap(),
        None => text(found, "path").as_bytes().to_vec(),
    }
}

fn reported(git: &Git, folder: &str) -> BTreeSet<Row> {
    let found = findings(git, folder, &[]);
    let rows: BTreeSet<Row> = found
        .iter()
        .map(|found| Row {
            token: text(found, "secret").to_owned(),
            path: path_of(found),
            commit: text(found, "commit").to_owned(),
            line: found["line"].as_u64().unwrap(),
            at_head: text(found, "presence") == "head",
        })
        .collect();
    assert_eq!(rows.len(), found.len(), "something is reported twice");
    rows
}

/// What a command of git writes, as bytes, when told this.
fn bytes(git: &Git, folder: &str, args: &[&str], input: &[u8]) -> Vec<u8> {
    let mut command = git.command("git", folder);
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {args:?}: {error}");
    output.stdout
}

/// The blobs of a commit by path.
fn tree(git: &Git, folder: &str, commit: &str) -> BTreeMap<Vec<u8>, String> {
    let listed = bytes(git, folder, &["ls-tree", "-r", "-z", commit], b"");
    listed
        .split(|byte| *byte == 0)
        .filter(|entry| !entry.is_empty())
        .map(|entry| {
            let tab = entry.iter().position(|byte| *byte == b'\t').unwrap();
            let head = String::from_utf8(entry[..tab].to_vec()).unwrap();
            (entry[tab + 1..].to_vec(), head.rsplit(' ').next().unwrap().to_owned())
        })
        .collect()
}

/// The lines, from 1, of the tokens in each of these blobs.
fn search(
    git: &Git,
    folder: &str,
    blobs: &BTreeSet<String>,
    tokens: &[String],
) -> HashMap<String, Vec<(String, u64)>> {
    let asked: String = blobs.iter().map(|id| format!("{id}\n")).collect();
    let all = bytes(git, folder, &["cat-file", "--batch"], asked.as_bytes());
    let mut rest = all.as_slice();
    let mut out = HashMap::new();
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| *byte == b'\n').unwrap();
        let head = String::from_utf8(rest[..end].to_vec()).unwrap();
        let mut words = head.split(' ');
        let id = words.next().unwrap().to_owned();
        let size: usize = words.nth(1).unwrap().parse().unwrap();
        let content = String::from_utf8(rest[end + 1..end + 1 + size].to_vec()).unwrap();
        rest = &rest[end + size + 2..];
        let line = |at: usize| 1 + content[..at].matches('\n').count() as u64;
        let hits = tokens.iter().filter_map(|t| Some((t.clone(), line(content.find(t)?))));
        out.insert(id, hits.collect());
    }
    out
}

/// The same as [`reported`], from what git says alone.
fn expected(git: &Git, folder: &str, tokens: &[String]) -> BTreeSet<Row> {
    let listed = git.ok(folder, &["rev-list", "--all", "--date-order", "--reverse", "--parents"]);
    let commits: Vec<Vec<&str>> = listed.lines().map(|line| line.split(' ').collect()).collect();
    let trees: HashMap<&str, BTreeMap<Vec<u8>, String>> =
        commits.iter().map(|ids| (ids[0], tree(git, folder, ids[0]))).collect();
    let blobs = trees.values().flat_map(|tree| tree.values().cloned()).collect();
    let hits = search(git, folder, &blobs, tokens);
    let mut first: BTreeMap<(String, Vec<u8>), (String, u64)> = BTreeMap::new();
    for ids in &commits {
        for (path, blob) in &trees[ids[0]] {
            if ids[1..].iter().any(|parent| trees[parent].get(path) == Some(blob)) {
                continue;
            }
            for (token, line) in &hits[blob] {
                first
                    .entry((token.clone(), path.clone()))
                    .or_insert_with(|| (ids[0].to_owned(), *line));
            }
        }
    }
    let head = tree(git, folder, "HEAD");
    first
        .into_iter()
        .map(|((token, path), (commit, line))| {
            let at_head =
                head.get(&path).is_some_and(|blob| hits[blob].iter().any(|hit| hit.0 == token));
            Row { token, path, commit, line, at_head }
        })
        .collect()
}

/// A repository `work` with a made-up history, its objects loose.
fn made(seed: u64, commits: usize, tokens: &[String]) -> Git {
    let git = Git::new();
    git.ok("", &["init", "-q", "-b", "main", "work"]);
    let lines: Vec<String> = tokens.iter().map(|token| format!("value = {token} ;")).collect();
    let past = Past::new(seed, commits, &lines);
    assert_eq!(past.commits, commits);
    bytes(
        &git,
        "work",
        &["-c", "fastimport.unpackLimit=1000000", "fast-import", "--quiet"],
        &past.stream,
    );
    git
}

/// Packs everything that these revisions lead to, beside what is there.
fn pack(git: &Git, revisions: &[&str], more: &[&str]) {
    let folder = git.path("work/.git/objects/pack/pack");
    let asked: String = revisions.iter().map(|revision| format!("{revision}\n")).collect();
    let args = ["pack-objects", "-q", "--revs", "--window=50", "--depth=50"];
    let args = [&args, more, &[folder.to_str().unwrap()]].concat();
    bytes(git, "work", &args, asked.as_bytes());
}

#[track_caller]
fn same(found: &BTreeSet<Row>, expected: &BTreeSet<Row>, what: &str) {
    let extra: Vec<&Row> = found.difference(expected).collect();
    let lacking: Vec<&Row> = expected.difference(found).collect();
    assert!(
        extra.is_empty() && lacking.is_empty(),
        "{what}: reported, but not so:\n{extra:#?}\nso, but not reported:\n{lacking:#?}"
    );
}

#[test]
fn what_is_reported_is_what_git_tells_however_it_is_stored() {
    let tokens = tokens(6);
    let mut most = 0;
    for seed in 1..=6 {
        let git = made(seed, 70, &tokens);
        let expected = expected(&git, "work", &tokens);
        most = most.max(expected.len());
        same(&reported(&git, "work"), &expected, &format!("seed {seed}, loose"));
        // Deltas of a base that is named by its id, and a second copy of
        // everything that is loose.
        let half = git.ok("work", &["rev-list", "--all", "--date-order", "--skip=35", "-n1"]);
        pack(&git, &[half.trim()], &[]);
        same(&reported(&git, "work"), &expected, &format!("seed {seed}, packed in part"));
        pack(&git, &[], &["--all", "--delta-base-offset", "--no-reuse-delta"]);
        git.ok("work", &["prune-packed"]);
        same(&reported(&git, "work"), &expected, &format!("seed {seed}, two packs"));
        git.ok("work", &["repack", "-adfq", "--depth=50", "--window=50"]);
        same(&reported(&git, "work"), &expected, &format!("seed {seed}, one pack"));
    }
    assert!(most > 20, "there is next to nothing in these histories");
}

/// A repository `work` with one harmless commit, and a token.
fn with_token() -> (Git, String) {
    (Git::with_repo(), tokens(1).remove(0))
}

/// The findings of a scan by place and path.
fn places(git: &Git, args: &[&str]) -> Vec<(String, String)> {
    let found = findings(git, "work", args);
    let place = |f: &Value| (text(f, "place").to_owned(), text(f, "path").to_owned());
    let mut places: Vec<_> = found.iter().map(place).collect();
    places.sort();
    places
}

fn place(place: &str, path: &str) -> (String, String) {
    (place.to_owned(), path.to_owned())
}

#[test]
fn a_secret_at_two_paths_is_reported_at_both() {
    let (git, token) = with_token();
    git.write("work/one.env", format!("TOKEN={token}\n"));
    let commit = git.commit("two.env", &format!("TOKEN={token}\n"));
    git.ok("work", &["add", "."]);
    git.ok("work", &["commit", "-q", "-m", "the same again"]);
    let again = git.ok("work", &["rev-parse", "HEAD"]).trim().to_owned();
    let found = reported(&git, "work");
    let commits: Vec<(&[u8], &str)> =
        found.iter().map(|row| (row.path.as_slice(), row.commit.as_str())).collect();
    assert_eq!(commits, [(&b"one.env"[..], again.as_str()), (b"two.env", commit.as_str())]);
}

#[test]
fn a_secret_in_many_versions_is_reported_once_where_it_came() {
    let (git, token) = with_token();
    let mut first = None;
    for version in 0..30 {
        let lines = "line\n".repeat(version);
        let commit = git.commit("app.env", &format!("version={version}\n{lines}TOKEN={token}\n"));
        first.get_or_insert(commit);
    }
    for _ in 0..2 {
        let found = findings(&git, "work", &[]);
        assert_eq!(found.len(), 1, "{found:#?}");
        assert_eq!(text(&found[0], "commit"), first.as_deref().unwrap());
        assert_eq!(found[0]["line"], 2);
        assert_eq!(found[0]["presence"], "head");
        git.ok("work", &["repack", "-adfq"]);
    }
}

#[test]
fn parts_stand_in_the_file_that_is_reported() {
    let (git, _) = with_token();
    let (id, secret) = (seeded("aws-access-key-id", 5), seeded("aws-secret-access-key", 5));
    let pair = format!("AWS_ACCESS_KEY_ID={id}\nAWS_SECRET_ACCESS_KEY={secret}\n");
    for lines in [0, 9, 4] {
        let text = format!("{}{pair}", "\n".repeat(lines));
        git.write(&format!("work/{lines}.env"), text);
    }
    git.ok("work", &["add", "."]);
    git.ok("work", &["commit", "-q", "-m", "three of a kind"]);
    let found = findings(&git, "work", &[]);
    let pairs: Vec<&Value> = found.iter().filter(|f| f["parts"][0]["line"].is_u64()).collect();
    assert_eq!(pairs.len(), 3, "{found:#?}");
    for pair in pairs {
        let lines: u64 = text(pair, "path").trim_end_matches(".env").parse().unwrap();
        let mut places = [pair["line"].as_u64(), pair["parts"][0]["line"].as_u64()];
        places.sort_unstable();
        assert_eq!(places, [Some(lines + 1), Some(lines + 2)], "{pair:#?}");
    }
}

#[test]
fn every_stash_is_scanned() {
    let git = Git::with_repo();
    let tokens = tokens(2);
    for token in &tokens {
        git.write("work/readme", format!("TOKEN={token}\n"));
        git.ok("work", &["stash", "-q"]);
    }
    let found = findings(&git, "work", &[]);
    let mut secrets: Vec<&str> = found.iter().map(|found| text(found, "secret")).collect();
    secrets.sort_unstable();
    assert_eq!(
        secrets,
        { tokens.iter().map(String::as_str).collect::<BTreeSet<_>>() }
            .into_iter()
            .collect::<Vec<_>>()
    );
    assert!(found.iter().all(|found| text(found, "presence") == "history"));
}

#[test]
fn notes_messages_people_and_names_are_scanned() {
    let (git, token) = with_token();
    git.ok("work", &["notes", "add", "-m", &format!("TOKEN={token}")]);
    let id = git.ok("work", &["rev-parse", "HEAD"]).trim().to_owned();
    assert_eq!(places(&git, &[]), [place("note", &id)]);
    git.ok("work", &["update-ref", "-d", "refs/notes/commits"]);
    assert_eq!(places(&git, &[]), []);

    git.ok("work", &["tag", "-a", "v1", "-m", &format!("token {token}")]);
    let tag = git.ok("work", &["rev-parse", "v1"]).trim().to_owned();
    assert_eq!(places(&git, &[]), [place("tag-message", &format!("tag {tag}"))]);
    git.ok("work", &["tag", "-d", "v1"]);

    git.ok("work", &["branch", &format!("fix/{token}")]);
    let name = format!("refs/heads/fix/{token}");
    assert_eq!(places(&git, &[]), [place("reference-name", &name)]);
    git.ok("work", &["pack-refs", "--all"]);
    assert_eq!(places(&git, &[]), [place("reference-name", &name)]);
    git.ok("work", &["branch", "-D", &format!("fix/{token}")]);

    let author = format!("--author=A <{token}@example.com>");
    for args in [["-m", &format!("with token {token}")], ["-mplain", &author]] {
        git.ok("work", &["commit", "-q", "--allow-empty", args[0], args[1]]);
        let id = git.ok("work", &["rev-parse", "HEAD"]).trim().to_owned();
        assert_eq!(places(&git, &[]), [place("commit-message", &format!("commit {id}"))]);
        git.ok("work", &["reset", "-q", "--hard", "HEAD~1"]);
    }
}

#[test]
fn what_only_a_reflog_leads_to_is_reported_when_asked_for() {
    let (git, token) = with_token();
    let commit = git.commit("app.env", &format!("TOKEN={token}\n"));
    git.ok("work", &["reset", "-q", "--hard", "HEAD~1"]);
    assert_eq!(places(&git, &[]), []);
    let found = findings(&git, "work", &["--reflog"]);
    assert_eq!(found.len(), 1);
    assert_eq!(text(&found[0], "commit"), commit);
    assert_eq!(text(&found[0], "presence"), "history");
    // A branch that is gone is still in the log of what was checked out.
    git.ok("work", &["checkout", "-q", "-b", "gone", &commit]);
    git.ok("work", &["checkout", "-q", "main"]);
    git.ok("work", &["branch", "-q", "-D", "gone"]);
    std::fs::remove_file(git.path("work/.git/logs/refs/heads/main")).unwrap();
    assert_eq!(places(&git, &["--reflog"]), [place("file", "app.env")]);
}

#[test]
fn what_nothing_leads_to_is_reported_when_asked_for() {
    let (git, token) = with_token();
    git.write("blob", format!("TOKEN={token}\n"));
    let id = git.ok("work", &["hash-object", "-w", "../blob"]);
    assert_eq!(report(&git, "work", &[]).0, 0);
    let found = findings(&git, "work", &["--unreachable"]);
    assert_eq!(found.len(), 1);
    assert_eq!(text(&found[0], "presence"), "unreachable");
    assert_eq!(text(&found[0], "object"), id.trim());
    // A reference that leads to no commit leads to it.
    git.ok("work", &["tag", "file", id.trim()]);
    assert_eq!(places(&git, &[]), [place("file", "refs/tags/file")]);
    git.ok("work", &["tag", "-a", "-m", "x", "annotated", id.trim()]);
    git.ok("work", &["tag", "-d", "file"]);
    assert_eq!(places(&git, &[]), [place("file", "refs/tags/annotated")]);
    assert_eq!(findings(&git, "work", &["--unreachable"]).len(), 1);
}
