//! Finds literals by their first three bytes: one look at a bit tells nearly
//! always that none stands at a place, however many there are.

use std::ops::Range;

/// The first three bytes of some literals, whatever the case of letters.
#[derive(Debug, Clone)]
pub(crate) struct Heads {
    /// One bit for each hash.
    filter: Box<[u64; 1024]>,
    /// The entries of each hash: their numbers from and to.
    index: Vec<(u16, u32, u32)>,
    /// Where in the index the hashes with each upper byte begin.
    rows: Box<[u32; 257]>,
}

impl Heads {
    /// Puts entries in the order of their heads and remembers where those of
    /// each stand; entries with equal heads stay in their order.
    pub(crate) fn of<T>(entries: &mut [T], head: impl Fn(&T) -> [u8; 3]) -> Heads {
        entries.sort_by_key(|entry| hash(head(entry)));
        let mut filter = Box::new([0u64; 1024]);
        let mut index: Vec<(u16, u32, u32)> = Vec::new();
        for (at, entry) in entries.iter().enumerate() {
            let hash = hash(head(entry));
            filter[usize::from(hash >> 6)] |= 1 << (hash & 63);
            match index.last_mut() {
                Some((last, _, end)) if *last == hash => *end = at as u32 + 1,
                _ => index.push((hash, at as u32, at as u32 + 1)),
            }
        }
        let mut rows = Box::new([0; 257]);
        for (row, at) in rows.iter_mut().enumerate() {
            *at = index.partition_point(|entry| usize::from(entry.0 >> 8) < row) as u32;
        }
        Heads { filter, index, rows }
    }

    /// The hash of what a text begins with, if an entry may have it.
    #[inline(always)]
    pub(crate) fn seen(&self, text: &[u8]) -> Option<u16> {
        let [a, b, c, ..] = *text else { return None };
        let hash = hash([a, b, c]);
        (self.filter[usize::from(hash >> 6)] >> (hash & 63) & 1 != 0).then_some(hash)
    }

    /// The entries whose heads have a hash; some may have it by chance.
    #[inline(always)]
    pub(crate) fn entries(&self, hash: u16) -> Range<usize> {
        let row = usize::from(hash >> 8);
        let row = self.rows[row] as usize..self.rows[row + 1] as usize;
        let same = self.index[row].iter().find(|entry| entry.0 == hash);
        same.map_or(0..0, |entry| entry.1 as usize..entry.2 as usize)
    }
}

/// A hash of three bytes, the same for letters of either case.
#[inline(always)]
pub(crate) fn hash([a, b, c]: [u8; 3]) -> u16 {
    let key = u32::from_le_bytes([a | 0x20, b | 0x20, c | 0x20, 0]);
    (key.wrapping_mul(0x9E37_79B1) >> 16) as u16
}
