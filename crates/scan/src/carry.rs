//! Scanning a text that is made of another one by copying most of it, as Git
//! stores one version of a file after the other: only what changed is looked
//! at again, and what was found in the rest is carried over.
//!
//! What the engine says of a place depends on what stands around it. Nearly
//! everything depends on a few hundred bytes; where something reaches further,
//! such as a key block or a body of base64, the engine notes its reach in
//! [`Found`], and a change anywhere in it has the whole looked at again.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::engine::Engine;
use crate::generic::{BLOCK_SIGHT, DOCUMENT_SIGHT, Place, document_mark, rfind};
use crate::layer::{Scratch, is_indivisible};
use crate::matched::{Limits, Match};
use crate::resolve::{self, RawMatch};
use crate::suppress;

/// How far before a change a place may begin that depends on it, unless its
/// reach is noted.
pub(crate) const AHEAD: usize = 912;

/// How far behind a change a place may stand that depends on it, unless its
/// reach is noted.
pub(crate) const BEHIND: usize = 912;

/// How far before and behind the place that is judged its name and value reach,
/// as far as finding them goes.
const NAME: usize = 128;

/// Most comparisons of what is known of a base with what was copied from it;
/// where there would be more, scanning anew is cheaper.
const MOST_LOOKUPS: usize = 1 << 20;

/// What was found in a text, before overlaps are settled.
#[derive(Clone, Default)]
pub struct Found {
    pub(crate) matches: Vec<RawMatch>,
    /// Stretches that were looked at as one and are longer than [`AHEAD`] or
    /// [`BEHIND`].
    pub(crate) reaches: Vec<Range<usize>>,
    /// PEM blocks, in order.
    pub(crate) blocks: Vec<Range<usize>>,
    /// What could not be done.
    pub limits: Limits,
    /// Whether a certificate stands in it.
    pub has_certificate: bool,
    /// Whether it says something about the text as a whole, such as its
    /// encoding, so that every change concerns all of it.
    pub(crate) is_indivisible: bool,
    /// What its path said, by which it was judged.
    pub(crate) place: Option<Place>,
}

impl Found {
    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.matches.is_empty()
    }
}

/// A stretch of a text that is the same as one of its base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    /// Where it begins in the base.
    pub from: usize,
    /// Where it begins in the text.
    pub to: usize,
    /// Its length in bytes.
    pub len: usize,
}

impl Engine {
    /// Everything in a text, in a form that [`Engine::find_changed`] can take over.
    pub fn find(&self, scratch: &mut Scratch, text: &[u8], path: &str) -> Found {
        let nothing = Found {
            place: Some(Place::of(path)),
            is_indivisible: is_indivisible(text),
            ..Found::default()
        };
        let whole = 0..text.len();
        self.find_in(scratch, text, path, std::slice::from_ref(&whole), nothing)
    }

