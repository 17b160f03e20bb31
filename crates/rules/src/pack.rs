//! The packed form: what the engine needs of every detector, decoded at start
//! without reading TOML or compiling a pattern.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::pattern::Trigger;
use crate::schema::{Checksum, Severity};

/// One detector as the engine runs it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Rule {
    /// Detector id.
    pub id: String,
    /// The name that users know it by.
    pub name: String,
    /// Provider id.
    pub provider: String,
    /// Whether it recognises a form that holds secrets of many providers, and
    /// so gives way to a detector that knows the value itself.
    pub general: bool,
    /// How serious a leak is.
    pub severity: Severity,
    /// Literals that lead to the pattern.
    pub keywords: Vec<String>,
    /// Words of which one must stand near, in lower case.
    pub near: Vec<String>,
    /// How far before the match `near` may stand, in bytes.
    pub within: u16,
    /// Where the value must be given to something that holds secrets, what else
    /// it may be given to, in lower case.
    pub assigned: Option<Vec<String>>,
    /// The pattern, empty for recognisers and composites.
    pub pattern: String,
    /// How the engine gets to the pattern.
    pub trigger: Trigger,
    /// Longest match in bytes.
    pub max_len: u32,
    /// A recogniser in code.
    pub recognizer: Option<String>,
    /// Part name to detector id.
    pub parts: BTreeMap<String, String>,
    /// How a value proves itself.
    pub checksum: Option<Checksum>,
    /// Least Shannon entropy in bits per byte.
    pub entropy: f32,
    /// Probability that a match is a secret.
    pub confidence: f32,
    /// Whether the value is judged like a password.
    pub password: bool,
    /// A decoder of facts.
    pub facts: Option<String>,
}

impl Rule {
    /// A hash of everything that the detector is.
    pub fn digest(&self) -> [u8; 16] {
        let bytes = postcard::to_stdvec(self).unwrap_or_default();
        let mut out = [0; 16];
        let hash = Sha256::digest(bytes);
        out.iter_mut().zip(hash.iter()).for_each(|(to, from)| *to = *from);
        out
    }
}

/// A set of detectors.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Pack {
    /// The detectors, sorted by id.
    pub rules: Vec<Rule>,
}

/// Why packed bytes cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the packed detectors cannot be read: {0}")]
pub struct UnpackError(#[from] postcard::Error);

impl Pack {
    /// The pack as bytes.
    ///
    /// # Errors
    /// Only when memory runs out.
    pub fn to_bytes(&self) -> Result<Vec<u8>, UnpackError> {
        Ok(postcard::to_stdvec(self)?)
    }

    /// A pack from the bytes of [`Pack::to_bytes`].
    ///
    /// # Errors
    /// When the bytes are not a pack of this version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Pack, UnpackError> {
        Ok(postcard::from_bytes(bytes)?)
    }

    /// The detector with an id.
    pub fn get(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }
}
