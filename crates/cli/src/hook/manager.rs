//! Hook managers: tools that own a repository's hooks and start what their
//! configuration names. Their hooks are left alone.

use std::fmt;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::git::Place;
use super::install::shown;
use super::{Hook, yaml};

/// A hook manager that rules a repository.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Manager {
    /// husky from version 5 on, with one file for each hook in this folder.
    Husky {
        /// `.husky` or its like.
        folder: PathBuf,
        /// Whether its files are scripts of their own, as before version 9.
        scripts: bool,
    },
    /// husky 4, configured in this file.
    OldHusky(PathBuf),
    /// lefthook, with its configuration.
    Lefthook(PathBuf),
    /// The pre-commit framework, with its configuration.
    PreCommit(PathBuf),
}

impl fmt::Display for Manager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Manager::Husky { .. } | Manager::OldHusky(_) => "husky",
            Manager::Lefthook(_) => "lefthook",
            Manager::PreCommit(_) => "the pre-commit framework",
        })
    }
}

/// The names that lefthook reads, without `lefthook-local`, which is nobody
/// else's.
const LEFTHOOK: [&str; 11] = [
    "lefthook.yml",
    "lefthook.yaml",
    ".lefthook.yml",
    ".lefthook.yaml",
    ".config/lefthook.yml",
    ".config/lefthook.yaml",
    "lefthook.toml",
    ".lefthook.toml",
    "lefthook.json",
    ".lefthook.json",
    "lefthook.jsonc",
];

/// Where husky 4 is configured besides `package.json`.
const OLD_HUSKY: [&str; 6] = [
    ".huskyrc",
    ".huskyrc.json",
    ".huskyrc.js",
    ".huskyrc.yml",
    ".huskyrc.yaml",
    "husky.config.js",
];

/// Most bytes of a file that is looked into.
const SIZE_MAX: u64 = 1 << 20;

impl Manager {
    /// The manager of a repository, if it has one.
    pub(super) fn of(place: &Place) -> Option<Manager> {
        let top = place.work_dir.as_deref()?;
        if let Some(folder) = husky_folder(place) {
            let scripts = !place.hooks().ends_with("_");
            return Some(Manager::Husky { folder, scripts });
        }
        let file = |name: &&str| Some(top.join(name)).filter(|path| path.is_file());
        if let Some(config) = LEFTHOOK.iter().find_map(file) {
            return Some(Manager::Lefthook(config));
        }
        if let Some(config) = file(&".pre-commit-config.yaml") {
            return Some(Manager::PreCommit(config));
        }
        if let Some(config) = OLD_HUSKY.iter().find_map(file) {
            return Some(Manager::OldHusky(config));
        }
        // Later versions have a script in it, but no such table.
        let package = top.join("package.json");
        let value: serde_json::Value = serde_json::from_str(&read(&package)).ok()?;
        value.pointer("/husky/hooks").map(|_| Manager::OldHusky(package))
    }

    /// Whether its configuration names a hook of ours.
    pub(super) fn runs(&self, hook: Hook) -> bool {
        let command = format!("hook run {}", hook.name());
        match self {
            Manager::Husky { folder, .. } => read(&folder.join(hook.name())).contains(&command),
            Manager::OldHusky(config) | Manager::Lefthook(config) => {
                read(config).contains(&command)
            }
            Manager::PreCommit(config) => {
                let text = read(config);
                let id = format!("id: {}", framework_id(hook));
                let ids = text.lines().any(|line| line.trim().trim_start_matches("- ") == id);
                ids || text.contains(&command)
            }
        }
    }

