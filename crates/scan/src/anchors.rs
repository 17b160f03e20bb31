//! Keywords at the start of words within runs: one look-up by three bytes,
//! however many detectors there are.

use stanch_rules::Rule;
use stanch_rules::pattern::Trigger;

use crate::heads::Heads;

/// A keyword that leads to a detector.
#[derive(Debug)]
pub(crate) struct Anchor {
    pub(crate) rule: u32,
    /// Longest part of a match before the keyword.
    pub(crate) back: u16,
    /// Least number of token bytes from the keyword on.
    pub(crate) run: u16,
    literal: Box<[u8]>,
    any_case: bool,
}

/// All such keywords of a pack.
#[derive(Debug)]
pub(crate) struct Anchors {
    heads: Heads,
    anchors: Vec<Anchor>,
}

impl Anchors {
    /// Keywords that stand at the start of words.
    pub(crate) fn of_words(rules: &[Rule]) -> Anchors {
        Anchors::new(rules, |trigger| match trigger {
            Trigger::Token { back, run } => Some((back, run)),
            _ => None,
        })
    }

    /// Keywords that stand at the start of URLs.
    pub(crate) fn of_urls(rules: &[Rule]) -> Anchors {
        Anchors::new(rules, |trigger| (trigger == Trigger::Url).then_some((0, 0)))
    }

    fn new(rules: &[Rule], bounds: impl Fn(Trigger) -> Option<(u16, u16)>) -> Anchors {
        let mut anchors = Vec::new();
        for (at, rule) in rules.iter().enumerate() {
            let Some((back, run)) = bounds(rule.trigger) else { continue };
            let any_case = rule.pattern.contains("(?i");
            for keyword in &rule.keywords {
                let literal: Box<[u8]> = keyword.as_bytes().into();
                if literal.len() >= 3 {
                    anchors.push(Anchor { rule: at as u32, back, run, literal, any_case });
                }
            }
        }
        let heads = Heads::of(&mut anchors, |a| [a.literal[0], a.literal[1], a.literal[2]]);
        Anchors { heads, anchors }
    }

    /// Anchors whose keyword stands at the start of `text`.
    #[inline(always)]
    pub(crate) fn at<'a>(&'a self, text: &'a [u8]) -> Option<impl Iterator<Item = &'a Anchor>> {
        Some(self.lookup(self.heads.seen(text)?, text))
    }

    #[inline(never)]
    fn lookup<'a>(&'a self, hash: u16, text: &'a [u8]) -> impl Iterator<Item = &'a Anchor> {
        self.anchors[self.heads.entries(hash)].iter().filter(|anchor| {
            match text.get(..anchor.literal.len()) {
                Some(head) if anchor.any_case => head.eq_ignore_ascii_case(&anchor.literal),
                Some(head) => *head == *anchor.literal,
                None => false,
            }
        })
    }
}
