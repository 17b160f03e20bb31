//! AWS access key ids: a prefix that names the kind, and base32 that holds the
//! account id in its upper bits, for keys made since 2019.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-prefixes>

use data_encoding::BASE32_NOPAD;

use super::{Input, Reading, fact};

pub(super) fn read(input: &Input<'_>) -> Reading {
    let Some((prefix, rest)) = input.value.split_at_checked(4) else {
        return Reading::Rejected("too short for a key id");
    };
    let kind = match prefix {
        b"AKIA" => "long-term access key",
        b"ASIA" => "temporary access key",
        b"ABIA" => "service bearer token",
        b"ACCA" => "context-specific credential",
        b"AROA" => "role",
        b"AIDA" => "user",
        b"AGPA" => "group",
        b"AIPA" => "instance profile",
        b"ANPA" => "managed policy",
        b"APKA" => "public key",
        b"ASCA" => "certificate",
        _ => return Reading::Rejected("unknown prefix of a key id"),
    };
    let mut facts = vec![fact("key type", kind)];
    facts.extend(account(rest).map(|id| fact("account id", id)));
    Reading::Facts(facts)
}

fn account(rest: &[u8]) -> Option<String> {
    // Keys of the older scheme start in I or J and hold no account.
    if matches!(rest.first()?, b'I' | b'J') {
        return None;
    }
    let bytes = BASE32_NOPAD.decode(rest.get(..16)?).ok()?;
    let bits = bytes.iter().take(6).fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
    let id = (bits & 0x7fff_ffff_ff80) >> 7;
    (id < 1_000_000_000_000).then(|| format!("{id:012}"))
}
