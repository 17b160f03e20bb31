//! The lines of a unified diff that are not content.

use gix::bstr::{BString, ByteSlice};

/// What a line between hunks says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Head {
    /// A file begins; with its path if both of its names agree.
    Git(Option<BString>),
    /// `---`, as it is written.
    Old(BString),
    /// `+++`, as it is written.
    New(BString),
    /// The new name of a file that moved.
    RenameTo(BString),
    /// The file is the commit of a submodule.
    Submodule,
    /// The content is not text.
    Binary(Option<BString>),
    /// Modes, similarities, ids.
    Other,
}

/// Beginnings of lines that say nothing that we need.
const OTHER: [&[u8]; 12] = [
    b"index ",
    b"old mode ",
    b"new mode ",
    b"mode ",
    b"deleted file mode ",
    b"new file mode ",
    b"similarity index ",
    b"dissimilarity index ",
    b"rename from ",
    b"copy from ",
    b"Only in ",
    b"diff -",
];

/// Reads a line between hunks, without its end.
pub(crate) fn header(line: &[u8]) -> Option<Head> {
    if let Some(rest) = line.strip_prefix(b"diff --git ") {
        return Some(Head::Git(both(rest)));
    }
    for combined in [&b"diff --cc "[..], b"diff --combined "] {
        if let Some(rest) = line.strip_prefix(combined) {
            return Some(Head::Git(Some(unquoted(rest))));
        }
    }
    if let Some(rest) = line.strip_prefix(b"--- ") {
        return Some(Head::Old(file_name(rest)));
    }
    if let Some(rest) = line.strip_prefix(b"+++ ") {
        return Some(Head::New(file_name(rest)));
    }
    for to in [&b"rename to "[..], b"copy to "] {
        if let Some(rest) = line.strip_prefix(to) {
            return Some(Head::RenameTo(unquoted(rest)));
        }
    }
    if line.starts_with(b"GIT binary patch") {
        return Some(Head::Binary(None));
    }
    if let Some(rest) = line.strip_prefix(b"Binary files ") {
        let rest = rest.strip_suffix(b" differ")?;
        let new = rest.rsplit_once_str(" and ").map(|(_, new)| without_prefix(&unquoted(new)));
        return Some(Head::Binary(new));
    }
    let submodule = [&b"index "[..], b"new file mode ", b"deleted file mode "];
    if submodule.iter().any(|start| line.starts_with(start)) && line.ends_with(b"160000") {
        return Some(Head::Submodule);
    }
    OTHER.iter().any(|start| line.starts_with(start)).then_some(Head::Other)
}

/// Reads `@@ -1,2 +3,4 @@`, or `@@@ -1,2 -1,2 +3,4 @@@` of a merge: how many
/// lines each old file has, the first line in the new file, and how many it
/// has there.
pub(crate) fn hunk(line: &[u8]) -> Option<(Vec<u64>, u64, u64)> {
    let marks = line.iter().take_while(|byte| **byte == b'@').count();
    if marks < 2 {
        return None;
    }
    let mut old = Vec::new();
    for word in line.get(marks..)?.split(|byte| *byte == b' ').filter(|word| !word.is_empty()) {
        let (sign, numbers) = word.split_first()?;
        let text = std::str::from_utf8(numbers).ok()?;
        let (first, count) = match text.split_once(',') {
            Some((first, count)) => (first, count.parse().ok()?),
            None => (text, 1),
        };
        match sign {
            b'-' if old.len() < marks - 1 => {
                first.parse::<u64>().ok()?;
                old.push(count);
            }
            b'+' if old.len() == marks - 1 => return Some((old, first.parse().ok()?, count)),
            _ => return None,
        }
    }
    None
}

/// The path of the new file from all that a diff says of it; none if it says
/// nothing.
pub(crate) fn name(
    git: Option<&BString>,
    old: Option<&BString>,
    new: Option<&BString>,
    renamed: Option<&BString>,
) -> Option<BString> {
    if let Some(renamed) = renamed {
        return Some(renamed.clone());
    }
    // Both names of the first line agree without their prefixes.
    if let Some(git) = git {
        return Some(git.clone());
    }
    let is_file = |name: &&BString| name.as_slice() != b"/dev/null";
    let (old, new) = (old.filter(is_file), new.filter(is_file));
    match (old, new) {
        (Some(old), Some(new)) => {
            let stripped = without_prefix(new);
            Some(if without_prefix(old) == stripped { stripped } else { new.clone() })
        }
        (old, new) => new.or(old).map(|name| without_prefix(name)),
    }
}

