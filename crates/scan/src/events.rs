//! What the first stage tells of a text: runs, what they are made of, and the
//! places of roots.

use stanch_rules::pattern::RUN_MIN;

/// Bytes looked at in one step.
pub(crate) const BLOCK: usize = 64;

/// What the first stage found in a stretch of text, in order of position.
#[derive(Debug, Default)]
pub(crate) struct Events {
    /// Start and end of every run.
    pub(crate) runs: Vec<(u32, u32)>,
    /// Where the fingerprint of a root may begin.
    pub(crate) roots: Vec<u32>,
    /// One bit for each byte, 64 to a block.
    pub(crate) blocks: Vec<Block>,
}

/// What 64 bytes are; bit i speaks of byte i.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Block {
    /// A byte of `[A-Za-z0-9_]` after one that is none: where `\b` may open.
    pub(crate) starts: u64,
    /// `[A-Za-z0-9]`
    pub(crate) alnum: u64,
    /// `[0-9]`
    pub(crate) digit: u64,
    /// `[%\\=]`: what encodings other than base64 and hex are made with.
    pub(crate) special: u64,
}

impl Events {
    /// Calls back with every word start of a run.
    #[inline(always)]
    pub(crate) fn starts(&self, run: (u32, u32), mut found: impl FnMut(u32)) {
        self.each(run, |base, block| {
            let mut bits = block.starts;
            while bits != 0 {
                found(base + bits.trailing_zeros());
                bits &= bits - 1;
            }
        });
    }

    /// What a run is made of.
    #[inline(always)]
    pub(crate) fn traits_of(&self, run: (u32, u32)) -> Traits {
        let mut traits = Traits::default();
        let within = run.1 - run.0 <= 64;
        self.each(run, |_, block| {
            traits.digit |= block.digit;
            traits.special |= block.special;
            // A bit is left where 2, 4, 8 and 16 bytes in a row are set.
            let mut bits = block.alnum;
            bits &= bits >> 1;
            bits &= bits >> 2;
            // A stretch that crosses pieces has half its length in one of them.
            traits.eight |= if within { bits & bits >> 4 } else { bits };
            bits &= bits >> 4;
            traits.sixteen |= if within { bits & bits >> 8 } else { bits };
        });
        traits
    }

    /// Calls back with every maximal stretch of letters and digits of a run
    /// that has both and is at least `min` long.
    #[inline(always)]
    pub(crate) fn mixed_words(&self, run: (u32, u32), min: u32, mut found: impl FnMut(u32, u32)) {
        // Start of the open stretch, and digits and letters seen in it.
        let mut open: Option<(u32, bool, bool)> = None;
        self.each(run, |base, block| {
            let mut bits = block.alnum;
            if bits & 1 == 0 {
                close(&mut open, base, min, &mut found);
            }
            while bits != 0 {
                let start = bits.trailing_zeros();
                let len = (bits >> start).trailing_ones();
                let own = (!0u64 >> (64 - len)) << start;
                let (_, digits, letters) = open.get_or_insert((base + start, false, false));
                *digits |= block.digit & own != 0;
                *letters |= !block.digit & own != 0;
                if start + len == 64 {
                    return;
                }
                close(&mut open, base + start + len, min, &mut found);
                bits &= !own;
            }
        });
        close(&mut open, run.1, min, &mut found);
    }

    /// Visits a run in pieces of at most 64 bytes, each with the position of
    /// its first byte, which bit 0 speaks of. Most runs are one piece.
    #[inline(always)]
    fn each(&self, (from, to): (u32, u32), mut visit: impl FnMut(u32, Block)) {
        let mut at = from;
        loop {
            visit(at, self.piece(at, (to - at).min(64)));
            at += 64;
            if at >= to {
                return;
            }
        }
    }

