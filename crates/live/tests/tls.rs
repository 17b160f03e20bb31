//! Servers with certificates: which are believed, which of ours are shown, and
//! what is said where the two do not come together.
#![expect(clippy::expect_used, reason = "only tests are here")]

mod servers;

use std::path::PathBuf;

use servers::rig::{self, Make, Rig};
use servers::{Files, child, value};
use stanch_live::{Error, Outcome, Problem, Settings, Written};
use stanch_test_servers::{Authority, Front, Issued};

/// The names of this machine.
const HERE: &str = "DNS:localhost,IP:127.0.0.1";

/// Sees that no connection is made, and that nothing is said of a value that
/// was not sent.
fn refuses(rig: &Rig, settings: &Settings) -> Error {
    let error = rig.put_with(settings, &value()).expect_err(rig.name);
    assert!(matches!(error.problem, Problem::Unreachable(_)), "{}: {error}", rig.name);
    assert_eq!(error.written, Written::No, "{}: {error}", rig.name);
    assert_eq!(rig.held(), None, "{}", rig.name);
    error
}

/// Sees that it is not even tried.
fn lacks(rig: &Rig, place: &str, why: &str) {
    rig.lacks(&rig.settings(), place, why);
}

fn trusting(rig: &Rig, path: &str) -> Settings {
    let mut settings = rig.settings();
    settings.ca_file = Some(PathBuf::from(path));
    settings
}

#[test]
fn every_manager_is_believed_if_its_authority_is_named_and_only_then() {
    let (authority, files) = (Authority::new(), Files::new());
    let file = files.add("authority.pem", authority.pem());
    let other = files.add("other.pem", Authority::new().pem());
    let own = authority.issue(HERE);
    for rig in Rig::all() {
        let front = Front::before(&rig.door.url(), &own);
        let rig = rig.behind(&front.url());
        for settings in [rig.settings(), trusting(&rig, &other)] {
            let error = refuses(&rig, &settings);
            assert!(error.to_string().contains("is not trusted here"), "{}: {error}", rig.name);
            assert!(error.next.contains(rig.kind().trust()), "{}: {error}", rig.name);
            assert!(error.next.contains("--ca-file"), "{}: {error}", rig.name);
        }
        assert_eq!(rig.stores(&trusting(&rig, &file)).outcome, Outcome::Created, "{}", rig.name);
    }
}

#[test]
fn the_settings_of_the_managers_own_tools_name_the_authority() {
    let (authority, files, folder) = (Authority::new(), Files::new(), Files::new());
    let file = files.add("authority.pem", authority.pem());
    let other = files.add("other.pem", Authority::new().pem());
    folder.add("README", "What lies here is no certificate.\n");
    folder.add("1.pem", Authority::new().pem());
    folder.add("2.pem", authority.pem());
    let folder = folder.path();
    let profile = files.add("config", &format!("[default]\nca_bundle = {file}\n"));
    let cases: [(Make, &str, &str); 13] = [
        (rig::vault, "VAULT_CACERT", &file),
        (rig::vault, "BAO_CACERT", &file),
        (rig::vault, "VAULT_CACERT_BYTES", authority.pem()),
        (rig::vault, "VAULT_CAPATH", folder),
        (rig::vault, "BAO_CAPATH", folder),
        (rig::aws, "AWS_CA_BUNDLE", &file),
        (rig::aws, "AWS_CONFIG_FILE", &profile),
        (rig::conjur, "CONJUR_CERT_FILE", &file),
        (rig::conjur, "CONJUR_SSL_CERTIFICATE", authority.pem()),
        (rig::project, "CI_SERVER_TLS_CA_FILE", &file),
        // Beside these, `--ca-file` names the right one.
        (rig::vault, "VAULT_CACERT", &other),
        (rig::aws, "AWS_CA_BUNDLE", &other),
        (rig::conjur, "CONJUR_CERT_FILE", &other),
    ];
    let own = authority.issue(HERE);
    for (rig, name, setting) in cases {
        let rig = rig();
        let front = Front::before(&rig.door.url(), &own);
        let rig = rig.behind(&front.url()).with(&[(name, setting)], &[]);
        let settings = if setting == other { trusting(&rig, &file) } else { rig.settings() };
        rig.stores(&settings);
    }
}

