use proptest::{collection::vec, prelude::*, string::string_regex};

use super::*;

/// A shape per kind, with the group `over` up to the first range and `equals`
/// from the second, both counted in characters.
struct Shape {
    kind: &'static str,
    pattern: &'static str,
    groups: Option<(Range<usize>, Range<usize>)>,
    /// Whether a change of any character breaks it.
    strict: bool,
}

fn shapes() -> Vec<Shape> {
    let shape = |kind, pattern, strict| Shape { kind, pattern, groups: None, strict };
    vec![
        shape("atlassian", "ATATT3[A-Za-z0-9_-]{183}=[0-9A-F]{8}", true),
        shape("azure-cask", "[A-Za-z0-9]{52}JQQJ99C[A-L][A-Za-z0-9]{16}ACOG[A-Za-z0-9]{4}", true),
        shape(
            "azure-devops-cask",
            "[A-Za-z0-9]{52}JQQJ99B[A-L]ACAAAAA[A-Za-z0-9]{5}AAASAZDO[A-Za-z0-9]{4}",
            true,
        ),
        shape("azure-devops-legacy", "[a-z2-7]{51}[aq]", true),
        shape("azure-his", "[A-Za-z0-9/+]{76}\\+ASt[A-Za-z0-9/+]{5}[AQgw]==", true),
        shape("azure-his", "[A-Za-z0-9/+]{33}\\+ASb[A-P][A-Za-z0-9/+]{5}=", true),
        shape("azure-his", "[A-Za-z0-9]{42}AzSe[A-D][A-Za-z0-9]{5}", true),
        shape("azure-his", "[A-Za-z0-9_-]{44}AzFu[A-Za-z0-9_-]{5}[AQgw]==", true),
        shape("base58check", "[KL][1-9A-HJ-NP-Za-km-z]{51}", true),
        shape("base58check-xrp", "s[pshna][1-9A-HJ-NP-Za-km-z]{27}", true),
        shape("base58check-xrp", "sEd[ST7V][1-9A-HJ-NP-Za-km-z]{27}", true),
        shape("bech32", "AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}", true),
        shape("bech32", "nsec1[qpzry9x8gf2tvdw0s3jn54khce6mua7l]{58}", true),
        shape("bip39", "[a-z]{3,8}( [a-z]{3,8}){11}", false),
        shape("bip39", "[a-z]{3}(, [a-z]{8}){23}", false),
        Shape {
            kind: "crc32-base62",
            pattern: "ghp_[A-Za-z0-9]{36}",
            groups: Some((4..34, 34..40)),
            strict: true,
        },
        Shape {
            kind: "crc32-base62-reversed",
            pattern: "mct_[A-Za-z0-9]{30}_[A-Za-z0-9]{6}",
            groups: Some((0..34, 35..41)),
            strict: false,
        },
        shape("crc32-hex", "[a-z]{20}[0-9a-f]{8}", true),
        shape("discord-bot", "M[A-Za-z0-9]{23}\\.[A-Za-z0-9]{6}\\.[A-Za-z0-9_-]{38}", false),
        shape("discord-bot", "M[A-Za-z0-9]{25}\\.[A-Za-z0-9]{6}\\.[A-Za-z0-9_-]{38}", false),
        shape("entra-client-secret", "[A-Za-z0-9]{3}8Q~[A-Za-z0-9._~-]{34}", false),
        shape("gitlab-routable", "glpat-[A-Za-z0-9_-]{27,60}\\.01\\.[a-z0-9]{9}", true),
        shape("gitlab-routable", "glrt-t1_[A-Za-z0-9_-]{27,60}\\.[a-z0-9]{9}", true),
        shape("grafana", "glsa_[A-Za-z0-9]{32}_[0-9a-f]{8}", true),
        shape("iban", "[A-Z]{2}[0-9]{20}", false),
        shape("iban", "[A-Z]{2}[0-9]{2}( [A-Z0-9]{4}){5}", false),
        shape("jwt", "eyJ[A-Za-z0-9_-]{33}\\.eyJ[A-Za-z0-9_-]{40}\\.[A-Za-z0-9_-]{43}", false),
        shape("luhn", "4[0-9]{15}", true),
        shape("nkey", "S[UAONCX]A[A-P][A-Z2-7]{53}[AEIMQUY4]", true),
        shape("pypi-macaroon", "pypi-[A-Za-z0-9_-]{172}", false),
        shape("pypi-macaroon", "pypi-[A-Za-z0-9_-]{319}", false),
        shape("strkey", "S[A-D][A-Z2-7]{54}", true),
    ]
}

fn input<'a>(value: &'a [u8], shape: &Shape) -> Input<'a> {
    let part = |range: &Range<usize>| value.get(range.clone());
    Input {
        value,
        over: shape.groups.as_ref().and_then(|(over, _)| part(over)),
        equals: shape.groups.as_ref().and_then(|(_, equals)| part(equals)),
    }
}

fn sealed(shape: &Shape, sample: &str) -> Vec<u8> {
    let mut value = sample.as_bytes().to_vec();
    let (over, equals) = shape.groups.clone().unzip();
    assert!(seal(shape.kind, &mut value, over, equals), "{} cannot seal {sample}", shape.kind);
    value
}

#[test]
fn kinds_are_sorted_and_known_and_every_one_has_a_shape() {
    assert!(kinds().is_sorted());
    for kind in kinds() {
        assert!(is_known(kind));
        assert!(shapes().iter().any(|shape| shape.kind == *kind), "{kind} is never sealed");
    }
    assert!(!is_known("no-such-kind"));
    assert_eq!(check("no-such-kind", Input { value: b"", over: None, equals: None }), None);
}

