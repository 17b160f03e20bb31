// <expression> readSecret("secret/example/api-key", "api_key")
// <needs> maven io.github.jopenlibs:vault-java-driver 6.2.1
// <note> VAULT_ADDR and VAULT_TOKEN come from the environment. The token needs a policy with read on MOUNT/data/PATH.
// <imports>
import io.github.jopenlibs.vault.Vault;
import io.github.jopenlibs.vault.VaultConfig;
import io.github.jopenlibs.vault.VaultException;
import io.github.jopenlibs.vault.response.LogicalResponse;
// </imports>

public class Example {
    // <function>
    /** A field of a secret in Vault; the path begins with that of its KV engine (version 2). */
    static String readSecret(String path, String field) {
        for (String name : new String[] {"VAULT_ADDR", "VAULT_TOKEN"}) {
            if (System.getenv(name) == null || System.getenv(name).isEmpty()) {
                throw new IllegalStateException("The environment variable " + name + " is not set. Set it before the program starts.");
            }
        }
        int status;
        String value = null;
        try {
            VaultConfig config = new VaultConfig().openTimeout(10).readTimeout(10).engineVersion(2).build();
            LogicalResponse answer = Vault.create(config).logical().read(path);
            status = answer.getRestResponse().getStatus();
            value = answer.getData().get(field);
        } catch (VaultException error) {
            status = error.getHttpStatusCode();
        }
        if (status == 404) {
            throw new IllegalStateException("Vault has no secret " + path + ". Create it, or check the path.");
        }
        if (status == 403) {
            throw new IllegalStateException("The token in VAULT_TOKEN may not read " + path + ". Give it a policy with read on " + path.replaceFirst("/", "/data/") + ".");
        }
        if (status != 200) {
            throw new IllegalStateException("Vault cannot be reached for " + path + " (status " + status + "). Check VAULT_ADDR, and whether it is sealed.");
        }
        if (value == null || value.isEmpty()) {
            throw new IllegalStateException("The secret " + path + " has no field " + field + ". Store it there.");
        }
        return value;
    }
    // </function>

    public static void main(String[] args) {
        String secret = readSecret("secret/example/api-key", "api_key");
        // <use>
        System.out.println("The secret has " + secret.length() + " characters.");
        // </use>
    }
}
