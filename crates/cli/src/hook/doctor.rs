//! `stanch hook doctor`: whether the hooks really run, and what to mend.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use stanch_sources::git::Repo;

use super::git::{self, Place};
use super::manager::Manager;
use super::status::{self, HookState, State};
use super::{Hook, audit, bypass, install, script};
use crate::exit::Exit;
use crate::policy::{self, Policy};
use crate::report::style::{ERROR, FAINT, GOOD};

/// Runs the command.
///
/// # Errors
/// Standard output is gone.
pub(super) fn run() -> anyhow::Result<Exit> {
    let mut sheet = Sheet { out: anstream::stdout(), faults: 0 };
    program(&mut sheet)?;
    let version = match git::version() {
        Ok(version) if git::at_least(&version, 2, 11) => {
            sheet.good("git", &version)?;
            version
        }
        Ok(version) => {
            let next = "update it; pushes are put in quarantine only since 2.11";
            sheet.bad("git", &format!("{version} is too old"), next)?;
            version
        }
        Err(error) => {
            sheet.bad("git", &format!("{error:#}"), "install git")?;
            return Ok(Exit::Incomplete);
        }
    };
    let place = match Place::here() {
        Ok(place) => place,
        Err(error) => {
            let text = format!("{error:#}");
            let next = match text.contains("dubious ownership") {
                true => "if you trust it, run the command that git names",
                false => "go into a repository",
            };
            sheet.bad("repository", &text, next)?;
            return Ok(Exit::Incomplete);
        }
    };
    repository(&mut sheet, &place)?;
    hooks_path(&mut sheet, &place)?;
    let states = status::of(&place);
    let bare = place.work_dir.is_none();
    for state in &states {
        let expected = (state.which == Hook::PreReceive) == bare;
        hook(&mut sheet, &place, state, expected, &version)?;
    }
    settings(&mut sheet, &place, bare)?;
    Ok(match sheet.faults {
        0 => Exit::Clean,
        _ => Exit::Incomplete,
    })
}

/// What was looked at, line by line.
struct Sheet<W> {
    out: W,
    faults: usize,
}

impl<W: Write> Sheet<W> {
    fn good(&mut self, what: &str, text: &str) -> io::Result<()> {
        writeln!(self.out, "{GOOD}ok{GOOD:#}    {what}: {text}")
    }

    fn note(&mut self, what: &str, text: &str) -> io::Result<()> {
        writeln!(self.out, "{FAINT}note{FAINT:#}  {what}: {text}")
    }

    fn bad(&mut self, what: &str, text: &str, next: &str) -> io::Result<()> {
        self.faults += 1;
        writeln!(self.out, "{ERROR}fail{ERROR:#}  {what}: {text}")?;
        writeln!(self.out, "      next: {next}")
    }
}

fn program(sheet: &mut Sheet<impl Write>) -> io::Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    match std::env::current_exe() {
        Ok(path) => sheet.good("program", &format!("{} {version}", install::shown(&path))),
        Err(error) => sheet.bad("program", &error.to_string(), "install it again"),
    }
}

fn repository(sheet: &mut Sheet<impl Write>, place: &Place) -> io::Result<()> {
    match Repo::from_environment(Path::new(".")) {
        Ok(_) => sheet.good("repository", &install::shown(&place.git_dir)),
        Err(error) => {
            let top = place.work_dir.as_deref().unwrap_or(&place.git_dir);
            let top = crate::report::quoted(&top.to_string_lossy());
            let next = format!("if you trust it: git config --global --add safe.directory {top}");
            sheet.bad("repository", &error.to_string(), &next)
        }
    }
}

fn hooks_path(sheet: &mut Sheet<impl Write>, place: &Place) -> io::Result<()> {
    let Some(path) = &place.hooks_path else {
        return sheet.good("hooks folder", &install::shown(&place.own_hooks()));
    };
    let told = format!("{} (core.hooksPath, {} configuration)", path.value, path.scope);
    if !path.folder.is_dir() {
        let next = "make the folder, or unset core.hooksPath; no hook runs now";
        return sheet.bad("hooks folder", &format!("{told} is not there"), next);
    }
    sheet.good("hooks folder", &told)?;
    if install::global_folder().is_ok_and(|ours| ours == path.folder) {
        let lost: Vec<&str> = script::NOT_FORWARDED
            .into_iter()
            .filter(|name| status::executable(&place.own_hooks().join(name)))
            .collect();
        if !lost.is_empty() {
            let text = format!("{} of this repository do not run", lost.join(", "));
            let own = install::shown(&place.own_hooks());
            let next = format!("git config core.hooksPath {own} && stanch hook install");
            sheet.bad("own hooks", &text, &next)?;
        }
    }
    Ok(())
}

