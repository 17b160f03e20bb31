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
mod crc32;
mod discord;
mod entra;
mod gitlab;
mod json_web_token;
mod luhn;
mod macaroon;
mod marvin;

pub(crate) use azure_cask::{Cask, parse as parse_cask};
pub(crate) use azure_his::find as find_his;
pub(crate) use discord::user_id as discord_user_id;
pub(crate) use gitlab::parse as parse_gitlab;

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
    check: Check,
    seal: Seal,
}

const fn kind(name: &'static str, check: Check, seal: Seal) -> Kind {
    Kind { name, check, seal }
}

static KINDS: [Kind; 16] = [
    kind("atlassian", crc32::check_atlassian, crc32::seal_atlassian),
    kind("azure-cask", azure_cask::check, azure_cask::seal),
    kind("azure-devops-cask", azure_devops::check_cask, azure_cask::seal),
    kind("azure-devops-legacy", azure_devops::check_legacy, azure_devops::seal_legacy),
    kind("azure-his", azure_his::check, azure_his::seal),
    kind("base58check", base58check::check, base58check::seal),
    kind("bech32", bech32::check, bech32::seal),
    kind("crc32-base62", crc32::check_base62, crc32::seal_base62),
    kind("crc32-hex", crc32::check_hex, crc32::seal_hex),
    kind("discord-bot", discord::check, discord::seal),
    kind("entra-client-secret", entra::check, entra::seal),
    kind("gitlab-routable", gitlab::check, gitlab::seal),
    kind("grafana", crc32::check_grafana, crc32::seal_grafana),
    kind("jwt", json_web_token::check, json_web_token::seal),
    kind("luhn", luhn::check, luhn::seal),
    kind("pypi-macaroon", macaroon::check, macaroon::seal),
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
