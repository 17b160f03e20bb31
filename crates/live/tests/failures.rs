//! Managers that fail: each failure ends in a state that is told rightly, with
//! nothing lost and no value shown.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "only tests are here")]

mod servers;

use servers::door::{Fault, When};
use servers::rig::{self, Rig};
use servers::value;
use stanch_live::{Error, Kind, Outcome, Problem, Written};

/// What a failing manager says, with the value in it, to see it go nowhere.
const WORDS: &str = r#"{"errors":["{value}"],"message":"{value}","__type":"{value}"}"#;
const SEALED: &str = r#"{"errors":["Vault is sealed"],"message":"{value}"}"#;

/// How long an answer is awaited that never comes, in seconds; those that come
/// before it need a part of it.
const PATIENCE: u64 = 4;

/// What can happen to any request, be it to read or to write.
const FAULTS: [Fault; 8] = [
    Fault::Status(403, WORDS),
    Fault::Status(429, WORDS),
    Fault::Status(500, WORDS),
    Fault::Status(503, SEALED),
    Fault::Html,
    Fault::Redirect,
    Fault::Silence,
    Fault::HangUp,
];

/// What a fault of every request must come to.
fn fits(rig: &Rig, fault: Fault, problem: &Problem) -> bool {
    match fault {
        // A 401 of the vault must carry a challenge.
        Fault::Status(401, _) if rig.kind() == Kind::Azure => {
            matches!(problem, Problem::Unexpected(_))
        }
        Fault::Status(401, _) => *problem == Problem::Unauthorised,
        Fault::Status(403, _) => *problem == Problem::Forbidden,
        Fault::Status(429, _) => *problem == Problem::RateLimited { retry_after: Some(7) },
        Fault::Status(503, _) if rig.kind() == Kind::Vault => *problem == Problem::Sealed,
        Fault::Status(status, _) => *problem == Problem::Failed(status),
        Fault::Html | Fault::HalfJson | Fault::Endless => {
            matches!(problem, Problem::Unexpected(_))
        }
        Fault::Redirect => *problem == Problem::Redirected("elsewhere.example".to_owned()),
        Fault::Silence => *problem == Problem::Timeout(PATIENCE),
        Fault::HangUp => matches!(problem, Problem::Broken(_)),
        Fault::LoseAnswer | Fault::HalfValue => false,
    }
}

/// Stores a value while a fault lasts, and sees that it is told and that
/// `old` stays.
fn fails(rig: &Rig, fault: Fault, when: When, old: &str) -> Error {
    rig.door.fail(fault, when);
    rig.patience.set(if fault == Fault::Silence { PATIENCE } else { 20 });
    let error = rig.put(&value()).expect_err(rig.name);
    assert!(fits(rig, fault, &error.problem), "{}, {fault:?}: {error:?}", rig.name);
    assert!(!error.next.is_empty(), "{}, {fault:?}", rig.name);
    assert_eq!(rig.held().as_deref(), Some(old), "{}, {fault:?}", rig.name);
    error
}

/// Sees that a value can be stored when the fault is over.
fn heals(rig: &Rig) {
    rig.door.heal();
    rig.patience.set(20);
    let new = value();
    rig.put(&new).unwrap();
    assert_eq!(rig.held(), Some(new), "{}", rig.name);
}

#[test]
fn a_manager_that_fails_altogether_is_told_and_changes_nothing() {
    let more = [Fault::Status(401, WORDS), Fault::HalfJson, Fault::Endless];
    Rig::each(|rig| {
        let old = value();
        rig.plant(&old);
        for fault in FAULTS.into_iter().chain(more) {
            let error = fails(&rig, fault, When::Always, &old);
            assert_eq!(error.written, Written::No, "{}, {fault:?}: {error}", rig.name);
        }
        heals(&rig);
    });
}

