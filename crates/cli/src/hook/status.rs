//! `stanch hook status`.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::git::{self, Place};
use super::manager::Manager;
use super::{Hook, install, script};
use crate::args::ListFormat;
use crate::exit::Exit;

/// How a hook stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum State {
    /// Ours, and Git runs it.
    Installed,
    /// Ours, and a hook manager runs it.
    Managed,
    /// Somebody else's.
    Foreign,
    /// None is there.
    Absent,
    /// Ours, but Git looks elsewhere.
    Shadowed,
    /// There, but Git skips it: it may not be executed.
    NotExecutable,
}

impl State {
    pub(super) fn name(self) -> &'static str {
        match self {
            State::Installed => "installed",
            State::Managed => "managed",
            State::Foreign => "foreign",
            State::Absent => "absent",
            State::Shadowed => "shadowed",
            State::NotExecutable => "not-executable",
        }
    }
}

/// A hook and where it is.
#[derive(Debug, Serialize)]
pub(super) struct HookState {
    /// Git's name for it.
    pub(super) hook: &'static str,
    /// How it stands.
    pub(super) state: State,
    /// The file that Git runs, or ours that it does not run.
    pub(super) path: Option<PathBuf>,
    /// The hook that was there before, which ours runs first.
    pub(super) keeps: Option<PathBuf>,
    /// What is to be known besides.
    pub(super) note: Option<String>,
    #[serde(skip)]
    pub(super) which: Hook,
}

/// Runs the command.
///
/// # Errors
/// No repository here.
pub(super) fn run(format: ListFormat) -> anyhow::Result<Exit> {
    let place = Place::here()?;
    let states = of(&place);
    let mut out = anstream::stdout();
    if format == ListFormat::Json {
        serde_json::to_writer_pretty(&mut out, &states)?;
        writeln!(out)?;
        return Ok(Exit::Clean);
    }
    for state in &states {
        let path = state.path.as_deref().map(install::shown).unwrap_or_default();
        writeln!(
            out,
            "{}",
            format!("{:<12} {:<15} {path}", state.hook, state.state.name()).trim()
        )?;
        if let Some(kept) = &state.keeps {
            writeln!(out, "{:<12} {:<15} runs first: {}", "", "", install::shown(kept))?;
        }
        if let Some(note) = &state.note {
            writeln!(out, "{:<12} {:<15} {note}", "", "")?;
        }
    }
    Ok(Exit::Clean)
}

/// How all hooks of a repository stand.
pub(super) fn of(place: &Place) -> Vec<HookState> {
    let manager = Manager::of(place);
    let in_force = place.hooks();
    let hooks = Hook::ALL.into_iter();
    hooks.map(|hook| one(hook, place, &in_force, manager.as_ref())).collect()
}

fn one(hook: Hook, place: &Place, in_force: &Path, manager: Option<&Manager>) -> HookState {
    let name = hook.name();
    let mut told = HookState {
        hook: name,
        state: State::Absent,
        path: None,
        keeps: None,
        note: None,
        which: hook,
    };
    let file = in_force.join(name);
    let several = in_force.join(format!("{name}.d")).join("stanch");
    let custom = install::server_folder(place).join(name);
    let ours_here = [&file, &several, &custom].into_iter().find(|path| {
        // A script for all repositories may only hand on.
        fs::read(path).is_ok_and(|text| script::is_ours(&text) && script::program(&text).is_some())
    });
    if let Some(ours) = ours_here {
        told.state = if executable(ours) { State::Installed } else { State::NotExecutable };
        let kept = install::kept(ours);
        told.keeps = Some(kept).filter(|path| fs::symlink_metadata(path).is_ok());
        told.path = Some(ours.clone());
        if is_global(in_force) {
            told.note = Some("for all repositories of this user".to_owned());
        }
        return told;
    }
    let own = place.own_hooks().join(name);
    let own_is_ours = install::is_ours(&own);
    if own_is_ours && own != file {
        // Our global scripts hand on to it, others do not.
        told.state = if hands_on(in_force) { State::Installed } else { State::Shadowed };
        told.path = Some(own);
        told.note =
            place.hooks_path.as_ref().filter(|_| told.state == State::Shadowed).map(|path| {
                format!("core.hooksPath is {} in the {} configuration", path.value, path.scope)
            });
        return told;
    }
    if let Some(manager) = manager.filter(|manager| manager.runs(hook)) {
        told.state = State::Managed;
        told.note = Some(format!("run by {manager}"));
        if fs::symlink_metadata(&file).is_err() {
            told.state = State::Absent;
            told.note = Some(format!("{manager} is told to run it, but is not installed itself"));
        }
        told.path = Some(file).filter(|path| path.exists());
        return told;
    }
    if fs::symlink_metadata(&file).is_ok() && !install::is_ours(&file) {
        told.state = if executable(&file) { State::Foreign } else { State::NotExecutable };
        told.note = manager.map(|manager| format!("of {manager}"));
        told.path = Some(file);
    }
    told
}

/// Whether the scripts of this folder start the repository's own hooks.
fn hands_on(folder: &Path) -> bool {
    install::global_folder().is_ok_and(|ours| ours == folder)
}

/// Whether Git looks into this folder for all repositories of the user.
fn is_global(folder: &Path) -> bool {
    hands_on(folder)
        || git::global_hooks_path().is_ok_and(|path| path.is_some_and(|p| p.folder == folder))
}

/// Whether Git would start it.
pub(super) fn executable(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::metadata(path)
            .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
    }
    #[cfg(not(unix))]
    path.is_file()
}
