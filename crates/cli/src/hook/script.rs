//! The shell scripts that Git starts. They are POSIX `sh`, find the program by
//! the path that it was installed from, and refuse when it is gone.

use std::path::Path;

use super::Hook;

/// How the second line of every script of ours begins.
pub(super) const MARK: &str = "# Installed by stanch";

/// What the name of a hook that was there before gets at its end.
pub(super) const KEPT: &str = ".before-stanch";

/// Tells that the folder of the hooks was made for this one.
pub(super) const MADE: &str = "# This folder was made for it.";

/// Variable that makes a hook say that it is there instead of scanning. It
/// fails then, so that nobody gets past it that way.
pub(super) const PROBE: &str = "STANCH_HOOK_PROBE";

/// The exit code of a hook that was only asked whether it is there.
pub(super) const PROBED: i32 = 77;

/// Hooks whose mere presence costs something at every step of Git or changes
/// what Git does. Where [`global`] scripts stand these are missing, so that a
/// repository's own ones do not run.
pub(super) const NOT_FORWARDED: [&str; 5] = [
    "reference-transaction",
    "post-index-change",
    "push-to-checkout",
    "proc-receive",
    "fsmonitor-watchman",
];

/// Hooks that a global folder forwards to the repository's own.
pub(super) const FORWARDED: [&str; 19] = [
    "applypatch-msg",
    "pre-applypatch",
    "post-applypatch",
    "pre-commit",
    "pre-merge-commit",
    "prepare-commit-msg",
    "commit-msg",
    "post-commit",
    "pre-rebase",
    "post-checkout",
    "post-merge",
    "pre-push",
    "pre-receive",
    "update",
    "post-receive",
    "post-update",
    "pre-auto-gc",
    "post-rewrite",
    "sendemail-validate",
];

/// The hook of one repository, which first runs the one that was there before.
pub(super) fn local(hook: Hook, program: &Path, made_folder: bool) -> Vec<u8> {
    let mut text = head(hook.name(), "stanch hook uninstall");
    if made_folder {
        text.extend_from_slice(format!("{MADE}\n").as_bytes());
    }
    let kept = format!("own=$0{KEPT}\n");
    text.extend_from_slice(b"\n# What was here before; it runs first.\n");
    text.extend_from_slice(kept.as_bytes());
    scan(&mut text, hook, program);
    text
}

/// A hook for all repositories, which first runs the repository's own: Git
/// looks for hooks in one folder only. Without `scan` that is all it does.
pub(super) fn global(name: &str, scan_with: Option<(Hook, &Path)>) -> Vec<u8> {
    let mut text = head(name, "stanch hook uninstall --global");
    text.extend_from_slice(
        br#"
# The repository's own hook; it runs first.
if [ -n "${GIT_COMMON_DIR-}" ]; then
    common=$GIT_COMMON_DIR
elif [ -z "${GIT_DIR-}" ] && [ -d .git ]; then
    common=.git
else
    common=$(git rev-parse --git-common-dir) || exit 1
fi
"#,
    );
    text.extend_from_slice(format!("own=\"$common/hooks/{name}\"\n").as_bytes());
    let Some((hook, program)) = scan_with else {
        text.extend_from_slice(b"[ -x \"$own\" ] || exit 0\nexec \"$own\" \"$@\"\n");
        return text;
    };
    // One scan is enough.
    text.extend_from_slice(
        format!(
            "if [ -x \"$own\" ]; then\n    mark=\n    \
             {{ read -r mark && read -r mark; }} < \"$own\" || mark=\n    \
             case $mark in '{MARK}'*) exec \"$own\" \"$@\" ;; esac\nfi\n"
        )
        .as_bytes(),
    );
    scan(&mut text, hook, program);
    text
}

/// Whether a script is one of ours.
pub(super) fn is_ours(text: &[u8]) -> bool {
    let second = text.split(|b| *b == b'\n').nth(1);
    second.is_some_and(|line| line.starts_with(MARK.as_bytes()))
}

/// The program that a script of ours starts.
pub(super) fn program(text: &[u8]) -> Option<std::path::PathBuf> {
    let text = String::from_utf8_lossy(text);
    let line = text.lines().find_map(|line| line.strip_prefix("stanch='"))?;
    Some(line.strip_suffix('\'')?.replace(r"'\''", "'").into())
}

