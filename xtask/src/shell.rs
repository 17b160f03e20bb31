//! Running programs, finding folders, installing what is missing.

use std::env;
use std::io::{BufRead, BufReader, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// The repository's root.
///
/// Cargo says where it is at run time; the place where this was compiled is
/// only right as long as nobody moves the folder.
pub(crate) fn root() -> PathBuf {
    let own = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    own.parent().map_or_else(|| own.clone(), Path::to_path_buf)
}

/// The cargo that runs us.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()).env("CARGO_TERM_COLOR", "never");
    command
}

/// `cargo metadata` of the workspace, without dependencies from elsewhere.
pub(crate) fn metadata() -> Result<serde_json::Value> {
    let text = output(cargo().args(["metadata", "--format-version=1", "--no-deps"]))?;
    serde_json::from_str(&text).context("cargo metadata answered with no JSON")
}

/// Where cargo puts what it builds.
pub(crate) fn target_dir() -> Result<PathBuf> {
    let metadata = metadata()?;
    let dir = metadata["target_directory"].as_str().context("no target_directory")?;
    Ok(PathBuf::from(dir))
}

/// Runs a command with our own input and output; an exit code other than zero
/// is an error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot run {}", shown(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", shown(command));
    }
    Ok(())
}

/// Standard output of a command, trimmed; an exit code other than zero is an
/// error that quotes standard error.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot run {}", shown(command)))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{} ended with {}: {}", shown(command), output.status, said.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs a command, shows each line of its standard output at once and hands it
/// to `each` as well. Returns whether the exit code was zero.
pub(crate) fn run_lines(command: &mut Command, mut each: impl FnMut(&str)) -> Result<bool> {
    command.stdout(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("cannot run {}", shown(command)))?;
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).split(b'\n') {
            let line = line?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            each(&line);
        }
    }
    Ok(child.wait()?.success())
}

/// A command as one would type it.
pub(crate) fn shown(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for arg in command.get_args() {
        text.push(' ');
        text.push_str(&arg.to_string_lossy());
    }
    text
}

/// The file that a program name stands for, looked up on `PATH`.
pub(crate) fn which(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|dir| dir.join(program)).find(|file| file.is_file())
}

/// Something from the system's packages that a task needs.
pub(crate) struct Need {
    /// A file that is there when it is installed: a program name, looked up on
    /// `PATH`, or an absolute path.
    pub(crate) has: &'static str,
    /// The Debian package.
    pub(crate) package: &'static str,
    /// What it is for, to tell whoever watches.
    pub(crate) why: &'static str,
}

impl Need {
    fn is_missing(&self) -> bool {
        if self.has.starts_with('/') {
            !Path::new(self.has).exists()
        } else {
            which(self.has).is_none()
        }
    }
}

/// Installs what is missing with apt-get, naming each package first. Where
/// there is no apt-get, says what to install by hand.
pub(crate) fn install(needs: &[Need]) -> Result<()> {
    let missing: Vec<&Need> = needs.iter().filter(|need| need.is_missing()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = missing.iter().map(|need| need.package).collect();
    for need in &missing {
        println!("missing: {} ({})", need.package, need.why);
    }
    if which("apt-get").is_none() {
        bail!("no apt-get here; please install by hand: {}", names.join(", "));
    }
    println!("installing with apt-get: {}", names.join(" "));
    run(as_root("apt-get")?.args(["update", "-q"]))?;
    run(as_root("apt-get")?
        .args(["install", "-q", "-y", "--no-install-recommends"])
        .args(&names)
        .stdin(Stdio::null()))?;
    Ok(())
}

/// A command that runs with root's rights: as it is for root, through sudo for
/// others, and without a question where nobody could answer it.
pub(crate) fn as_root(program: &str) -> Result<Command> {
    let is_root = output(Command::new("id").arg("-u"))? == "0";
    let mut command = if is_root {
        let mut command = Command::new("env");
        command.args(["DEBIAN_FRONTEND=noninteractive", program]);
        command
    } else if which("sudo").is_some() {
        let mut command = Command::new("sudo");
        if !std::io::stdin().is_terminal() {
            command.arg("--non-interactive");
        }
        command.args(["DEBIAN_FRONTEND=noninteractive", program]);
        command
    } else {
        bail!("{program} needs root or sudo, and neither is at hand");
    };
    command.current_dir(root());
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_holds_the_workspace() {
        assert!(root().join("crates/rules/Cargo.toml").is_file());
    }

    #[test]
    fn lines_are_handed_on_and_the_exit_code_is_told() {
        let mut lines = Vec::new();
        let good = run_lines(Command::new("sh").args(["-c", "echo a; echo b; exit 3"]), |line| {
            lines.push(line.to_owned());
        });
        assert!(!good.unwrap());
        assert_eq!(lines, ["a", "b"]);
    }

    #[test]
    fn a_failing_command_is_shown_in_the_error() {
        let error = output(Command::new("sh").args(["-c", "echo why >&2; exit 4"])).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("sh -c") && text.contains("why"), "{text}");
    }
}
