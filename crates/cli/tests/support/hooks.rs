//! Real repositories, with the real `git` in a scrubbed environment.
#![allow(dead_code, reason = "each test file uses what it needs")]
#![expect(clippy::unwrap_used, reason = "only tests call this")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::Run;

/// A scratch folder with a home and room for repositories.
pub(crate) struct Git {
    dir: tempfile::TempDir,
    /// More variables for every command.
    pub(crate) env: Vec<(String, String)>,
}

impl Git {
    pub(crate) fn new() -> Git {
        let dir = tempfile::Builder::new().prefix("it's a test ").tempdir().unwrap();
        std::fs::create_dir(dir.path().join("home")).unwrap();
        Git { dir, env: Vec::new() }
    }

    /// A repository with one commit, in `work`.
    pub(crate) fn with_repo() -> Git {
        let git = Git::new();
        git.ok("", &["init", "-q", "-b", "main", "work"]);
        git.write("work/readme", "words\n");
        git.ok("work", &["add", "."]);
        git.ok("work", &["commit", "-q", "-m", "first"]);
        git
    }

    /// The same with a bare repository `server.git` as `origin`.
    pub(crate) fn with_server() -> Git {
        let git = Git::with_repo();
        git.ok("", &["init", "-q", "--bare", "-b", "main", "server.git"]);
        git.ok("work", &["remote", "add", "origin", "../server.git"]);
        git.ok("work", &["push", "-q", "origin", "main"]);
        git
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// An executable script.
    pub(crate) fn script(&self, name: &str, text: &str) -> PathBuf {
        let path = self.write(name, text);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        path
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn exists(&self, name: &str) -> bool {
        std::fs::symlink_metadata(self.path(name)).is_ok()
    }

    /// Any program in a folder.
    pub(crate) fn command(&self, program: impl AsRef<Path>, folder: &str) -> Command {
        let home = self.path("home");
        let mut command = Command::new(program.as_ref());
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", &home)
            .env("XDG_CONFIG_HOME", home.join(".config"))
            .env("XDG_STATE_HOME", home.join(".local/state"))
            .env("GIT_CONFIG_GLOBAL", home.join("gitconfig"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_NAME", "A")
            .env("GIT_AUTHOR_EMAIL", "a@example.com")
            .env("GIT_COMMITTER_NAME", "A")
            .env("GIT_COMMITTER_EMAIL", "a@example.com")
            .env("USER", "tester")
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .current_dir(self.path(folder))
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn git(&self, folder: &str, args: &[&str]) -> Run {
        Run::from(self.command("git", folder).args(args).output().unwrap())
    }

    pub(crate) fn ok(&self, folder: &str, args: &[&str]) -> String {
        let run = self.git(folder, args);
        assert_eq!(run.code, 0, "git {args:?}: {}{}", run.out, run.err);
        run.out
    }

    pub(crate) fn stanch(&self, folder: &str, args: &[&str]) -> Run {
        let program = env!("CARGO_BIN_EXE_stanch");
        Run::from(self.command(program, folder).args(args).output().unwrap())
    }

    pub(crate) fn stanch_with(&self, folder: &str, args: &[&str], input: &str) -> Run {
        use std::io::Write;
        let mut command = self.command(env!("CARGO_BIN_EXE_stanch"), folder);
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        Run::from(child.wait_with_output().unwrap())
    }

    /// Installs hooks, which must go well.
    pub(crate) fn install(&self, folder: &str, args: &[&str]) -> String {
        let run = self.stanch(folder, &[&["hook", "install"], args].concat());
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
        run.out
    }

    /// Commits a file past all hooks; gives the commit.
    pub(crate) fn commit(&self, name: &str, text: &str) -> String {
        self.write(&format!("work/{name}"), text);
        self.ok("work", &["add", "--", name]);
        self.ok("work", &["commit", "-q", "--no-verify", "-m", "a change"]);
        self.ok("work", &["rev-parse", "HEAD"]).trim().to_owned()
    }

    /// The lines of the user's audit trail.
    pub(crate) fn trail(&self) -> Vec<serde_json::Value> {
        lines(&self.path("home/.local/state/stanch/audit.jsonl"))
    }

    /// The lines of the server's audit trail.
    pub(crate) fn server_trail(&self) -> Vec<serde_json::Value> {
        lines(&self.path("server.git/stanch/audit.jsonl"))
    }
}

fn lines(path: &Path) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
