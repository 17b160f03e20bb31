//! Every manager, from nothing to a value that is stored, replaced, read back
//! and listed, against servers that check what they are asked.

mod servers;

use std::sync::Arc;

use servers::rig::{self, Rig};
use servers::{azure, github, gitlab, infisical, kubernetes, value};
use stanch_live::{
    Address, Kind, Outcome, Problem, Settings, Value, Written, fetch, open, store, wait,
};

#[test]
fn a_value_is_created_replaced_and_left_alone_if_it_is_the_same() {
    for rig in Rig::all() {
        let name = rig.name;
        let (first, second) = (value(), value());
        let manager = rig.manager();
        let readable = manager.abilities().readable;
        let put = |text: &str| {
            rig.door.expect(text.as_bytes());
            wait(store(&*manager, &rig.address, &Value::from(text), None)).unwrap()
        };

        let made = put(&first).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!((made.outcome, made.verified), (Outcome::Created, readable), "{name}");
        assert_eq!(rig.held().as_deref(), Some(first.as_str()), "{name}");

        let changed = put(&second).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!((changed.outcome, changed.verified), (Outcome::Updated, readable), "{name}");
        assert_eq!(rig.held().as_deref(), Some(second.as_str()), "{name}");
        if made.version.is_some() {
            assert_eq!(changed.previous, made.version, "{name}");
            assert_ne!(changed.version, made.version, "{name}");
        }

        let again = put(&second).unwrap_or_else(|e| panic!("{name}: {e}"));
        // Nobody can tell whether GitHub holds the same.
        let same = if readable { Outcome::Unchanged } else { Outcome::Updated };
        assert_eq!(again.outcome, same, "{name}");
        if readable {
            assert_eq!(again.version, changed.version, "{name}");
        }

        let held = wait(fetch(&*manager, &rig.address, None)).unwrap().unwrap();
        if readable {
            assert!(held.value.unwrap().same(&Value::from(second.as_str())), "{name}");
        } else {
            assert!(held.value.is_none(), "{name}");
        }
        for line in rig.door.seen() {
            assert!(
                !line.contains(&first[..10]) && !line.contains(&second[..10]),
                "{name}: {line}"
            );
        }
    }
}

#[test]
fn what_is_there_is_listed_without_values() {
    for rig in Rig::all() {
        let name = rig.name;
        let manager = rig.manager();
        rig.plant(&value());
        let mut found =
            wait(manager.list(rig.below)).unwrap().unwrap_or_else(|e| panic!("{name}: {e}"));
        // Vault and 1Password list secrets without the fields in them.
        found.iter_mut().for_each(|it| *it = it.trim_start_matches("gcp:stanch-tests/").to_owned());
        let whole = rig.address.to_string();
        let bare = whole.split('#').next().unwrap();
        let fits = |it: &String| {
            it.contains(bare.trim_start_matches("gcp:").trim_start_matches("kubernetes:"))
        };
        assert!(found.iter().any(fits), "{name}: {found:?}");
    }
}

#[test]
fn older_versions_are_listed_and_read() {
    for rig in Rig::all() {
        let name = rig.name;
        let manager = rig.manager();
        let values = [value(), value(), value()];
        let mut versions = Vec::new();
        for text in &values {
            let put = wait(store(&*manager, &rig.address, &Value::from(text.as_str()), None));
            versions.push(put.unwrap().unwrap().version);
        }
        let listed = wait(manager.versions(&rig.address)).unwrap();
        if !manager.abilities().versions {
            let error = listed.unwrap_err();
            assert!(matches!(error.problem, Problem::Unsupported(_)), "{name}: {error}");
            continue;
        }
        if name == "vault kv1" {
            assert!(matches!(listed.unwrap_err().problem, Problem::Unsupported(_)));
            continue;
        }
        let listed = listed.unwrap();
        let ids: Vec<&String> = listed.iter().map(|version| &version.id).collect();
        versions.reverse();
        assert_eq!(ids.len(), 3, "{name}");
        assert_eq!(Some(ids[0]), versions[0].as_ref(), "{name}");
        for (at, version) in versions.iter().enumerate() {
            let version = version.as_deref();
            let held = wait(fetch(&*manager, &rig.address, version)).unwrap();
            let held = held.unwrap_or_else(|e| panic!("{name}: {e}"));
            assert!(held.value.unwrap().same(&Value::from(values[2 - at].as_str())), "{name}");
        }
        let missing = wait(fetch(&*manager, &rig.address, Some("77"))).unwrap();
        assert!(missing.is_err(), "{name}");
    }
}

