//! What a value says of itself, without asking anyone.
use std::ops::Range;
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[expect(missing_docs, reason = "stand-in")]
pub struct Fact {
    pub name: &'static str,
    pub value: String,
}
#[expect(missing_docs, reason = "stand-in")]
pub struct Input<'a> {
    pub value: &'a [u8],
    pub text: &'a [u8],
    pub span: Range<usize>,
}
#[expect(missing_docs, reason = "stand-in")]
pub enum Reading {
    Facts(Vec<Fact>),
    Rejected(&'static str),
}
#[expect(missing_docs, reason = "stand-in")]
pub fn read(_: &str, _: &Input<'_>) -> Reading {
    Reading::Facts(Vec::new())
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
pub fn spki_sha256_of_certificate(_: &[u8]) -> Option<[u8; 32]> {
    None
}
