//! The first stage: one pass over the bytes that finds runs of token bytes and
//! the places where a root may begin.
//!
//! A *run* is a maximal stretch of token bytes (`stanch_rules::pattern::is_token_byte`) that is at least
//! [`RUN_MIN`] long. A *root* is a short literal, compared without regard to
//! case; this stage only tells where one may begin, [`Roots::at`] decides.
//!
//! Bytes are classified by nibble: a byte belongs to a set when the entries of
//! its low and its high nibble in two tables of 16 share a bit. That is one
//! shuffle per nibble with AVX2 or AVX-512, and two look-ups per byte in the
//! portable twin, which computes exactly the same masks and is tested against it.
//!
//! This is the only module with `unsafe` code.
#![expect(unsafe_code, reason = "SIMD intrinsics; the portable twin is the specification")]

use stanch_rules::pattern::RUN_MIN;

/// Bytes looked at in one step.
const BLOCK: usize = 64;

/// Bytes that a root's fingerprint covers.
const PRINT: usize = 4;

/// Root literals with the tables that find them.
#[derive(Debug, Clone)]
pub(crate) struct Roots {
    tables: Tables,
    /// One bit for each hash of a fingerprint, of three or four folded bytes.
    filter: Box<[u64; 1024]>,
    /// Literals by fingerprint, sorted by its first three bytes.
    entries: Vec<Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    /// The fingerprint's first three bytes, folded.
    head: [u8; 3],
    /// Whether its fingerprint has a fourth byte.
    is_long: bool,
    /// The whole literal, folded.
    literal: Box<[u8]>,
    /// Where the fingerprint stands in the literal.
    offset: usize,
    /// The caller's number for it.
    id: u16,
}

#[derive(Debug, Clone, Copy)]
struct Tables {
    token: [[u8; 16]; 2],
    /// Two sets of eight buckets.
    root: [RootTable; 2],
}

/// Of each byte of a fingerprint, the buckets of its low and its high nibble.
type RootTable = [[[u8; 16]; 2]; PRINT];

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
struct Masks {
    token: u64,
    root: u64,
    word: u64,
    alnum: u64,
    digit: u64,
    special: u64,
}

/// Bits of the token table. Each stands for a rectangle of the ASCII table:
/// some columns of some rows.
const DIGIT: u8 = 1;
const ALNUM: u8 = DIGIT | 2 | 4;
const WORD: u8 = ALNUM | 8;
const RECTANGLES: [(u8, &[u8], &[u8]); 8] = [
    (1, &[3], &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
    (2, &[4, 6], &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]),
    (4, &[5, 7], &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
    // _
    (8, &[5], &[15]),
    // % + - . /
    (16, &[2], &[5, 11, 13, 14, 15]),
    // =
    (32, &[3], &[13]),
    // ~
    (64, &[7], &[14]),
    // \
    (128, &[5], &[12]),
];

/// Makes a letter's case not matter; other bytes are mapped too, but always
/// to the same byte.
const fn fold(byte: u8) -> u8 {
    byte | 0x20
}

impl Roots {
    /// Tables for these literals; the ids are returned by [`Roots::at`].
    pub(crate) fn new<'a>(literals: impl IntoIterator<Item = (&'a [u8], u16)>) -> Roots {
        let mut literals: Vec<(Box<[u8]>, u16)> = literals
            .into_iter()
            .map(|(literal, id)| (literal.iter().map(|b| fold(*b)).collect(), id))
            .filter(|(literal, _): &(Box<[u8]>, u16)| literal.len() >= 3)
            .collect();
        // The shorter a literal, the fewer fingerprints it can have; longer
        // ones that contain one of these need none of their own.
        literals.sort_by_key(|(literal, id)| (literal.len(), *id));
        let mut prints: Vec<Vec<u8>> = Vec::new();
        let mut entries = Vec::new();
        for (literal, id) in literals {
            let known = prints.iter().find_map(|print| {
                literal.windows(print.len()).position(|window| window == print.as_slice())
            });
            let offset = known.unwrap_or_else(|| {
                let offset = rarest_window(&literal);
                prints.push(literal[offset..].iter().copied().take(PRINT).collect());
                offset
            });
            let head = [literal[offset], literal[offset + 1], literal[offset + 2]];
            let is_long = !prints.iter().any(|print| *print == head);
            entries.push(Entry { head, is_long, literal, offset, id });
        }
        entries.sort_by_key(|entry| entry.head);
        let mut filter = Box::new([0u64; 1024]);
        for entry in &entries {
            let fourth = entry.literal.get(entry.offset + 3).filter(|_| entry.is_long);
            let slot = slot(entry.head, fourth.copied().unwrap_or(0));
            filter[slot >> 6] |= 1 << (slot & 63);
        }
        Roots { tables: Tables::new(&prints), filter, entries }
    }

    /// Calls back with the id and start of every root whose fingerprint stands
    /// at `at`.
    #[inline(always)]
    pub(crate) fn at(&self, text: &[u8], at: usize, found: impl FnMut(u16, usize)) {
        let Some(bytes) = text.get(at..at + 3) else { return };
        let head = [fold(bytes[0]), fold(bytes[1]), fold(bytes[2])];
        let fourth = text.get(at + 3).map_or(1, |b| fold(*b));
        let has = |slot: usize| self.filter[slot >> 6] >> (slot & 63) & 1 != 0;
        if has(slot(head, fourth)) || has(slot(head, 0)) {
            self.verify(text, at, head, found);
        }
    }

    #[inline(never)]
    fn verify(&self, text: &[u8], at: usize, head: [u8; 3], mut found: impl FnMut(u16, usize)) {
        let from = self.entries.partition_point(|entry| entry.head < head);
        for entry in self.entries[from..].iter().take_while(|entry| entry.head == head) {
            if let Some(start) = at.checked_sub(entry.offset)
                && let Some(bytes) = text.get(start..start + entry.literal.len())
                && bytes.iter().zip(&entry.literal).all(|(a, b)| fold(*a) == *b)
            {
                found(entry.id, start);
            }
        }
    }
}