#[test]
fn a_file_without_certificates_is_told_before_anything_is_sent() {
    let files = Files::new();
    let (empty, missing) =
        (files.add("empty.pem", "nothing\n"), format!("{}/missing", files.path()));
    let cases: [(Make, &str); 5] = [
        (rig::vault, "VAULT_CACERT"),
        (rig::vault, "VAULT_CAPATH"),
        (rig::aws, "AWS_CA_BUNDLE"),
        (rig::conjur, "CONJUR_CERT_FILE"),
        (rig::project, "CI_SERVER_TLS_CA_FILE"),
    ];
    for (rig, name) in cases {
        let rig = rig().behind("https://localhost:1");
        let rig = rig.with(&[(name, &missing)], &[]);
        lacks(&rig, &missing, "cannot be read");
        let rig = rig.with(&[(name, &empty)], &[]);
        let why = if name == "VAULT_CAPATH" { "cannot be read" } else { "no certificate in PEM" };
        lacks(&rig, &empty, why);
    }
    let folder = Files::new();
    let folder = folder.path();
    let rig = rig::vault().behind("https://localhost:1").with(&[("VAULT_CAPATH", folder)], &[]);
    lacks(&rig, folder, "no certificate in PEM");
    let rig = rig::conjur().with(&[("CONJUR_SSL_CERTIFICATE", "nothing")], &[]);
    lacks(&rig, "CONJUR_SSL_CERTIFICATE", "no certificate in PEM");
}

#[test]
fn a_certificate_that_does_not_fit_is_refused_with_the_reason() {
    let (authority, files) = (Authority::new(), Files::new());
    let file = files.add("authority.pem", authority.pem());
    let cases: [(Issued, &str, &str); 4] = [
        (authority.issue("DNS:vault.example"), "for other names", "VAULT_ADDR"),
        (authority.issue("IP:127.0.0.1"), "for other names", "VAULT_ADDR"),
        (authority.issue_expired(HERE), "has expired", "renewed"),
        (authority.own(), "an authority's certificate as its own", "CA:FALSE"),
    ];
    for (own, why, next) in cases {
        let rig = rig::vault();
        let front = Front::before(&rig.door.url(), &own);
        let rig = rig.behind(&front.url()).with(&[("VAULT_CACERT", &file)], &[]);
        let error = refuses(&rig, &rig.settings());
        assert!(error.to_string().contains(why), "{error}");
        assert!(error.next.contains(next), "{error}");
        // What the server wrote into it is not repeated.
        assert!(!error.to_string().contains("vault.example"), "{error}");
    }
}

#[test]
fn a_server_that_speaks_no_tls_is_told() {
    let rig = rig::vault();
    let url = rig.door.url().replace("http://", "https://");
    let rig = rig.behind(&url);
    let error = refuses(&rig, &rig.settings());
    assert!(error.to_string().contains("does not speak TLS"), "{error}");
    assert!(error.next.contains("http or https"), "{error}");
}

#[test]
fn a_client_certificate_is_shown_and_one_that_is_not_trusted_is_told() {
    let (authority, clients, files) = (Authority::new(), Authority::new(), Files::new());
    let (ours, strange) = (clients.issue("DNS:stanch"), Authority::new().issue("DNS:stanch"));
    let rig = rig::vault();
    let own = authority.issue(HERE);
    let front = Front::for_clients_of(&rig.door.url(), &own, &clients);
    let file = files.add("authority.pem", authority.pem());
    let rig = rig.behind(&front.url()).with(&[("VAULT_CACERT", &file)], &[]);
    let error = refuses(&rig, &rig.settings());
    assert!(error.to_string().contains("wants another client certificate, or any"), "{error}");
    assert!(error.next.contains("VAULT_CLIENT_CERT and VAULT_CLIENT_KEY"), "{error}");
    let paths = |issued: &Issued, name: &str| {
        let certificate = files.add(&format!("{name}.pem"), &issued.certificate);
        (certificate, files.add(&format!("{name}.key"), &issued.key))
    };
    let (certificate, key) = paths(&strange, "strange");
    let rig = rig.with(&[("VAULT_CLIENT_CERT", &certificate), ("VAULT_CLIENT_KEY", &key)], &[]);
    let error = refuses(&rig, &rig.settings());
    assert!(error.next.contains("VAULT_CLIENT_CERT and VAULT_CLIENT_KEY"), "{error}");
    assert_eq!(front.shown(), Vec::<String>::new());
    for prefix in ["BAO", "VAULT"] {
        let (certificate, key) = paths(&ours, "ours");
        let names = [format!("{prefix}_CLIENT_CERT"), format!("{prefix}_CLIENT_KEY")];
        let set = [(names[0].as_str(), certificate.as_str()), (names[1].as_str(), key.as_str())];
        let other = rig::vault();
        let front = Front::for_clients_of(&other.door.url(), &own, &clients);
        let other = other.behind(&front.url()).with(&[("VAULT_CACERT", &file)], &[]);
        let other = other.with(&set, &[]);
        other.stores(&other.settings());
        assert!(!front.shown().is_empty());
        assert!(front.shown().iter().all(|shown| *shown == ours.certificate), "{prefix}");
    }
}

