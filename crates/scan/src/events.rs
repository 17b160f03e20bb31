//! What the first stage tells of a text: runs, what they are made of, and the
//! places of roots.

use stanch_rules::pattern::RUN_MIN;

/// Bytes looked at in one step.
pub(crate) const BLOCK: usize = 64;

/// What the first stage found in a stretch of text, in order of position.
#[derive(Debug, Default)]
pub(crate) struct Events {
    /// Start and end of every run.
    pub(crate) spans: Vec<(u32, u32)>,
    /// Where the fingerprint of a root may begin.
    pub(crate) roots: Vec<u32>,
    /// What the runs are made of, one after the other: a piece for each 64
    /// bytes of a run, and for what is left of it.
    pub(crate) pieces: Vec<Piece>,
}

/// What at most 64 bytes of a run are; bit i speaks of byte i.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Piece {
    /// `[A-Za-z0-9_]`
    pub(crate) word: u64,
    /// `[A-Za-z0-9]`
    pub(crate) alnum: u64,
    /// `[0-9]`
    pub(crate) digit: u64,
    /// `[a-z]`
    pub(crate) lower: u64,
    /// `[%\\=]`: what encodings other than base64 and hex are made with.
    pub(crate) special: u64,
}

impl Piece {
    /// Forgets all but the first `len` bytes.
    #[inline(always)]
    pub(crate) fn keep(&mut self, len: usize) {
        if len >= BLOCK {
            return;
        }
        let kept = (1 << len) - 1;
        self.word &= kept;
        self.alnum &= kept;
        self.digit &= kept;
        self.lower &= kept;
        self.special &= kept;
    }
}

/// A run with its pieces.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run<'e> {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pieces: &'e [Piece],
}

/// Number of pieces of a run.
pub(crate) fn pieces_of((start, end): (u32, u32)) -> usize {
    ((end - start) as usize).div_ceil(BLOCK)
}

impl Events {
    /// The runs.
    #[inline(always)]
    pub(crate) fn runs(&self) -> impl Iterator<Item = Run<'_>> {
        let mut left = self.pieces.as_slice();
        self.spans.iter().map(move |&(start, end)| {
            let (pieces, rest) = left.split_at(pieces_of((start, end)).min(left.len()));
            left = rest;
            Run { start, end, pieces }
        })
    }
}

impl Run<'_> {
    /// Calls back with every word start: where `\b` may open.
    #[inline(always)]
    pub(crate) fn starts(&self, mut found: impl FnMut(u32)) {
        let mut base = self.start;
        // What stands before a run is of no word.
        let mut in_word = 0;
        for piece in self.pieces {
            let mut bits = piece.word & !(piece.word << 1 | in_word);
            in_word = piece.word >> 63;
            while bits != 0 {
                found(base + bits.trailing_zeros());
                bits &= bits - 1;
            }
            base += BLOCK as u32;
        }
    }

    /// What the run is made of.
    #[inline(always)]
    pub(crate) fn traits(&self) -> Traits {
        let mut traits = Traits::default();
        let is_one = self.pieces.len() == 1;
        let mut words = 0;
        for piece in self.pieces {
            traits.digit |= piece.digit;
            traits.special |= piece.special;
            traits.lower |= piece.lower;
            traits.upper |= piece.alnum & !piece.digit & !piece.lower;
            words += piece.word.count_ones();
            // A bit is left where 2, 4, 8 and 16 bytes in a row are set.
            let mut bits = piece.alnum;
            bits &= bits >> 1;
            bits &= bits >> 2;
            // A stretch that crosses pieces has half its length in one of them.
            traits.eight |= if is_one { bits & bits >> 4 } else { bits };
            bits &= bits >> 4;
            traits.sixteen |= if is_one { bits & bits >> 8 } else { bits };
        }
        traits.is_word = words == self.end - self.start;
        traits
    }

    /// Calls back with every maximal stretch of letters and digits of the run
    /// that has both and is at least `min` long.
    #[inline(always)]
    pub(crate) fn mixed_words(&self, min: u32, mut found: impl FnMut(u32, u32)) {
        // Start of the open stretch, and digits and letters seen in it.
        let mut open: Option<(u32, bool, bool)> = None;
        let mut base = self.start;
        for piece in self.pieces {
            let mut bits = piece.alnum;
            if bits & 1 == 0 {
                close(&mut open, base, min, &mut found);
            }
            while bits != 0 {
                let start = bits.trailing_zeros();
                let len = (bits >> start).trailing_ones();
                let own = (!0u64 >> (64 - len)) << start;
                let (_, digits, letters) = open.get_or_insert((base + start, false, false));
                *digits |= piece.digit & own != 0;
                *letters |= !piece.digit & own != 0;
                bits &= !own;
                if start + len < 64 {
                    close(&mut open, base + start + len, min, &mut found);
                }
            }
            base += BLOCK as u32;
        }
        close(&mut open, self.end, min, &mut found);
    }
}