/// The filter's bit for a fingerprint; `fourth` is 0 where there is none.
#[inline(always)]
fn slot(head: [u8; 3], fourth: u8) -> usize {
    let key = u32::from_le_bytes([head[0], head[1], head[2], fourth]);
    (key.wrapping_mul(0x9E37_79B1) >> 16) as usize
}

/// Where in a literal the least common bytes stand.
fn rarest_window(literal: &[u8]) -> usize {
    // Lower-case letters of English text and code, most common first.
    const LETTERS: &[u8] = b"etaionsrlcdpumfhg_bvywkxjqz";
    let weight = |byte: &u8| match LETTERS.iter().position(|c| c == byte) {
        Some(rank) => 60 - 2 * rank as u32,
        None if byte.is_ascii_digit() => 20,
        None if *byte == b' ' => 60,
        None => 12,
    };
    let width = literal.len().min(PRINT);
    (0..=literal.len() - width)
        .min_by_key(|at| literal[*at..at + width].iter().map(weight).sum::<u32>())
        .unwrap_or(0)
}

impl Tables {
    fn new(prints: &[Vec<u8>]) -> Tables {
        let mut token = [[0u8; 16]; 2];
        for (bit, rows, columns) in RECTANGLES {
            rows.iter().for_each(|row| token[1][usize::from(*row)] |= bit);
            columns.iter().for_each(|column| token[0][usize::from(*column)] |= bit);
        }
        let mut root = [[[[0u8; 16]; 2]; PRINT]; 2];
        for (bucket, prints) in buckets(prints).iter().enumerate() {
            let (set, bit) = (&mut root[bucket / 8], 1 << (bucket % 8));
            for print in prints {
                for (at, tables) in set.iter_mut().enumerate() {
                    match print.get(at) {
                        Some(byte) => {
                            tables[0][usize::from(byte & 15)] |= bit;
                            tables[1][usize::from(byte >> 4)] |= bit;
                        }
                        // A short root does not say what follows it.
                        None => tables.iter_mut().flatten().for_each(|t| *t |= bit),
                    }
                }
            }
        }
        Tables { token, root }
    }
}

