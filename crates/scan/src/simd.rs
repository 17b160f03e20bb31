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

use crate::events::{BLOCK, Events, GROUP, Masks, Piece, Runs};
use crate::roots::{ALNUM, DIGIT, PRINT, Roots, Tables, WORD, fold};

/// Finds the runs and possible roots of a text; positions are offsets in it.
/// Texts are at most 4 GiB long, which the engine's windows guarantee.
pub(crate) fn events(text: &[u8], roots: &Roots, out: &mut Events) {
    out.spans.clear();
    out.roots.clear();
    out.pieces.clear();
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

/// Finds the runs and possible roots with masks of 64 bytes at a time; `masks`
/// sees the first bytes of the next block too.
#[inline(always)]
fn groups(text: &[u8], out: &mut Events, masks: impl Fn(&[u8; BLOCK + PRINT]) -> Masks) {
    let mut runs = Runs::default();
    let mut group = [Masks::default(); GROUP];
    let mut at = 0;
    while at < text.len() {
        let start = at;
        let mut len = 0;
        while len < GROUP
            && let Some(block) = text.get(at..).and_then(|rest| rest.first_chunk())
        {
            group[len] = masks(block);
            len += 1;
            at += BLOCK;
        }
        if len < GROUP && at < text.len() {
            group[len] = masks(&padded(text, at));
            len += 1;
            at += BLOCK;
        }
        runs.take(start, &group[..len], out);
    }
    runs.end(at, out);
}

/// Adds what every run is made of.
#[inline(always)]
fn pieces(text: &[u8], out: &mut Events, piece: impl Fn(&[u8; BLOCK]) -> Piece) {
    for &(start, end) in &out.spans {
        let mut at = start as usize;
        let end = end as usize;
        while at < end {
            let mut made = match text.get(at..).and_then(|rest| rest.first_chunk()) {
                Some(block) => piece(block),
                None => piece(&padded(text, at)),
            };
            made.keep(end - at);
            out.pieces.push(made);
            at += BLOCK;
        }
    }
}

/// `N` bytes from `at`, with zeros behind the end of the text: zeros are
/// neither token bytes nor part of any root.
#[cold]
fn padded<const N: usize>(text: &[u8], at: usize) -> [u8; N] {
    let mut tail = [0u8; N];
    let rest = text.get(at..).unwrap_or(&[]);
    let len = rest.len().min(tail.len());
    tail[..len].copy_from_slice(&rest[..len]);
    tail
}

mod portable {
    use super::{
        ALNUM, BLOCK, DIGIT, Events, Masks, PRINT, Piece, Tables, WORD, fold, groups, pieces,
    };

    pub(super) fn events(text: &[u8], tables: &Tables, out: &mut Events) {
        groups(text, out, |block| masks(block, tables));
        pieces(text, out, |block| piece(block, tables));
    }

    fn class(tables: &[[u8; 16]; 2], byte: u8) -> u8 {
        tables[0][usize::from(byte & 15)] & tables[1][usize::from(byte >> 4)]
    }

    fn masks(block: &[u8], tables: &Tables) -> Masks {
        let mut masks = Masks { token: 0, root: 0 };
        for at in 0..BLOCK {
            masks.token |= u64::from(class(&tables.token, block[at]) != 0) << at;
            let print = tables.root.iter().any(|table| {
                (0..PRINT).fold(0xff, |set, i| set & class(&table[i], fold(block[at + i]))) != 0
            });
            masks.root |= u64::from(print) << at;
        }
        masks
    }

    fn piece(block: &[u8; BLOCK], tables: &Tables) -> Piece {
        let mut piece = Piece::default();
        for (at, byte) in block.iter().enumerate() {
            let bits = class(&tables.token, *byte);
            piece.word |= u64::from(bits & WORD != 0) << at;
            piece.alnum |= u64::from(bits & ALNUM != 0) << at;
            piece.digit |= u64::from(bits & DIGIT != 0) << at;
            piece.lower |= u64::from(byte.is_ascii_lowercase()) << at;
            piece.special |= u64::from(matches!(byte, b'%' | b'\\' | b'=')) << at;
        }
        piece
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m256i, _mm_loadu_si128, _mm256_and_si256, _mm256_broadcastsi128_si256, _mm256_cmpeq_epi8,
        _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8,
        _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_slli_epi16, _mm256_srli_epi16,
    };

    use super::{ALNUM, DIGIT, Events, Masks, PRINT, Piece, Tables, WORD, groups, pieces};

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
        // SAFETY: the CPU has AVX2, and a block with its margin is 68 bytes long.
        groups(text, out, |block| unsafe { masks(block.as_ptr(), token, &root) });
        // SAFETY: the CPU has AVX2, and a block is 64 bytes long.
        pieces(text, out, |block| unsafe { piece(block.as_ptr(), token) });
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
        Masks { token: join(a[0], b[0]), root: join(a[1], b[1]) }
    }

    /// Token bytes and possible roots of 32 bytes.
    ///
    /// # Safety
    /// 35 bytes from `at` must be readable.
    #[target_feature(enable = "avx2")]
    #[inline]
    unsafe fn half(at: *const u8, token: Pair, root: &[[Pair; PRINT]; 2]) -> [u32; 2] {
        let case = _mm256_set1_epi8(0x20);
        // SAFETY: the caller's promise.
        let bytes = unsafe { _mm256_loadu_si256(at.cast()) };
        let bits = class(bytes, token);
        let folded = _mm256_or_si256(bytes, case);
        let mut sets = [class(folded, root[0][0]), class(folded, root[1][0])];
        for (i, (first, second)) in root[0].iter().zip(&root[1]).enumerate().skip(1) {
            // SAFETY: the caller's promise, and i is at most 3.
            let bytes = unsafe { _mm256_loadu_si256(at.add(i).cast()) };
            let folded = _mm256_or_si256(bytes, case);
            sets[0] = _mm256_and_si256(sets[0], class(folded, *first));
            sets[1] = _mm256_and_si256(sets[1], class(folded, *second));
        }
        [within(bits), within(_mm256_or_si256(sets[0], sets[1]))]
    }

    /// What 64 bytes are.
    ///
    /// # Safety
    /// 64 bytes from `block` must be readable.
    #[target_feature(enable = "avx2")]
    #[inline]
    unsafe fn piece(block: *const u8, token: Pair) -> Piece {
        // SAFETY: the caller's promise.
        let (a, b) = unsafe { (half_piece(block, token), half_piece(block.add(32), token)) };
        Piece {
            word: join(a[0], b[0]),
            alnum: join(a[1], b[1]),
            digit: join(a[2], b[2]),
            lower: join(a[3], b[3]),
            special: join(a[4], b[4]),
        }
    }

    /// Of 32 bytes: word, alnum, digit, lower, special.
    ///
    /// # Safety
    /// 32 bytes from `at` must be readable.
    #[target_feature(enable = "avx2")]
    #[inline]
    unsafe fn half_piece(at: *const u8, token: Pair) -> [u32; 5] {
        // SAFETY: the caller's promise.
        let bytes = unsafe { _mm256_loadu_si256(at.cast()) };
        let bits = class(bytes, token);
        let of = |mask: u8| within(_mm256_and_si256(bits, _mm256_set1_epi8(mask as i8)));
        let (alnum, digit) = (of(ALNUM), of(DIGIT));
        // The bit that tells lower case, shifted to the top, is the sign.
        let small = _mm256_movemask_epi8(_mm256_slli_epi16::<2>(bytes)) as u32;
        let equals = |byte: u8| _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(byte as i8));
        let special = _mm256_or_si256(_mm256_or_si256(equals(b'%'), equals(b'=')), equals(b'\\'));
        let special = _mm256_movemask_epi8(special) as u32;
        [of(WORD), alnum, digit, small & alnum & !digit, special]
    }

    /// One bit for each byte that is not zero.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn within(set: __m256i) -> u32 {
        !(_mm256_movemask_epi8(_mm256_cmpeq_epi8(set, _mm256_setzero_si256())) as u32)
    }

    fn join(low: u32, high: u32) -> u64 {
        u64::from(low) | u64::from(high) << 32
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

    use super::{ALNUM, DIGIT, Events, Masks, PRINT, Piece, Tables, WORD, groups, pieces};

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
        // SAFETY: the CPU has AVX-512 BW, and a block with its margin is 68 bytes long.
        groups(text, out, |block| unsafe { masks(block.as_ptr(), token, &root) });
        // SAFETY: the CPU has AVX-512 BW, and a block is 64 bytes long.
        pieces(text, out, |block| unsafe { piece(block.as_ptr(), token) });
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
        for (i, (first, second)) in root[0].iter().zip(&root[1]).enumerate().skip(1) {
            // SAFETY: the caller's promise, and i is at most 3.
            let bytes = unsafe { _mm512_loadu_si512(block.add(i).cast()) };
            let folded = _mm512_or_si512(bytes, case);
            sets[0] = _mm512_and_si512(sets[0], class(folded, *first));
            sets[1] = _mm512_and_si512(sets[1], class(folded, *second));
        }
        let set = _mm512_or_si512(sets[0], sets[1]);
        Masks { token: _mm512_test_epi8_mask(bits, bits), root: _mm512_test_epi8_mask(set, set) }
    }

    /// What 64 bytes are.
    ///
    /// # Safety
    /// 64 bytes from `block` must be readable.
    #[target_feature(enable = "avx512f,avx512bw")]
    #[inline]
    unsafe fn piece(block: *const u8, token: Pair) -> Piece {
        // SAFETY: the caller's promise.
        let bytes = unsafe { _mm512_loadu_si512(block.cast()) };
        let bits = class(bytes, token);
        let of = |mask: u8| _mm512_test_epi8_mask(bits, _mm512_set1_epi8(mask as i8));
        let equals = |byte: u8| _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(byte as i8));
        let (alnum, digit) = (of(ALNUM), of(DIGIT));
        let small = _mm512_test_epi8_mask(bytes, _mm512_set1_epi8(0x20));
        Piece {
            word: of(WORD),
            alnum,
            digit,
            lower: small & alnum & !digit,
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
    use stanch_rules::pattern::{RUN_MIN, is_token_byte};

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
                prop_assert_eq!(&fast.pieces, &slow.pieces);
                prop_assert_eq!(&fast.roots, &slow.roots);
                prop_assert_eq!(&fast.spans, &slow.spans);
            }
            events(&text, &roots, &mut fast);
            prop_assert_eq!(&fast.spans, &slow.spans);
            prop_assert_eq!(&fast.roots, &slow.roots);
            prop_assert_eq!(&fast.pieces, &slow.pieces);
            prop_assert_eq!(&fast.spans, &naive_runs(&text));
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
        assert_eq!(out.spans, [(50, 142)]);
        let run = out.runs().next().expect("a run");
        let mut starts = Vec::new();
        run.starts(|at| starts.push(at));
        assert_eq!(starts, [50, 53, 59, 140]);
        let mut words = Vec::new();
        run.mixed_words(3, |from, to| words.push((from, to)));
        assert_eq!(words, [(59, 139)]);
        let traits = run.traits();
        assert!(traits.digit != 0 && traits.sixteen != 0 && traits.special != 0);
        assert!(traits.lower != 0 && traits.upper == 0 && !traits.is_word);
    }

    #[test]
    fn long_runs_cross_blocks() {
        for len in [19, 20, 63, 64, 65, 127, 128, 200, 1000] {
            for lead in [0, 1, 40, 63, 64] {
                let text = [vec![b' '; lead], vec![b'x'; len], vec![b'\n'; 3]].concat();
                let mut out = Events::default();
                events(&text, &roots(), &mut out);
                assert_eq!(out.spans, naive_runs(&text), "{len} bytes after {lead}");
            }
        }
    }
}