/// A line without `\n` or `\r\n`.
pub(crate) fn strip_line_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// The path of `a/PATH b/PATH`, if both are the same.
fn both(names: &[u8]) -> Option<BString> {
    if names.starts_with(b"\"") {
        let (old, rest) = quoted(names)?;
        let new = unquoted(rest.strip_prefix(b" ")?);
        return same(&old, &new);
    }
    if names.ends_with(b"\"") {
        let at = names.find(b" \"")?;
        return same(names.get(..at)?, &unquoted(names.get(at + 1..)?));
    }
    // Names may hold spaces, so the middle is where both halves agree.
    let middle = names.len() / 2;
    if names.len() % 2 == 1 && names.get(middle) == Some(&b' ') {
        return same(names.get(..middle)?, names.get(middle + 1..)?);
    }
    None
}

/// What two names have in common, without prefixes.
fn same(old: &[u8], new: &[u8]) -> Option<BString> {
    if old == new {
        return Some(new.into());
    }
    let (old, new) = (strip_prefix(old)?, strip_prefix(new)?);
    (old == new).then(|| new.into())
}

/// A name without `a/`, `b/`, or the letters of `diff.mnemonicPrefix`.
fn without_prefix(name: &[u8]) -> BString {
    strip_prefix(name).unwrap_or(name).into()
}

fn strip_prefix(name: &[u8]) -> Option<&[u8]> {
    match name {
        [b'a' | b'b' | b'c' | b'i' | b'o' | b'w' | b'1' | b'2', b'/', rest @ ..] => Some(rest),
        _ => None,
    }
}

/// A name after `---` or `+++`, without the time that `diff -u` adds.
fn file_name(text: &[u8]) -> BString {
    if let Some((name, _)) = quoted(text) {
        return name;
    }
    // Git puts a tab behind names with spaces.
    text.split(|byte| *byte == b'\t').next().unwrap_or_default().into()
}

fn unquoted(text: &[u8]) -> BString {
    quoted(text).map_or_else(|| text.into(), |(name, _)| name)
}

/// A name in quotes with C escapes, and what follows it.
fn quoted(text: &[u8]) -> Option<(BString, &[u8])> {
    let mut rest = text.strip_prefix(b"\"")?;
    let mut out = BString::default();
    loop {
        let (byte, after) = rest.split_first()?;
        rest = after;
        match byte {
            b'"' => return Some((out, rest)),
            b'\\' => {
                let (escape, after) = rest.split_first()?;
                rest = after;
                out.push(match escape {
                    b'a' => 7,
                    b'b' => 8,
                    b't' => b'\t',
                    b'n' => b'\n',
                    b'v' => 11,
                    b'f' => 12,
                    b'r' => b'\r',
                    b'0'..=b'3' => {
                        let digit = |at: usize| {
                            rest.get(at).filter(|d| (b'0'..=b'7').contains(*d)).map(|d| d - b'0')
                        };
                        let value = (escape - b'0') * 64 + digit(0)? * 8 + digit(1)?;
                        rest = rest.get(2..)?;
                        value
                    }
                    other => *other,
                });
            }
            byte => out.push(*byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_their_quotes_and_prefixes() {
        let git = |line: &str| header(line.as_bytes());
        assert_eq!(git("diff --git a/x y b/x y"), Some(Head::Git(Some("x y".into()))));
        assert_eq!(
            git(r#"diff --git "a/t\303\244b\n\"" "b/t\303\244b\n\"""#),
            Some(Head::Git(Some("täb\n\"".into())))
        );
        assert_eq!(git("diff --git a/one b/other"), Some(Head::Git(None)));
        assert_eq!(git("diff --git i/x w/x"), Some(Head::Git(Some("x".into()))));
        assert_eq!(git("diff --git x x"), Some(Head::Git(Some("x".into()))));
        assert_eq!(git("+++ b/x y\t"), Some(Head::New("b/x y".into())));
        assert_eq!(git("rename to \"a\\tb\""), Some(Head::RenameTo("a\tb".into())));
        assert_eq!(git("Binary files a/x and b/x differ"), Some(Head::Binary(Some("x".into()))));
        assert_eq!(git("index 1234567..89abcde 160000"), Some(Head::Submodule));
    }

    #[test]
    fn hunks_of_one_and_of_several_parents_are_read() {
        assert_eq!(hunk(b"@@ -1,2 +3,4 @@ fn x()"), Some((vec![2], 3, 4)));
        assert_eq!(hunk(b"@@ -0,0 +1 @@"), Some((vec![0], 1, 1)));
        assert_eq!(hunk(b"@@@ -1,2 -5 +3,4 @@@"), Some((vec![2, 1], 3, 4)));
        for wrong in
            ["@ -1 +1 @", "@@ +1 @@", "@@ -1", "@@ -x +1 @@", "@@ -1,99999999999999999999 +1"]
        {
            assert_eq!(hunk(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn broken_quotes_stay_as_they_are() {
        for text in ["\"", "\"abc", "\"\\", "\"\\3", "\"\\39a\""] {
            assert_eq!(unquoted(text.as_bytes()), text);
        }
    }
}
