//! Detectors known only by the length and the bytes of their values, and the
//! words that must stand near such a value.

use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};
use stanch_rules::Rule;
use stanch_rules::pattern::{Family, Trigger};

/// Longest word that is looked up by its exact length.
const LONG: usize = 512;

/// Shape-only detectors by family and length.
#[derive(Debug)]
pub(crate) struct Shapes {
    by_len: [Vec<Vec<u32>>; 4],
}

impl Shapes {
    pub(crate) fn new(rules: &[Rule]) -> Shapes {
        let mut by_len: [Vec<Vec<u32>>; 4] = Default::default();
        for (at, rule) in rules.iter().enumerate() {
            let Trigger::Shape { family, min, max } = rule.trigger else { continue };
            let table = &mut by_len[family as usize];
            table.resize(LONG + 1, Vec::new());
            for len in usize::from(min).min(LONG)..=usize::from(max).min(LONG) {
                table[len].push(at as u32);
            }
        }
        Shapes { by_len }
    }

    /// Detectors that a word of this family and length may belong to.
    pub(crate) fn of(&self, family: Family, len: usize) -> &[u32] {
        self.by_len[family as usize].get(len.min(LONG)).map_or(&[], Vec::as_slice)
    }

    /// Whether any detector looks at words of this family.
    pub(crate) fn uses(&self, family: Family) -> bool {
        !self.by_len[family as usize].is_empty()
    }
}

/// Finds the words of all detectors' `near` lists in a small window.
#[derive(Debug)]
pub(crate) struct Near {
    automaton: Option<AhoCorasick>,
    words: Vec<String>,
}

/// A word of some detector's `near` list in a text.
pub(crate) struct NearWord<'n> {
    pub(crate) word: &'n str,
    pub(crate) span: Range<usize>,
}

impl Near {
    pub(crate) fn new(rules: &[Rule]) -> Near {
        let mut words: Vec<String> =
            rules.iter().flat_map(|rule| rule.near.iter().cloned()).collect();
        words.sort();
        words.dedup();
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .build(&words)
            .ok();
        Near { automaton, words }
    }

    /// Words in `window` of the text. A word counts only as a whole segment of
    /// an identifier: `azure` in `AzureKey` and `my_azure`, not in `azures`.
    pub(crate) fn find(&self, text: &[u8], window: Range<usize>) -> Vec<NearWord<'_>> {
        let (Some(automaton), Some(bytes)) = (&self.automaton, text.get(window.clone())) else {
            return Vec::new();
        };
        automaton
            .find_overlapping_iter(bytes)
            .filter_map(|found| {
                let span = window.start + found.start()..window.start + found.end();
                let word = self.words.get(found.pattern().as_usize())?;
                is_segment(text, &span).then_some(NearWord { word, span })
            })
            .collect()
    }
}

fn is_segment(text: &[u8], span: &Range<usize>) -> bool {
    let byte = |at: usize| text.get(at).copied().unwrap_or(b' ');
    let first = byte(span.start);
    let last = byte(span.end.saturating_sub(1));
    let before = span.start.checked_sub(1).map_or(b' ', byte);
    let after = byte(span.end);
    let opens = !before.is_ascii_alphabetic()
        || (before.is_ascii_lowercase() && first.is_ascii_uppercase());
    let closes = !after.is_ascii_alphabetic()
        || (after.is_ascii_uppercase() && last.is_ascii_lowercase())
        || !last.is_ascii_alphabetic()
        // A plural is the same word.
        || (after | 0x20 == b's' && !byte(span.end + 1).is_ascii_alphabetic());
    opens && closes
}

/// Where words near a value are looked for: `within` bytes before it and at
/// most two lines up, and 40 bytes after it on its own line.
pub(crate) fn near_window(text: &[u8], value: &Range<usize>, within: usize) -> Range<usize> {
    let floor = value.start.saturating_sub(within);
    let mut start = floor;
    let mut lines = 0;
    for at in memchr::memrchr_iter(b'\n', text.get(floor..value.start).unwrap_or(&[])) {
        lines += 1;
        if lines == 3 {
            start = floor + at + 1;
            break;
        }
    }
    let tail = text.get(value.end..).unwrap_or(&[]);
    let tail = &tail[..tail.len().min(40)];
    let end = value.end + memchr::memchr(b'\n', tail).unwrap_or(tail.len());
    start..end
}
