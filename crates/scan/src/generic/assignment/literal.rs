//! Quoted literals in the notations of all languages at once.

use std::ops::Range;

/// Longest literal that is read, in bytes.
const REACH: usize = 2048;

/// The inside of the literal that begins at `at`, prefix letters allowed, and the position
/// behind its closing quote. Literals with a line break are not values worth having.
pub(super) fn quoted(text: &[u8], at: usize) -> Option<(Range<usize>, usize)> {
    let rest = text.get(at..)?;
    let prefix = rest
        .iter()
        .take(3)
        .take_while(|byte| {
            matches!(
                byte,
                b'b' | b'f'
                    | b'r'
                    | b'u'
                    | b'B'
                    | b'F'
                    | b'R'
                    | b'U'
                    | b'L'
                    | b'c'
                    | b'@'
                    | b'$'
                    | b'&'
                    | b's'
            )
        })
        .count();
    let slashes = rest.get(prefix..)?.iter().take(8).take_while(|byte| **byte == b'\\').count();
    let quote = *rest.get(prefix + slashes)?;
    if !matches!(quote, b'"' | b'\'' | b'`') {
        return None;
    }
    let open = at + prefix + slashes;
    if slashes == 0 && text.get(open..open + 3) == Some(&[quote; 3]) {
        let start = open + 3;
        let body = text.get(start..text.len().min(start + REACH))?;
        let length = body.windows(3).position(|window| window == [quote; 3])?;
        return Some((start..start + length, start + length + 3));
    }
    let start = open + 1;
    let mut seen = 0;
    for (offset, &byte) in text.get(start..text.len().min(start + REACH))?.iter().enumerate() {
        match byte {
            b'\\' => seen += 1,
            b'\n' => return None,
            _ if byte == quote => {
                // A literal inside a literal ends at the same number of backslashes; a plain
                // one at an even number of them.
                if if slashes == 0 { seen % 2 == 0 } else { seen == slashes } {
                    let close = start + offset;
                    let end = if slashes == 0 { close } else { close - slashes };
                    return Some((start..end, close + 1));
                }
                if seen < slashes {
                    return None;
                }
                seen = 0;
            }
            _ => seen = 0,
        }
    }
    None
}
