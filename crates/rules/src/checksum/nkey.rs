//! Seeds of NATS (nkeys): two bytes that say `S` and whose key it is, 32 bytes
//! of Ed25519 or X25519, and a CRC-16 of all before it, in base32.
//!
//! Source: <https://github.com/nats-io/nkeys/blob/main/strkey.go>

use std::ops::Range;

use data_encoding::BASE32_NOPAD;

use super::{Input, crc16, put};

const SEED: u8 = 18 << 3;
const LENGTH: usize = 58;
const KEY: usize = 32;
const SUM: usize = 2;

/// Whose key a seed is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Role {
    /// The first byte of its public key, whose first letter it makes.
    prefix: u8,
    name: &'static str,
    seed: &'static str,
}

const ROLES: [Role; 6] = [
    Role { prefix: 20 << 3, name: "user", seed: "user seed" },
    Role { prefix: 0, name: "account", seed: "account seed" },
    Role { prefix: 14 << 3, name: "operator", seed: "operator seed" },
    Role { prefix: 13 << 3, name: "server", seed: "server seed" },
    Role { prefix: 2 << 3, name: "cluster", seed: "cluster seed" },
    Role { prefix: 23 << 3, name: "curve", seed: "curve seed" },
];

pub(super) fn check(input: &Input<'_>) -> Option<&'static str> {
    parse(input.value).map(|(role, _)| role.seed)
}

/// Sets the CRC, and the bits that are always zero.
pub(super) fn seal(
    value: &mut [u8],
    _over: Option<Range<usize>>,
    _equals: Option<Range<usize>>,
) -> bool {
    let mut lenient = BASE32_NOPAD.specification();
    lenient.check_trailing_bits = false;
    let Some(mut bytes) = lenient.encoding().ok().and_then(|base32| base32.decode(value).ok())
    else {
        return false;
    };
    let Some(at) = bytes.len().checked_sub(SUM) else { return false };
    if let Some(second) = bytes.get_mut(1) {
        *second &= 0xf8;
    }
    let sum = bytes.get(..at).map(crc16::xmodem).unwrap_or_default();
    put(&mut bytes, at..at + SUM, &sum.to_le_bytes());
    let text = BASE32_NOPAD.encode(&bytes);
    parse(text.as_bytes()).is_some() && put(value, 0..value.len(), text.as_bytes())
}

/// Whose seed it is, and its 32 bytes.
pub(crate) fn parse(value: &[u8]) -> Option<(Role, [u8; KEY])> {
    if value.len() != LENGTH {
        return None;
    }
    let bytes = BASE32_NOPAD.decode(value).ok()?;
    let (body, sum) = bytes.split_at_checked(bytes.len().checked_sub(SUM)?)?;
    let (first, second) = (*body.first()?, *body.get(1)?);
    if crc16::xmodem(body).to_le_bytes() != sum || first & 0xf8 != SEED || second & 7 != 0 {
        return None;
    }
    let prefix = (first & 7) << 5 | second >> 3;
    let role = ROLES.into_iter().find(|role| role.prefix == prefix)?;
    Some((role, body.get(2..)?.try_into().ok()?))
}

impl Role {
    /// As NATS calls it.
    pub(crate) fn name(self) -> &'static str {
        self.name
    }

    /// Whether its keys sign; those of curves only encrypt.
    pub(crate) fn signs(self) -> bool {
        self.name != "curve"
    }

    /// A public key of this role as text.
    pub(crate) fn public(self, key: &[u8]) -> String {
        let mut bytes = vec![self.prefix];
        bytes.extend(key);
        bytes.extend(crc16::xmodem(&bytes).to_le_bytes());
        BASE32_NOPAD.encode(&bytes)
    }
}
