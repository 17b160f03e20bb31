// <expression> read_secret("example-api-key").await
// <async>
// <needs> cargo google-cloud-secretmanager-v1 1.14.0
// <needs> cargo tokio/full 1.54.1
// <note> GOOGLE_CLOUD_PROJECT is the project; credentials are those of the application. They need the role Secret Manager Secret Accessor.
// <imports>
use google_cloud_secretmanager_v1::client::SecretManagerService;
// </imports>

// <function>
/// The newest version of a secret in the project GOOGLE_CLOUD_PROJECT.
///
/// # Panics
/// Where there is none.
async fn read_secret(name: &str) -> String {
    let setting = |name: &str| match std::env::var(name) {
        Ok(value) if !value.is_empty() => value,
        _ => panic!("The environment variable {name} is not set. Set it before the program starts."),
    };
    let project = setting("GOOGLE_CLOUD_PROJECT");
    let Ok(client) = SecretManagerService::builder().build().await else {
        panic!(
            "There are no credentials of Google Cloud to read {name} with. Set GOOGLE_APPLICATION_CREDENTIALS."
        );
    };
    let version = format!("projects/{project}/secrets/{name}/versions/latest");
    let answer = match client.access_secret_version().set_name(version).send().await {
        Ok(answer) => answer,
        Err(error) => match error.status().map(|status| status.code.name()) {
            Some("NOT_FOUND") => panic!(
                "The project {project} has no secret {name} with a value. Create it, or check the name."
            ),
            Some("PERMISSION_DENIED") => panic!(
                "These credentials may not read {name}. Give them the role Secret Manager Secret Accessor."
            ),
            _ => panic!("Secret Manager cannot be reached for {name}. Check network and credentials."),
        },
    };
    let value =
        answer.payload.map(|payload| payload.data.to_vec()).and_then(|data| String::from_utf8(data).ok());
    match value {
        Some(value) if !value.is_empty() => value,
        _ => panic!("The secret {name} is empty. Add a version with the value."),
    }
}
// </function>

#[tokio::main]
async fn main() {
    let secret = read_secret("example-api-key").await;
    // <use>
    println!("The secret has {} characters.", secret.len());
    // </use>
}
