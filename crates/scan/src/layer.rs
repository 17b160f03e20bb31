//! What the engine works with on one text: a thread's budgets and memory, and
//! what was found so far.

use std::ops::Range;

use crate::carry::{AHEAD, BEHIND, Found};
use crate::events::Events;
use crate::generic;
use crate::matched::{Limits, Trace};
use crate::near::NearWords;
use crate::resolve::RawMatch;
use crate::shapes::Candidate;

/// Bytes that confirming candidates may read: so many for any text, and so
/// many for each of its bytes. Ordinary text needs less than one for each.
const WORK_FLOOR: usize = 1 << 20;
/// See [`WORK_FLOOR`].
const WORK_FACTOR: usize = 8;

/// A thread's own working memory. One scratch serves any number of texts.
#[derive(Default)]
pub struct Scratch {
    /// Filled when set before a scan: why candidates were taken or not.
    pub traces: Option<Vec<Trace>>,
    pub(crate) events: Events,
    pub(crate) work: usize,
    pub(crate) decode_budget: usize,
    /// What could not be done since the last renewal.
    pub(crate) limits: Limits,
    /// Whether a certificate was seen since then.
    pub(crate) has_certificate: bool,
    /// Detectors of a shape that are worth their pattern.
    pub(crate) chosen: Vec<Candidate>,
}

impl Scratch {
    /// Budgets for a text of so many bytes.
    pub(crate) fn renew(&mut self, len: usize) {
        self.work = WORK_FLOOR + len.saturating_mul(WORK_FACTOR);
        self.decode_budget = 64 * 1024 + len.saturating_mul(2);
        self.limits = Limits::default();
        self.has_certificate = false;
    }

    /// Spends work on a span of so many bytes; false when there is none left.
    pub(crate) fn spend(&mut self, bytes: usize) -> bool {
        match self.work.checked_sub(bytes) {
            Some(left) => {
                self.work = left;
                true
            }
            None => {
                self.work = 0;
                self.limits.work = true;
                false
            }
        }
    }
}

/// One text under the engine, whole or decoded.
pub(crate) struct Layer<'a> {
    pub(crate) text: &'a [u8],
    pub(crate) path: &'a str,
    /// What the path says, once it was asked for.
    pub(crate) place: Option<generic::Place>,
    pub(crate) depth: usize,
    pub(crate) found: Vec<RawMatch>,
    /// Start of the value of the last assignment that was judged.
    pub(crate) last_value: Option<usize>,
    /// PEM blocks, in order; what is in them is of no other kind.
    pub(crate) blocks: Vec<Range<usize>>,
    /// Stretches that were looked at as one and are long, where somebody
    /// wants to know.
    pub(crate) reaches: Option<Vec<Range<usize>>>,
    /// Words of `near` lists that were looked for already.
    pub(crate) near: NearWords,
    traces: Vec<Trace>,
    pub(crate) tracing: bool,
}

impl<'a> Layer<'a> {
    pub(crate) fn new(text: &'a [u8], path: &'a str, depth: usize, tracing: bool) -> Layer<'a> {
        Layer {
            text,
            path,
            place: None,
            depth,
            found: Vec::new(),
            last_value: None,
            blocks: Vec::new(),
            reaches: None,
            near: NearWords::default(),
            traces: Vec::new(),
            tracing,
        }
    }

    /// What was found, its budgets and flags left out.
    pub(crate) fn end(mut self, scratch: &mut Scratch) -> Found {
        if let Some(traces) = &mut scratch.traces {
            traces.append(&mut self.traces);
        }
        Found {
            matches: self.found,
            reaches: self.reaches.unwrap_or_default(),
            blocks: self.blocks,
            place: self.place,
            ..Found::default()
        }
    }

    /// What the path says.
    pub(crate) fn place(&mut self) -> generic::Place {
        *self.place.get_or_insert_with(|| generic::Place::of(self.path))
    }

    /// Notes a PEM block.
    pub(crate) fn add_block(&mut self, block: Range<usize>) {
        let at = self.blocks.partition_point(|known| known.start < block.start);
        self.blocks.insert(at, block);
    }

    /// Notes a stretch that is looked at as one, if it is a long one.
    pub(crate) fn note_reach(&mut self, reach: Range<usize>) {
        if let Some(reaches) = &mut self.reaches
            && reach.len() > AHEAD.min(BEHIND)
        {
            reaches.push(reach);
        }
    }

    /// Whether a place is inside a PEM block.
    pub(crate) fn in_block(&self, at: usize) -> bool {
        let next = self.blocks.partition_point(|block| block.end <= at);
        self.blocks.get(next).is_some_and(|block| block.contains(&at))
    }

    pub(crate) fn trace(
        &mut self,
        rule: usize,
        span: Range<usize>,
        accepted: bool,
        reason: impl FnOnce() -> String,
    ) {
        if self.tracing {
            self.traces.push(Trace { rule, span, accepted, reason: reason() });
        }
    }
}

/// Whether a text may have to be looked at as a whole: UTF-16, text between
/// zero bytes, and binary formats.
pub(crate) fn is_indivisible(text: &[u8]) -> bool {
    let head = text.get(..8192).unwrap_or(text);
    matches!(text, [0x30, 0x82 | 0x83, ..] | [0xff, 0xfe, ..] | [0xfe, 0xff, ..])
        || memchr::memchr(0, head).is_some()
}
