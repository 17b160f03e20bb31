// <expression> read_secret("example-api-key", "api_key")
// <note> Mount the Secret as a volume at /etc/secrets/NAME; SECRETS_DIR names another folder.
// <imports>
use std::path::PathBuf;
// </imports>

// <function>
/// A key of a Kubernetes Secret that is mounted below /etc/secrets (or SECRETS_DIR).
///
/// # Panics
/// Where there is none.
fn read_secret(name: &str, key: &str) -> String {
    let folder = std::env::var_os("SECRETS_DIR").map_or_else(|| PathBuf::from("/etc/secrets"), PathBuf::from);
    let path = folder.join(name).join(key);
    match std::fs::read_to_string(&path) {
        Ok(value) if !value.is_empty() => value,
        Ok(_) => {
            panic!("{} is empty. Put the value into the key {key} of the Secret {name}.", path.display())
        }
        Err(error) => panic!(
            "{} cannot be read ({error}). Mount the Secret {name} there, with a key {key}, for the container's user.",
            path.display()
        ),
    }
}
// </function>

fn main() {
    let secret = read_secret("example-api-key", "api_key");
    // <use>
    println!("The secret has {} characters.", secret.len());
    // </use>
}