/// How common folded bytes are in source text, in per mille: what is not named
/// is rare.
const COMMON: [(u8, f32); 47] = [
    (b' ', 150.0),
    (b')', 60.0),
    (b'*', 45.0),
    (0x7f, 30.0),
    (b'e', 75.0),
    (b't', 60.0),
    (b'a', 45.0),
    (b'i', 45.0),
    (b'n', 45.0),
    (b'o', 45.0),
    (b's', 45.0),
    (b'r', 45.0),
    (b'l', 30.0),
    (b'd', 30.0),
    (b'c', 30.0),
    (b'p', 25.0),
    (b'u', 22.0),
    (b'm', 20.0),
    (b'f', 22.0),
    (b'h', 18.0),
    (b'g', 15.0),
    (b'b', 14.0),
    (b'v', 9.0),
    (b'k', 8.0),
    (b'w', 8.0),
    (b'x', 8.0),
    (b'y', 9.0),
    (b'(', 12.0),
    (b',', 12.0),
    (b';', 12.0),
    (b'-', 12.0),
    (b'=', 8.0),
    (b'0', 14.0),
    (b'1', 8.0),
    (b'2', 5.0),
    (b'3', 4.0),
    (b'4', 4.0),
    (b'8', 3.0),
    (b'"', 9.0),
    (b'.', 10.0),
    (b'/', 12.0),
    (b'>', 6.0),
    (b'#', 3.0),
    (b'&', 3.0),
    (b':', 4.0),
    (b'{', 5.0),
    (b'}', 5.0),
];

/// The nibbles that the fingerprints of one bucket have at one position.
#[derive(Debug, Clone, Copy, Default)]
struct Nibbles {
    low: u16,
    high: u16,
}

impl Nibbles {
    fn with(self, byte: Option<&u8>) -> Nibbles {
        match byte {
            Some(byte) => {
                Nibbles { low: self.low | 1 << (byte & 15), high: self.high | 1 << (byte >> 4) }
            }
            // A short root does not say what follows it.
            None => Nibbles { low: !0, high: !0 },
        }
    }

    /// The share of bytes of source text that pass.
    fn share(self) -> f32 {
        let passes =
            |byte: u8| self.low >> (byte & 15) & 1 != 0 && self.high >> (byte >> 4) & 1 != 0;
        COMMON
            .iter()
            .filter(|(byte, _)| passes(*byte))
            .map(|(_, share)| share / 1200.0)
            .sum::<f32>()
            + 1e-4
    }
}

/// Puts fingerprints into sixteen buckets so that little foreign text passes:
/// each, the most open ones first, goes where it lets the least more through.
fn buckets(prints: &[Vec<u8>]) -> [Vec<&Vec<u8>>; 16] {
    let with = |bucket: &[Nibbles; PRINT], print: &Vec<u8>| -> [Nibbles; PRINT] {
        std::array::from_fn(|at| bucket[at].with(print.get(at)))
    };
    let share =
        |bucket: &[Nibbles; PRINT]| bucket.iter().map(|nibbles| nibbles.share()).product::<f32>();
    let alone = |print: &Vec<u8>| share(&with(&Default::default(), print));
    let mut order: Vec<(f32, &Vec<u8>)> =
        prints.iter().map(|print| (alone(print), print)).collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    let mut buckets: [Vec<&Vec<u8>>; 16] = Default::default();
    let mut sets = [([Nibbles::default(); PRINT], 0.0f32); 16];
    for (_, print) in order {
        let growth = |at: usize| share(&with(&sets[at].0, print)) - sets[at].1;
        let Some(best) = (0..16).min_by(|a, b| growth(*a).total_cmp(&growth(*b))) else { continue };
        let set = with(&sets[best].0, print);
        sets[best] = (set, share(&set));
        buckets[best].push(print);
    }
    buckets
}

/// Finds the runs and possible roots of a text; positions are offsets in it.
/// Texts are at most 4 GiB long, which the engine's windows guarantee.
pub(crate) fn events(text: &[u8], roots: &Roots, out: &mut Events) {
    out.runs.clear();
    out.roots.clear();
    out.blocks.clear();
    out.blocks.reserve(text.len() / BLOCK + 2);
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx512bw") {
        // SAFETY: the CPU has AVX-512 BW, and `avx512::masks` reads only
        // within the slice that is checked.
        unsafe { avx512::events(text, &roots.tables, out) };
        return;
    }
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the CPU has AVX2, and `avx2::block` reads only within the
        // slice that it checks.
        unsafe { avx2::events(text, &roots.tables, out) };
        return;
    }
    portable::events(text, &roots.tables, out);
}

