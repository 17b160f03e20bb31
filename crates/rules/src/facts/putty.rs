//! PuTTY private key files (PPK), versions 1 to 3: text of `Name: value` lines.
//!
//! Source: PuTTY manual, appendix C.

use super::{Input, Reading, fact};

pub(super) fn read(input: &Input<'_>) -> Reading {
    let text = String::from_utf8_lossy(input.value);
    let Some(start) = text.find("PuTTY-User-Key-File-") else {
        return Reading::Rejected("no PuTTY key file header");
    };
    let mut facts = vec![fact("format", "PuTTY")];
    for line in text.get(start..).unwrap_or_default().lines().take(64) {
        let Some((name, value)) = line.split_once(": ") else { continue };
        let value = value.trim();
        match name {
            "Encryption" if value == "none" => facts.push(fact("encrypted", "no")),
            "Encryption" => {
                facts.push(fact("encrypted", "yes"));
                facts.push(fact("cipher", value));
            }
            "Comment" => facts.push(fact("comment", value)),
            "Key-Derivation" => facts.push(fact("key derivation", value)),
            _ => {
                if let Some(version) = name.strip_prefix("PuTTY-User-Key-File-") {
                    facts.push(fact("version", version));
                    facts.push(fact("key type", value));
                }
            }
        }
    }
    Reading::Facts(facts)
}
