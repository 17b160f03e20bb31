//! Checksums that providers build into their tokens, one file per algorithm.
//!
//! A detector names a kind in `checksum.kind`; [`check`] tells whether a match
//! holds and which variant it proves, [`seal`] mends a generated sample so that
//! it holds. Every check looks at the bytes alone, in time linear in their
//! number, and answers on any input.

use std::ops::Range;

mod azure_cask;
mod azure_devops;
mod azure_his;
mod base58check;
mod bech32;
mod bip39;
mod crc16;
mod crc32;
mod discord;
mod entra;
mod gitlab;
mod iban;
mod json_web_token;
mod luhn;
mod macaroon;
mod marvin;
mod nkey;
mod strkey;

pub(crate) use azure_cask::{Cask, parse as parse_cask};
pub(crate) use azure_his::find as find_his;
pub(crate) use base58check::bitcoin_body;
pub(crate) use bip39::{parse as parse_seed_phrase, word as seed_word};
pub(crate) use discord::user_id as discord_user_id;
pub(crate) use gitlab::parse as parse_gitlab;
pub(crate) use iban::origin as iban_origin;
pub(crate) use nkey::parse as parse_nkey;
pub(crate) use strkey::{account as stellar_account, seed as stellar_seed};

/// Named groups of one match: the value and byte ranges of groups within it.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// The whole value.
    pub value: &'a [u8],
    /// What the checksum is computed over, where the detector says so.
    pub over: Option<&'a [u8]>,
    /// What holds the checksum, where the detector says so.
    pub equals: Option<&'a [u8]>,
}

/// Outcome of a check that passed: the variant it proves, e.g. "user token"
/// ("" where there is only one). `None` where the checksum does not hold or the
/// kind is unknown.
pub fn check(kind: &str, input: Input<'_>) -> Option<&'static str> {
    (find(kind)?.check)(&input)
}

/// Whether `kind` names a checksum of this kit.
pub fn is_known(kind: &str) -> bool {
    find(kind).is_some()
}

/// How a value of this kind proves itself, as a clause with `it` for the value.
pub fn told(kind: &str) -> Option<&'static str> {
    find(kind).map(|kind| kind.told)
}

/// Names of all kinds, sorted.
pub fn kinds() -> &'static [&'static str] {
    &NAMES
}

/// Mends a generated sample so that its checksum holds: `value` is the whole
/// value, `over`/`equals` ranges of the named groups in it. Returns false when
/// it cannot (e.g. ranges missing).
pub fn seal(
    kind: &str,
    value: &mut [u8],
    over: Option<Range<usize>>,
    equals: Option<Range<usize>>,
) -> bool {
    find(kind).is_some_and(|kind| (kind.seal)(value, over, equals))
}

type Check = fn(&Input<'_>) -> Option<&'static str>;
type Seal = fn(&mut [u8], Option<Range<usize>>, Option<Range<usize>>) -> bool;

struct Kind {
    name: &'static str,
    told: &'static str,
    check: Check,
    seal: Seal,
}

const fn kind(name: &'static str, told: &'static str, check: Check, seal: Seal) -> Kind {
    Kind { name, told, check, seal }
}

static KINDS: [Kind; 22] = [
    kind(
        "atlassian",
        "a CRC-32 of all before it stands at its end in eight hexadecimal digits",
        crc32::check_atlassian,
        crc32::seal_atlassian,
    ),
    kind(
        "azure-cask",
        "it is a Common Annotated Security Key, with a signature and a Marvin32 checksum",
        azure_cask::check,
        azure_cask::seal,
    ),
    kind(
        "azure-devops-cask",
        "it is a Common Annotated Security Key with the signature of Azure DevOps and a Marvin32 checksum",
        azure_devops::check_cask,
        azure_cask::seal,
    ),
    kind(
        "azure-devops-legacy",
        "four of its bytes are a CRC-32 of the others, and tell users' tokens from applications'",
        azure_devops::check_legacy,
        azure_devops::seal_legacy,
    ),
    kind(
        "azure-his",
        "a signature and a Marvin32 checksum stand at its end, and tell which service it is for",
        azure_his::check,
        azure_his::seal,
    ),
    kind(
        "base58check",
        "its last four bytes are the start of a double SHA-256 of the others (Base58Check)",
        base58check::check,
        base58check::seal,
    ),
    kind(
        "base58check-xrp",
        "its last four bytes are the start of a double SHA-256 of the others (Base58Check of the XRP Ledger)",
        base58check::check_xrp,
        base58check::seal_xrp,
    ),
    kind("bech32", "its last six characters are the code of Bech32", bech32::check, bech32::seal),
    kind(
        "bip39",
        "all its words are of the list of BIP-39, and the last one ends in the start of a SHA-256 of the others",
        bip39::check,
        bip39::seal,
    ),
    kind(
        "crc32-base62",
        "a CRC-32 of its body stands at its end in six base62 digits",
        crc32::check_base62,
        crc32::seal_base62,
    ),
    kind(
        "crc32-base62-reversed",
        "a CRC-32 of its body stands at its end in six base62 digits, the lowest one first",
        crc32::check_base62_reversed,
        crc32::seal_base62_reversed,
    ),
    kind(
        "crc32-hex",
        "a CRC-32 of its body stands in it in eight hexadecimal digits",
        crc32::check_hex,
        crc32::seal_hex,
    ),
    kind(
        "discord-bot",
        "its first part is the id of a user in base64",
        discord::check,
        discord::seal,
    ),
    kind(
        "entra-client-secret",
        "its last three characters are the start of a Marvin32 checksum",
        entra::check,
        entra::seal,
    ),
    kind(
        "gitlab-routable",
        "its length and a CRC-32 stand at its end in base36",
        gitlab::check,
        gitlab::seal,
    ),
    kind(
        "grafana",
        "a CRC-32 stands after its last underscore in hexadecimal digits",
        crc32::check_grafana,
        crc32::seal_grafana,
    ),
    kind(
        "iban",
        "it is as long as its country's account numbers are, and leaves 1 when divided by 97",
        iban::check,
        iban::seal,
    ),
    kind(
        "jwt",
        "its first two parts decode to JSON objects, and the first names an algorithm",
        json_web_token::check,
        json_web_token::seal,
    ),
    kind("luhn", "its last digit is the check digit of Luhn", luhn::check, luhn::seal),
    kind(
        "nkey",
        "its first characters say whose seed it is, and its last two bytes are a CRC-16 of the others",
        nkey::check,
        nkey::seal,
    ),
    kind(
        "pypi-macaroon",
        "a macaroon is in it whose location is the package index",
        macaroon::check,
        macaroon::seal,
    ),
    kind("strkey", "its last two bytes are a CRC-16 of the others", strkey::check, strkey::seal),
];

static NAMES: [&str; KINDS.len()] = {
    let mut names = [""; KINDS.len()];
    let mut i = 0;
    while i < names.len() {
        names[i] = KINDS[i].name;
        i += 1;
    }
    names
};

fn find(name: &str) -> Option<&'static Kind> {
    let at = KINDS.binary_search_by(|kind| kind.name.cmp(name)).ok()?;
    KINDS.get(at)
}

/// Writes `bytes` over the part of `value` that `range` names; false where the
/// lengths differ or the range lies outside.
fn put(value: &mut [u8], range: Range<usize>, bytes: &[u8]) -> bool {
    match value.get_mut(range) {
        Some(place) if place.len() == bytes.len() => {
            place.copy_from_slice(bytes);
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
