//! Keywords at the start of words within runs: one look-up by three bytes,
//! however many detectors there are.

use stanch_rules::Rule;
use stanch_rules::pattern::Trigger;

/// A keyword that leads to a detector.
#[derive(Debug)]
pub(crate) struct Anchor {
    pub(crate) rule: u32,
    /// Longest part of a match before the keyword.
    pub(crate) back: u16,
    literal: Box<[u8]>,
    any_case: bool,
}

/// All such keywords of a pack.
#[derive(Debug)]
pub(crate) struct Anchors {
    /// One bit for each hash of three folded bytes.
    filter: Box<[u64; 1024]>,
    /// Anchors by hash, as ranges of `anchors`.
    index: Vec<(u16, u16, u16)>,
    anchors: Vec<Anchor>,
}

impl Anchors {
    /// Keywords that stand at the start of words.
    pub(crate) fn of_words(rules: &[Rule]) -> Anchors {
        Anchors::new(rules, |trigger| match trigger {
            Trigger::Token { back } => Some(back),
            _ => None,
        })
    }

    /// Keywords that stand at the start of URLs.
    pub(crate) fn of_urls(rules: &[Rule]) -> Anchors {
        Anchors::new(rules, |trigger| (trigger == Trigger::Url).then_some(0))
    }

    fn new(rules: &[Rule], back_of: impl Fn(Trigger) -> Option<u16>) -> Anchors {
        let mut keyed = Vec::new();
        for (at, rule) in rules.iter().enumerate() {
            let Some(back) = back_of(rule.trigger) else { continue };
            let any_case = rule.pattern.contains("(?i");
            for keyword in &rule.keywords {
                let literal: Box<[u8]> = keyword.as_bytes().into();
                if let Some(hash) = hash(&literal) {
                    keyed.push((hash, Anchor { rule: at as u32, back, literal, any_case }));
                }
            }
        }
        keyed.sort_by_key(|(hash, anchor)| (*hash, anchor.rule));
        let mut filter = Box::new([0u64; 1024]);
        let mut index: Vec<(u16, u16, u16)> = Vec::new();
        let mut anchors = Vec::new();
        for (hash, anchor) in keyed {
            filter[usize::from(hash >> 6)] |= 1 << (hash & 63);
            match index.last_mut() {
                Some((last, _, end)) if *last == hash => *end += 1,
                _ => index.push((hash, anchors.len() as u16, anchors.len() as u16 + 1)),
            }
            anchors.push(anchor);
        }
        Anchors { filter, index, anchors }
    }

    /// Anchors whose keyword stands at the start of `text`.
    #[inline(always)]
    pub(crate) fn at<'a>(&'a self, text: &'a [u8]) -> Option<impl Iterator<Item = &'a Anchor>> {
        let hash = hash(text)?;
        if self.filter[usize::from(hash >> 6)] & 1 << (hash & 63) == 0 {
            return None;
        }
        Some(self.lookup(hash, text))
    }

    #[inline(never)]
    fn lookup<'a>(&'a self, hash: u16, text: &'a [u8]) -> impl Iterator<Item = &'a Anchor> {
        let range = match self.index.binary_search_by_key(&hash, |entry| entry.0) {
            Ok(at) => usize::from(self.index[at].1)..usize::from(self.index[at].2),
            Err(_) => 0..0,
        };
        self.anchors[range].iter().filter(|anchor| match text.get(..anchor.literal.len()) {
            Some(head) if anchor.any_case => head.eq_ignore_ascii_case(&anchor.literal),
            Some(head) => *head == *anchor.literal,
            None => false,
        })
    }
}

#[inline(always)]
fn hash(text: &[u8]) -> Option<u16> {
    let [a, b, c, ..] = *text else { return None };
    let key = u32::from_le_bytes([a | 0x20, b | 0x20, c | 0x20, 0]);
    Some((key.wrapping_mul(0x9E37_79B1) >> 16) as u16)
}
