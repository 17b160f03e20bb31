//! What Git says to a hook on standard input.

use std::io::Read;

use anyhow::{Context, bail};
use stanch_sources::git::ObjectId;

/// Most bytes that are read: a push of a hundred thousand references has 15 MB.
const INPUT_MAX: u64 = 256 << 20;

/// A reference as it is about to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Update {
    /// What it will lead to; none when it is deleted.
    pub(super) new: Option<ObjectId>,
    /// What it leads to on the other side, or led to here; none when it is new.
    pub(super) old: Option<ObjectId>,
    /// Its name, where it will stand.
    pub(super) name: String,
    /// What was pushed, as the user calls it: a reference or any expression;
    /// the same as the name on a server.
    pub(super) local: String,
}

/// Everything on standard input, which Git closes.
///
/// # Errors
/// Input that cannot be read, is no UTF-8 where it has to be, or never ends.
pub(super) fn input() -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let stdin = std::io::stdin().lock();
    stdin.take(INPUT_MAX + 1).read_to_end(&mut bytes).context("cannot read what Git says")?;
    if bytes.len() as u64 > INPUT_MAX {
        bail!("Git names more references than {INPUT_MAX} bytes hold; push fewer at once");
    }
    Ok(bytes)
}

/// The lines of `pre-push`: local reference, its object, remote reference, its
/// object.
///
/// # Errors
/// A line that is none.
pub(super) fn pre_push(input: &[u8]) -> anyhow::Result<Vec<Update>> {
    lines(input, |fields| {
        // What is pushed may be an expression with blanks in it, `HEAD@{1 day ago}`.
        let mut from_end = fields.rsplitn(4, ' ');
        let (old, name) = (from_end.next()?, from_end.next()?);
        let (new, local) = (from_end.next()?, from_end.next()?);
        Some(Update { new: id(new)?, old: id(old)?, name: name.into(), local: local.into() })
    })
}

/// The lines of `pre-receive`: old object, new object, reference.
///
/// # Errors
/// A line that is none.
pub(super) fn pre_receive(input: &[u8]) -> anyhow::Result<Vec<Update>> {
    lines(input, |fields| {
        let mut fields = fields.splitn(3, ' ');
        let (old, new) = (id(fields.next()?)?, id(fields.next()?)?);
        let name = fields.next().filter(|name| !name.is_empty())?;
        Some(Update { new, old, name: name.into(), local: name.into() })
    })
}

fn lines(input: &[u8], parse: impl Fn(&str) -> Option<Update>) -> anyhow::Result<Vec<Update>> {
    let mut updates = Vec::new();
    for (at, line) in input.split(|b| *b == b'\n').enumerate() {
        if line.is_empty() {
            continue;
        }
        // A name may be in any encoding; it is only shown and scanned.
        let update = parse(&String::from_utf8_lossy(line));
        let wrong = || format!("line {} of what Git says is not understood", at + 1);
        updates.push(update.with_context(wrong)?);
    }
    Ok(updates)
}

/// An object; none when all digits are 0.
fn id(text: &str) -> Option<Option<ObjectId>> {
    let id = ObjectId::from_hex(text.as_bytes()).ok()?;
    Some((!id.is_null()).then_some(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "0123456789012345678901234567890123456789";
    const ZERO: &str = "0000000000000000000000000000000000000000";

    #[test]
    fn pushes_are_read() {
        let text = format!(
            "refs/heads/a {A} refs/heads/b {ZERO}\n(delete) {ZERO} refs/heads/c {A}\n\
             HEAD@{{1 day ago}} {A} refs/heads/d {A}\n"
        );
        let updates = pre_push(text.as_bytes()).unwrap();
        let told: Vec<_> = updates
            .iter()
            .map(|u| (u.local.as_str(), u.name.as_str(), u.new.is_some(), u.old.is_some()))
            .collect();
        assert_eq!(
            told,
            [
                ("refs/heads/a", "refs/heads/b", true, false),
                ("(delete)", "refs/heads/c", false, true),
                ("HEAD@{1 day ago}", "refs/heads/d", true, true),
            ]
        );
        assert!(pre_push(b"").unwrap().is_empty());
    }

    #[test]
    fn what_is_received_is_read_in_both_kinds_of_ids() {
        let text = format!("{ZERO} {A} refs/heads/a\n{A} {ZERO} refs/heads/\u{fffd}\n");
        let updates = pre_receive(text.as_bytes()).unwrap();
        assert_eq!(updates[1].new, None);
        let long = format!("{} {} refs/heads/a\n", "0".repeat(64), "a1".repeat(32));
        let updates = pre_receive(long.as_bytes()).unwrap();
        assert_eq!((updates[0].old, updates[0].new.is_some()), (None, true));
    }

    #[test]
    fn a_line_that_is_none_is_an_error() {
        for line in ["x", &format!("{A} {A}"), &format!("{A} zz refs/heads/a"), "\u{0}"] {
            assert!(pre_receive(line.as_bytes()).is_err(), "{line}");
            assert!(pre_push(line.as_bytes()).is_err(), "{line}");
        }
    }
}
