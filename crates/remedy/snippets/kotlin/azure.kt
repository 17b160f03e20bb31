// <expression> readSecret("example-api-key")
// <needs> maven com.azure:azure-identity 1.19.0
// <needs> maven com.azure:azure-security-keyvault-secrets 4.11.1
// <note> AZURE_KEYVAULT_URL is the vault, such as https://NAME.vault.azure.net. The identity needs the role Key Vault Secrets User.
// <imports>
import com.azure.core.exception.AzureException
import com.azure.core.exception.HttpResponseException
import com.azure.core.exception.ResourceNotFoundException
import com.azure.identity.DefaultAzureCredentialBuilder
import com.azure.security.keyvault.secrets.SecretClientBuilder
// </imports>

// <function>
/** A secret of the Azure Key Vault at AZURE_KEYVAULT_URL. */
fun readSecret(name: String): String {
    for (name in listOf("AZURE_KEYVAULT_URL")) {
        check(!System.getenv(name).isNullOrEmpty()) { "The environment variable $name is not set. Set it before the program starts." }
    }
    val value = try {
        SecretClientBuilder().vaultUrl(System.getenv("AZURE_KEYVAULT_URL")).credential(DefaultAzureCredentialBuilder().build()).buildClient().getSecret(name).value
    } catch (error: ResourceNotFoundException) {
        error("The key vault has no secret $name. Create it, or check the name.")
    } catch (error: HttpResponseException) {
        check(error.response?.statusCode != 403) { "This identity may not read $name. Give it the role Key Vault Secrets User." }
        error("The key vault refused to give $name. Check the identity.")
    } catch (error: AzureException) {
        error("The key vault cannot be reached for $name (${error.javaClass.simpleName}). Check AZURE_KEYVAULT_URL.")
    }
    check(!value.isNullOrEmpty()) { "The secret $name is empty. Set it." }
    return value
}
// </function>

fun main() {
    val secret = readSecret("example-api-key")
    // <use>
    println("The secret has ${secret.length} characters.")
    // </use>
}