/// Turns masks of 64 bits into events.
#[derive(Default)]
struct Runs {
    /// Length of the run that the last block ended in.
    open: usize,
    /// Whether the last block ended in a word.
    in_word: bool,
}

impl Runs {
    #[inline(always)]
    fn take(&mut self, at: usize, masks: Masks, out: &mut Events) {
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

    fn end(&self, at: usize, runs: &mut Vec<(u32, u32)>) {
        if self.open >= RUN_MIN {
            runs.push(((at - self.open) as u32, at as u32));
        }
    }
}

/// The last bytes of a text, padded so that a whole block can be read. Zeros
/// are neither token bytes nor part of any root.
fn padded_tail(text: &[u8], at: usize) -> [u8; BLOCK + PRINT] {
    let mut tail = [0u8; BLOCK + PRINT];
    let rest = text.get(at..).unwrap_or(&[]);
    let len = rest.len().min(tail.len());
    tail[..len].copy_from_slice(&rest[..len]);
    tail
}

fn push_roots(at: usize, mut mask: u64, roots: &mut Vec<u32>) {
    while mask != 0 {
        roots.push((at + mask.trailing_zeros() as usize) as u32);
        mask &= mask - 1;
    }
}

mod portable {
    use super::{ALNUM, BLOCK, DIGIT, Events, Masks, PRINT, Runs, Tables, WORD, fold, padded_tail};

    pub(super) fn events(text: &[u8], tables: &Tables, out: &mut Events) {
        let mut runs = Runs::default();
        let mut at = 0;
        while at < text.len() {
            let masks = match text.get(at..at + BLOCK + PRINT) {
                Some(block) => masks(block, tables),
                None => masks(&padded_tail(text, at), tables),
            };
            runs.take(at, masks, out);
            at += BLOCK;
        }
        runs.end(at, &mut out.runs);
    }

    fn masks(block: &[u8], tables: &Tables) -> Masks {
        let class = |tables: &[[u8; 16]; 2], byte: u8| {
            tables[0][usize::from(byte & 15)] & tables[1][usize::from(byte >> 4)]
        };
        let mut masks = Masks { token: 0, root: 0, word: 0, alnum: 0, digit: 0, special: 0 };
        for at in 0..BLOCK {
            let bits = class(&tables.token, block[at]);
            let has = |set: u8| u64::from(bits & set != 0) << at;
            masks.token |= has(!0);
            masks.word |= has(WORD);
            masks.alnum |= has(ALNUM);
            masks.digit |= has(DIGIT);
            masks.special |= u64::from(matches!(block[at], b'%' | b'\\' | b'=')) << at;
            let print = tables.root.iter().any(|table| {
                (0..PRINT).fold(0xff, |set, i| set & class(&table[i], fold(block[at + i]))) != 0
            });
            masks.root |= u64::from(print) << at;
        }
        masks
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m256i, _mm_loadu_si128, _mm256_and_si256, _mm256_broadcastsi128_si256, _mm256_cmpeq_epi8,
        _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8,
        _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_slli_epi16, _mm256_srli_epi16,
    };

    use super::{ALNUM, BLOCK, Events, Masks, PRINT, Runs, Tables, WORD, padded_tail};

    #[derive(Clone, Copy)]
    struct Pair {
        low: __m256i,
        high: __m256i,
    }

    /// # Safety
    /// The CPU must have AVX2.
    #[target_feature(enable = "avx2")]
    pub(super) unsafe fn events(text: &[u8], tables: &Tables, out: &mut Events) {
        let token = pair(&tables.token);
        let root = tables.root.map(|table| table.map(|pair_of| pair(&pair_of)));
        let mut runs = Runs::default();
        let mut at = 0;
        while at + BLOCK + PRINT <= text.len() {
            // SAFETY: 68 bytes from `at` are within `text`.
            let masks = unsafe { masks(text.as_ptr().add(at), token, &root) };
            runs.take(at, masks, out);
            at += BLOCK;
        }
        while at < text.len() {
            let tail = padded_tail(text, at);
            // SAFETY: the tail is 68 bytes long.
            let masks = unsafe { masks(tail.as_ptr(), token, &root) };
            runs.take(at, masks, out);
            at += BLOCK;
        }
        runs.end(at, &mut out.runs);
    }