    /// The masks of `len` bytes from `at`, `len` from 1 to 64.
    #[inline(always)]
    fn piece(&self, at: u32, len: u32) -> Block {
        let shift = at % 64;
        let low = self.blocks.get((at / 64) as usize).copied().unwrap_or_default();
        let high = match shift {
            0 => Block::default(),
            _ => self.blocks.get((at / 64) as usize + 1).copied().unwrap_or_default(),
        };
        let range = !0u64 >> (64 - len);
        // Shifting by 63 and then by 1 more is 64 when nothing is to be taken.
        let join = |low: u64, high: u64| (low >> shift | high << (63 - shift) << 1) & range;
        Block {
            starts: join(low.starts, high.starts),
            alnum: join(low.alnum, high.alnum),
            digit: join(low.digit, high.digit),
            special: join(low.special, high.special),
        }
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
    /// A byte that encodings other than base64 and hex are made with.
    pub(crate) special: u64,
    /// A stretch of 8 letters and digits, or half of one.
    pub(crate) eight: u64,
    /// A stretch of 16 letters and digits, or half of one.
    pub(crate) sixteen: u64,
}

/// The masks of 64 bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Masks {
    pub(crate) token: u64,
    pub(crate) root: u64,
    pub(crate) word: u64,
    pub(crate) alnum: u64,
    pub(crate) digit: u64,
    pub(crate) special: u64,
}

/// Turns masks of 64 bits into events.
#[derive(Default)]
pub(crate) struct Runs {
    /// Length of the run that the last block ended in.
    open: usize,
    /// Whether the last block ended in a word.
    in_word: bool,
}

impl Runs {
    #[inline(always)]
    pub(crate) fn take(&mut self, at: usize, masks: Masks, out: &mut Events) {
        self.block(at, masks.token, &mut out.runs);
        let starts = masks.word & !(masks.word << 1 | u64::from(self.in_word));
        self.in_word = masks.word >> 63 != 0;
        out.blocks.push(Block {
            starts,
            alnum: masks.alnum,
            digit: masks.digit,
            special: masks.special,
        });
        if masks.root != 0 {
            push_roots(at, masks.root, &mut out.roots);
        }
    }

    #[inline(always)]
    fn block(&mut self, at: usize, mask: u64, runs: &mut Vec<(u32, u32)>) {
        let head = mask.trailing_ones() as usize;
        if head == BLOCK {
            self.open += BLOCK;
            return;
        }
        if self.open + head >= RUN_MIN {
            runs.push(((at - self.open) as u32, (at + head) as u32));
        }
        self.open = mask.leading_ones() as usize;
        // Bit i is left when bits i..i+20 are all set.
        let mut long = mask & (mask >> 1);
        long &= long >> 2;
        long &= long >> 4;
        long &= long >> 8;
        long &= long >> (RUN_MIN - 16);
        if long != 0 {
            self.inner(at, mask, head, long, runs);
        }
    }

    /// Runs that begin and end inside the block; those at its edges are
    /// counted elsewhere.
    #[cold]
    #[inline(never)]
    fn inner(&self, at: usize, mask: u64, head: usize, mut long: u64, runs: &mut Vec<(u32, u32)>) {
        long &= !0u64 << head;
        while long != 0 {
            let start = long.trailing_zeros() as usize;
            let len = (mask >> start).trailing_ones() as usize;
            let end = start + len;
            if end >= BLOCK {
                return;
            }
            runs.push(((at + start) as u32, (at + end) as u32));
            long &= !0u64 << end;
        }
    }

    pub(crate) fn end(&self, at: usize, runs: &mut Vec<(u32, u32)>) {
        if self.open >= RUN_MIN {
            runs.push(((at - self.open) as u32, at as u32));
        }
    }
}

fn push_roots(at: usize, mut mask: u64, roots: &mut Vec<u32>) {
    while mask != 0 {
        roots.push((at + mask.trailing_zeros() as usize) as u32);
        mask &= mask - 1;
    }
}
