//! `%HH` of URLs, RFC 3986 section 2.1.

use std::ops::Range;

use super::builder::Builder;
use super::{Decoded, Encoding, Limits, hex};

/// The run with every `%HH` decoded, if there is one.
///
/// A `+` stays itself: in tokens it is far more often a plus than a space.
pub(super) fn decode(text: &[u8], run: Range<usize>, limits: &Limits) -> Option<Decoded> {
    let mut builder = Builder::new(text, limits);
    let mut copied = run.start;
    let mut found = false;
    for at in memchr::memchr_iter(b'%', text.get(run.clone())?) {
        let at = run.start + at;
        let Some(byte) = text.get(at + 1..run.end).and_then(hex::pair) else { continue };
        if builder.room() == 0 {
            break;
        }
        builder.copy(copied..at);
        builder.unit(at..at + 3, &[byte]);
        copied = at + 3;
        found = true;
    }
    if !found {
        return None;
    }
    builder.copy(copied..run.end);
    builder.finish(Encoding::Percent, run)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{all, decode_run};
    use super::*;

    #[test]
    fn percent_is_decoded_and_a_plus_stays() {
        let found = decode_run(b"redirect=https%3A%2F%2Fexample.org+a%zz%2");
        let percent = all(&found, Encoding::Percent);
        assert_eq!(percent, ["redirect=https://example.org+a%zz%2"]);
    }

    #[test]
    fn a_match_in_percent_text_is_placed_exactly() {
        let text = b"a=%67%68%70_0123456789abc%3Dz";
        let found = decode_run(text);
        let decoded = found.iter().find(|d| d.encoding == Encoding::Percent).unwrap();
        let at = decoded.text.windows(4).position(|w| w == b"ghp_").unwrap();
        let outer = decoded.outer(at..at + 6);
        assert_eq!(&text[outer], b"%67%68%70_01");
        assert_eq!(decoded.outer(0..decoded.text.len()), 0..text.len());
    }
}
