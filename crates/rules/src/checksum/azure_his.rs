//! Highly identifiable secrets (HIS) of Azure services: base64 with a signature
//! of four characters before a Marvin32 checksum of four bytes.
//!
//! Each service keys the checksum with a seed per role, so the seed that
//! validates tells what the key may do.
//! Source: microsoft/security-utilities `IdentifiableMetadata.cs`,
//! `IdentifiableSecrets.cs` (MIT).

use std::ops::Range;

use data_encoding::BASE64_NOPAD;

use super::{Input, marvin::marvin32, put};

/// What a key opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Role {
    /// The service that issued it.
    pub service: &'static str,
    /// What its holder may do, as a variant name.
    pub role: &'static str,
}

struct Service {
    signature: &'static [u8; 4],
    name: &'static str,
    roles: &'static [(u64, &'static str)],
}

const MESSAGING: &[(u64, &str)] = &[
    (0x5365_6e64_3030_3030, "send key"),
    (0x4c69_7374_656e_3030, "listen key"),
    (0x4d61_6e61_6765_3030, "manage key"),
    (0x5379_7374_656d_3030, "system key"),
    (0x556e_6b6e_6f77_6e30, "key of unknown rights"),
];

const SERVICES: &[Service] = &[
    Service {
        signature: b"+ASt",
        name: "Azure Storage",
        roles: &[(0x4465_6661_756c_7430, "account key")],
    },
    Service {
        signature: b"ACDb",
        name: "Azure Cosmos DB",
        roles: &[
            (0x4d61_7374_5257_3030, "read-write key"),
            (0x4d61_7374_524f_3030, "read-only key"),
            (0x5379_7374_5257_3030, "system read-write key"),
            (0x5379_7374_524f_3030, "system read-only key"),
            (0x5379_7341_6c6c_3030, "system key"),
            (0x5265_736f_7572_3030, "resource key seed"),
            (0x456e_6372_7970_3030, "data encryption key"),
        ],
    },
    Service {
        signature: b"AzFu",
        name: "Azure Functions",
        roles: &[
            (0x4675_6e63_7469_3030, "function key"),
            (0x4d61_7374_6572_3030, "master key"),
            (0x5379_7374_656d_3030, "system key"),
        ],
    },
    Service {
        signature: b"AzSe",
        name: "Azure AI Search",
        roles: &[(0x5041_646d_696e_3030, "admin key"), (0x5175_6572_7930_3030, "query key")],
    },
    Service {
        signature: b"AIoT",
        name: "Azure IoT",
        roles: &[
            (0x496f_5448_7562_3030, "hub key"),
            (0x4470_734b_6579_3030, "device provisioning key"),
            (0x4465_7669_6365_3030, "device key"),
        ],
    },
    Service {
        signature: b"APIM",
        name: "Azure API Management",
        roles: &[
            (0x496f_5448_7562_3030, "subscription key"),
            (0x5465_6e61_6e74_3030, "direct management key"),
            (0x4761_7465_7779_3030, "gateway key"),
            (0x4769_744b_6579_3030, "repository key"),
        ],
    },
    Service {
        signature: b"AzCa",
        name: "Azure Cache for Redis",
        roles: &[(0x4163_6365_7373_3030, "access key")],
    },
    Service {
        signature: b"+ACR",
        name: "Azure Container Registry",
        roles: &[(0x4143_5244_666c_7430, "access key")],
    },
    Service {
        signature: b"+ABa",
        name: "Azure Batch",
        roles: &[(0x4162_4163_6374_3030, "account key")],
    },
    Service { signature: b"+ASb", name: "Azure Service Bus", roles: MESSAGING },
    Service { signature: b"+AEh", name: "Azure Event Hubs", roles: MESSAGING },
    Service { signature: b"+ARm", name: "Azure Relay", roles: MESSAGING },
    Service {
        signature: b"+AMC",
        name: "Azure Machine Learning (classic)",
        roles: &[(0x436c_6173_7369_6330, "web service key")],
    },
    Service {
        signature: b"+SQL",
        name: "Azure SQL",
        roles: &[(0x5573_7250_7764_3030, "user password")],
    },
];

const SUM: usize = 4;
/// Characters that the signature and the checksum take at the end.
const SIGNATURE_FROM_END: usize = 10;
const LONGEST: usize = 256;

/// The service and role that a key proves.
pub(crate) fn find(value: &[u8]) -> Option<Role> {
    let text = trim(value)?;
    let service = service_of(text)?;
    let bytes = BASE64_NOPAD.decode(&standard(text)).ok()?;
    let (body, stored) = bytes.split_at_checked(bytes.len().checked_sub(SUM)?)?;
    let holds = |seed: u64| marvin32(body, seed).to_le_bytes() == stored;
    let (_, role) = service.roles.iter().find(|(seed, _)| holds(*seed))?;
    Some(Role { service: service.name, role })
}

pub(super) fn check(input: &Input<'_>) -> Option<&'static str> {
    find(input.value).map(|role| role.role)
}

/// Gives the sample the service's first role.
pub(super) fn seal(
    value: &mut [u8],
    _over: Option<Range<usize>>,
    _equals: Option<Range<usize>>,
) -> bool {
    let Some(text) = trim(value) else { return false };
    let Some((seed, _)) = service_of(text).and_then(|service| service.roles.first()) else {
        return false;
    };
    let Some(text) = sealed(text, *seed) else { return false };
    put(value, 0..text.len(), &text)
}

fn sealed(text: &[u8], seed: u64) -> Option<Vec<u8>> {
    // Some services take only letters and digits, some the URL alphabet. A
    // sample without special characters fits all of them, so the start is
    // varied until the checksum has none.
    for attempt in 0..200_u8 {
        let mut text = standard(text);
        if attempt > 0 {
            *text.first_mut()? = b'A' + attempt % 26;
            *text.get_mut(1)? = b'a' + attempt / 26;
        }
        let spare = text.len() * 6 % 8;
        if let Some(last) = text.last_mut()
            && spare > 0
        {
            *last = b'A';
        }
        let mut bytes = BASE64_NOPAD.decode(&text).ok()?;
        let at = bytes.len().checked_sub(SUM)?;
        // Bits between the signature's end and the checksum's first byte are zero.
        let gap = (at * 8).checked_sub((text.len() - (SIGNATURE_FROM_END - 4)) * 6)?;
        let mask = u8::MAX.checked_shl(u32::try_from(gap).ok()?)?;
        *bytes.get_mut(at.checked_sub(1)?)? &= mask;
        let sum = marvin32(bytes.get(..at)?, seed).to_le_bytes();
        bytes.get_mut(at..)?.copy_from_slice(&sum);
        let done = BASE64_NOPAD.encode(&bytes).into_bytes();
        if done.iter().rev().take(SIGNATURE_FROM_END - 4).all(u8::is_ascii_alphanumeric) {
            return Some(done);
        }
    }
    None
}

fn service_of(text: &[u8]) -> Option<&'static Service> {
    let at = text.len().checked_sub(SIGNATURE_FROM_END)?;
    let signature = text.get(at..at + 4)?;
    SERVICES.iter().find(|service| service.signature == signature)
}

fn trim(value: &[u8]) -> Option<&[u8]> {
    let end = value.iter().rposition(|char| *char != b'=')? + 1;
    value.get(..end).filter(|text| text.len() <= LONGEST)
}

fn standard(text: &[u8]) -> Vec<u8> {
    text.iter()
        .map(|char| match char {
            b'-' => b'+',
            b'_' => b'/',
            other => *other,
        })
        .collect()
}