    #[target_feature(enable = "avx2")]
    fn pair(tables: &[[u8; 16]; 2]) -> Pair {
        // SAFETY: each table is 16 bytes long and unaligned loads are used.
        let load = |table: &[u8; 16]| unsafe {
            _mm256_broadcastsi128_si256(_mm_loadu_si128(table.as_ptr().cast()))
        };
        Pair { low: load(&tables[0]), high: load(&tables[1]) }
    }

    /// Masks of 64 bytes.
    ///
    /// # Safety
    /// 68 bytes from `block` must be readable.
    #[target_feature(enable = "avx2")]
    #[inline]
    unsafe fn masks(block: *const u8, token: Pair, root: &[[Pair; PRINT]; 2]) -> Masks {
        // SAFETY: the caller's promise covers 32 bytes from 0 and from 32, and
        // each of them up to three bytes later.
        let (a, b) = unsafe { (half(block, token, root), half(block.add(32), token, root)) };
        let join = |i: usize| u64::from(a[i]) | u64::from(b[i]) << 32;
        Masks {
            token: join(0),
            root: join(1),
            word: join(2),
            alnum: join(3),
            digit: join(4),
            special: join(5),
        }
    }

    /// Masks of 32 bytes: token, root, word, alnum, digit, special.
    ///
    /// # Safety
    /// 35 bytes from `at` must be readable.
    #[target_feature(enable = "avx2")]
    #[inline]
    unsafe fn half(at: *const u8, token: Pair, root: &[[Pair; PRINT]; 2]) -> [u32; 6] {
        let zero = _mm256_setzero_si256();
        let case = _mm256_set1_epi8(0x20);
        // SAFETY: the caller's promise.
        let bytes = unsafe { _mm256_loadu_si256(at.cast()) };
        let bits = class(bytes, token);
        let folded = _mm256_or_si256(bytes, case);
        let mut sets = [class(folded, root[0][0]), class(folded, root[1][0])];
        for i in 1..PRINT {
            // SAFETY: the caller's promise, and i is at most 3.
            let bytes = unsafe { _mm256_loadu_si256(at.add(i).cast()) };
            let folded = _mm256_or_si256(bytes, case);
            sets[0] = _mm256_and_si256(sets[0], class(folded, root[0][i]));
            sets[1] = _mm256_and_si256(sets[1], class(folded, root[1][i]));
        }
        let set = _mm256_or_si256(sets[0], sets[1]);
        let outside = |set| _mm256_movemask_epi8(_mm256_cmpeq_epi8(set, zero)) as u32;
        let within = |mask: u8| !outside(_mm256_and_si256(bits, _mm256_set1_epi8(mask as i8)));
        // The digit bit is the lowest: shifted to the top, it is the sign.
        let digit = _mm256_movemask_epi8(_mm256_slli_epi16::<7>(bits)) as u32;
        let equals = |byte: u8| _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(byte as i8));
        let special = _mm256_or_si256(_mm256_or_si256(equals(b'%'), equals(b'=')), equals(b'\\'));
        let special = _mm256_movemask_epi8(special) as u32;
        [!outside(bits), !outside(set), within(WORD), within(ALNUM), digit, special]
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn class(bytes: __m256i, pair: Pair) -> __m256i {
        let nibble = _mm256_set1_epi8(0x0f);
        let low = _mm256_shuffle_epi8(pair.low, _mm256_and_si256(bytes, nibble));
        let high = _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), nibble);
        _mm256_and_si256(low, _mm256_shuffle_epi8(pair.high, high))
    }
}

#[cfg(target_arch = "x86_64")]
mod avx512 {
    use std::arch::x86_64::{
        __m512i, _mm_loadu_si128, _mm512_and_si512, _mm512_broadcast_i32x4, _mm512_cmpeq_epi8_mask,
        _mm512_loadu_si512, _mm512_or_si512, _mm512_set1_epi8, _mm512_shuffle_epi8,
        _mm512_srli_epi16, _mm512_test_epi8_mask,
    };

    use super::{ALNUM, BLOCK, DIGIT, Events, Masks, PRINT, Runs, Tables, WORD, padded_tail};

    #[derive(Clone, Copy)]
    struct Pair {
        low: __m512i,
        high: __m512i,
    }