#[test]
fn azure_devops_vectors_hold_and_tell_the_role() {
    // Synthetic vectors, none was ever issued; they are cut in two so that no
    // scanner takes this file for a leak.
    let check = |kind, head: &str, tail: &str| {
        let value = format!("{head}{tail}");
        super::check(kind, Input { value: value.as_bytes(), over: None, equals: None })
    };
    let cask = [
        (
            "u8jzPde0IgxLd6GncfBAepfJBd0Kh8oOOL8dKLzdocJ2isAjIhKtJQQJ99CKACAAAA",
            ["AAAAAAAAASAZDO3DbX", "AAAAAAAAASAZDOr8za"],
        ),
        (
            "lgLKOmxgJTeKdNnFRIBXuDL7DxtpYlSXpfKtHF4vUCsMehGAkWvjJQQJ99BGACAAAA",
            ["AAAAAAAAASAZDO1gtD", "AAAAAAAAASAZDOXGGW"],
        ),
    ];
    for (head, tails) in cask {
        for tail in tails {
            let kind = "azure-devops-cask";
            assert_eq!(check(kind, head, tail), Some("personal access token"), "{tail}");
            assert_eq!(check("azure-cask", head, tail), Some("Azure DevOps"));
        }
        assert_eq!(check("azure-devops-cask", head, "AAAAAAAAASAZDO1gtK"), None);
    }
    let legacy = |head, tail| check("azure-devops-legacy", head, tail);
    assert_eq!(
        legacy("wavrwpogm32oykc332vczsxnzu", "vvcv2bbzgvh3sk6kzu6qyka42a"),
        Some("user token")
    );
    assert_eq!(
        legacy("i7ppsy3mb2aaistmsv52nbgwim", "p3l2wxijg7gcpblubeywci6i6q"),
        Some("user token")
    );
    let application = Some("application token");
    assert_eq!(legacy("wav6wpogm32ezoc332vczsxnzu", "vvcv2bbzgvb3sk6kzu6qyka42a"), application);
    assert_eq!(legacy("i7pasy3mb2akjwtmsv52nbgwim", "p3l2wxijg7acpblubeywci6i6q"), application);
    assert_eq!(legacy("wavrwpogm32oykc332vcasxnzu", "vvcv2bbzgvh3sk6kzu6qyka42a"), None);
    // Microsoft's own example in the REST documentation of personal access tokens.
    assert_eq!(
        legacy("dip55dwf4vpitomw63jzvomefm", "i2jluguprzwwqwuc6xq4fhocwq"),
        Some("user token")
    );
}

#[test]
fn a_changed_entra_secret_does_not_hold() {
    let shape = shapes().into_iter().find(|shape| shape.kind == "entra-client-secret").unwrap();
    let value = sealed(&shape, "abc8Q~0123456789abcdefghijABCDEFGHIJ.-_~");
    assert_eq!(check(shape.kind, input(&value, &shape)), Some(""));
    for at in 0..value.len() {
        let mut changed = value.clone();
        changed[at] = if changed[at] == b'x' { b'y' } else { b'x' };
        assert_eq!(check(shape.kind, input(&changed, &shape)), None, "position {at}");
    }
}

#[test]
fn a_base58_key_is_named_after_its_network() {
    let shape = shapes().into_iter().find(|shape| shape.kind == "base58check").unwrap();
    let value = sealed(&shape, &format!("L{}", "2".repeat(51)));
    assert_eq!(check(shape.kind, input(&value, &shape)), Some("private key, main network"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn sealed_samples_hold_and_changed_ones_do_not(seed in any::<u64>(), at in any::<prop::sample::Index>(), to in any::<prop::sample::Index>()) {
        for shape in shapes() {
            let sample = sample(shape.pattern, seed);
            // A random base58 text has the wished number of bytes only mostly.
            if shape.kind == "base58check" && !sample.starts_with('L') {
                continue;
            }
            let value = sealed(&shape, &sample);
            prop_assert_eq!(value.len(), sample.len());
            prop_assert!(check(shape.kind, input(&value, &shape)).is_some(), "{} {}", shape.kind, String::from_utf8_lossy(&value));
            if !shape.strict {
                continue;
            }
            let from = shape.groups.as_ref().map_or(0, |(over, _)| over.start);
            let mut changed = value.clone();
            let at = from + at.index(value.len() - from);
            let candidates: Vec<u8> = (b'0'..=b'z').filter(|char| char.is_ascii_alphanumeric() && !char.eq_ignore_ascii_case(&changed[at])).collect();
            changed[at] = candidates[to.index(candidates.len())];
            prop_assert_eq!(check(shape.kind, input(&changed, &shape)), None, "{} {}", shape.kind, String::from_utf8_lossy(&changed));
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in vec(any::<u8>(), 0..400), cut in any::<prop::sample::Index>(), other in any::<prop::sample::Index>()) {
        let (a, b) = (cut.index(bytes.len() + 1), other.index(bytes.len() + 1));
        let (low, high) = (a.min(b), a.max(b));
        for kind in kinds() {
            for text in [bytes.clone(), bytes.iter().map(|b| b'-' + b % 78).collect()] {
                let groups = Input { value: &text, over: text.get(..low), equals: text.get(high..) };
                check(kind, groups);
                check(kind, Input { value: &text, over: None, equals: None });
                let mut value = text.clone();
                seal(kind, &mut value, Some(low..high), Some(high..text.len()));
                seal(kind, &mut value, None, Some(high..text.len() + 9));
                seal(kind, &mut value, None, None);
            }
        }
    }
}

/// One text of the pattern, the same for the same seed.
fn sample(pattern: &str, seed: u64) -> String {
    use proptest::{strategy::ValueTree, test_runner::*};
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    string_regex(pattern).unwrap().new_tree(&mut runner).unwrap().current()
}
