//! Marvin32, the keyed 64-bit hash that Microsoft's key formats carry.
//!
//! Source: SymCrypt `marvin32.c` (MIT), which the vectors below come from.

/// Both halves of the state, xored: what key formats store, little-endian.
pub(super) fn marvin32(data: &[u8], seed: u64) -> u32 {
    let hash = marvin64(data, seed);
    (hash as u32) ^ ((hash >> 32) as u32)
}

fn marvin64(data: &[u8], seed: u64) -> u64 {
    let mut state = (seed as u32, (seed >> 32) as u32);
    let mut words = data.chunks_exact(4);
    for word in &mut words {
        let word = word.iter().rev().fold(0_u32, |acc, byte| (acc << 8) | u32::from(*byte));
        state.0 = state.0.wrapping_add(word);
        mix(&mut state);
    }
    // The tail ends in a single set bit above its last byte.
    let tail = words.remainder().iter().rev().fold(0x80_u32, |acc, b| (acc << 8) | u32::from(*b));
    state.0 = state.0.wrapping_add(tail);
    mix(&mut state);
    mix(&mut state);
    (u64::from(state.1) << 32) | u64::from(state.0)
}

fn mix((low, high): &mut (u32, u32)) {
    *high ^= *low;
    *low = low.rotate_left(20).wrapping_add(*high);
    *high = high.rotate_left(9) ^ *low;
    *low = low.rotate_left(27).wrapping_add(*high);
    *high = high.rotate_left(19);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reproduces_the_symcrypt_vectors() {
        assert_eq!(marvin64(b"abc", 0xd53c_d9ce_cd08_93b7), 0x22c7_4339_4927_69bf);
        assert_eq!(
            marvin64(b"abcdefghijklmnopqrstuvwxyz", 0x0ddd_deee_efff_f000),
            0xa128_eb7e_7260_aca2
        );
    }
}
