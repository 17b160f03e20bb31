//! A repository with a main branch, a topic and the merge of the two, as code
//! hosts have it, and clones of it, as build servers make them.
#![allow(dead_code, reason = "each test file uses what it needs")]
#![expect(clippy::unwrap_used, reason = "only tests call this")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// The repository that clones come from.
pub(crate) struct Upstream {
    dir: tempfile::TempDir,
    /// The first commit of main.
    pub(crate) first: String,
    /// The last commit of main, where the topic begins.
    pub(crate) main: String,
    /// The last commit of the topic.
    pub(crate) topic: String,
    /// What a host makes of merging the topic into main.
    pub(crate) merge: String,
}

/// How much of the past a clone has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    /// All.
    Full,
    /// The last commit.
    One,
}

impl Upstream {
    /// Main holds `old` in `old.env`, which nobody is to be told of again; the
    /// topic adds `text` as `src/app.env`, and another file after it.
    pub(crate) fn new(old: &str, text: &str) -> Upstream {
        let dir = tempfile::tempdir().unwrap();
        let mut up = Upstream {
            dir,
            first: String::new(),
            main: String::new(),
            topic: String::new(),
            merge: String::new(),
        };
        let at = up.path();
        std::fs::create_dir(&at).unwrap();
        up.git(&["init", "--quiet", "--initial-branch=main"]);
        up.first = up.commit("old.env", old);
        up.main = up.commit("readme.txt", "hello\n");
        up.git(&["checkout", "--quiet", "-b", "topic"]);
        up.commit("src/app.env", text);
        up.topic = up.commit("src/more.txt", "more\n");
        up.git(&["checkout", "--quiet", "--detach", "main"]);
        up.git(&["merge", "--quiet", "--no-ff", "-m", "Merge", "topic"]);
        up.merge = up.git(&["rev-parse", "HEAD"]);
        up.git(&["update-ref", "refs/pull/7/merge", "HEAD"]);
        up.git(&["checkout", "--quiet", "main"]);
        up
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("upstream")
    }

    /// A home without configuration.
    pub(crate) fn home(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    /// A folder for whatever a test needs.
    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        let path = self.dir.path().join(name);
        std::fs::create_dir_all(&path).unwrap();
        path
    }

    /// Runs `git` in the repository.
    pub(crate) fn git(&self, args: &[&str]) -> String {
        git(&self.path(), args)
    }

    /// Commits a file to the branch that is checked out.
    pub(crate) fn commit(&self, name: &str, text: &str) -> String {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "-m", name]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// A clone that has a reference checked out, detached, as servers do it.
    pub(crate) fn clone(&self, reference: &str, depth: Depth) -> PathBuf {
        let at = self.dir.path().join("clone");
        let _ = std::fs::remove_dir_all(&at);
        std::fs::create_dir(&at).unwrap();
        // A path would be cloned by links, whatever the depth.
        let url = format!("file://{}", self.path().display());
        git(&at, &["init", "--quiet", "--initial-branch=main"]);
        git(&at, &["remote", "add", "origin", &url]);
        let spec = format!("+{reference}:refs/remotes/built");
        match depth {
            Depth::Full => {
                git(&at, &["fetch", "--quiet", "origin"]);
                git(&at, &["fetch", "--quiet", "origin", reference]);
            }
            Depth::One => {
                git(&at, &["fetch", "--quiet", "--no-tags", "--depth=1", "origin", &spec]);
            }
        }
        git(&at, &["checkout", "--quiet", "--detach", "FETCH_HEAD"]);
        at
    }
}

/// Runs `git` without anybody's configuration and at no time in particular.
pub(crate) fn git(at: &Path, args: &[&str]) -> String {
    let done = Command::new("git")
        .arg("-C")
        .arg(at)
        .args(args)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_AUTHOR_NAME", "A")
        .env("GIT_AUTHOR_EMAIL", "a@example.com")
        .env("GIT_COMMITTER_NAME", "C")
        .env("GIT_COMMITTER_EMAIL", "c@example.com")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "git {args:?}: {told}");
    String::from_utf8(done.stdout).unwrap().trim().to_owned()
}
