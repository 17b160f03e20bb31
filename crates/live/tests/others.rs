//! Servers on other machines, which are reached through a proxy, and to which
//! other rules apply than to those on this one.

mod servers;

use std::collections::BTreeMap;
use std::sync::Arc;

use servers::proxy::Proxy;
use servers::rig::{self, Rig};
use servers::{Files, azure, child, value};
use stanch_test_servers::{Authority, Front};

/// A manager and a token service with names, behind a proxy.
struct Elsewhere {
    rig: Rig,
    _front: Front,
    proxy: Proxy,
    vars: BTreeMap<String, String>,
    _files: Files,
}

impl Elsewhere {
    fn new(rig: Rig, vars: &[(&str, &str)]) -> Elsewhere {
        let (authority, files) = (Authority::new(), Files::new());
        let names = "DNS:shop.vault.example,DNS:login.example,DNS:vault.example";
        let front = Front::before(&rig.door.url(), &authority.issue(names));
        let proxy = Proxy::to(front.port());
        let ca_file = files.add("authority.pem", authority.pem());
        let url = proxy.url();
        let mut all = rig.vars().clone();
        let more =
            [("HTTPS_PROXY", url.as_str()), ("HTTP_PROXY", &url), (child::CA_FILE, &ca_file)];
        let more = more.iter().chain(vars);
        all.extend(more.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        Elsewhere { rig, _front: front, proxy, vars: all, _files: files }
    }

    fn stores(&self, value: &str) -> Result<(), String> {
        let test = "a_client_in_a_process_of_its_own";
        child::stores(test, &self.vars, &self.rig.address, value)
    }
}

#[test]
fn a_client_in_a_process_of_its_own() {
    child::run();
}

#[test]
fn a_server_with_a_name_is_reached_through_the_proxy_and_one_of_this_machine_without() {
    let here = Elsewhere::new(rig::vault(), &[]);
    let new = value();
    here.stores(&new).unwrap();
    assert_eq!(here.rig.held(), Some(new));
    assert_eq!(here.proxy.seen(), Vec::<String>::new());
    let there = Elsewhere::new(rig::vault(), &[("VAULT_ADDR", "https://vault.example:8200")]);
    let new = value();
    there.stores(&new).unwrap();
    assert_eq!(there.rig.held(), Some(new));
    assert!(there.proxy.seen().iter().all(|it| it == "vault.example:8200"));
    assert!(!there.proxy.seen().is_empty());
}

#[test]
fn a_certificate_for_another_name_is_refused_through_a_proxy_too() {
    let there = Elsewhere::new(rig::vault(), &[("VAULT_ADDR", "https://other.example")]);
    let error = there.stores(&value()).unwrap_err();
    assert!(error.contains("for other names than the address has"), "{error}");
    assert_eq!(there.rig.held(), None);
}

#[test]
fn a_vault_of_azure_gets_a_token_for_its_own_domain_and_for_no_other() {
    let server = Arc::new(azure::Azure::start());
    let vars = [
        ("AZURE_KEYVAULT_URL", "https://shop.vault.example"),
        ("AZURE_AUTHORITY_HOST", "https://login.example"),
    ];
    let with = |resource: &str| {
        resource.clone_into(&mut server.state.lock().unwrap().resource);
        Elsewhere::new(rig::azure_with(&server), &vars)
    };
    let own = with("https://vault.example");
    let new = value();
    own.stores(&new).unwrap();
    assert_eq!(own.rig.held(), Some(new.clone()));
    assert!(own.proxy.seen().contains(&"login.example:443".to_owned()));
    for resource in ["https://graph.example", "https://ault.example", "https://vault.azure.net"] {
        let other = with(resource);
        let error = other.stores(&value()).unwrap_err();
        assert!(error.contains("names a resource of another domain"), "{error}");
        assert_eq!(other.proxy.seen(), ["shop.vault.example:443"], "{resource}");
        assert_eq!(other.rig.held(), Some(new.clone()));
    }
}
