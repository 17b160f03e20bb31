//! How much a value looks like chance.

/// Shannon entropy of the bytes, in bits per byte; 0 of none.
pub fn shannon(value: &[u8]) -> f32 {
    if value.is_empty() {
        return 0.0;
    }
    let mut counts = [0u32; 256];
    for byte in value {
        counts[usize::from(*byte)] += 1;
    }
    // With n bytes in all, the sum of -c/n log(c/n) is log(n) - sum of c log(c) / n.
    let len = value.len() as f32;
    let mut sum = 0.0;
    for byte in value {
        let count = std::mem::take(&mut counts[usize::from(*byte)]);
        // The logarithm of 1 is 0, and most bytes of a short value occur once.
        if count > 1 {
            sum += count as f32 * (count as f32).log2();
        }
    }
    len.log2() - sum / len
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entropy_is_in_bits_per_byte() {
        assert!((shannon(b"abcdabcd") - 2.0).abs() < 1e-6);
        assert!((shannon(b"abcd") - 2.0).abs() < 1e-6);
        assert!(shannon(b"aaaa").abs() < 1e-6);
        assert!(shannon(b"").abs() < 1e-6);
    }
}
