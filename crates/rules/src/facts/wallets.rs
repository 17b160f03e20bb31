//! Keys that are numbers and nothing else: whose they are follows from the
//! public half, and published ones belong to nobody.

use ed25519_dalek::SigningKey;

use super::{Input, Reading, fact, is_published};
use crate::checksum::{
    bitcoin_body, iban_origin, parse_nkey, parse_seed_phrase, seed_word, stellar_account,
    stellar_seed,
};

/// The number of words. A phrase that was published, or that nobody drew at
/// random, is none.
pub(super) fn seed_phrase(input: &Input<'_>) -> Reading {
    let Some(places) = parse_seed_phrase(input.value) else {
        return Reading::Rejected("no phrase of words of BIP-39");
    };
    let most = places.iter().map(|a| places.iter().filter(|b| a == *b).count()).max();
    if most.unwrap_or(0) * 3 > places.len() {
        return Reading::Rejected("one word fills more than a third of it");
    }
    let differ =
        |step: usize| places.iter().zip(places.iter().skip(step)).filter(|(a, b)| a != b).count();
    // The last word has the checksum, and differs where all others repeat.
    if (1..=places.len() * 2 / 3).any(|step| differ(step) <= 1) {
        return Reading::Rejected("its words repeat in turn");
    }
    if places.is_sorted() {
        return Reading::Rejected("its words stand in the order of the list");
    }
    let words: Vec<&[u8]> = places.iter().filter_map(|place| seed_word(*place)).collect();
    if is_published(&words.join(&b' '), PHRASES) {
        return Reading::Rejected("a phrase of a standard's or vendor's documentation");
    }
    Reading::Facts(vec![fact("words", places.len().to_string())])
}

/// The role and the public key, by which servers know the holder.
pub(super) fn nkey(input: &Input<'_>) -> Reading {
    let Some((role, seed)) = parse_nkey(input.value) else {
        return Reading::Rejected("no seed of NATS");
    };
    let mut facts = vec![fact("role", role.name())];
    if role.signs() {
        facts.push(fact("public key", role.public(&public(&seed))));
    }
    Reading::Facts(facts)
}

/// The address of the account that the seed signs for.
pub(super) fn stellar(input: &Input<'_>) -> Reading {
    match stellar_seed(input.value) {
        Some(seed) => Reading::Facts(vec![fact("account", stellar_account(&public(&seed)))]),
        None => Reading::Rejected("no secret seed of Stellar"),
    }
}

/// The network, and of extended keys how far below the first key they stand.
pub(super) fn bitcoin(input: &Input<'_>) -> Reading {
    let Some(body) = bitcoin_body(input.value) else {
        return Reading::Rejected("no key of Bitcoin");
    };
    let (network, key) = match body.as_slice() {
        [0x80, rest @ ..] if matches!(rest.len(), 32 | 33) => ("main", rest),
        [0xef, rest @ ..] if matches!(rest.len(), 32 | 33) => ("test", rest),
        [0x04, 0x88, 0xad, 0xe4, rest @ ..] if rest.len() == 74 => ("main", rest),
        [0x04, 0x35, 0x83, 0x94, rest @ ..] if rest.len() == 74 => ("test", rest),
        _ => return Reading::Facts(Vec::new()),
    };
    if key.iter().take(16).all(|byte| Some(byte) == key.first()) {
        return Reading::Rejected("a small or repeating number, which everyone finds");
    }
    if is_published(input.value, BITCOIN_KEYS) {
        return Reading::Rejected("a key of a standard's documentation");
    }
    let mut facts = vec![fact("network", network)];
    if let (74, Some(depth)) = (key.len(), key.first()) {
        facts.push(fact("depth", depth.to_string()));
    }
    Reading::Facts(facts)
}

/// The kind of keys that the seed makes.
pub(super) fn xrp(input: &Input<'_>) -> Reading {
    if is_published(input.value, XRP_SEEDS) {
        return Reading::Rejected("the seed of the ledger's first account, which everyone knows");
    }
    let kind = if input.value.starts_with(b"sEd") { "Ed25519" } else { "secp256k1" };
    Reading::Facts(vec![fact("key type", kind)])
}

