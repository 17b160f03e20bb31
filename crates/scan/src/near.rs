//! The words that must stand near the values of some detectors.

use std::ops::Range;

use stanch_rules::Rule;

use crate::heads::{self, Heads};

/// Finds the words of all detectors' `near` lists in a small window. They
/// stand at the starts of segments only, so that one look at the first three
/// bytes tells nearly always that there is none, and nothing needs building.
#[derive(Debug)]
pub(crate) struct Near {
    heads: Heads,
    words: Vec<String>,
    /// Of every rule, which words are its `near` list.
    of_rule: Vec<Vec<u32>>,
}

/// A word in a text, as a whole segment of an identifier: `azure` in `AzureKey`
/// and `my_azure`, not in `azured`.
#[derive(Debug, Clone)]
pub(crate) struct NearWord {
    id: u32,
    pub(crate) span: Range<usize>,
}

impl Near {
    pub(crate) fn new(rules: &[Rule]) -> Near {
        let head = |word: &str| match *word.as_bytes() {
            [a, b, c, ..] => [a, b, c],
            _ => [0; 3],
        };
        // In the order of heads already, so that a word's number is its place.
        let numbered = rules.iter().enumerate();
        let mut pairs: Vec<(u16, &str, usize)> = numbered
            .flat_map(|(at, rule)| rule.near.iter().map(move |word| (word.as_str(), at)))
            .map(|(word, at)| (heads::hash(head(word)), word, at))
            .collect();
        pairs.sort_unstable();
        let mut words: Vec<String> = Vec::new();
        let mut of_rule = vec![Vec::new(); rules.len()];
        for (_, word, at) in pairs {
            if words.last().is_none_or(|last| last != word) {
                words.push(word.to_owned());
            }
            of_rule[at].push(words.len() as u32 - 1);
        }
        let heads = Heads::of(&mut words, |word| head(word));
        Near { heads, words, of_rule }
    }

    /// Calls back with the number and end of every word that stands at `at`.
    #[inline(always)]
    fn at(&self, text: &[u8], at: usize, mut found: impl FnMut(u32, usize)) {
        let Some(rest) = text.get(at..) else { return };
        let Some(hash) = self.heads.seen(rest) else { return };
        for id in self.heads.entries(hash) {
            let word = self.words[id].as_bytes();
            if rest.get(..word.len()).is_some_and(|part| part.eq_ignore_ascii_case(word)) {
                found(id as u32, at + word.len());
            }
        }
    }

    /// The closest word of a rule's `near` list that is within its distance.
    pub(crate) fn nearest(
        &self,
        at: usize,
        rule: &Rule,
        found: &Within<'_>,
        value: &Range<usize>,
    ) -> Option<&str> {
        let wanted = self.of_rule.get(at)?;
        let gap = |word: &NearWord| {
            if word.span.end <= value.start {
                Some(value.start - word.span.end)
            } else if word.span.start >= value.end {
                Some(word.span.start - value.end)
            } else {
                None
            }
        };
        let word = found
            .words()
            .filter(|word| wanted.contains(&word.id))
            .filter(|word| gap(word).is_some_and(|gap| gap <= usize::from(rule.within)))
            .min_by_key(|word| gap(word))?;
        self.words.get(word.id as usize).map(String::as_str)
    }
}

/// Words that were found in a text, as far as it was searched. Values that
/// stand close together share most of their windows, and every byte is
/// searched once.
#[derive(Debug, Default)]
pub(crate) struct NearWords {
    searched: Range<usize>,
    /// In order of their starts.
    words: Vec<NearWord>,
}

/// So many words are kept at least, before those left behind are dropped.
const KEPT: usize = 256;

impl NearWords {
    /// The words of a window of the text, which is the same at every call.
    pub(crate) fn within(&mut self, near: &Near, text: &[u8], window: Range<usize>) -> Within<'_> {
        let window = window.start.min(text.len())..window.end.min(text.len());
        if !(self.searched.start..=self.searched.end).contains(&window.start) {
            self.words.clear();
            self.searched = window.start..window.start;
        }
        if window.end > self.searched.end {
            if self.words.len() > 2 * KEPT {
                let old = self.words.partition_point(|word| word.span.start < window.start);
                self.words.drain(..old);
                self.searched.start = window.start;
            }
            for at in self.searched.end..window.end {
                if opens(text, at) {
                    near.at(text, at, |id, end| {
                        if closes(text, end) {
                            self.words.push(NearWord { id, span: at..end });
                        }
                    });
                }
            }
            self.searched.end = window.end;
        }
        let first = self.words.partition_point(|word| word.span.start < window.start);
        Within { words: &self.words[first..], window }
    }
}

/// The words of a window.
#[derive(Debug)]
pub(crate) struct Within<'a> {
    words: &'a [NearWord],
    window: Range<usize>,
}

impl Within<'_> {
    fn words(&self) -> impl Iterator<Item = &NearWord> {
        self.words
            .iter()
            .take_while(|word| word.span.start < self.window.end)
            .filter(|word| word.span.end <= self.window.end)
    }
}

/// Whether a segment of an identifier may begin at `at`.
fn opens(text: &[u8], at: usize) -> bool {
    let first = text.get(at).copied().unwrap_or(b' ');
    let before = at.checked_sub(1).and_then(|at| text.get(at)).copied().unwrap_or(b' ');
    !before.is_ascii_alphabetic() || (before.is_ascii_lowercase() && first.is_ascii_uppercase())
}

/// Whether one may end at `end`.
fn closes(text: &[u8], end: usize) -> bool {
    let byte = |at: usize| text.get(at).copied().unwrap_or(b' ');
    let last = end.checked_sub(1).map_or(b' ', byte);
    let after = byte(end);
    !after.is_ascii_alphabetic()
        || (after.is_ascii_uppercase() && last.is_ascii_lowercase())
        || !last.is_ascii_alphabetic()
        // A plural is the same word.
        || (after | 0x20 == b's' && !byte(end + 1).is_ascii_alphabetic())
}

/// Where words near a value are looked for: `within` bytes before it and at
/// most two lines up for the default distance, and 40 bytes after it on its own line.
pub(crate) fn near_window(text: &[u8], value: &Range<usize>, within: usize) -> Range<usize> {
    let floor = value.start.saturating_sub(within);
    let most = 1 + within / 100;
    let mut start = floor;
    for (lines, at) in
        memchr::memrchr_iter(b'\n', text.get(floor..value.start).unwrap_or(&[])).enumerate()
    {
        if lines == most {
            start = floor + at + 1;
            break;
        }
    }
    let tail = text.get(value.end..).unwrap_or(&[]);
    let tail = &tail[..tail.len().min(40)];
    let end = value.end + memchr::memchr(b'\n', tail).unwrap_or(tail.len());
    start..end
}
