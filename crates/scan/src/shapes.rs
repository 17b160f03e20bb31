//! Detectors known by a long word of certain bytes and length, and the words
//! that must stand near one.

use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use stanch_rules::Rule;
use stanch_rules::pattern::{Family, LOWER, Shape, Trigger, UPPER, kind};

/// Longest word that is looked up.
const LONG: usize = 512;

/// Detectors with a shape, by family and length: all of them, and those whose
/// words may be of one case.
#[derive(Debug)]
pub(crate) struct Shapes {
    by_len: [Vec<[Vec<Candidate>; 2]>; 4],
}

/// A detector that a word may belong to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate {
    pub(crate) rule: u32,
    pub(crate) shape: Shape,
}

impl Shapes {
    pub(crate) fn new(rules: &[Rule]) -> Shapes {
        let mut by_len: [Vec<[Vec<Candidate>; 2]>; 4] = Default::default();
        for (at, rule) in rules.iter().enumerate() {
            let Trigger::Shape(shape) = rule.trigger else { continue };
            let table = &mut by_len[shape.family as usize];
            table.resize(LONG + 1, Default::default());
            let lengths = usize::from(shape.min).min(LONG)..=usize::from(shape.max).min(LONG);
            for [one_case, all] in &mut table[lengths] {
                let candidate = Candidate { rule: at as u32, shape };
                all.push(candidate);
                if !shape.both_cases {
                    one_case.push(candidate);
                }
            }
        }
        Shapes { by_len }
    }

    /// Detectors that a word of this family and length may belong to, if
    /// letters of both cases may be in it.
    #[inline(always)]
    pub(crate) fn of(&self, family: Family, len: usize, both_cases: bool) -> &[Candidate] {
        self.by_len[family as usize].get(len).map_or(&[], |by| &by[usize::from(both_cases)])
    }
}

/// The word of a family around a stretch of letters and digits, within the
/// bounds of its run. `=` belongs to a word only as padding at its end.
pub(crate) fn word_around(
    text: &[u8],
    stretch: Range<usize>,
    run: &Range<usize>,
    family: Family,
) -> Range<usize> {
    if family == Family::Alnum {
        return stretch;
    }
    let inside = |b: u8| family.contains(b) && b != b'=';
    let mut start = stretch.start;
    let floor = run.start.max(stretch.start.saturating_sub(LONG));
    while start > floor && inside(text[start - 1]) {
        start -= 1;
    }
    let mut end = stretch.end;
    let ceiling = run.end.min(stretch.end + LONG);
    while end < ceiling && inside(text[end]) {
        end += 1;
    }
    if family.contains(b'=') {
        let pad = end + 2;
        while end < ceiling.min(pad) && text[end] == b'=' {
            end += 1;
        }
    }
    start..end
}

impl Candidate {
    /// Whether a word of these kinds of bytes may be this detector's. Of an
    /// alphabet of both cases, 20 random characters practically always show
    /// both; identifiers and constants seldom do.
    #[inline(always)]
    pub(crate) fn fits(&self, kinds: u16) -> bool {
        kinds & !self.shape.kinds == 0
            && !(self.shape.both_cases && (kinds & LOWER == 0 || kinds & UPPER == 0))
    }
}

/// Kinds of bytes in a word, as bits.
pub(crate) fn kinds_of(word: &[u8]) -> u16 {
    word.iter().fold(0, |set, byte| set | kind(*byte))
}

/// Finds the words of all detectors' `near` lists, and the keywords of those
/// that have a shape, in a small window.
#[derive(Debug)]
pub(crate) struct Near {
    automaton: Option<AhoCorasick>,
    /// Length of the longest word.
    longest: usize,
    words: Vec<String>,
    /// Of every rule, which words are its `near` list, and which its keywords.
    of_rule: Vec<(Vec<u32>, Vec<u32>)>,
}

/// A word in a text.
#[derive(Debug, Clone)]
pub(crate) struct NearWord {
    id: u32,
    /// Whether it is a whole segment of an identifier: `azure` in `AzureKey`
    /// and `my_azure`, not in `azured`.
    is_segment: bool,
    pub(crate) span: Range<usize>,
}

impl Near {
    pub(crate) fn new(rules: &[Rule]) -> Near {
        let keywords_of = |rule: &Rule| match rule.trigger {
            Trigger::Shape(_) => rule.keywords.clone(),
            _ => Vec::new(),
        };
        let mut words: Vec<String> = rules
            .iter()
            .flat_map(|rule| rule.near.iter().cloned().chain(keywords_of(rule)))
            .map(|word| word.to_ascii_lowercase())
            .collect();
        words.sort();
        words.dedup();
        let id = |word: &String| {
            words.binary_search(&word.to_ascii_lowercase()).ok().map(|at| at as u32)
        };
        let of_rule = rules
            .iter()
            .map(|rule| {
                (
                    rule.near.iter().filter_map(id).collect(),
                    keywords_of(rule).iter().filter_map(id).collect(),
                )
            })
            .collect();
        let automaton = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::DFA))
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .build(&words)
            .ok();
        let longest = words.iter().map(String::len).max().unwrap_or(0);
        Near { automaton, longest, words, of_rule }
    }

    /// The closest word of a rule's `near` list that is within its distance.
    pub(crate) fn nearest(
        &self,
        at: usize,
        rule: &Rule,
        found: &Within<'_>,
        value: &Range<usize>,
    ) -> Option<&str> {
        let wanted = &self.of_rule.get(at)?.0;
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
            .filter(|word| word.is_segment && wanted.contains(&word.id))
            .filter(|word| gap(word).is_some_and(|gap| gap <= usize::from(rule.within)))
            .min_by_key(|word| gap(word))?;
        self.words.get(word.id as usize).map(String::as_str)
    }

    /// Whether one of a rule's keywords is among the words.
    pub(crate) fn has_keyword(&self, at: usize, found: &Within<'_>) -> bool {
        self.of_rule.get(at).is_some_and(|(_, wanted)| {
            wanted.is_empty() || found.words().any(|word| wanted.contains(&word.id))
        })
    }
}

/// Words that were found in a text, as far as it was searched. Values that
/// stand close together share most of their windows, and every byte is
/// searched once.
#[derive(Debug, Default)]
pub(crate) struct NearWords {
    searched: Range<usize>,
    /// In order of their ends.
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
                let old = self.words.partition_point(|word| word.span.end <= window.start);
                self.words.drain(..old);
                self.searched.start = window.start;
            }
            // A word may have begun in what was searched before.
            let from = self.searched.end.saturating_sub(near.longest).max(self.searched.start);
            let known = self.searched.end;
            if let (Some(automaton), Some(bytes)) = (&near.automaton, text.get(from..window.end)) {
                self.words.extend(automaton.find_overlapping_iter(bytes).filter_map(|found| {
                    let span = from + found.start()..from + found.end();
                    (span.end > known).then(|| NearWord {
                        id: found.pattern().as_u32(),
                        is_segment: is_segment(text, &span),
                        span,
                    })
                }));
            }
            self.searched.end = window.end;
        }
        let first = self.words.partition_point(|word| word.span.end <= window.start);
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
            .take_while(|word| word.span.end <= self.window.end)
            .filter(|word| word.span.start >= self.window.start)
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