/// The country of an account.
pub(super) fn iban(input: &Input<'_>) -> Reading {
    let Some((country, is_example)) = iban_origin(input.value) else {
        return Reading::Rejected("no country of the IBAN registry");
    };
    if is_example {
        return Reading::Rejected("the example of the IBAN registry for its country");
    }
    let body = input.value.get(4..).unwrap_or_default();
    let digits: Vec<u8> = body.iter().copied().filter(u8::is_ascii_digit).collect();
    let runs = digits.windows(2).filter(|pair| pair[1] == pair[0]).count();
    let counts = digits
        .windows(2)
        .filter(|pair| pair[1] == pair[0] + 1 || (pair[0], pair[1]) == (b'9', b'0'))
        .count();
    if digits.len() >= 8 && counts * 2 >= digits.len() {
        return Reading::Rejected("its digits count up");
    }
    if digits.len() >= 8 && runs * 4 >= digits.len() * 3 {
        return Reading::Rejected("its digits are nearly all the same");
    }
    Reading::Facts(vec![fact("country", country)])
}

fn public(seed: &[u8; 32]) -> [u8; 32] {
    SigningKey::from_bytes(seed).verifying_key().to_bytes()
}

/// Phrases that vendors publish, words in lower case with a blank between them:
/// the random vectors of BIP-39, and those that development networks start
/// with. They are kept as the start of their SHA-256 so that no list of phrases
/// stands here.
const PHRASES: &[u64] = &[
    // BIP-39, the vectors whose entropy is random.
    0xd6da_54d1_2db9_eac8,
    0xb12e_e277_a669_b18f,
    0x341c_225b_06c9_1708,
    0x6d82_8deb_d306_e21a,
    0xcc95_a8a1_b5e9_bf13,
    0x3045_2ba5_605d_d252,
    0xb2e7_1100_d10b_ee74,
    0xb8ae_5c99_1426_47d1,
    0x0f38_8b04_e512_d7a0,
    0xb1bf_f22a_e077_ce1a,
    0x662c_451c_c588_6e1d,
    0x867f_9f59_29a7_201c,
    // Ganache: the default of its documentation, and that of `--deterministic`.
    0xb83e_9641_7f61_cb14,
    0x9c5d_0a66_56e5_d3f3,
    // Substrate, `DEV_PHRASE` of sp-core.
    0xd16d_608f_ce74_3a04,
    // NIP-06 of Nostr.
    0x7f56_5064_06dc_6faf,
    0x61b5_f1da_b96e_46e3,
    // Mastering Bitcoin, chapter 5.
    0xc454_6324_c2ac_f02b,
    0x995f_a2f8_b2b0_0f9b,
];

/// The private keys of the vectors of BIP-32, and of examples in the Bitcoin
/// wiki, kept in the same way.
const BITCOIN_KEYS: &[u64] = &[
    0x2243_ae4c_7301_4469,
    0xc3e9_81f8_e1c6_a201,
    0x38f4_5b57_d43a_7400,
    0x04a5_6493_8fd4_1d29,
    0x7575_4388_723d_b8ec,
    0xac17_da3e_1143_2de9,
    0xfa14_6b83_df55_0394,
    0xbebe_65f0_e056_9d62,
    0xc14a_ca8e_6d6b_82d1,
    0xed7b_fe0c_eae8_13bc,
    0x0086_0ac6_1212_8954,
    0x9d61_c593_824c_392c,
    0x93e2_8cee_01d3_4e88,
    0x4ec7_efd0_add0_ac4b,
    0x4201_0a60_6042_a639,
    0xe4cd_8805_0076_06c1,
    0x8682_6de4_63a4_859a,
    0xcdfc_e497_13b0_b848,
    0x9d6a_2b9d_1f01_d457,
    0x1100_4084_3c3a_df0d,
    0x63d2_5a1e_b677_d096,
    0xf8c0_4888_a483_afe0,
    0x39cd_d1e0_a0bc_94e9,
];

