// <expression> readSecret("example-api-key")
// <needs> maven com.azure:azure-identity 1.19.0
// <needs> maven com.azure:azure-security-keyvault-secrets 4.11.1
// <note> AZURE_KEYVAULT_URL is the vault, such as https://NAME.vault.azure.net. The identity needs the role Key Vault Secrets User.
// <imports>
import com.azure.core.exception.AzureException;
import com.azure.core.exception.HttpResponseException;
import com.azure.core.exception.ResourceNotFoundException;
import com.azure.identity.DefaultAzureCredentialBuilder;
import com.azure.security.keyvault.secrets.SecretClientBuilder;
// </imports>

public class Example {
    // <function>
    /** A secret of the Azure Key Vault at AZURE_KEYVAULT_URL. */
    static String readSecret(String name) {
        String vault = System.getenv("AZURE_KEYVAULT_URL");
        if (vault == null || vault.isEmpty()) {
            throw new IllegalStateException("The environment variable AZURE_KEYVAULT_URL is not set. Set it before the program starts.");
        }
        String value;
        try {
            value = new SecretClientBuilder().vaultUrl(vault).credential(new DefaultAzureCredentialBuilder().build()).buildClient().getSecret(name).getValue();
        } catch (ResourceNotFoundException error) {
            throw new IllegalStateException("The key vault has no secret " + name + ". Create it, or check the name.");
        } catch (HttpResponseException error) {
            if (error.getResponse() != null && error.getResponse().getStatusCode() == 403) {
                throw new IllegalStateException("This identity may not read " + name + ". Give it the role Key Vault Secrets User.");
            }
            throw new IllegalStateException("The key vault refused to give " + name + ". Check the identity.");
        } catch (AzureException error) {
            throw new IllegalStateException("The key vault cannot be reached for " + name + " (" + error.getClass().getSimpleName() + "). Check AZURE_KEYVAULT_URL.");
        }
        if (value == null || value.isEmpty()) {
            throw new IllegalStateException("The secret " + name + " is empty. Set it.");
        }
        return value;
    }
    // </function>

    public static void main(String[] args) {
        String secret = readSecret("example-api-key");
        // <use>
        System.out.println("The secret has " + secret.length() + " characters.");
        // </use>
    }
}
