// <expression> readSecret("secret/example/api-key", "api_key")
// <needs> maven io.github.jopenlibs:vault-java-driver 6.2.1
// <note> VAULT_ADDR and VAULT_TOKEN come from the environment. The token needs a policy with read on MOUNT/data/PATH.
// <imports>
import io.github.jopenlibs.vault.Vault
import io.github.jopenlibs.vault.VaultConfig
import io.github.jopenlibs.vault.VaultException
// </imports>

// <function>
/** A field of a secret in Vault; the path begins with that of its KV engine (version 2). */
fun readSecret(path: String, field: String): String {
    for (name in listOf("VAULT_ADDR", "VAULT_TOKEN")) {
        check(!System.getenv(name).isNullOrEmpty()) { "The environment variable $name is not set. Set it before the program starts." }
    }
    val (status, value) = try {
        val config = VaultConfig().openTimeout(10).readTimeout(10).engineVersion(2).build()
        val answer = Vault.create(config).logical().read(path)
        answer.restResponse.status to answer.data[field]
    } catch (error: VaultException) {
        error.httpStatusCode to null
    }
    check(status != 404) { "Vault has no secret $path. Create it, or check the path." }
    check(status != 403) { "The token in VAULT_TOKEN may not read $path. Give it a policy with read on ${path.replaceFirst("/", "/data/")}." }
    check(status == 200) { "Vault cannot be reached for $path (status $status). Check VAULT_ADDR, and whether it is sealed." }
    check(!value.isNullOrEmpty()) { "The secret $path has no field $field. Store it there." }
    return value
}
// </function>

fun main() {
    val secret = readSecret("secret/example/api-key", "api_key")
    // <use>
    println("The secret has ${secret.length} characters.")
    // </use>
}