    /// Says what to write where, or writes it. Tells whether the manager runs
    /// the hook now.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub(super) fn install(
        &self,
        hook: Hook,
        write: bool,
        out: &mut dyn Write,
    ) -> anyhow::Result<bool> {
        let name = hook.name();
        if self.runs(hook) {
            writeln!(out, "{name} is run by {self} already: {}", shown(&self.file(hook)))?;
            return Ok(true);
        }
        let file = self.file(hook);
        if write && self.insert(hook, &file)? {
            writeln!(out, "{name} added to {}", shown(&file))?;
            self.after(hook, out)?;
            return Ok(true);
        }
        let why = if write { "its form is not understood, so " } else { "" };
        writeln!(out, "{name} not installed: {self} rules the hooks here; {why}add to {}:", {
            shown(&file)
        })?;
        writeln!(out)?;
        for line in self.lines(hook) {
            writeln!(out, "    {line}")?;
        }
        writeln!(out)?;
        self.after(hook, out)?;
        if !write && !matches!(self, Manager::OldHusky(_)) {
            writeln!(out, "  `stanch hook install --write {name}` does it for you")?;
        }
        Ok(false)
    }

    /// The file that names what runs.
    fn file(&self, hook: Hook) -> PathBuf {
        match self {
            Manager::Husky { folder, .. } => folder.join(hook.name()),
            Manager::OldHusky(config) | Manager::Lefthook(config) | Manager::PreCommit(config) => {
                config.clone()
            }
        }
    }

    /// The lines to add.
    fn lines(&self, hook: Hook) -> Vec<String> {
        let name = hook.name();
        let owned = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
        match self {
            Manager::Husky { .. } => owned(&[husky_command(hook)]),
            Manager::OldHusky(_) => owned(&match hook {
                Hook::PreCommit => {
                    [r#""husky": { "hooks": { "pre-commit": "stanch hook run pre-commit" } }"#]
                }
                _ => [concat!(
                    r#""husky": { "hooks": { "pre-push": "printf '%s\\n' \"$HUSKY_GIT_STDIN\" | "#,
                    r#"stanch hook run pre-push $HUSKY_GIT_PARAMS" } }"#
                )],
            }),
            Manager::Lefthook(config) => {
                let run = lefthook_command(hook);
                let input = hook.reads_input();
                match config.extension().and_then(|e| e.to_str()) {
                    Some("toml") => {
                        let head = format!("[{name}.commands.stanch]");
                        let input = input.then(|| "use_stdin = true".to_owned());
                        [head, format!("run = \"{run}\"")].into_iter().chain(input).collect()
                    }
                    Some("json" | "jsonc") => {
                        let input = if input { r#", "use_stdin": true"# } else { "" };
                        vec![format!(
                            r#""{name}": {{ "commands": {{ "stanch": {{ "run": "{run}"{input} }} }} }}"#
                        )]
                    }
                    _ => {
                        let head = [format!("{name}:"), "  commands:".to_owned()];
                        let rest = lefthook_lines(hook).into_iter();
                        head.into_iter().chain(rest.map(|line| format!("    {line}"))).collect()
                    }
                }
            }
            Manager::PreCommit(_) => {
                let items = framework_lines(hook).into_iter();
                let items = items.map(|line| format!("  {line}"));
                std::iter::once("repos:".to_owned()).chain(items).collect()
            }
        }
    }

    /// Writes the lines where the file's form allows it.
    fn insert(&self, hook: Hook, file: &Path) -> anyhow::Result<bool> {
        let text = read(file);
        let new = match self {
            Manager::Husky { scripts, .. } => Some(husky_file(&text, hook, *scripts)),
            Manager::OldHusky(_) => None,
            Manager::Lefthook(config) => {
                let yaml = config.extension().is_some_and(|e| e == "yml" || e == "yaml");
                let lines = lefthook_lines(hook);
                let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
                yaml.then(|| yaml::add_under(&text, hook.name(), "commands", &lines)).flatten()
            }
            Manager::PreCommit(_) => {
                let lines = framework_lines(hook);
                let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
                yaml::add_item(&text, "repos", &lines)
            }
        };
        let Some(new) = new else { return Ok(false) };
        let cannot = || format!("cannot write {}", shown(file));
        fs::write(file, new).with_context(cannot)?;
        #[cfg(unix)]
        if let Manager::Husky { .. } = self {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(file).with_context(cannot)?.permissions().mode();
            let all = fs::Permissions::from_mode(mode | 0o111);
            fs::set_permissions(file, all).with_context(cannot)?;
        }
        Ok(true)
    }

    /// What else is to be done.
    fn after(&self, hook: Hook, out: &mut dyn Write) -> std::io::Result<()> {
        match self {
            Manager::PreCommit(_) => {
                let name = hook.name();
                writeln!(out, "  then run `pre-commit install --hook-type {name}`")
            }
            Manager::Lefthook(_) => writeln!(out, "  then run `lefthook install`"),
            Manager::Husky { .. } | Manager::OldHusky(_) => Ok(()),
        }
    }
}

/// The folder with the files that husky runs, if husky does.
fn husky_folder(place: &Place) -> Option<PathBuf> {
    let path = place.hooks_path.as_ref().filter(|path| path.is_local)?;
    // Since version 9 Git looks in `.husky/_`, whose scripts start those of `.husky`.
    let folder = match path.folder.file_name().is_some_and(|name| name == "_") {
        true => path.folder.parent()?.to_owned(),
        false => path.folder.clone(),
    };
    let named = folder.file_name().is_some_and(|name| name == ".husky");
    let helper =
        folder.join("_").join("husky.sh").is_file() || folder.join("_").join("h").is_file();
    (named || helper).then_some(folder)
}

fn husky_command(hook: Hook) -> &'static str {
    match hook {
        Hook::PreCommit => "stanch hook run pre-commit",
        Hook::PrePush => "stanch hook run pre-push \"$@\"",
        Hook::PreReceive => "stanch hook run pre-receive",
    }
}

