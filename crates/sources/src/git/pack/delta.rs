//! Delta instructions: a text made of pieces of another.
//!
//! Format: <https://git-scm.com/docs/pack-format#_deltified_representation>

use stanch_scan::Copied;

/// Why a delta makes no object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum DeltaError {
    /// It ends within an instruction.
    #[error("its delta is cut off")]
    Truncated,
    /// It was made for a base of another size.
    #[error("its delta belongs to another base")]
    OtherBase,
    /// It copies what its base does not have.
    #[error("its delta copies from beyond its base")]
    OutOfBase,
    /// It makes more or less than it says, or holds an unknown instruction.
    #[error("its delta is damaged")]
    Damaged,
}

/// Size of the base and of the result that a delta states, and the rest of it.
pub(super) fn sizes(delta: &[u8]) -> Result<(u64, u64, &[u8]), DeltaError> {
    let (base, rest) = size(delta)?;
    let (result, rest) = size(rest)?;
    Ok((base, result, rest))
}

fn size(delta: &[u8]) -> Result<(u64, &[u8]), DeltaError> {
    let mut value = 0u64;
    for (at, byte) in delta.iter().enumerate().take(9) {
        value |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Ok((value, delta.get(at + 1..).unwrap_or_default()));
        }
    }
    Err(DeltaError::Truncated)
}

/// Makes the result of instructions on a base, appended to `out`, and tells
/// what was copied; copies that go on where the last one ended are one.
pub(super) fn apply(
    base: &[u8],
    mut instructions: &[u8],
    size: usize,
    out: &mut Vec<u8>,
    copied: &mut Vec<Copied>,
) -> Result<(), DeltaError> {
    out.clear();
    copied.clear();
    while let Some((&first, rest)) = instructions.split_first() {
        instructions = rest;
        if first & 0x80 == 0 {
            if first == 0 {
                return Err(DeltaError::Damaged);
            }
            let (bytes, rest) =
                instructions.split_at_checked(usize::from(first)).ok_or(DeltaError::Truncated)?;
            out.extend_from_slice(bytes);
            instructions = rest;
        } else {
            let mut number = |bits: u8| {
                let mut value = 0usize;
                for at in 0..8 {
                    if bits >> at & 1 != 0 {
                        let (&byte, rest) =
                            instructions.split_first().ok_or(DeltaError::Truncated)?;
                        instructions = rest;
                        value |= usize::from(byte) << (8 * at);
                    }
                }
                Ok::<_, DeltaError>(value)
            };
            let from = number(first & 0x0f)?;
            let len = match number(first >> 4 & 0x07)? {
                0 => 0x10000,
                len => len,
            };
            let bytes = base.get(from..from + len).ok_or(DeltaError::OutOfBase)?;
            let to = out.len();
            match copied.last_mut() {
                Some(last) if last.from + last.len == from && last.to + last.len == to => {
                    last.len += len;
                }
                _ => copied.push(Copied { from, to, len }),
            }
            out.extend_from_slice(bytes);
        }
        if out.len() > size {
            return Err(DeltaError::Damaged);
        }
    }
    if out.len() == size { Ok(()) } else { Err(DeltaError::Damaged) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_and_insertions_make_the_result() {
        let base = b"the quick brown fox";
        // Copy 10 from 0, insert "red", copy 4 from 15.
        let delta = [&[19, 17][..], &[0x90, 10], &[3], b"red", &[0x91, 15, 4]].concat();
        let (base_size, size, rest) = sizes(&delta).unwrap();
        assert_eq!((base_size, size), (19, 17));
        let (mut out, mut copied) = (Vec::new(), Vec::new());
        apply(base, rest, 17, &mut out, &mut copied).unwrap();
        assert_eq!(out, b"the quick red fox");
        let expected = [Copied { from: 0, to: 0, len: 10 }, Copied { from: 15, to: 13, len: 4 }];
        assert_eq!(copied, expected);
    }

    #[test]
    fn copies_in_a_row_are_one() {
        let base = [7u8; 40];
        let (mut out, mut copied) = (Vec::new(), Vec::new());
        apply(&base, &[0x90, 10, 0x91, 10, 20], 30, &mut out, &mut copied).unwrap();
        assert_eq!(copied, [Copied { from: 0, to: 0, len: 30 }]);
    }

    #[test]
    fn damaged_deltas_are_refused() {
        let (mut out, mut copied) = (Vec::new(), Vec::new());
        for (delta, error) in [
            (&[0x00][..], DeltaError::Damaged),
            (&[0x05, 1, 2], DeltaError::Truncated),
            (&[0x91], DeltaError::Truncated),
            (&[0x91, 9, 9], DeltaError::OutOfBase),
            (&[0x90, 4, 0x90, 4], DeltaError::Damaged),
            (&[0x90, 4], DeltaError::Damaged),
        ] {
            assert_eq!(apply(&[1; 10], delta, 5, &mut out, &mut copied), Err(error), "{delta:?}");
        }
        assert_eq!(sizes(&[0x80; 12]), Err(DeltaError::Truncated));
    }
}
