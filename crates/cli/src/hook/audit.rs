//! The trail that a bypass leaves: one line of JSON for each, appended in one
//! step, so that hooks that run at once do not mix theirs. It never holds a
//! value that was found.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Serialize;

use super::Hook;
use super::install::shown;

/// What is noted.
#[derive(Debug, Serialize)]
pub(super) struct Line<'l> {
    time: String,
    /// What happened.
    pub(super) event: Event,
    /// In which hook.
    pub(super) hook: &'static str,
    /// Who did it, as far as the environment tells.
    who: Option<String>,
    /// The repository's folder.
    pub(super) repository: String,
    /// The references that were about to change.
    pub(super) refs: &'l [String],
    /// The reason that was given, or why the scan did not end.
    pub(super) reason: &'l str,
    /// How many different secrets passed; none if nobody knows.
    pub(super) findings: Option<u64>,
}

/// What is worth a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Event {
    /// Somebody went past the hook.
    Bypass,
    /// The time was over, and what was not scanned was let in.
    TimeoutAccepted,
    /// The time was over, and the push was refused.
    TimeoutRejected,
}

/// Where lines of hooks of this user go.
///
/// # Errors
/// Nobody says where this user's files are.
pub(super) fn user_file() -> anyhow::Result<PathBuf> {
    let absolute = |name: &str| {
        let value = std::env::var_os(name).map(PathBuf::from);
        value.filter(|path| path.is_absolute())
    };
    let folder = absolute("XDG_STATE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local/state")))
        .or_else(|| absolute("LOCALAPPDATA"));
    let folder = folder.context("neither XDG_STATE_HOME nor HOME is set; set one")?;
    Ok(folder.join("stanch").join(FILE))
}

/// Where lines of a server's hook go: beside its repository's references,
/// where nobody who pushes can write.
pub(super) fn server_file(git_dir: &Path) -> PathBuf {
    git_dir.join("stanch").join(FILE)
}

const FILE: &str = "audit.jsonl";

impl<'l> Line<'l> {
    /// A line of now.
    pub(super) fn new(
        event: Event,
        hook: Hook,
        repository: &Path,
        refs: &'l [String],
        reason: &'l str,
        findings: Option<u64>,
    ) -> Line<'l> {
        Line {
            time: jiff::Timestamp::now().to_string(),
            event,
            hook: hook.name(),
            who: who(),
            repository: repository.to_string_lossy().into_owned(),
            refs,
            reason,
            findings,
        }
    }

    /// Appends it to a file, which is made if need be.
    ///
    /// # Errors
    /// A file that cannot be written: nobody may pass without a trace then.
    pub(super) fn append(&self, file: &Path) -> anyhow::Result<()> {
        let cannot = || {
            let file = shown(file);
            format!("the audit line cannot be written to {file}, and nobody passes without one")
        };
        let mut line = serde_json::to_vec(self).with_context(cannot)?;
        line.push(b'\n');
        if let Some(folder) = file.parent() {
            let mut builder = fs::DirBuilder::new();
            builder.recursive(true);
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.create(folder).with_context(cannot)?;
        }
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut out = options.open(file).with_context(cannot)?;
        out.write_all(&line).with_context(cannot)
    }
}

/// Variables that name whoever acts: code hosts', then the system's.
const WHO: [&str; 8] = [
    "GL_USERNAME",
    "GL_ID",
    "GITHUB_USER_LOGIN",
    "GITEA_PUSHER_NAME",
    "REMOTE_USER",
    "USER",
    "LOGNAME",
    "USERNAME",
];

fn who() -> Option<String> {
    let named = WHO.iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    #[cfg(target_os = "linux")]
    let named = named.or_else(|| {
        use std::os::unix::fs::MetadataExt;
        fs::metadata("/proc/self").ok().map(|meta| format!("uid {}", meta.uid()))
    });
    named
}
