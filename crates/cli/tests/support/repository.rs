//! Repositories made by the real `git`, in a scrubbed environment.

use std::path::Path;
use std::process::{Command, Stdio};

use super::World;

impl World {
    /// `git` in the tree, or in a folder of it; what it wrote.
    pub(crate) fn git_in(&self, folder: impl AsRef<Path>, args: &[&str]) -> String {
        let output = self.git_command(folder, args).output().unwrap();
        assert!(
            output.status.success(),
            "git {args:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// `git` in the tree.
    pub(crate) fn git(&self, args: &[&str]) -> String {
        self.git_in(".", args)
    }

    /// The same as a command that has not run.
    pub(crate) fn git_command(&self, folder: impl AsRef<Path>, args: &[&str]) -> Command {
        let mut command = Command::new("git");
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.tree().parent().unwrap().join("home"))
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_NAME", "Ada Example")
            .env("GIT_AUTHOR_EMAIL", "ada@example.org")
            .env("GIT_AUTHOR_DATE", "2026-01-02T03:04:05+01:00")
            .env("GIT_COMMITTER_NAME", "Ada Example")
            .env("GIT_COMMITTER_EMAIL", "ada@example.org")
            .env("GIT_COMMITTER_DATE", "2026-01-02T03:04:05+01:00")
            .current_dir(self.tree().join(folder))
            .stdin(Stdio::null())
            .args(["-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always"])
            .args(["-c", "advice.detachedHead=false"])
            .args(args);
        command
    }

    /// Commits everything in the tree; the commit's id.
    pub(crate) fn commit(&self, message: &str) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.git(&["rev-parse", "HEAD"]).trim().to_owned()
    }

    /// A tree that is a repository without commits.
    pub(crate) fn repository() -> World {
        let world = World::new();
        world.git(&["init", "-q"]);
        world
    }

    /// Findings of a run in JSON, after the command's own words.
    pub(crate) fn findings(&self, args: &[&str]) -> Vec<serde_json::Value> {
        self.report(args)["findings"].as_array().unwrap().clone()
    }

    /// The report of a run in JSON.
    pub(crate) fn report(&self, args: &[&str]) -> serde_json::Value {
        let args: Vec<&str> = args.iter().copied().chain(["--format", "json"]).collect();
        let run = self.run(&args);
        serde_json::from_str(&run.out)
            .unwrap_or_else(|_| panic!("{args:?}: {}{}", run.out, run.err))
    }
}

/// The places of findings, as `path:line`.
pub(crate) fn places(findings: &[serde_json::Value]) -> Vec<String> {
    let mut places: Vec<String> = findings
        .iter()
        .map(|found| format!("{}:{}", found["path"].as_str().unwrap(), found["line"]))
        .collect();
    places.sort();
    places
}