    /// The same, for a text that is made of a base: `copied` says what is
    /// taken from it, in order of position in the text and without overlaps.
    pub fn find_changed(
        &self,
        scratch: &mut Scratch,
        text: &[u8],
        path: &str,
        base: (&[u8], &Found),
        copied: &[Copied],
    ) -> Found {
        let (base_text, found) = base;
        // What was copied in short pieces is looked at because of what is
        // around it.
        let copied: &[Copied] =
            &copied.iter().copied().filter(|copy| copy.len > AHEAD + BEHIND).collect::<Vec<_>>();
        let known = found.reaches.len() + found.blocks.len() + found.matches.len();
        let place = Place::of(path);
        if copied.is_empty()
            || found.is_indivisible
            || found.limits.any()
            // What was judged as a test's may be a secret in a program.
            || found.place != Some(place)
            || known.saturating_mul(copied.len()) > MOST_LOOKUPS
            || is_indivisible(text)
        {
            return self.find(scratch, text, path);
        }
        let mut visits = changes(text, base_text, copied);
        // What was looked at as one is looked at again as one, which may touch
        // another such stretch.
        let reaches: Vec<Moved> = found
            .reaches
            .iter()
            .chain(&found.blocks)
            .chain(found.matches.iter().map(|found| &found.whole))
            .flat_map(|reach| moved(reach, copied))
            .collect();
        for reach in &reaches {
            if let Moved::Apart(start) = reach {
                visits.push(start.saturating_sub(AHEAD)..start.saturating_add(1).min(text.len()));
            }
        }
        let mut visits = merged(text, visits);
        loop {
            let grown: Vec<Range<usize>> = reaches
                .iter()
                .filter_map(|reach| match reach {
                    Moved::Whole(range) if touches(&visits, range) => Some(range.clone()),
                    _ => None,
                })
                .filter(|range| !covers(&visits, range))
                .collect();
            if grown.is_empty() {
                break;
            }
            visits.extend(grown);
            visits = merged(text, visits);
        }
        let carried = |range: &Range<usize>| -> Vec<Range<usize>> {
            moved(range, copied)
                .filter_map(|moved| match moved {
                    Moved::Whole(range) if !contains(&visits, range.start) => Some(range),
                    _ => None,
                })
                .collect()
        };
        let mut kept = Found {
            has_certificate: found.has_certificate,
            place: Some(place),
            ..Found::default()
        };
        for old in &found.matches {
            for whole in carried(&old.whole) {
                let mut new = old.clone();
                new.shift(old.whole.start, whole.start);
                kept.matches.push(new);
            }
        }
        kept.reaches = found.reaches.iter().flat_map(carried).collect();
        kept.blocks = found.blocks.iter().flat_map(carried).collect();
        kept.blocks.sort_by_key(|block| block.start);
        self.find_in(scratch, text, path, &visits, kept)
    }

    /// What is to be reported of what was found, in order of position.
    pub fn settle(&self, text: &[u8], found: &Found) -> Vec<Match> {
        let mut matches = resolve::resolve(self, found.matches.clone());
        for found in &mut matches {
            found.ignored_by = suppress::marker(text, &found.span);
        }
        matches
    }

    fn find_in(
        &self,
        scratch: &mut Scratch,
        text: &[u8],
        path: &str,
        visits: &[Range<usize>],
        kept: Found,
    ) -> Found {
        scratch.renew(text.len());
        let Found { has_certificate, is_indivisible, .. } = kept;
        let mut found = self.visit(scratch, text, path, visits, kept);
        found.limits = scratch.limits;
        found.has_certificate = has_certificate | scratch.has_certificate;
        found.is_indivisible = is_indivisible;
        found
    }
}

/// Where a stretch of the base is now.
enum Moved {
    /// All of it was copied in one piece.
    Whole(Range<usize>),
    /// It was changed; its beginning is here.
    Apart(usize),
}

/// The places of a stretch of the base whose beginning was copied.
fn moved(range: &Range<usize>, copied: &[Copied]) -> impl Iterator<Item = Moved> {
    copied.iter().filter(|copy| (copy.from..copy.from + copy.len).contains(&range.start)).map(
        |copy| {
            let start = range.start - copy.from + copy.to;
            match range.end <= copy.from + copy.len {
                true => Moved::Whole(start..start + range.len()),
                false => Moved::Apart(start),
            }
        },
    )
}

/// What must be looked at again because of what was not copied.
fn changes(text: &[u8], base: &[u8], copied: &[Copied]) -> Vec<Range<usize>> {
    let mut visits = Vec::new();
    let mut add = |new: Range<usize>, old: Range<usize>| {
        if new.is_empty() && old.start == old.end {
            return;
        }
        let tail = text.get(new.end..).unwrap_or_default();
        // What comes from elsewhere in the base may have stood in a literal.
        let old = base.get(old).unwrap_or(ALL_MARKS);
        let behind = behind(old, tail).max(behind(text.get(new.clone()).unwrap_or_default(), tail));
        let start = new.start.saturating_sub(AHEAD);
        visits.push(start..(new.end + behind).min(text.len()));
        visits.extend(out_of_sight(text, &new, old.len()));
    };
    let (mut to, mut from) = (0, 0);
    for copy in copied {
        // What the base has between two copies was removed, unless the second
        // comes from further up.
        add(to..copy.to, from..copy.from);
        to = copy.to + copy.len;
        from = copy.from + copy.len;
    }
    add(to..text.len(), from..base.len().max(from));
    visits
}

