//! `stanch hook install` and `uninstall`.
//!
//! In one repository a hook that is there is renamed and called by ours, and
//! renamed back when ours goes. Where a hook manager rules, its configuration
//! is the place, and its hook is left alone.
//!
//! For all repositories `core.hooksPath` is set, and not `init.templateDir`:
//! a template reaches only repositories that are made later, is copied, so
//! that it is never mended, and can be undone only in each copy. The price of
//! `core.hooksPath` is that Git then looks nowhere else; so the folder has a
//! script for every hook that runs the repository's own.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use stanch_scan::printable;

use super::git::{self, Place};
use super::manager::Manager;
use super::{Hook, InstallArgs, UninstallArgs, script};
use crate::exit::Exit;

/// Installs hooks.
///
/// # Errors
/// Places that cannot be written or belong to somebody else.
pub(super) fn install(args: &InstallArgs) -> anyhow::Result<Exit> {
    let program = program()?;
    let mut out = anstream::stdout();
    if args.global {
        return install_global(&args.hooks, &program, &mut out);
    }
    let place = Place::here()?;
    let hooks = wanted(&args.hooks, &place);
    let manager = if args.anyway { None } else { Manager::of(&place) };
    let mut done = Exit::Clean;
    for hook in hooks {
        if let Some(manager) = manager.as_ref().filter(|_| hook != Hook::PreReceive) {
            if !manager.install(hook, args.write, &mut out)? {
                done = Exit::Incomplete;
            }
            continue;
        }
        let folder = match hook {
            Hook::PreReceive => server_folder(&place),
            _ => own_folder(&place)?,
        };
        let (folder, name) = match folder.join(format!("{}.d", hook.name())) {
            // Some servers start everything in such a folder.
            several if hook == Hook::PreReceive && several.is_dir() => (several, "stanch"),
            _ => (folder, hook.name()),
        };
        let file = folder.join(name);
        let kept = put(&file, |made| script::local(hook, &program, made))?;
        writeln!(out, "{} installed: {}", hook.name(), shown(&file))?;
        if let Some(kept) = kept {
            writeln!(out, "  the hook that was there runs first: {}", shown(&kept))?;
        }
    }
    Ok(done)
}

/// Takes hooks away and puts back what was there.
///
/// # Errors
/// Places that cannot be written, and no hook of ours where one is named.
pub(super) fn uninstall(args: &UninstallArgs) -> anyhow::Result<Exit> {
    let mut out = anstream::stdout();
    if args.global {
        return uninstall_global(&mut out);
    }
    let place = Place::here()?;
    let mut folders = vec![place.own_hooks(), server_folder(&place)];
    if let Some(path) = place.hooks_path.as_ref().filter(|path| path.is_local) {
        folders.insert(0, path.folder.clone());
    }
    folders.dedup();
    let all = args.hooks.is_empty();
    let hooks = if all { Hook::ALL.to_vec() } else { args.hooks.clone() };
    let mut missing = false;
    for hook in hooks {
        let mut found = false;
        for folder in &folders {
            let several = folder.join(format!("{}.d", hook.name())).join("stanch");
            for file in [folder.join(hook.name()), several] {
                if !is_ours(&file) {
                    continue;
                }
                found = true;
                let back = take(&file)?;
                writeln!(out, "{} removed: {}", hook.name(), shown(&file))?;
                if back {
                    writeln!(out, "  the hook that was there before is back")?;
                }
            }
        }
        if !found && !all {
            missing = true;
            writeln!(out, "{} is not installed here", hook.name())?;
        }
    }
    if let Some(manager) = Manager::of(&place) {
        for hook in Hook::ALL.into_iter().filter(|hook| manager.runs(*hook)) {
            writeln!(out, "{} is also run by {}; delete its lines there", hook.name(), manager)?;
        }
    }
    Ok(if missing { Exit::Incomplete } else { Exit::Clean })
}

