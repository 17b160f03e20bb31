//! Which lines of a text are new.

use imara_diff::{Algorithm, Diff, InternedInput};
use stanch_scan::{Finding, Location};

/// The lines of a text that others do not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Added {
    /// All of them.
    All,
    /// By line.
    Lines {
        /// The number of the first of them, from 1.
        first: u64,
        /// Whether each is new.
        new: Vec<bool>,
    },
}

/// Bytes of both texts together from which all lines count as new.
const SIZE_MAX: usize = 256 << 20;

impl Added {
    /// The lines of `after` that are new in comparison with every one of
    /// `before`. How a line ends makes no difference.
    pub(crate) fn between(before: &[&[u8]], after: &[u8]) -> Added {
        let mut added = Added::All;
        for before in before {
            if before.len().saturating_add(after.len()) > SIZE_MAX {
                continue;
            }
            let mut input = InternedInput::default();
            input.update_before(lines(before));
            input.update_after(lines(after));
            let diff = Diff::compute(Algorithm::Histogram, &input);
            let count = u32::try_from(input.after.len()).unwrap_or(u32::MAX);
            let these = (0..count).map(|line| diff.is_added(line));
            added = match added {
                Added::All => Added::Lines { first: 1, new: these.collect() },
                Added::Lines { first, new } => {
                    let new = new.into_iter().zip(these).map(|(a, b)| a && b).collect();
                    Added::Lines { first, new }
                }
            };
        }
        added
    }

    /// Whether the value or a part of a finding stands on a new line.
    pub(crate) fn touches(&self, finding: &Finding) -> bool {
        let parts = finding.parts.iter().map(|part| &part.location);
        std::iter::once(&finding.location).chain(parts).any(|at| self.at(at))
    }

    fn at(&self, at: &Location) -> bool {
        let Added::Lines { first, new } = self else { return true };
        let index = |line: u64| usize::try_from(line.saturating_sub(*first)).unwrap_or(usize::MAX);
        let end = index(at.end_line.max(at.line)).saturating_add(1).min(new.len());
        new.get(index(at.line)..end).is_some_and(|new| new.contains(&true))
    }
}

/// Lines without their ends.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    text.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(before: &[&str], after: &str) -> Vec<usize> {
        let before: Vec<&[u8]> = before.iter().map(|text| text.as_bytes()).collect();
        match Added::between(&before, after.as_bytes()) {
            Added::All => vec![0],
            Added::Lines { new, .. } => (1..=new.len()).filter(|line| new[line - 1]).collect(),
        }
    }

    #[test]
    fn a_line_is_new_if_no_other_text_has_it() {
        assert_eq!(added(&["a\nb\nc\n"], "a\nx\nc\nd\n"), [2, 4]);
        assert_eq!(added(&["a\nb\n", "b\nc\n"], "a\nb\nc\nd\n"), [4]);
        assert_eq!(added(&[], "a\n"), [0]);
        assert_eq!(added(&[""], "a\nb"), [1, 2]);
    }

    #[test]
    fn line_ends_make_no_line_new() {
        assert_eq!(added(&["a\nb\n"], "a\r\nb\r\nc\r\n"), [3]);
        assert_eq!(added(&["a\nb"], "a\nb\n"), [0; 0]);
    }
}
