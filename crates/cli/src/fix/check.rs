//! Whether a language's own tool still reads a file.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use stanch_remedy::Language;

use super::plan::{Planned, give_up};

/// More files than this are trusted to the grammars that rewrote them, for the
/// tools take longer than everything else.
const MOST: usize = 24;

/// Gives files up that were right before and are wrong after.
pub(super) fn syntax(files: &mut [Planned]) {
    let changed: Vec<usize> = files
        .iter()
        .enumerate()
        .filter(|(_, file)| file.before != file.after && tool(&file.path).is_some())
        .map(|(at, _)| at)
        .collect();
    if changed.len() > MOST {
        return;
    }
    let wrong: Vec<usize> = std::thread::scope(|scope| {
        let checks: Vec<_> = changed
            .into_iter()
            .filter_map(|at| files.get(at).map(|file| (at, file)))
            .map(|(at, file)| scope.spawn(move || became_wrong(file).then_some(at)))
            .collect();
        checks.into_iter().filter_map(|check| check.join().ok().flatten()).collect()
    });
    for at in wrong {
        if let Some(file) = files.get_mut(at) {
            give_up(
                file,
                "The language's own tool does not accept the file with a reference in this \
                           place. Take the secret out by hand.",
            );
        }
    }
}

fn became_wrong(file: &Planned) -> bool {
    if accepts(&file.path, &file.after) != Some(false) {
        return false;
    }
    // Was it right before? The tool need not see any secret for that.
    let mut before = file.before.clone();
    for told in &file.places {
        if let Some(span) = before.get_mut(told.place.bytes.clone()) {
            for byte in span.iter_mut().filter(|byte| byte.is_ascii_alphanumeric()) {
                *byte = b'x';
            }
        }
    }
    accepts(&file.path, &before) == Some(true)
}

/// A program that reads a file from standard input and says whether it is right.
fn tool(path: &Path) -> Option<(&'static str, &'static [&'static str])> {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    Some(match Language::of(path)? {
        Language::Python => {
            ("python3", &["-c", "import ast,sys; ast.parse(sys.stdin.buffer.read())"])
        }
        // Modules cannot be told from scripts on standard input.
        Language::JavaScript if ending == "cjs" => ("node", &["--check", "-"]),
        Language::Ruby => ("ruby", &["-c"]),
        Language::Php => ("php", &["-l"]),
        Language::Go => ("gofmt", &["-e"]),
        Language::Shell if ending == "bash" => ("bash", &["-n"]),
        Language::Shell if ending == "sh" => ("sh", &["-n"]),
        _ => return None,
    })
}

/// None if the tool is not there.
fn accepts(path: &Path, text: &[u8]) -> Option<bool> {
    let (program, args) = tool(path)?;
    let mut child = Command::new(program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut input = child.stdin.take()?;
    let written = input.write_all(text);
    drop(input);
    let status = child.wait().ok()?;
    // Whoever stops reading has seen a mistake.
    Some(status.success() && written.is_ok())
}