#[inline(always)]
fn close(
    open: &mut Option<(u32, bool, bool)>,
    at: u32,
    min: u32,
    found: &mut impl FnMut(u32, u32),
) {
    if let Some((start, true, true)) = open.take()
        && at - start >= min
    {
        found(start, at);
    }
}

/// What a run is made of. A field is zero where there is nothing of the kind.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Traits {
    /// A digit.
    pub(crate) digit: u64,
    /// A lower-case letter.
    pub(crate) lower: u64,
    /// An upper-case letter.
    pub(crate) upper: u64,
    /// A byte that encodings other than base64 and hex are made with.
    pub(crate) special: u64,
    /// A stretch of 8 letters and digits, or half of one.
    pub(crate) eight: u64,
    /// A stretch of 16 letters and digits, or half of one.
    pub(crate) sixteen: u64,
    /// Whether all of it is `[A-Za-z0-9_]`.
    pub(crate) is_word: bool,
}

impl Traits {
    /// Whether letters of both cases are in the run.
    #[inline(always)]
    pub(crate) fn both_cases(&self) -> bool {
        self.lower != 0 && self.upper != 0
    }
}

/// Token bytes and possible roots of 64 bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Masks {
    pub(crate) token: u64,
    pub(crate) root: u64,
}

/// Blocks that are classified before any of them is looked at: the loop over
/// them has no branches then, and keeps its tables in registers.
pub(crate) const GROUP: usize = 64;

/// Turns masks of 64 bytes into the spans of runs.
#[derive(Default)]
pub(crate) struct Runs {
    /// Length of the run that the last block ended in.
    open: usize,
}

impl Runs {
    /// Takes the masks of blocks in a row, the first of which begins at `at`.
    #[inline(always)]
    pub(crate) fn take(&mut self, mut at: usize, group: &[Masks], out: &mut Events) {
        let mut open = self.open;
        for masks in group {
            let mask = masks.token;
            let head = mask.trailing_ones() as usize;
            if head == BLOCK {
                open += BLOCK;
            } else {
                if open + head >= RUN_MIN {
                    out.spans.push(((at - open) as u32, (at + head) as u32));
                }
                open = mask.leading_ones() as usize;
                // Bit i is left when bits i..i+20 are all set.
                let mut long = mask & (mask >> 1);
                long &= long >> 2;
                long &= long >> 4;
                long &= long >> 8;
                long &= long >> (RUN_MIN - 16);
                // Runs that begin and end inside the block; those at its edges
                // are counted elsewhere.
                long &= !0u64 << head;
                while long != 0 {
                    let start = long.trailing_zeros() as usize;
                    let end = start + (mask >> start).trailing_ones() as usize;
                    if end >= BLOCK {
                        break;
                    }
                    out.spans.push(((at + start) as u32, (at + end) as u32));
                    long &= !0u64 << end;
                }
            }
            let mut root = masks.root;
            while root != 0 {
                out.roots.push((at + root.trailing_zeros() as usize) as u32);
                root &= root - 1;
            }
            at += BLOCK;
        }
        self.open = open;
    }

    pub(crate) fn end(&self, at: usize, out: &mut Events) {
        if self.open >= RUN_MIN {
            out.spans.push(((at - self.open) as u32, at as u32));
        }
    }
}