fn install_global(hooks: &[Hook], program: &Path, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let hooks = match hooks {
        [] => vec![Hook::PreCommit, Hook::PrePush],
        hooks => hooks.to_vec(),
    };
    let ours = global_folder()?;
    let configured = git::global_hooks_path()?;
    if let Some(other) = configured.as_ref().filter(|path| path.folder != ours) {
        // Repositories' own hooks did not run before either.
        for hook in hooks {
            let file = other.folder.join(hook.name());
            let kept = put(&file, |made| script::local(hook, program, made))?;
            writeln!(out, "{} installed for all repositories: {}", hook.name(), shown(&file))?;
            if let Some(kept) = kept {
                writeln!(out, "  the hook that was there runs first: {}", shown(&kept))?;
            }
        }
        return Ok(Exit::Clean);
    }
    fs::create_dir_all(&ours).with_context(|| cannot("make", &ours))?;
    for name in script::FORWARDED {
        let hook = Hook::ALL.into_iter().find(|hook| hook.name() == name);
        let file = ours.join(name);
        let had = fs::read(&file).ok().and_then(|text| script::program(&text)).is_some();
        let scan = hook.filter(|hook| hooks.contains(hook) || had).map(|hook| (hook, program));
        write(&file, &script::global(name, scan))?;
        if scan.is_some() {
            writeln!(out, "{name} installed for all repositories: {}", shown(&file))?;
        }
    }
    if configured.is_none() {
        git::set_global_hooks_path(Some(&ours))?;
        writeln!(out, "  core.hooksPath is set for this user; repositories' own hooks still run")?;
    }
    Ok(Exit::Clean)
}

fn uninstall_global(out: &mut dyn Write) -> anyhow::Result<Exit> {
    let ours = global_folder()?;
    let configured = git::global_hooks_path()?;
    let mut found = false;
    if let Some(other) = configured.as_ref().filter(|path| path.folder != ours) {
        for hook in Hook::ALL {
            let file = other.folder.join(hook.name());
            if is_ours(&file) {
                found = true;
                take(&file)?;
                writeln!(out, "{} removed: {}", hook.name(), shown(&file))?;
            }
        }
    } else if configured.is_some() {
        found = true;
        git::set_global_hooks_path(None)?;
        writeln!(out, "core.hooksPath is no longer set for this user")?;
    }
    if ours.is_dir() {
        found = true;
        for name in script::FORWARDED {
            let file = ours.join(name);
            if is_ours(&file) {
                fs::remove_file(&file).with_context(|| cannot("remove", &file))?;
            }
        }
        // What others have put there stays.
        let _ = fs::remove_dir(&ours);
        writeln!(out, "removed: {}", shown(&ours))?;
    }
    if !found {
        writeln!(out, "no hooks are installed for all repositories")?;
    }
    Ok(Exit::Clean)
}