#[test]
fn an_expected_version_is_insisted_on() {
    for rig in Rig::all() {
        let name = rig.name;
        let manager = rig.manager();
        let old = value();
        rig.plant(&old);
        let new = Value::from(value().as_str());
        let put =
            |expected: &str| wait(store(&*manager, &rig.address, &new, Some(expected))).unwrap();
        for wrong in ["none", "99"] {
            let error = put(wrong).unwrap_err();
            assert!(matches!(error.problem, Problem::Conflict { .. }), "{name}: {error}");
            assert_eq!(error.written, Written::No, "{name}");
            assert_eq!(rig.held().as_ref(), Some(&old), "{name}");
        }
        let now = wait(fetch(&*manager, &rig.address, None)).unwrap().unwrap().version;
        if let Some(now) = now {
            put(&now).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert_ne!(rig.held(), Some(old), "{name}");
        }
    }
}

#[test]
fn what_is_not_there_is_not_found() {
    for rig in Rig::all() {
        let manager = rig.manager();
        let missing = wait(fetch(&*manager, &rig.address, None)).unwrap();
        let error = missing.err().unwrap();
        assert_eq!(error.problem, Problem::NotFound, "{}", rig.name);
        assert!(error.to_string().contains("stanch secret list"), "{error}");
    }
}

#[test]
fn an_address_says_what_is_wrong_with_it() {
    let cases = [
        ("nothing:x", "names no manager"),
        ("vault:secret", "needs a mount and a path"),
        ("vault:secret/../x", "empty, `.` or `..`"),
        ("vault:secret//x", "empty, `.` or `..`"),
        ("vault:secret/x\n", "control characters"),
        ("vault:secret/x#", "behind `#` is empty"),
        ("aws:a b", "letters, digits"),
        ("conjur:a#b", "no fields"),
        ("azure:vault/azure_devops", "azure-devops-pat"),
        ("gcp:a/b/c", "letters, digits"),
        ("kubernetes:Team/x#k", "small letters"),
        ("github:acme/shop", "name is missing"),
        ("github:acme/shop#GITHUB_X", "GITHUB_"),
        ("github:acme@prod#X", "no environments"),
        ("gitlab:acme/shop#a-b", "letters, digits"),
        ("doppler:backend#X", "PROJECT/CONFIG"),
        ("doppler:backend/prd#x", "capital letters"),
        ("onepassword:item", "VAULT/ITEM"),
        ("infisical:project#X", "PROJECT-ID/ENVIRONMENT"),
    ];
    for (text, why) in cases {
        let error = Address::parse(text).unwrap_err().to_string();
        assert!(error.contains(why), "{text}: {error}");
    }
}

#[test]
fn an_address_is_made_of_the_name_that_code_uses() {
    let cases = [
        (Kind::Vault, None, "vault:secret/azure-devops/pat#api_key"),
        (Kind::Vault, Some("kv/team"), "vault:kv/team/azure-devops/pat#api_key"),
        (Kind::Aws, None, "aws:azure-devops/pat#api_key"),
        (Kind::Conjur, Some("ci"), "conjur:ci/azure-devops/pat"),
        (Kind::Azure, Some("shop"), "azure:shop/azure-devops-pat"),
        (Kind::Gcp, None, "gcp:azure-devops-pat"),
        (Kind::Kubernetes, Some("team-a"), "kubernetes:team-a/azure-devops-pat#api_key"),
        (Kind::GitHub, Some("acme/shop"), "github:acme/shop#AZURE_DEVOPS_PAT"),
        (Kind::GitLab, Some("acme/shop"), "gitlab:acme/shop#AZURE_DEVOPS_PAT"),
        (Kind::Doppler, Some("shop/prd"), "doppler:shop/prd#AZURE_DEVOPS_PAT"),
        (Kind::OnePassword, Some("Team A"), "onepassword:Team A/azure-devops-pat#api_key"),
        (Kind::Infisical, Some("1/prod"), "infisical:1/prod#AZURE_DEVOPS_PAT"),
    ];
    for (kind, scope, address) in cases {
        let made = Address::of_name(kind, scope, "azure-devops/pat", Some("api_key")).unwrap();
        assert_eq!(made.to_string(), address);
        assert_eq!(Address::parse(address).unwrap(), made);
    }
    assert!(Address::of_name(Kind::GitHub, None, "azure-devops/pat", None).is_err());
}

