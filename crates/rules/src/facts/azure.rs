//! Azure DevOps tokens and Azure keys with annotations: who issued them, when,
//! and what they open.

use data_encoding::{BASE64, HEXUPPER};
use sha2::{Digest, Sha256};

use super::{Fact, Input, Reading, fact};
use crate::checksum::{self, Cask, find_his, parse_cask};

pub(super) fn read_devops(input: &Input<'_>) -> Reading {
    let value = input.value;
    let check = |kind| checksum::check(kind, checksum::Input { value, over: None, equals: None });
    let mut facts = Vec::new();
    if let Some(key) = parse_cask(value)
        && let Some(kind) = check("azure-devops-cask")
    {
        facts.push(fact("kind", kind));
        facts.push(created(&key));
    } else if let Some(kind) = check("azure-devops-legacy") {
        facts.push(fact("kind", kind));
    } else {
        return Reading::Rejected("its checksum does not hold");
    }
    facts.push(fact("correlating id", correlating_id(value)));
    Reading::Facts(facts)
}

pub(super) fn read_key(input: &Input<'_>) -> Reading {
    if let Some(key) = parse_cask(input.value) {
        let service = match key.service() {
            "" => String::from_utf8_lossy(&key.signature).into_owned(),
            service => service.to_owned(),
        };
        let role = match key.kind {
            b'D' => "derived key",
            b'H' => "hash",
            _ => "access key",
        };
        return Reading::Facts(vec![fact("service", service), fact("role", role), created(&key)]);
    }
    match find_his(input.value) {
        Some(role) => Reading::Facts(vec![fact("service", role.service), fact("role", role.role)]),
        None => Reading::Rejected("its checksum does not hold"),
    }
}

fn created(key: &Cask) -> Fact {
    fact("created", format!("{}-{:02}", key.year, key.month))
}

/// The C3ID, by which Microsoft's services and logs name a secret without
/// showing it; the token administration API returns it for every token.
/// Source: microsoft/security-utilities, "cross-company correlating id".
fn correlating_id(value: &[u8]) -> String {
    let inner = HEXUPPER.encode(&Sha256::digest(value));
    let outer = Sha256::digest(["CrossMicrosoftCorrelatingId:", &inner].concat());
    BASE64.encode(outer.get(..15).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_correlating_id_follows_the_published_vector() {
        assert_eq!(correlating_id(b"test"), "rPHgxCVAOw6CZsT9xXEw");
    }
}
