//! Every object of a repository, read as it is.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

/// An object that holds a value.
pub(super) struct Holding {
    pub(super) id: String,
    /// `blob`, `tree`, `commit` or `tag`.
    pub(super) kind: String,
}

/// What was read.
pub(super) struct Held {
    pub(super) objects: Vec<Holding>,
    pub(super) read: usize,
}

/// Objects of any kind, reachable or not, that hold one of these values.
///
/// # Errors
/// An object that cannot be read: then nothing is proven.
pub(super) fn holding(folder: &Path, values: &[&[u8]]) -> anyhow::Result<Held> {
    let mut child = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["cat-file", "--batch-all-objects", "--batch", "--unordered", "--buffer"])
        .env("GIT_NO_REPLACE_OBJECTS", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("`git` cannot be started; install it, or put it on PATH")?;
    let output = child.stdout.take().context("git gives no output")?;
    let mut input = BufReader::with_capacity(1 << 20, output);
    let mut held = Held { objects: Vec::new(), read: 0 };
    let mut head = String::new();
    loop {
        head.clear();
        if input.read_line(&mut head)? == 0 {
            break;
        }
        let mut words = head.split_whitespace();
        let (Some(id), Some(kind), Some(size)) = (words.next(), words.next(), words.next()) else {
            bail!("git cannot read an object: {}", head.trim_end());
        };
        let size: u64 = size.parse().context("git gives no size")?;
        let mut content = Vec::new();
        // One more byte is the line break behind it.
        (&mut input).take(size + 1).read_to_end(&mut content)?;
        held.read += 1;
        if values.iter().any(|value| contains(&content, value)) {
            held.objects.push(Holding { id: id.to_owned(), kind: kind.to_owned() });
        }
    }
    if !child.wait()?.success() {
        bail!("git cannot read all objects of the repository");
    }
    Ok(held)
}

fn contains(text: &[u8], value: &[u8]) -> bool {
    let Some((first, _)) = value.split_first() else { return false };
    let mut at = 0;
    while let Some(found) =
        text.get(at..).and_then(|rest| rest.iter().position(|byte| byte == first))
    {
        at += found;
        if text.get(at..).is_some_and(|rest| rest.starts_with(value)) {
            return true;
        }
        at += 1;
    }
    false
}
