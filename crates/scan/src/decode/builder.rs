//! Builds a decoded text together with the map of where its bytes came from.

use std::ops::Range;

use super::{Decoded, Encoding, Limits};

/// A [`Decoded`] under construction; pieces are added in the order of the outer text.
pub(super) struct Builder<'t> {
    outer: &'t [u8],
    limit: usize,
    text: Vec<u8>,
    map: Vec<(u32, u32)>,
    /// Outer offset and stride at which the piece last added would simply go on.
    going: Option<(usize, usize)>,
}

impl<'t> Builder<'t> {
    pub(super) fn new(outer: &'t [u8], limits: &Limits) -> Self {
        Self { outer, limit: limits.bytes, text: Vec::new(), map: Vec::new(), going: None }
    }

    /// Takes over outer bytes as they are, as many as the limit leaves room for.
    pub(super) fn copy(&mut self, range: Range<usize>) {
        let whole = self.outer.get(range.clone()).unwrap_or_default();
        let bytes = whole.get(..whole.len().min(self.room())).unwrap_or_default();
        if bytes.is_empty() {
            return;
        }
        if self.going != Some((range.start, 1)) {
            self.anchor(range.start);
        }
        self.text.extend_from_slice(bytes);
        self.going = Some((range.start + bytes.len(), 1));
    }

    /// Adds one byte that stands in the outer text as two (UTF-16).
    pub(super) fn narrow(&mut self, at: usize, byte: u8) {
        if self.room() == 0 {
            return;
        }
        if self.going != Some((at, 2)) {
            self.anchor(at);
        }
        self.text.push(byte);
        self.going = Some((at + 2, 2));
    }

    /// Adds bytes that stand for all of an outer range; nothing if they do not fit.
    pub(super) fn unit(&mut self, range: Range<usize>, bytes: &[u8]) {
        if bytes.len() > self.room() {
            self.limit = self.text.len();
            return;
        }
        self.anchor(range.start);
        self.text.extend_from_slice(bytes);
        self.anchor(range.end);
        self.going = Some((range.end, 1));
    }

    /// Adds a character in place of an outer range.
    pub(super) fn char(&mut self, range: Range<usize>, char: char) {
        self.unit(range, char.encode_utf8(&mut [0; 4]).as_bytes());
    }

    /// Leaves out an outer range that says nothing.
    pub(super) fn skip(&mut self, range: Range<usize>) {
        self.anchor(range.start);
        self.anchor(range.end);
        self.going = Some((range.end, 1));
    }

    /// Decoded bytes that may still be added.
    pub(super) fn room(&self) -> usize {
        self.limit.saturating_sub(self.text.len())
    }

    /// The end. `span` in the outer text is what was read; it shrinks to what
    /// the limit allowed. `None` if it says nothing or lies beyond what a map
    /// can address.
    pub(super) fn finish(mut self, encoding: Encoding, mut span: Range<usize>) -> Option<Decoded> {
        let (end, _) = self.going?;
        if self.text.is_empty() || u32::try_from(span.end).is_err() {
            return None;
        }
        span.end = span.end.min(end);
        self.anchor(span.end);
        Some(Decoded { encoding, span, text: self.text, map: Some(self.map) })
    }

    fn anchor(&mut self, outer: usize) {
        self.going = None;
        let (Ok(inner), Ok(outer)) = (u32::try_from(self.text.len()), u32::try_from(outer)) else {
            return;
        };
        if self.map.last() != Some(&(inner, outer)) {
            self.map.push((inner, outer));
        }
    }
}