/// A file of husky's with our line in it. It stands first for hooks that read
/// what Git says: what comes after may not need it.
fn husky_file(text: &str, hook: Hook, scripts: bool) -> String {
    let command = husky_command(hook);
    if text.is_empty() {
        let head = "#!/usr/bin/env sh\n. \"$(dirname -- \"$0\")/_/husky.sh\"\n\n";
        return format!("{}{command}\n", if scripts { head } else { "" });
    }
    let gap = if text.ends_with('\n') { "" } else { "\n" };
    format!("{text}{gap}{command}\n")
}

fn lefthook_command(hook: Hook) -> &'static str {
    match hook {
        Hook::PreCommit => "stanch hook run pre-commit",
        Hook::PrePush => "stanch hook run pre-push {1} {2}",
        Hook::PreReceive => "stanch hook run pre-receive",
    }
}

fn lefthook_lines(hook: Hook) -> Vec<String> {
    let mut lines = vec!["stanch:".to_owned(), format!("  run: {}", lefthook_command(hook))];
    if hook.reads_input() {
        lines.push("  use_stdin: true".to_owned());
    }
    lines
}

/// The ids of `.pre-commit-hooks.yaml`.
fn framework_id(hook: Hook) -> &'static str {
    match hook {
        Hook::PreCommit => "stanch",
        Hook::PrePush | Hook::PreReceive => "stanch-push",
    }
}

/// The framework's own list entry; the program comes from PATH.
fn framework_lines(hook: Hook) -> Vec<String> {
    let (id, name) = (framework_id(hook), hook.name());
    [
        "- repo: local".to_owned(),
        "  hooks:".to_owned(),
        format!("    - id: {id}"),
        "      name: stanch (secrets)".to_owned(),
        format!("      entry: stanch hook run {name}"),
        "      language: system".to_owned(),
        "      always_run: true".to_owned(),
        "      pass_filenames: false".to_owned(),
        format!("      stages: [{name}]"),
    ]
    .into()
}

/// The text of a file; empty if it cannot be read or is too big.
fn read(path: &Path) -> String {
    match fs::metadata(path) {
        Ok(meta) if meta.is_file() && meta.len() <= SIZE_MAX => {
            fs::read_to_string(path).unwrap_or_default()
        }
        _ => String::new(),
    }
}