fn hook(
    sheet: &mut Sheet<impl Write>,
    place: &Place,
    state: &HookState,
    expected: bool,
    version: &str,
) -> io::Result<()> {
    let name = state.hook;
    let path = state.path.as_deref().map(install::shown).unwrap_or_default();
    let install = format!("stanch hook install {name}");
    match state.state {
        State::Installed => fires(sheet, state, version),
        State::Managed => {
            let note = state.note.as_deref().unwrap_or_default();
            sheet.good(name, &format!("{note}; commit or push to see it run"))
        }
        State::Shadowed => {
            let note = state.note.as_deref().unwrap_or_default();
            let own = install::shown(&place.own_hooks());
            let next = format!("git config core.hooksPath {own}, or stanch hook install --global");
            sheet.bad(name, &format!("{path} never runs: {note}"), &next)
        }
        State::NotExecutable => {
            let next = format!("chmod +x {path}");
            sheet.bad(name, &format!("{path} may not be executed, so git skips it"), &next)
        }
        State::Foreign if expected => {
            let whose = state.note.as_deref().unwrap_or("not ours");
            sheet.bad(name, &format!("{path} is {whose} and does not start stanch"), &install)
        }
        State::Absent if expected => {
            let text = match (&state.note, Manager::of(place)) {
                (Some(note), _) => note.clone(),
                (None, Some(manager)) => format!("not installed; {manager} rules here"),
                (None, None) => "not installed".to_owned(),
            };
            sheet.bad(name, &text, &install)
        }
        State::Foreign | State::Absent => sheet.note(name, "not installed, and not needed here"),
    }
}

/// Starts a hook as Git does, with a question instead of work to do.
fn fires(sheet: &mut Sheet<impl Write>, state: &HookState, version: &str) -> io::Result<()> {
    let name = state.hook;
    let Some(file) = &state.path else { return Ok(()) };
    let program = fs::read(file).ok().and_then(|text| script::program(&text));
    if let Some(program) = program.as_ref().filter(|program| !status::executable(program)) {
        let text = format!("it starts {}, which is gone", install::shown(program));
        return sheet.bad(name, &text, &format!("stanch hook install {name}"));
    }
    // Since 2.36 Git can be asked to run one, and looks for it as ever.
    let through_git = git::at_least(version, 2, 36) && !file.ends_with("stanch");
    let mut command = match through_git {
        true => {
            let mut command = Command::new("git");
            command.args(["hook", "run", name]);
            command
        }
        false => Command::new(file),
    };
    let answer = command.env(script::PROBE, "1").stdin(Stdio::null()).output();
    let told = match answer {
        Ok(output) => {
            let said = [output.stdout, output.stderr].concat();
            let said = String::from_utf8_lossy(&said).into_owned();
            let reached = said.contains(&format!("reached as {name}"));
            if reached && output.status.code() == Some(script::PROBED) {
                let own = format!("stanch {} reached", env!("CARGO_PKG_VERSION"));
                if !said.contains(&own) {
                    let next = format!("stanch hook install {name}");
                    return sheet.bad(name, "it starts another version of stanch", &next);
                }
                return sheet.good(name, &format!("it fires: {}", install::shown(file)));
            }
            let line = said.lines().next().unwrap_or("it says nothing").to_owned();
            stanch_scan::printable(&line)
        }
        Err(error) => error.to_string(),
    };
    let next = format!("look at {}, then stanch hook install {name}", install::shown(file));
    sheet.bad(name, &format!("it does not fire: {told}"), &next)
}

fn settings(sheet: &mut Sheet<impl Write>, place: &Place, bare: bool) -> io::Result<()> {
    let policy = policy::key::load().and_then(|key| match bare {
        false => {
            let top = place.work_dir.clone().unwrap_or_else(|| PathBuf::from("."));
            Policy::load(None, &[top], None, &key)
        }
        true => {
            let repo = Repo::from_environment(Path::new("."))?;
            let config = super::prereceive::configured(&repo);
            Policy::load_for_server(config.as_deref(), &key)
        }
    });
    let policy = match policy {
        Ok(policy) => policy,
        Err(error) => {
            return sheet.bad("configuration", &format!("{error:#}"), "mend it; hooks fail now");
        }
    };
    let notes = policy.notes();
    let found = if notes.is_empty() { "none found, defaults hold".into() } else { notes.join(" ") };
    sheet.good("configuration", &found)?;
    let hook = if bare { Hook::PreReceive } else { Hook::PreCommit };
    if !bypass::is_allowed(hook, &policy.settings().hook) {
        return sheet.note("bypass", "not allowed");
    }
    let trail = match bare {
        true => Ok(audit::server_file(&place.common_dir)),
        false => audit::user_file(),
    };
    match trail {
        Ok(file) => {
            let how = if bare { "git push -o stanch.bypass=why" } else { "STANCH_BYPASS=why" };
            sheet.note("bypass", &format!("{how}; noted in {}", install::shown(&file)))
        }
        Err(error) => sheet.bad("bypass", &format!("{error:#}"), "set HOME"),
    }
}
