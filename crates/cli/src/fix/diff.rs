//! A unified diff in which no secret is to be seen.

use std::ops::Range;

use super::plan::Planned;

/// Lines around a change.
const CONTEXT: usize = 3;

/// The diff of a file. It is for people: removed lines are masked, so no tool
/// can apply it.
pub(super) fn unified(file: &Planned) -> String {
    let name = file.path.to_string_lossy();
    let name = stanch_scan::printable(name.strip_prefix("./").unwrap_or(&name));
    let mut out = format!("--- a/{name}\n+++ b/{name}\n");
    let (old, new) = (masked(file, &file.before), masked(file, &file.after));
    let (old, new): (Vec<&str>, Vec<&str>) = (lines(&old), lines(&new));
    let mut shift = 0_isize;
    for hunk in hunks(&old, &new) {
        let from = hunk.old.start.saturating_sub(CONTEXT);
        let to = (hunk.old.end + CONTEXT).min(old.len());
        let before = hunk.old.start - from;
        let after = to - hunk.old.end;
        let start = from.saturating_add_signed(shift);
        out.push_str(&format!(
            "@@ -{},{} +{},{} @@\n",
            from + usize::from(to > from),
            to - from,
            start + 1,
            before + hunk.new.len() + after
        ));
        let mut put = |sign: char, lines: &[&str]| {
            for line in lines {
                out.push(sign);
                out.push_str(&stanch_scan::printable(line.trim_end_matches('\r')));
                out.push('\n');
            }
        };
        put(' ', old.get(from..hunk.old.start).unwrap_or_default());
        put('-', old.get(hunk.old.clone()).unwrap_or_default());
        put('+', new.get(hunk.new.clone()).unwrap_or_default());
        put(' ', old.get(hunk.old.end..to).unwrap_or_default());
        shift += isize::try_from(hunk.new.len()).unwrap_or(0)
            - isize::try_from(hunk.old.len()).unwrap_or(0);
    }
    out
}

/// Lines that differ.
struct Hunk {
    old: Range<usize>,
    new: Range<usize>,
}

/// Changes that are so near to each other that their surroundings would meet
/// are one.
fn hunks(old: &[&str], new: &[&str]) -> Vec<Hunk> {
    let input = imara_diff::InternedInput::new(Lines(old), Lines(new));
    let diff = imara_diff::Diff::compute(imara_diff::Algorithm::Histogram, &input);
    let mut out: Vec<Hunk> = Vec::new();
    for hunk in diff.hunks() {
        let old = hunk.before.start as usize..hunk.before.end as usize;
        let new = hunk.after.start as usize..hunk.after.end as usize;
        match out.last_mut() {
            Some(last) if old.start <= last.old.end + 2 * CONTEXT => {
                last.old.end = old.end;
                last.new.end = new.end;
            }
            _ => out.push(Hunk { old, new }),
        }
    }
    out
}

struct Lines<'l>(&'l [&'l str]);

impl<'l> imara_diff::TokenSource for Lines<'l> {
    type Token = &'l str;
    type Tokenizer = std::iter::Copied<std::slice::Iter<'l, &'l str>>;

    fn tokenize(&self) -> Self::Tokenizer {
        self.0.iter().copied()
    }

    fn estimate_tokens(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }
}

fn lines(text: &str) -> Vec<&str> {
    text.split('\n').collect()
}

/// A text with every secret of the file masked, also where it is kept.
fn masked(file: &Planned, text: &[u8]) -> String {
    let mut bytes = text.to_vec();
    if text == file.before.as_slice() {
        // From the end, so that offsets stay what they are.
        let mut places: Vec<_> = file.places.iter().collect();
        places.sort_by_key(|told| std::cmp::Reverse(told.place.bytes.start));
        for told in places {
            let range = told.place.bytes.clone();
            if range.end <= bytes.len() {
                bytes.splice(range, told.masked.bytes());
            }
        }
    }
    for told in &file.places {
        let value = told.place.value.expose();
        if value.len() < 4 {
            continue;
        }
        let mut out = Vec::with_capacity(bytes.len());
        let mut kept = 0;
        for at in memchr::memmem::find_iter(&bytes, value) {
            out.extend_from_slice(bytes.get(kept..at).unwrap_or_default());
            out.extend_from_slice(told.masked.as_bytes());
            kept = at + value.len();
        }
        out.extend_from_slice(bytes.get(kept..).unwrap_or_default());
        bytes = out;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