/// How far behind these changed bytes a place may stand that depends on them,
/// if `tail` follows them.
fn behind(changed: &[u8], tail: &[u8]) -> usize {
    let tail = tail.get(..BLOCK_SIGHT).unwrap_or(tail);
    // A mark of a literal of many lines matters until the next one; the next
    // `<<` may be a shift, which ends no document.
    let block = |mark: &Finder<'_>| match mark.find(changed) {
        None => BEHIND,
        Some(_) => mark.find(tail).unwrap_or(BLOCK_SIGHT),
    };
    let document = if DOCUMENT_MARK.find(changed).is_some() { DOCUMENT_SIGHT } else { BEHIND };
    BLOCK_MARKS.iter().map(block).fold(document, usize::max)
}

/// Where something stands that sees the beginning of a literal above a change
/// no longer, or only now: the beginning is sought so far up and not further.
/// A here-document may also end in what changed.
fn out_of_sight(text: &[u8], new: &Range<usize>, old_len: usize) -> Vec<Range<usize>> {
    let inserted = new.len().saturating_sub(old_len);
    let removed = old_len.saturating_sub(new.len());
    let head = |reach| (new.start.saturating_sub(reach), text.get(..new.start).unwrap_or_default());
    let (low, above) = head(BLOCK_SIGHT);
    let above = above.get(low..).unwrap_or_default();
    let edge = |at: usize, reach: usize| (at + reach).saturating_sub(removed + NAME);
    let end = |at: usize, reach: usize| (at + reach + inserted + NAME).min(text.len());
    let blocks = ["`", "\"\"\""].into_iter().filter_map(|mark| {
        let at = low + rfind(above, mark.as_bytes())?;
        Some(edge(at, BLOCK_SIGHT).max(new.start)..end(at, BLOCK_SIGHT))
    });
    let (low, above) = head(DOCUMENT_SIGHT);
    let above = above.get(low..).unwrap_or_default();
    let document = document_mark(above).map(|at| new.start..end(low + at, DOCUMENT_SIGHT));
    blocks.chain(document).filter(|visit| !visit.is_empty()).collect()
}

/// What opens and closes literals of many lines.
static BLOCK_MARKS: LazyLock<[Finder<'static>; 2]> =
    LazyLock::new(|| ["`", "\"\"\""].map(Finder::new));

/// What opens a here-document.
static DOCUMENT_MARK: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("<<"));

/// A text with all of them.
const ALL_MARKS: &[u8] = b"`\"\"\"<<";

/// The same stretches in order, without overlaps, and beginning and ending
/// where no run of token bytes is cut.
fn merged(text: &[u8], mut visits: Vec<Range<usize>>) -> Vec<Range<usize>> {
    use stanch_rules::pattern::is_token_byte;
    for visit in &mut visits {
        let head = text.get(..visit.start).unwrap_or_default();
        visit.start -= head.iter().rev().take_while(|b| is_token_byte(**b)).count();
        let tail = text.get(visit.end..).unwrap_or_default();
        visit.end += tail.iter().take_while(|b| is_token_byte(**b)).count();
        // One more, which is no token byte.
        visit.end = (visit.end + 1).min(text.len());
    }
    visits.sort_by_key(|visit| visit.start);
    let mut out: Vec<Range<usize>> = Vec::with_capacity(visits.len());
    for visit in visits {
        match out.last_mut() {
            Some(last) if visit.start <= last.end => last.end = last.end.max(visit.end),
            _ => out.push(visit),
        }
    }
    out
}

fn contains(visits: &[Range<usize>], at: usize) -> bool {
    let next = visits.partition_point(|visit| visit.end <= at);
    visits.get(next).is_some_and(|visit| visit.contains(&at))
}

fn touches(visits: &[Range<usize>], range: &Range<usize>) -> bool {
    let next = visits.partition_point(|visit| visit.end <= range.start);
    visits.get(next).is_some_and(|visit| visit.start < range.end)
}

fn covers(visits: &[Range<usize>], range: &Range<usize>) -> bool {
    let next = visits.partition_point(|visit| visit.end <= range.start);
    visits.get(next).is_some_and(|visit| visit.start <= range.start && visit.end >= range.end)
}
