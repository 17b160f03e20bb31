//! Generic secrets: assignments whose name promises a secret.
use std::ops::Range;
#[expect(missing_docs, reason = "stand-in")]
pub const ROOTS: &[&str] = &["pass", "pwd", "secret", "token", "key"];
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "stand-in")]
pub enum Form {
    Other,
}
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "stand-in")]
pub enum Kind {
    Password,
}
impl Kind {
    pub(crate) const ALL: &'static [Kind] = &[Kind::Password];
    pub(crate) fn detector(self) -> &'static str {
        "generic-password"
    }
}
#[expect(missing_docs, reason = "stand-in")]
pub struct Assignment {
    pub name: Range<usize>,
    pub value: Range<usize>,
    pub form: Form,
}
#[expect(missing_docs, reason = "stand-in")]
pub struct Judgement {
    pub probability: f32,
    pub kind: Kind,
    pub reasons: Vec<&'static str>,
}
#[expect(missing_docs, reason = "stand-in")]
pub fn assignment(_text: &[u8], _hit: usize) -> Option<Assignment> {
    None
}
#[expect(missing_docs, reason = "stand-in")]
pub fn judge(_text: &[u8], _a: &Assignment, _path: &str) -> Judgement {
    Judgement { probability: 0.0, kind: Kind::Password, reasons: Vec::new() }
}
#[expect(missing_docs, reason = "stand-in")]
pub fn placeholder(_value: &[u8]) -> Option<&'static str> {
    None
}