#[test]
fn a_write_that_fails_is_settled_by_reading_back() {
    Rig::each(|rig| {
        let old = value();
        rig.plant(&old);
        for fault in FAULTS {
            let error = fails(&rig, fault, When::Write, &old);
            // Whether GitHub got it nobody can tell, and so it says.
            let sure = rig.kind() != Kind::GitHub
                || matches!(fault, Fault::Status(403 | 429, _) | Fault::Redirect);
            let wanted = if sure { Written::No } else { Written::Unknown };
            assert_eq!(error.written, wanted, "{}, {fault:?}: {error}", rig.name);
        }
    });
}

#[test]
fn a_write_whose_answer_is_lost_is_found_to_have_happened() {
    for rig in Rig::all() {
        rig.plant(&value());
        rig.door.fail(Fault::LoseAnswer, When::Write);
        let new = value();
        let stored = rig.put(&new);
        if rig.kind() == Kind::Aws {
            // The value is there, under no label that anybody reads.
            let error = stored.unwrap_err();
            assert_eq!(error.written, Written::No, "{error}");
            continue;
        }
        let stored = stored.unwrap_or_else(|e| panic!("{}: {e}", rig.name));
        assert_eq!(stored.outcome, Outcome::Updated, "{}", rig.name);
        assert_eq!(rig.held(), Some(new), "{}", rig.name);
    }
}

#[test]
fn half_a_value_does_not_pass_for_the_whole() {
    for rig in Rig::all() {
        rig.plant(&value());
        rig.door.fail(Fault::HalfValue, When::Write);
        let new = value();
        let done = rig.put(&new);
        match rig.kind() {
            // What is sealed cannot be halved.
            Kind::GitHub => assert!(done.is_ok()),
            // The signature or the checksum no longer fits.
            Kind::Aws | Kind::Gcp => {
                let error = done.expect_err(rig.name);
                assert_eq!(error.written, Written::No, "{}: {error}", rig.name);
            }
            _ => {
                let error = done.expect_err(rig.name);
                assert!(matches!(error.problem, Problem::HalfWritten(_)), "{}: {error}", rig.name);
                heals(&rig);
            }
        }
    }
}

#[test]
fn somebody_elses_write_is_noticed() {
    for rig in Rig::all() {
        rig.plant(&value());
        let (others, new) = (value(), value());
        rig.overtake(&others);
        let done = rig.put(&new);
        // These have neither versions nor a condition to write under.
        if ["github", "gitlab", "vault kv1"].contains(&rig.name) {
            assert!(done.is_ok(), "{}", rig.name);
            continue;
        }
        let error = done.expect_err(rig.name);
        let Problem::Conflict { expected, found } = &error.problem else {
            panic!("{}: {error}", rig.name);
        };
        if rig.name != "doppler" {
            assert!(expected.is_some() && found.is_some(), "{}: {error}", rig.name);
            assert_ne!(expected, found, "{}", rig.name);
        }
        let now = rig.held().unwrap();
        match error.written {
            Written::No => assert_eq!(now, others, "{}: {error}", rig.name),
            Written::Yes => assert_eq!(now, new, "{}: {error}", rig.name),
            other => panic!("{}: {other:?}", rig.name),
        }
    }
}

#[test]
fn a_server_that_is_not_there_is_told() {
    for name in ["VAULT_ADDR", "BAO_ADDR"] {
        let nowhere = stanch_test_servers::nowhere();
        let rig = rig::vault().with(&[], &["VAULT_ADDR"]).with(&[(name, &nowhere)], &[]);
        let error = rig.put(&value()).unwrap_err();
        assert!(matches!(error.problem, Problem::Unreachable(_)), "{error}");
        assert!(error.to_string().contains("refused"), "{error}");
    }
}

#[test]
fn nothing_secret_goes_over_the_network_in_the_clear() {
    let cases = [
        ("http://vault.example:8200", "http would send the secret"),
        ("https://user:pass@vault.example", "holds a credential"),
        ("ftp://vault.example", "no http"),
        ("", "is not set"),
    ];
    for (url, why) in cases {
        let rig = rig::vault().with(&[("VAULT_ADDR", url)], &[]);
        let error = stanch_live::open(Kind::Vault, &rig.settings(), None).err().unwrap();
        assert!(error.to_string().contains(why), "{url}: {error}");
        assert!(!error.to_string().contains("pass@"), "{error}");
    }
}
