//! Decoders: what turns an encoded run back into text worth scanning.
use std::ops::Range;
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "stand-in")]
pub enum Encoding {
    Base64,
    Base64Url,
    Hex,
    Percent,
    Escapes,
    HtmlEntities,
    Utf16Le,
    Utf16Be,
    QuotedPrintable,
    Gzip,
    JwtPart,
    Concatenation,
}
impl Encoding {
    #[expect(missing_docs, reason = "stand-in")]
    pub fn name(self) -> &'static str {
        ""
    }
}
#[expect(missing_docs, reason = "stand-in")]
pub struct Decoded {
    pub encoding: Encoding,
    pub span: Range<usize>,
    pub text: Vec<u8>,
    pub map: Option<Vec<(u32, u32)>>,
}
impl Decoded {
    #[expect(missing_docs, reason = "stand-in")]
    pub fn outer(&self, _inner: Range<usize>) -> Range<usize> {
        self.span.clone()
    }
}
#[expect(missing_docs, reason = "stand-in")]
pub struct Limits {
    pub bytes: usize,
}
#[expect(missing_docs, reason = "stand-in")]
pub fn run(_text: &[u8], _run: Range<usize>, _limits: &Limits, _out: &mut Vec<Decoded>) {}
#[expect(missing_docs, reason = "stand-in")]
pub fn entities_at(_text: &[u8], _at: usize, _limits: &Limits) -> Option<Decoded> {
    None
}
#[expect(missing_docs, reason = "stand-in")]
pub fn concatenation_at(_text: &[u8], _at: usize, _limits: &Limits) -> Option<Decoded> {
    None
}
#[expect(missing_docs, reason = "stand-in")]
pub fn concatenation_around(_text: &[u8], _run: Range<usize>, _limits: &Limits) -> Option<Decoded> {
    None
}
#[expect(missing_docs, reason = "stand-in")]
pub fn utf16(_text: &[u8]) -> Option<Encoding> {
    None
}
#[expect(missing_docs, reason = "stand-in")]
pub fn utf16_decode(text: &[u8], encoding: Encoding, _limits: &Limits) -> Decoded {
    Decoded { encoding, span: 0..text.len(), text: Vec::new(), map: None }
}
#[expect(missing_docs, reason = "stand-in")]
pub fn utf16_strings(_text: &[u8], _limits: &Limits) -> Option<Decoded> {
    None
}