#[test]
fn a_users_login_of_google_works_like_a_service_account() {
    let rig = rig::google();
    let user = rig.path("user.json");
    let rig = rig.with(&[("GOOGLE_APPLICATION_CREDENTIALS", &user)], &[]);
    let new = Value::from(value().as_str());
    let put = wait(store(&*rig.manager(), &rig.address, &new, None)).unwrap();
    // A login belongs to no project but the one that pays.
    assert_eq!(put.unwrap().version.as_deref(), Some("1"));
}

#[test]
fn secrets_of_environments_and_organisations_of_github_are_stored() {
    let server = Arc::new(github::GitHub::start());
    for place in ["acme/shop@prod", "acme"] {
        let rig = rig::github_with(&server, place);
        let new = value();
        let put = wait(store(&*rig.manager(), &rig.address, &Value::from(new.as_str()), None));
        put.unwrap().unwrap_or_else(|e| panic!("{place}: {e}"));
        assert_eq!(rig.held(), Some(new), "{place}");
    }
    let key = ("acme".to_owned(), "AZURE_DEVOPS_PAT".to_owned());
    let who = |server: &github::GitHub| {
        let state = server.state.lock().unwrap();
        let kept = &state.secrets[&key];
        (kept.visibility.clone().unwrap(), kept.repositories.clone())
    };
    assert_eq!(who(&server), ("private".to_owned(), vec![]));
    {
        let mut state = server.state.lock().unwrap();
        let kept = state.secrets.get_mut(&key).unwrap();
        kept.visibility = Some("selected".to_owned());
        kept.repositories = vec![7, 11];
    }
    let rig = rig::github_with(&server, "acme");
    wait(store(&*rig.manager(), &rig.address, &Value::from("again"), None)).unwrap().unwrap();
    assert_eq!(who(&server), ("selected".to_owned(), vec![7, 11]));
}

#[test]
fn variables_of_gitlab_are_masked_and_stay_what_they_are() {
    let server = Arc::new(gitlab::GitLab::start());
    let rig = rig::gitlab_with(&server);
    let put = |settings: &Settings, text: &str| {
        let manager = open(Kind::GitLab, settings, None).unwrap();
        wait(store(&*manager, &rig.address, &Value::from(text), None)).unwrap()
    };
    let error = put(&rig.settings(), "too short").unwrap_err();
    assert!(error.to_string().contains("cannot mask"), "{error}");
    let mut settings = rig.settings();
    settings.hidden = true;
    settings.protected = true;
    let stored = put(&settings, "long-enough-and-hidden").unwrap();
    // Nobody reads it back.
    assert!(!stored.verified);
    put(&rig.settings(), "another-value-hidden").unwrap();
    let state = server.state.lock().unwrap();
    let kept = state.get("AZURE_DEVOPS_PAT", "production").unwrap();
    for name in ["masked", "hidden", "protected", "raw"] {
        assert_eq!(kept[name], true, "{name}");
    }
    assert_eq!(kept["value"], "another-value-hidden");
}

#[test]
fn a_deleted_secret_of_azure_is_told() {
    let server = Arc::new(azure::Azure::start());
    server.state.lock().unwrap().deleted.push("azure-devops-pat".to_owned());
    let rig = rig::azure_with(&server);
    let new = Value::from(value().as_str());
    let error = wait(store(&*rig.manager(), &rig.address, &new, None)).unwrap().unwrap_err();
    assert!(error.to_string().contains("az keyvault secret recover"), "{error}");
}

#[test]
fn what_waits_for_approval_is_not_called_stored() {
    let server = Arc::new(infisical::Infisical::start());
    server.state.lock().unwrap().approvals = true;
    let rig = rig::infisical_with(&server);
    let new = Value::from(value().as_str());
    let error = wait(store(&*rig.manager(), &rig.address, &new, None)).unwrap().unwrap_err();
    assert_eq!(error.written, Written::No);
    assert!(error.to_string().contains("waits for approval"), "{error}");
}

#[test]
fn an_immutable_secret_of_kubernetes_is_told() {
    let server = Arc::new(kubernetes::Kubernetes::start());
    let rig = rig::cluster_with(&server);
    rig.plant(&value());
    server.state.lock().unwrap().secrets.values_mut().for_each(|kept| kept.immutable = true);
    let new = Value::from(value().as_str());
    let error = wait(store(&*rig.manager(), &rig.address, &new, None)).unwrap().unwrap_err();
    assert!(error.to_string().contains("immutable"), "{error}");
}
