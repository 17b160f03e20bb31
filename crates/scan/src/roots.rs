//! Roots, and the nibble tables that find them and the token bytes.

use crate::heads::{self, Heads};

/// Bytes that a root's fingerprint covers.
pub(crate) const PRINT: usize = 4;

/// Root literals with the tables that find them.
#[derive(Debug, Clone)]
pub(crate) struct Roots {
    pub(crate) tables: Tables,
    /// One bit for each hash of a fingerprint, of three or four folded bytes.
    filter: Box<[u64; 1024]>,
    heads: Heads,
    entries: Vec<Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    /// The fingerprint's first three bytes, folded.
    head: [u8; 3],
    /// The byte before the fingerprint, folded, if it has one: it tells apart
    /// most of those that share a fingerprint.
    before: Option<u8>,
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
pub(crate) struct Tables {
    pub(crate) token: [[u8; 16]; 2],
    /// Two sets of eight buckets.
    pub(crate) root: [RootTable; 2],
}

/// Of each byte of a fingerprint, the buckets of its low and its high nibble.
pub(crate) type RootTable = [[[u8; 16]; 2]; PRINT];

/// Bits of the token table. Each stands for a rectangle of the ASCII table:
/// some columns of some rows.
pub(crate) const DIGIT: u8 = 1;
pub(crate) const ALNUM: u8 = DIGIT | 2 | 4;
pub(crate) const WORD: u8 = ALNUM | 8;
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
pub(crate) const fn fold(byte: u8) -> u8 {
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
            let before = offset.checked_sub(1).map(|at| literal[at]);
            entries.push(Entry { head, before, is_long, literal, offset, id });
        }
        let heads = Heads::of(&mut entries, |entry: &Entry| entry.head);
        let mut filter = Box::new([0u64; 1024]);
        for entry in &entries {
            let fourth = entry.literal.get(entry.offset + 3).filter(|_| entry.is_long);
            let [a, b, c] = entry.head;
            let slot = slot(u32::from_le_bytes([a, b, c, fourth.copied().unwrap_or(0)]));
            filter[slot >> 6] |= 1 << (slot & 63);
        }
        Roots { tables: Tables::new(&prints), filter, heads, entries }
    }

    /// Calls back with the id and start of every root whose fingerprint stands
    /// at `at`.
    #[inline(always)]
    pub(crate) fn at(&self, text: &[u8], at: usize, found: impl FnMut(u16, usize)) {
        let (long, short) = match text.get(at..).and_then(<[u8]>::first_chunk::<4>) {
            Some(bytes) => {
                let folded = u32::from_le_bytes(*bytes) | 0x2020_2020;
                (folded, folded & 0x00ff_ffff)
            }
            // At the very end there is no room for a long one.
            None => match text.get(at..).and_then(<[u8]>::first_chunk::<3>) {
                Some([a, b, c]) => {
                    let short = u32::from_le_bytes([fold(*a), fold(*b), fold(*c), 0]);
                    (short, short)
                }
                None => return,
            },
        };
        let has = |slot: usize| self.filter[slot >> 6] >> (slot & 63) & 1 != 0;
        if has(slot(long)) || has(slot(short)) {
            let [a, b, c, _] = short.to_le_bytes();
            self.verify(text, at, [a, b, c], found);
        }
    }

    #[inline(never)]
    fn verify(&self, text: &[u8], at: usize, head: [u8; 3], mut found: impl FnMut(u16, usize)) {
        let before = at.checked_sub(1).map_or(0, |at| fold(text[at]));
        for entry in &self.entries[self.heads.entries(heads::hash(head))] {
            if entry.before.is_none_or(|byte| byte == before)
                && let Some(start) = at.checked_sub(entry.offset)
                && let Some(bytes) = text.get(start..start + entry.literal.len())
                && bytes.iter().zip(&entry.literal).all(|(a, b)| fold(*a) == *b)
            {
                found(entry.id, start);
            }
        }
    }
}

/// The filter's bit for a fingerprint of four folded bytes, the first of them
/// lowest; the fourth is 0 where there is none.
#[inline(always)]
fn slot(print: u32) -> usize {
    (print.wrapping_mul(0x9E37_79B1) >> 16) as usize
}

/// Where in a literal the bytes stand that are the rarest together.
fn rarest_window(literal: &[u8]) -> usize {
    let share = |byte: &u8| SHARES[usize::from(byte >> 4)][usize::from(byte & 15)].max(1e-4);
    let width = literal.len().min(PRINT);
    let together = |at: &usize| -> f32 { literal[*at..at + width].iter().map(share).product() };
    (0..=literal.len() - width).min_by(|a, b| together(a).total_cmp(&together(b))).unwrap_or(0)
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

/// Of each byte, by its high and low nibble, its share of source text.
static SHARES: [[f32; 16]; 16] = {
    let mut shares = [[0.0; 16]; 16];
    let mut at = 0;
    while at < COMMON.len() {
        let (byte, per_mille) = COMMON[at];
        shares[(byte >> 4) as usize][(byte & 15) as usize] = per_mille / 1200.0;
        at += 1;
    }
    shares
};

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
        if self.low == !0 && self.high == !0 {
            return 1.0;
        }
        let mut share = 1e-4;
        let mut rows = self.high;
        while rows != 0 {
            let row = &SHARES[rows.trailing_zeros() as usize];
            let mut columns = self.low;
            while columns != 0 {
                share += row[columns.trailing_zeros() as usize];
                columns &= columns - 1;
            }
            rows &= rows - 1;
        }
        share
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
        let wider = sets.map(|(set, _)| {
            let wider = with(&set, print);
            (wider, share(&wider))
        });
        let growth = |at: &usize| wider[*at].1 - sets[*at].1;
        let Some(best) = (0..16).min_by(|a, b| growth(a).total_cmp(&growth(b))) else { continue };
        sets[best] = wider[best];
        buckets[best].push(print);
    }
    buckets
}
