//! A client in a process of its own, for what is asked of the environment of
//! the process: which certificates the system trusts, and the proxies.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use stanch_live::{Address, Settings, Value, open, store, wait};

const ADDRESS: &str = "STANCH_TEST_ADDRESS";
const VALUE: &str = "STANCH_TEST_VALUE";

/// A file with certificates to trust.
pub(crate) const CA_FILE: &str = "STANCH_TEST_CA_FILE";

/// Stores a value with this environment; the error is told in words. `test` is
/// the test that does nothing but [`run`].
pub(crate) fn stores(
    test: &str,
    vars: &BTreeMap<String, String>,
    at: &Address,
    value: &str,
) -> Result<(), String> {
    let mut command = Command::new(std::env::current_exe().unwrap());
    for name in ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_ascii_lowercase());
    }
    let output = command
        .args(["--exact", test])
        .env_remove("SSL_CERT_DIR")
        .envs(vars)
        .env(ADDRESS, at.to_string())
        .env(VALUE, value)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("running 1 test"), "{said}");
    assert!(!said.contains(value), "{said}");
    if output.status.success() { Ok(()) } else { Err(said) }
}

/// What the process does; nothing where it is not such a one.
pub(crate) fn run() {
    let (Ok(at), Ok(value)) = (std::env::var(ADDRESS), std::env::var(VALUE)) else { return };
    let at = Address::parse(&at).unwrap();
    let mut settings = Settings::from_environment();
    settings.ca_file = std::env::var_os(CA_FILE).map(PathBuf::from);
    let result = open(at.manager, &settings, Some(&at)).and_then(|manager| {
        wait(store(&*manager, &at, &Value::from(value.as_str()), None)).unwrap()
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}
