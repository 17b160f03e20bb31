// <expression> read_secret("example/api-key")
// <needs> cargo ureq/json 3.5.1
// <note> CONJUR_APPLIANCE_URL, CONJUR_ACCOUNT, CONJUR_AUTHN_LOGIN and CONJUR_AUTHN_API_KEY come from the environment. The host needs read and execute on the variable.
// <note> This uses the HTTP API of Conjur with ureq; the library conjur-api of CyberArk is for other languages.
// <function>
/// The value of a variable of Conjur.
///
/// # Panics
/// Where there is none.
fn read_secret(variable: &str) -> String {
    let setting = |name: &str| match std::env::var(name) {
        Ok(value) if !value.is_empty() => value,
        _ => panic!("The environment variable {name} is not set. Set it before the program starts."),
    };
    let url = setting("CONJUR_APPLIANCE_URL");
    let (url, account, login) =
        (url.trim_end_matches('/'), setting("CONJUR_ACCOUNT"), setting("CONJUR_AUTHN_LOGIN"));
    let in_path = |text: &str| text.replace('%', "%25").replace('/', "%2F").replace(' ', "%20");
    let agent: ureq::Agent =
        ureq::Agent::config_builder().timeout_global(Some(std::time::Duration::from_secs(10))).build().into();
    let entry = format!("{url}/authn/{account}/{}/authenticate", in_path(&login));
    let token = match agent
        .post(&entry)
        .header("Accept-Encoding", "base64")
        .send(setting("CONJUR_AUTHN_API_KEY"))
    {
        Ok(mut answer) => answer.body_mut().read_to_string().unwrap_or_default(),
        Err(ureq::Error::StatusCode(status)) => panic!(
            "Conjur did not let {login} in: status {status}. Check CONJUR_AUTHN_LOGIN and CONJUR_AUTHN_API_KEY."
        ),
        Err(error) => {
            panic!("Conjur cannot be reached for {variable} ({error}). Check CONJUR_APPLIANCE_URL.")
        }
    };
    let url = format!("{url}/secrets/{account}/variable/{}", in_path(variable));
    let value = match agent.get(&url).header("Authorization", &format!("Token token=\"{token}\"")).call() {
        Ok(mut answer) => answer.body_mut().read_to_string().unwrap_or_default(),
        Err(ureq::Error::StatusCode(403)) => {
            panic!("{login} may not read {variable}. Permit it execute on the variable.")
        }
        Err(ureq::Error::StatusCode(404)) => panic!(
            "Conjur has no value for {variable}, or {login} may not see it. Set it, or check the name."
        ),
        Err(ureq::Error::StatusCode(status)) => panic!("Conjur refused to give {variable}: status {status}."),
        Err(error) => {
            panic!("Conjur cannot be reached for {variable} ({error}). Check CONJUR_APPLIANCE_URL.")
        }
    };
    assert!(!value.is_empty(), "The variable {variable} is empty. Set it.");
    value
}
// </function>

fn main() {
    let secret = read_secret("example/api-key");
    // <use>
    println!("The secret has {} characters.", secret.len());
    // </use>
}
