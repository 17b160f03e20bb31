// <expression> read_secret("secret/example/api-key", "api_key")
// <needs> cargo ureq/json 3.5.1
// <needs> cargo serde_json 1.0.154
// <note> VAULT_ADDR and VAULT_TOKEN come from the environment. The token needs a policy with read on MOUNT/data/PATH.
// <note> Vault has no official library for Rust; this uses its HTTP API with ureq.
// <function>
/// A field of a secret in Vault; the path begins with that of its KV engine (version 2).
///
/// # Panics
/// Where there is none.
fn read_secret(path: &str, field: &str) -> String {
    let setting = |name: &str| match std::env::var(name) {
        Ok(value) if !value.is_empty() => value,
        _ => panic!("The environment variable {name} is not set. Set it before the program starts."),
    };
    let (address, token) = (setting("VAULT_ADDR"), setting("VAULT_TOKEN"));
    let (mount, name) = path.split_once('/').expect("a path of engine and secret");
    let url = format!("{}/v1/{mount}/data/{name}", address.trim_end_matches('/'));
    let answer = ureq::get(&url)
        .config()
        .timeout_global(Some(std::time::Duration::from_secs(10)))
        .build()
        .header("X-Vault-Token", &token)
        .header("X-Vault-Request", "true")
        .call();
    let mut answer = match answer {
        Ok(answer) => answer,
        Err(ureq::Error::StatusCode(404)) => {
            panic!("Vault has no secret {path}. Create it, or check the path.")
        }
        Err(ureq::Error::StatusCode(403)) => panic!(
            "The token in VAULT_TOKEN may not read {path}. Give it a policy with read on {mount}/data/{name}."
        ),
        Err(ureq::Error::StatusCode(status)) => {
            panic!("Vault refused to give {path}: status {status}. Check whether it is sealed.")
        }
        Err(error) => panic!("Vault cannot be reached for {path} ({error}). Check VAULT_ADDR."),
    };
    let body: serde_json::Value = match answer.body_mut().read_json() {
        Ok(body) => body,
        Err(_) => panic!("What answers at VAULT_ADDR for {path} is not Vault. Check VAULT_ADDR."),
    };
    match body["data"]["data"][field].as_str() {
        Some(value) if !value.is_empty() => value.to_owned(),
        _ => panic!("The secret {path} has no field {field}. Store it there."),
    }
}
// </function>

fn main() {
    let secret = read_secret("secret/example/api-key", "api_key");
    // <use>
    println!("The secret has {} characters.", secret.len());
    // </use>
}