/// The seed that the genesis account of the XRP Ledger was made from.
const XRP_SEEDS: &[u64] = &[0x9738_0bed_40c7_6b62];

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(read: fn(&Input<'_>) -> Reading, value: &str) -> Reading {
        read(&Input { value: value.as_bytes(), text: b"", span: 0..0 })
    }

    fn is_rejected(read: fn(&Input<'_>) -> Reading, value: &str) -> bool {
        matches!(reading(read, value), Reading::Rejected(_))
    }

    #[test]
    fn published_phrases_are_none() {
        for phrase in [
            "test test test test test test test test test test test junk",
            "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about",
            "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong",
            "legal winner thank year wave sausage worth useful legal winner thank yellow",
            "letter advice cage absurd amount doctor acoustic avoid letter advice cage above",
            "letter advice cage absurd amount doctor acoustic avoid letter advice cage absurd amount doctor acoustic avoid letter always",
            "ozone drill grab fiber curtain grace pudding thank cruise elder eight picnic",
            "bottom drive obey lake curtain smoke basket hold race lonely fit walk",
            "candy maple cake sugar pudding cream honey rich smooth crumble sweet treat",
            "abandon ability able about above absent absorb abstract absurd abuse access accident",
            "too few words",
        ] {
            assert!(is_rejected(seed_phrase, phrase), "{phrase}");
        }
    }

    #[test]
    fn a_phrase_tells_how_many_words_it_has() {
        let phrase = "wolf able river coin piano lamp zebra mule opera grid juice hotel";
        assert_eq!(reading(seed_phrase, phrase), Reading::Facts(vec![fact("words", "12")]));
    }

    #[test]
    fn a_seed_tells_its_public_key() {
        let seal = |kind, text: String| {
            let mut value = text.into_bytes();
            assert!(crate::checksum::seal(kind, &mut value, None, None));
            String::from_utf8(value).unwrap()
        };
        for (letter, role) in [('U', "user"), ('A', "account"), ('O', "operator"), ('N', "server")]
        {
            let seed = seal("nkey", format!("S{letter}A{}A", "B".repeat(54)));
            let Reading::Facts(facts) = reading(nkey, &seed) else { panic!("{seed}") };
            assert_eq!(facts[0], fact("role", role));
            assert!(facts[1].value.starts_with(letter) && facts[1].value.len() == 56, "{facts:?}");
        }
        let curve = seal("nkey", format!("SXA{}A", "B".repeat(54)));
        assert_eq!(reading(nkey, &curve), Reading::Facts(vec![fact("role", "curve")]));
        let seed = seal("strkey", format!("SB{}", "C".repeat(54)));
        let Reading::Facts(facts) = reading(stellar, &seed) else { panic!("{seed}") };
        let account = &facts[0].value;
        let input = crate::checksum::Input { value: account.as_bytes(), over: None, equals: None };
        assert_eq!(crate::checksum::check("strkey", input), Some("account"));
        assert!(is_rejected(stellar, account));
    }

    #[test]
    fn published_keys_of_bitcoin_are_none_and_others_tell_their_network() {
        // The first master key of the vectors of BIP-32, in two parts.
        let head = "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkV";
        let vector = format!("{head}vvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi");
        assert!(is_rejected(bitcoin, &vector));
        // The number 1 as a key.
        assert!(is_rejected(bitcoin, "KwDiBf89QgGbjEhKnhXJuH7LrciVrZi3qYjgd9M7rFU73sVHnoWn"));
        let mut value = vector.replace("3QTDL", "3QTDM").into_bytes();
        assert!(crate::checksum::seal("base58check", &mut value, None, None));
        let other = String::from_utf8(value).unwrap();
        assert_eq!(
            reading(bitcoin, &other),
            Reading::Facts(vec![fact("network", "main"), fact("depth", "0")])
        );
    }

    #[test]
    fn the_genesis_seed_of_the_xrp_ledger_is_none() {
        assert!(is_rejected(xrp, "snoPBrXtMeMyMHUVTgbuqAfg1SUTb"));
    }

    #[test]
    fn an_account_number_tells_its_country_and_an_example_is_none() {
        assert_eq!(
            reading(iban, "DE26370400440532013017"),
            Reading::Facts(vec![fact("country", "DE")])
        );
        assert!(is_rejected(iban, "DE89370400440532013000"));
        assert!(is_rejected(iban, "DE89 3704 0044 0532 0130 00"));
        assert!(is_rejected(iban, "DE02123456789012345678"));
        assert!(is_rejected(iban, "DE02111111111111111111"));
        assert!(is_rejected(iban, "ZZ02111111111111111111"));
    }
}