    /// # Safety
    /// The CPU must have AVX-512 F and BW.
    #[target_feature(enable = "avx512f,avx512bw")]
    pub(super) unsafe fn events(text: &[u8], tables: &Tables, out: &mut Events) {
        let token = pair(&tables.token);
        let root = tables.root.map(|table| table.map(|pair_of| pair(&pair_of)));
        let mut runs = Runs::default();
        let mut at = 0;
        while at + BLOCK + PRINT <= text.len() {
            // SAFETY: 68 bytes from `at` are within `text`.
            let masks = unsafe { masks(text.as_ptr().add(at), token, &root) };
            runs.take(at, masks, out);
            at += BLOCK;
        }
        while at < text.len() {
            let tail = padded_tail(text, at);
            // SAFETY: the tail is 68 bytes long.
            let masks = unsafe { masks(tail.as_ptr(), token, &root) };
            runs.take(at, masks, out);
            at += BLOCK;
        }
        runs.end(at, &mut out.runs);
    }

    #[target_feature(enable = "avx512f,avx512bw")]
    fn pair(tables: &[[u8; 16]; 2]) -> Pair {
        // SAFETY: each table is 16 bytes long and unaligned loads are used.
        let load = |table: &[u8; 16]| unsafe {
            _mm512_broadcast_i32x4(_mm_loadu_si128(table.as_ptr().cast()))
        };
        Pair { low: load(&tables[0]), high: load(&tables[1]) }
    }

