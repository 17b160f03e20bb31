// <expression> read_secret("example/api-key", Some("api_key")).await
// <whole> read_secret("example/api-key", None).await
// <async>
// <needs> cargo aws-config 1.13.0
// <needs> cargo aws-sdk-secretsmanager 1.125.0
// <needs> cargo serde_json 1.0.154
// <needs> cargo tokio/full 1.54.1
// <note> AWS_REGION and credentials come from the environment, a profile, or the role of the machine. The credentials need secretsmanager:GetSecretValue on the secret.
// <imports>
use aws_config::BehaviorVersion;
// </imports>

// <function>
/// A secret of AWS Secrets Manager, or one field of it if it is a JSON object.
///
/// # Panics
/// Where there is none.
async fn read_secret(name: &str, field: Option<&str>) -> String {
    let settings = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let client = aws_sdk_secretsmanager::Client::new(&settings);
    let value = match client.get_secret_value().secret_id(name).send().await {
        Ok(answer) => answer.secret_string().unwrap_or_default().to_owned(),
        Err(error) => match error.as_service_error().and_then(|error| error.meta().code()) {
            Some("ResourceNotFoundException") => panic!(
                "AWS Secrets Manager has no secret {name}. Create it, or check its name and the region."
            ),
            Some(code) if code.starts_with("AccessDenied") => panic!(
                "These AWS credentials may not read {name}. Allow them secretsmanager:GetSecretValue on it."
            ),
            Some(code) => panic!("AWS Secrets Manager refused to give {name}: {code}."),
            None => panic!(
                "AWS Secrets Manager cannot be reached for {name}. Check network, region and credentials."
            ),
        },
    };
    let value = match field {
        None => value,
        Some(field) => serde_json::from_str::<serde_json::Value>(&value)
            .ok()
            .and_then(|object| Some(object.get(field)?.as_str()?.to_owned()))
            .unwrap_or_default(),
    };
    assert!(
        !value.is_empty(),
        "The secret {name} holds no text in {}. Store it there.",
        field.unwrap_or("its value")
    );
    value
}
// </function>

#[tokio::main]
async fn main() {
    let secret = read_secret("example/api-key", Some("api_key")).await;
    // <use>
    println!("The secret has {} characters.", secret.len());
    // </use>
}
