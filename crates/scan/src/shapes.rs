//! Detectors known by a long word of certain bytes and length.

use std::ops::Range;

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

    /// Whether one of the detector's keywords, if it has any, stands where a
    /// match around the word may be.
    pub(crate) fn has_keyword(&self, rule: &Rule, text: &[u8], word: &Range<usize>) -> bool {
        let start = word.start.saturating_sub(usize::from(self.shape.before));
        let end = text.len().min(word.end + usize::from(self.shape.after));
        let around = text.get(start..end).unwrap_or_default();
        let stands = |keyword: &[u8]| {
            let Some(first) = keyword.first() else { return true };
            let (lower, upper) = (first.to_ascii_lowercase(), first.to_ascii_uppercase());
            memchr::memchr2_iter(lower, upper, around).any(|at| {
                let part = around.get(at..at + keyword.len());
                part.is_some_and(|part| part.eq_ignore_ascii_case(keyword))
            })
        };
        rule.keywords.is_empty() || rule.keywords.iter().any(|keyword| stands(keyword.as_bytes()))
    }
}

/// Kinds of bytes in a word, as bits.
pub(crate) fn kinds_of(word: &[u8]) -> u16 {
    word.iter().fold(0, |set, byte| set | kind(*byte))
}