fn head(name: &str, undo: &str) -> Vec<u8> {
    format!("#!/bin/sh\n{MARK} as {name}; `{undo}` takes it away again.\n").into_bytes()
}

fn scan(text: &mut Vec<u8>, hook: Hook, program: &Path) {
    let name = hook.name();
    text.extend_from_slice(b"\nstanch=");
    quote(text, program);
    text.extend_from_slice(b"\n[ -x \"$stanch\" ] || stanch=$(command -v stanch) || stanch=\n");
    let probe = format!(
        "if [ -n \"${{{PROBE}-}}\" ] && [ -n \"$stanch\" ]; then\n    \
         exec \"$stanch\" hook run {name}\nfi\n"
    );
    text.extend_from_slice(probe.as_bytes());
    let before = match hook.reads_input() {
        // Both hooks read what Git says.
        true => {
            "if [ -x \"$own\" ]; then\n    input=$(cat && echo .) || exit 1\n    \
             input=${input%.}\n    printf %s \"$input\" | \"$own\" \"$@\" || exit\nfi\n"
        }
        false => "if [ -x \"$own\" ]; then\n    \"$own\" \"$@\" || exit\nfi\n",
    };
    text.extend_from_slice(before.as_bytes());
    text.extend_from_slice(b"if [ -z \"$stanch\" ]; then\n");
    text.extend_from_slice(gone(hook).as_bytes());
    text.extend_from_slice(b"fi\n");
    if hook.reads_input() {
        let fed = format!(
            "if [ -x \"$own\" ]; then\n    \
             printf %s \"$input\" | \"$stanch\" hook run {name} \"$@\"\n    exit\nfi\n"
        );
        text.extend_from_slice(fed.as_bytes());
    }
    text.extend_from_slice(format!("exec \"$stanch\" hook run {name} \"$@\"\n").as_bytes());
}

/// What to do when the program is gone: refuse, or leave a line of audit.
fn gone(hook: Hook) -> String {
    let name = hook.name();
    if hook == Hook::PreReceive {
        return "    echo 'stanch: the scanner of this server is gone, so that' >&2\n    \
                echo 'stanch: nothing can be received. Tell its administrator.' >&2\n    exit 1\n"
            .to_owned();
    }
    format!(
        r#"    if [ -z "${{STANCH_BYPASS-}}" ]; then
        echo 'stanch: the program is gone, so that secrets cannot be found; nothing is done.' >&2
        echo 'stanch: install it again, or take this hook away:' >&2
        printf '    rm "%s"\n' "$0" >&2
        echo "stanch: to go on once: STANCH_BYPASS='why' and the same command again" >&2
        exit 1
    fi
    clean() {{ printf %s "$1" | tr -d '\000-\037\177' | sed 's/[\\"]/\\&/g'; }}
    state=${{XDG_STATE_HOME:-$HOME/.local/state}}/stanch
    umask 077
    mkdir -p "$state" && printf \
        '{{"time":"%s","event":"bypass","hook":"{name}","repository":"%s","reason":"%s","findings":null}}\n' \
        "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$(clean "$PWD")" "$(clean "$STANCH_BYPASS")" \
        >> "$state/audit.jsonl" || exit 1
    exit 0
"#
    )
}

/// Writes a path as one word of the shell.
fn quote(text: &mut Vec<u8>, path: &Path) {
    text.push(b'\'');
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'\'' => text.extend_from_slice(br"'\''"),
            byte => text.push(*byte),
        }
    }
    text.push(b'\'');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_known_again_with_the_program_they_start() {
        let path = Path::new("/it's here/stanch");
        for hook in Hook::ALL {
            for text in [local(hook, path, true), global(hook.name(), Some((hook, path)))] {
                assert!(is_ours(&text));
                assert_eq!(program(&text).as_deref(), Some(path));
            }
        }
        assert!(is_ours(&global("commit-msg", None)));
        assert!(!is_ours(b"#!/bin/sh\nexit 0\n") && !is_ours(b""));
    }

    #[test]
    fn every_script_is_well_formed() {
        for hook in Hook::ALL {
            let path = Path::new("/a b/stanch");
            for text in [local(hook, path, false), global(hook.name(), Some((hook, path)))] {
                let dir = tempfile::tempdir().unwrap();
                let file = dir.path().join("hook");
                std::fs::write(&file, text).unwrap();
                let checked = std::process::Command::new("sh").arg("-n").arg(&file).status();
                assert!(checked.unwrap().success());
            }
        }
    }
}