#[test]
fn half_a_client_certificate_is_told_and_its_key_shown_nowhere() {
    let (authority, files) = (Authority::new(), Files::new());
    let (one, other) = (authority.issue("DNS:one"), authority.issue("DNS:other"));
    let certificate = files.add("one.pem", &one.certificate);
    let (key, wrong) = (files.add("one.key", &one.key), files.add("other.key", &other.key));
    let names = "VAULT_CLIENT_CERT and VAULT_CLIENT_KEY";
    let rig = || rig::vault().behind("https://localhost:1");
    lacks(&rig().with(&[("VAULT_CLIENT_CERT", &certificate)], &[]), names, "without the other");
    lacks(&rig().with(&[("VAULT_CLIENT_KEY", &key)], &[]), names, "without the other");
    let pair = |key: &str| {
        rig().with(&[("VAULT_CLIENT_CERT", &certificate), ("VAULT_CLIENT_KEY", key)], &[])
    };
    lacks(&pair(&wrong), "TLS", "do not belong together");
    lacks(&pair(&certificate), names, "no PEM");
    let missing = format!("{key}.missing");
    lacks(&pair(&missing), &missing, "cannot be read");
}

#[test]
fn a_wish_not_to_check_certificates_is_refused_aloud() {
    for (name, said) in
        [("VAULT_SKIP_VERIFY", "true"), ("VAULT_SKIP_VERIFY", "1"), ("BAO_SKIP_VERIFY", "T")]
    {
        let rig = rig::vault().behind("https://localhost:1").with(&[(name, said)], &[]);
        lacks(&rig, "VAULT_SKIP_VERIFY", "may be anybody");
    }
    let rig = rig::vault().behind("https://localhost:1");
    let rig = rig.with(&[("VAULT_TLS_SERVER_NAME", "vault.example")], &[]);
    lacks(&rig, "VAULT_TLS_SERVER_NAME", "cannot be looked for");
    // Where nothing is to be checked, and where it does not ask for it.
    stores_with(&[("VAULT_SKIP_VERIFY", "true"), ("VAULT_CACERT", "/nowhere")], false);
    stores_with(&[("VAULT_SKIP_VERIFY", "false")], true);
    stores_with(&[("VAULT_SKIP_VERIFY", "0")], true);
}

/// Stores a value in a Vault, with or without TLS.
fn stores_with(vars: &[(&str, &str)], secured: bool) {
    let (authority, files) = (Authority::new(), Files::new());
    let file = files.add("authority.pem", authority.pem());
    let rig = rig::vault();
    let front = Front::before(&rig.door.url(), &authority.issue(HERE));
    let rig = if secured { rig.behind(&front.url()) } else { rig }.with(vars, &[]);
    rig.stores(&trusting(&rig, &file));
}

#[test]
fn a_client_in_a_process_of_its_own() {
    child::run();
}

#[test]
fn an_authority_that_the_system_is_told_of_is_trusted() {
    let (authority, files, new) = (Authority::new(), Files::new(), value());
    let file = files.add("authority.pem", authority.pem());
    let rig = rig::config();
    let front = Front::before(&rig.door.url(), &authority.issue(HERE));
    let rig = rig.behind(&front.url());
    let stores = |rig: &Rig| {
        child::stores("a_client_in_a_process_of_its_own", rig.vars(), &rig.address, &new)
    };
    let error = stores(&rig).unwrap_err();
    assert!(error.contains("is not trusted here"), "{error}");
    let rig = rig.with(&[("SSL_CERT_FILE", &file)], &[]);
    stores(&rig).unwrap();
    assert_eq!(rig.held().as_ref(), Some(&new));
    // As in a container with nothing but the program in it.
    let rig = rig.with(&[("SSL_CERT_FILE", "/nowhere"), ("SSL_CERT_DIR", "/nowhere")], &[]);
    let error = stores(&rig).unwrap_err();
    assert!(error.contains("trusts no authority at all"), "{error}");
    assert!(error.contains("ca-certificates"), "{error}");
    stores(&rig.with(&[(child::CA_FILE, &file)], &[])).unwrap();
}
