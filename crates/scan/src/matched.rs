//! What the engine says of a text.

use std::ops::Range;

use stanch_rules::facts::Fact;

use crate::decode::Encoding;
use crate::secret::Secret;

/// One confirmed span of one detector in one text.
#[derive(Clone)]
pub struct Match {
    /// Index of the detector in the engine's pack.
    pub rule: usize,
    /// The value's place in the text, in bytes. Of a value that was encoded,
    /// the place of its encoded form.
    pub span: Range<usize>,
    /// The value itself.
    pub secret: Secret,
    /// The other named parts.
    pub parts: Vec<Part>,
    /// Probability from 0 to 1 that this is a secret.
    pub confidence: f32,
    /// Why the engine believes it, strongest first.
    pub evidence: Vec<String>,
    /// What the value says of itself.
    pub facts: Vec<Fact>,
    /// What the value was encoded in, outermost first.
    pub encodings: Vec<Encoding>,
    /// The comment that tells to ignore it.
    pub ignored_by: Option<&'static str>,
}

/// A named part of a multi-part secret, or a named group beside the value.
#[derive(Clone)]
pub struct Part {
    /// The part's name in the detector file.
    pub name: String,
    /// Its place in the text, in bytes.
    pub span: Range<usize>,
    /// Its value.
    pub value: Secret,
}

/// Why something that looked like a secret was not reported, or was.
#[derive(Debug, Clone)]
pub struct Trace {
    /// Index of the detector in the engine's pack.
    pub rule: usize,
    /// The place in the text, in bytes.
    pub span: Range<usize>,
    /// Whether it was accepted at this step.
    pub accepted: bool,
    /// What was found, as a phrase.
    pub reason: String,
}

/// What a scan of one text could not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// Confirming candidates took more work than the text's size allows.
    pub work: bool,
    /// There were more decoded bytes than the budget allows.
    pub decoded: bool,
    /// There were more matches than are kept of one text.
    pub matches: bool,
}

impl Limits {
    /// Whether any limit was hit.
    pub fn any(self) -> bool {
        self.work || self.decoded || self.matches
    }
}