/// Where scripts for all repositories stand.
///
/// # Errors
/// Nobody says where this user's files are.
pub(super) fn global_folder() -> anyhow::Result<PathBuf> {
    let absolute = |name: &str| {
        let value = std::env::var_os(name).map(PathBuf::from);
        value.filter(|path| path.is_absolute())
    };
    let folder = absolute("XDG_CONFIG_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".config")))
        .or_else(|| absolute("APPDATA"));
    let folder = folder.context("neither XDG_CONFIG_HOME nor HOME is set; set one")?;
    Ok(folder.join("stanch").join("hooks"))
}

/// Where a hook of this repository alone belongs.
fn own_folder(place: &Place) -> anyhow::Result<PathBuf> {
    let Some(path) = &place.hooks_path else { return Ok(place.own_hooks()) };
    if path.is_local {
        return Ok(path.folder.clone());
    }
    // Our own scripts start the repository's hooks.
    if global_folder().is_ok_and(|ours| ours == path.folder) {
        return Ok(place.own_hooks());
    }
    bail!(
        "core.hooksPath is {} in the {} configuration, so hooks of this repository never run; \
         install with --global, or run `git config core.hooksPath {}` and install again",
        path.value,
        path.scope,
        shown(&place.own_hooks())
    );
}

/// Where `pre-receive` belongs: GitLab starts those in `custom_hooks`.
pub(super) fn server_folder(place: &Place) -> PathBuf {
    let custom = place.common_dir.join("custom_hooks");
    let hashed = place.common_dir.components().any(|part| part.as_os_str() == "@hashed");
    if custom.is_dir() || hashed { custom } else { place.hooks() }
}

fn wanted(hooks: &[Hook], place: &Place) -> Vec<Hook> {
    let mut hooks = match (hooks, &place.work_dir) {
        ([], Some(_)) => vec![Hook::PreCommit, Hook::PrePush],
        ([], None) => vec![Hook::PreReceive],
        (hooks, _) => hooks.to_vec(),
    };
    hooks.sort();
    hooks.dedup();
    hooks
}

/// The program that hooks will start: this one.
fn program() -> anyhow::Result<PathBuf> {
    let program = std::env::current_exe().context("cannot tell where this program is")?;
    if cfg!(windows) {
        return Ok(program.to_string_lossy().replace('\\', "/").into());
    }
    Ok(program)
}

/// Whether a file is a script of ours.
pub(super) fn is_ours(file: &Path) -> bool {
    fs::read(file).is_ok_and(|text| script::is_ours(&text))
}

/// The name that the hook gets which was there before.
pub(super) fn kept(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(script::KEPT);
    name.into()
}

/// Puts a script of ours in place, and tells what it keeps.
fn put(file: &Path, text: impl Fn(bool) -> Vec<u8>) -> anyhow::Result<Option<PathBuf>> {
    let folder = file.parent().unwrap_or(Path::new("."));
    let before = kept(file);
    let has_kept = fs::symlink_metadata(&before).is_ok();
    if fs::symlink_metadata(file).is_ok() && !is_ours(file) {
        if has_kept {
            bail!(
                "another tool has replaced our {} while the hook before it is kept as {}; \
                 join the two into one of them, delete the other, and install again",
                shown(file),
                shown(&before)
            );
        }
        fs::rename(file, &before).with_context(|| cannot("rename", file))?;
        if let Err(error) = write(file, &text(false)) {
            // As if nothing had been tried.
            let _ = fs::rename(&before, file);
            return Err(error);
        }
        return Ok(Some(before));
    }
    let mut made = !folder.exists();
    if made {
        fs::create_dir_all(folder).with_context(|| cannot("make", folder))?;
    } else if let Ok(old) = fs::read(file) {
        made = String::from_utf8_lossy(&old).lines().any(|line| line == script::MADE);
    }
    write(file, &text(made))?;
    Ok(has_kept.then_some(before))
}

/// Takes a script of ours away; tells whether something is back in its place.
fn take(file: &Path) -> anyhow::Result<bool> {
    let text = fs::read(file).with_context(|| cannot("read", file))?;
    let before = kept(file);
    if fs::symlink_metadata(&before).is_ok() {
        // One step, so that there is always a hook.
        fs::rename(&before, file).with_context(|| cannot("put back", &before))?;
        return Ok(true);
    }
    fs::remove_file(file).with_context(|| cannot("remove", file))?;
    let made = String::from_utf8_lossy(&text).lines().any(|line| line == script::MADE);
    if made && let Some(folder) = file.parent() {
        // Another hook may still be in it.
        let _ = fs::remove_dir(folder);
    }
    Ok(false)
}

/// Writes a script; it appears whole or not at all, and can be run.
fn write(file: &Path, text: &[u8]) -> anyhow::Result<()> {
    let failed = || cannot("write", file);
    let folder = file.parent().unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".stanch-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o777));
    }
    let mut part = builder.tempfile_in(folder).with_context(failed)?;
    part.write_all(text).with_context(failed)?;
    part.persist(file).map_err(|failed| failed.error).with_context(failed)?;
    Ok(())
}

fn cannot(what: &str, path: &Path) -> String {
    format!("cannot {what} {}", shown(path))
}

/// A path that is safe for a terminal.
pub(super) fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy())
}