    /// Masks of 64 bytes.
    ///
    /// # Safety
    /// 67 bytes from `block` must be readable.
    #[target_feature(enable = "avx512f,avx512bw")]
    #[inline]
    unsafe fn masks(block: *const u8, token: Pair, root: &[[Pair; PRINT]; 2]) -> Masks {
        let case = _mm512_set1_epi8(0x20);
        // SAFETY: the caller's promise.
        let bytes = unsafe { _mm512_loadu_si512(block.cast()) };
        let bits = class(bytes, token);
        let folded = _mm512_or_si512(bytes, case);
        let mut sets = [class(folded, root[0][0]), class(folded, root[1][0])];
        for i in 1..PRINT {
            // SAFETY: the caller's promise, and i is at most 3.
            let bytes = unsafe { _mm512_loadu_si512(block.add(i).cast()) };
            let folded = _mm512_or_si512(bytes, case);
            sets[0] = _mm512_and_si512(sets[0], class(folded, root[0][i]));
            sets[1] = _mm512_and_si512(sets[1], class(folded, root[1][i]));
        }
        let set = _mm512_or_si512(sets[0], sets[1]);
        let has = |mask: u8| _mm512_test_epi8_mask(bits, _mm512_set1_epi8(mask as i8));
        let equals = |byte: u8| _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(byte as i8));
        Masks {
            token: _mm512_test_epi8_mask(bits, bits),
            root: _mm512_test_epi8_mask(set, set),
            word: has(WORD),
            alnum: has(ALNUM),
            digit: has(DIGIT),
            special: equals(b'%') | equals(b'=') | equals(b'\\'),
        }
    }

    #[target_feature(enable = "avx512f,avx512bw")]
    #[inline]
    fn class(bytes: __m512i, pair: Pair) -> __m512i {
        let nibble = _mm512_set1_epi8(0x0f);
        let low = _mm512_shuffle_epi8(pair.low, _mm512_and_si512(bytes, nibble));
        let high = _mm512_and_si512(_mm512_srli_epi16::<4>(bytes), nibble);
        _mm512_and_si512(low, _mm512_shuffle_epi8(pair.high, high))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use stanch_rules::pattern::is_token_byte;

    use super::*;

    fn roots() -> Roots {
        let literals: [&[u8]; 6] = [b"pass", b"ecret", b"://", b"-----BEGIN", b"&#1", b"key"];
        Roots::new(literals.into_iter().zip(0..))
    }

    fn naive_runs(text: &[u8]) -> Vec<(u32, u32)> {
        let mut runs = Vec::new();
        let mut start = 0;
        for at in 0..=text.len() {
            if at == text.len() || !is_token_byte(text[at]) {
                if at - start >= RUN_MIN {
                    runs.push((start as u32, at as u32));
                }
                start = at + 1;
            }
        }
        runs
    }

    fn found(text: &[u8], events: &Events, roots: &Roots) -> Vec<(u16, usize)> {
        let mut all = Vec::new();
        for at in &events.roots {
            roots.at(text, *at as usize, |id, start| all.push((id, start)));
        }
        all.sort_unstable();
        all
    }

    proptest! {
        #[test]
        fn the_twins_agree(text in proptest::collection::vec(
            prop_oneof![Just(b'a'), Just(b'P'), Just(b's'), Just(b'S'), Just(b' '), Just(b'/'), Just(b':'), Just(b'k'), Just(b'e'), Just(b'Y'), any::<u8>()],
            0..700,
        )) {
            let roots = roots();
            let mut fast = Events::default();
            let mut slow = Events::default();
            portable::events(&text, &roots.tables, &mut slow);
            #[cfg(target_arch = "x86_64")]
            if std::arch::is_x86_feature_detected!("avx2") {
                // SAFETY: the CPU has AVX2.
                unsafe { avx2::events(&text, &roots.tables, &mut fast) };
                prop_assert_eq!(&fast.blocks, &slow.blocks);
                prop_assert_eq!(&fast.roots, &slow.roots);
                prop_assert_eq!(&fast.runs, &slow.runs);
            }
            events(&text, &roots, &mut fast);
            prop_assert_eq!(&fast.runs, &slow.runs);
            prop_assert_eq!(&fast.roots, &slow.roots);
            prop_assert_eq!(&fast.blocks, &slow.blocks);
            prop_assert_eq!(&fast.runs, &naive_runs(&text));
        }

        #[test]
        fn every_root_is_found(text in "[a-z=\" ]{0,90}(PassWord|secret|https://|-----BEGIN RSA|&#104;|KEY)[a-z=\" \n]{0,90}") {
            let roots = roots();
            let mut events_ = Events::default();
            events(text.as_bytes(), &roots, &mut events_);
            let lower = text.to_ascii_lowercase();
            let mut expected = Vec::new();
            for (id, literal) in ["pass", "ecret", "://", "-----begin", "&#1", "key"].iter().enumerate() {
                expected.extend(lower.match_indices(literal).map(|(at, _)| (id as u16, at)));
            }
            expected.sort_unstable();
            prop_assert_eq!(found(text.as_bytes(), &events_, &roots), expected);
        }
    }

    #[test]
    fn the_table_says_what_a_token_byte_is() {
        let tables = roots().tables;
        for byte in 0..=255u8 {
            let bits =
                tables.token[0][usize::from(byte & 15)] & tables.token[1][usize::from(byte >> 4)];
            assert_eq!(bits != 0, is_token_byte(byte), "{byte:#x}");
            assert_eq!(bits & WORD != 0, byte.is_ascii_alphanumeric() || byte == b'_', "{byte:#x}");
            assert_eq!(bits & ALNUM != 0, byte.is_ascii_alphanumeric(), "{byte:#x}");
            assert_eq!(bits & DIGIT != 0, byte.is_ascii_digit(), "{byte:#x}");
        }
    }

    #[test]
    fn words_of_a_run_are_found_across_blocks() {
        let text =
            [vec![b' '; 50], b"ab-cd_ef/".to_vec(), vec![b'x'; 79], b"1=12".to_vec()].concat();
        let mut out = Events::default();
        events(&text, &roots(), &mut out);
        assert_eq!(out.runs, [(50, 142)]);
        let mut starts = Vec::new();
        out.starts(out.runs[0], |at| starts.push(at));
        assert_eq!(starts, [50, 53, 59, 140]);
        let mut words = Vec::new();
        out.mixed_words(out.runs[0], 3, |from, to| words.push((from, to)));
        assert_eq!(words, [(59, 139)]);
        let traits = out.traits_of(out.runs[0]);
        assert!(traits.digit != 0 && traits.sixteen != 0 && traits.special != 0);
    }

    #[test]
    fn long_runs_cross_blocks() {
        for len in [19, 20, 63, 64, 65, 127, 128, 200, 1000] {
            for lead in [0, 1, 40, 63, 64] {
                let text = [vec![b' '; lead], vec![b'x'; len], vec![b'\n'; 3]].concat();
                let mut out = Events::default();
                events(&text, &roots(), &mut out);
                assert_eq!(out.runs, naive_runs(&text), "{len} bytes after {lead}");
            }
        }
    }
}
