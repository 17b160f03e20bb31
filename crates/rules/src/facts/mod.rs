//! What a value says of itself, without asking anyone.
//!
//! A detector names a kind in `facts`; [`read`] decodes what the value, or the
//! text beside it, tells of its account, role, age and owner. No fact contains
//! the secret. Every reader is pure, answers on any input, and bounds the work
//! that hostile input may ask for.

use std::ops::Range;

use sha2::{Digest, Sha256};

mod asn1;
mod aws;
mod azure;
mod cards;
mod cert_verify;
mod certificate;
mod config;
mod json;
mod key;
mod openssh;
mod pbe;
mod pem;
mod pfx;
mod pkcs12;
mod publish;
mod putty;
mod tokens;
mod url;
mod wallets;

/// One thing a value says of itself.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Fact {
    /// What the fact is, such as "account id".
    pub name: &'static str,
    /// Its value, as a person reads it.
    pub value: String,
}

/// What facts are read from. `text` is the text around, `span` the value in it,
/// for facts that stand beside the value (subscription ids ...).
#[derive(Debug, Clone)]
pub struct Input<'a> {
    /// The value itself.
    pub value: &'a [u8],
    /// The text around the value.
    pub text: &'a [u8],
    /// Where the value stands in `text`, in bytes; may be wrong.
    pub span: Range<usize>,
}

/// Outcome: facts, or that the value is not what it claims to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// What the value says; empty where it says nothing.
    Facts(Vec<Fact>),
    /// Why the value cannot be what its detector takes it for.
    Rejected(&'static str),
}

/// Reads the facts of `kind`; an unknown kind has none.
pub fn read(kind: &str, input: &Input<'_>) -> Reading {
    match find(kind).map(|(_, reader)| reader(input)) {
        Some(Reading::Facts(mut facts)) => {
            // A reader that looks at the text around may meet the secret there.
            if input.value.len() >= SHORTEST_SECRET
                && let Ok(secret) = std::str::from_utf8(input.value)
            {
                facts.retain(|fact| !fact.value.contains(secret));
            }
            Reading::Facts(facts)
        }
        Some(rejected) => rejected,
        None => Reading::Facts(Vec::new()),
    }
}

/// Whether `kind` names a reader of this kit.
pub fn is_known(kind: &str) -> bool {
    find(kind).is_some()
}

/// Names of all kinds, sorted.
pub fn kinds() -> &'static [&'static str] {
    &NAMES
}

pub use certificate::spki_sha256_of_certificate;
pub use key::spki_sha256_of_private_key;

type Reader = fn(&Input<'_>) -> Reading;

static KINDS: [(&str, Reader); 27] = [
    ("aws-key-id", aws::read),
    ("azure-devops-pat", azure::read_devops),
    ("azure-key", azure::read_key),
    ("bitcoin-key", wallets::bitcoin),
    ("certificate", certificate::read),
    ("discord-bot", tokens::discord),
    ("docker-auth", config::docker),
    ("gcp-service-account", json::service_account),
    ("github-token", tokens::github),
    ("gitlab-token", tokens::gitlab),
    ("iban", wallets::iban),
    ("jwt", json::web_token),
    ("kubeconfig", config::kube),
    ("nkey", wallets::nkey),
    ("npm-token", tokens::npm),
    ("payment-card", cards::card),
    ("pkcs12", pkcs12::read),
    ("private-key", key::read),
    ("publishsettings", publish::read),
    ("putty-key", putty::read),
    ("seed-phrase", wallets::seed_phrase),
    ("slack-token", tokens::slack),
    ("stellar-seed", wallets::stellar),
    ("stripe-key", tokens::stripe),
    ("telegram-bot", tokens::telegram),
    ("url-credentials", url::read),
    ("xrp-seed", wallets::xrp),
];

static NAMES: [&str; KINDS.len()] = {
    let mut names = [""; KINDS.len()];
    let mut i = 0;
    while i < names.len() {
        names[i] = KINDS[i].0;
        i += 1;
    }
    names
};

fn find(name: &str) -> Option<&'static (&'static str, Reader)> {
    let at = KINDS.binary_search_by(|(kind, _)| (*kind).cmp(name)).ok()?;
    KINDS.get(at)
}

const LONGEST_FACT: usize = 300;
/// A shorter value may well be part of a word that means something else.
const SHORTEST_SECRET: usize = 4;

fn fact(name: &'static str, value: impl Into<String>) -> Fact {
    let value: String = value.into();
    // What comes from a hostile file is neither long nor able to steer a terminal.
    let value = value
        .chars()
        .take(LONGEST_FACT)
        .map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c })
        .collect();
    Fact { name, value }
}

/// Time in seconds since 1970 as RFC 3339, for the years 1970 to 9999.
fn rfc3339(seconds: u64) -> Option<String> {
    let time =
        x509_cert::der::DateTime::from_unix_duration(std::time::Duration::from_secs(seconds));
    time.ok().map(|time| time.to_string())
}

/// Whether a value is one of those whose SHA-256 begins so.
fn is_published(value: &[u8], known: &[u64]) -> bool {
    let digest = Sha256::digest(value);
    let head = digest.iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    known.contains(&head)
}

#[cfg(test)]
mod tests;
