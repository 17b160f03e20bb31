//! Checksums that providers build into their tokens, one file per algorithm.
use std::ops::Range;
#[expect(missing_docs, reason = "stand-in")]
pub struct Input<'a> {
    pub value: &'a [u8],
    pub over: Option<&'a [u8]>,
    pub equals: Option<&'a [u8]>,
}
#[expect(missing_docs, reason = "stand-in")]
pub fn check(_: &str, _: Input<'_>) -> Option<&'static str> {
    None
}
#[expect(missing_docs, reason = "stand-in")]
pub fn is_known(_: &str) -> bool {
    false
}
#[expect(missing_docs, reason = "stand-in")]
pub fn kinds() -> &'static [&'static str] {
    &[]
}
#[expect(missing_docs, reason = "stand-in")]
pub fn seal(_: &str, _: &mut [u8], _: Option<Range<usize>>, _: Option<Range<usize>>) -> bool {
    false
}
