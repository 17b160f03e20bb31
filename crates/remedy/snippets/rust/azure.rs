// <expression> read_secret("example-api-key").await
// <async>
// <needs> cargo azure_identity 1.0.0
// <needs> cargo azure_security_keyvault_secrets 1.0.0
// <needs> cargo tokio/full 1.54.1
// <note> AZURE_KEYVAULT_URL is the vault, such as https://NAME.vault.azure.net. The identity needs the role Key Vault Secrets User.
// <imports>
use azure_identity::DeveloperToolsCredential;
use azure_security_keyvault_secrets::SecretClient;
// </imports>

// <function>
/// A secret of the Azure Key Vault at AZURE_KEYVAULT_URL.
///
/// # Panics
/// Where there is none.
async fn read_secret(name: &str) -> String {
    let setting = |name: &str| match std::env::var(name) {
        Ok(value) if !value.is_empty() => value,
        _ => panic!("The environment variable {name} is not set. Set it before the program starts."),
    };
    let vault = setting("AZURE_KEYVAULT_URL");
    let Ok(credential) = DeveloperToolsCredential::new(None) else {
        panic!(
            "There is no identity of Azure to read {name} with. Log in, or use ManagedIdentityCredential."
        );
    };
    let Ok(client) = SecretClient::new(&vault, credential, None) else {
        panic!("AZURE_KEYVAULT_URL is no address of a key vault.");
    };
    let answer = match client.get_secret(name, None).await {
        Ok(answer) => answer,
        Err(error) => match error.http_status().map(u16::from) {
            Some(404) => panic!("The key vault has no secret {name}. Create it, or check the name."),
            Some(403) => {
                panic!("This identity may not read {name}. Give it the role Key Vault Secrets User.")
            }
            _ => panic!(
                "The key vault cannot be reached for {name}. Check AZURE_KEYVAULT_URL and the identity."
            ),
        },
    };
    match answer.into_model().ok().and_then(|secret| secret.value) {
        Some(value) if !value.is_empty() => value,
        _ => panic!("The secret {name} is empty. Set it."),
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
