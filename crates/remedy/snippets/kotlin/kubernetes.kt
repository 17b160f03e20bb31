// <expression> readSecret("example-api-key", "api_key")
// <note> Mount the Secret as a volume at /etc/secrets/NAME; SECRETS_DIR names another folder.
// <imports>
import java.io.File
import java.io.IOException
// </imports>

// <function>
/** A key of a Kubernetes Secret that is mounted below /etc/secrets (or SECRETS_DIR). */
fun readSecret(name: String, key: String): String {
    val path = File(System.getenv("SECRETS_DIR") ?: "/etc/secrets").resolve(name).resolve(key)
    val value = try {
        path.readText()
    } catch (error: IOException) {
        error("$path cannot be read. Mount the Secret $name there, with a key $key, for the container's user.")
    }
    check(value.isNotEmpty()) { "$path is empty. Put the value into the key $key of the Secret $name." }
    return value
}
// </function>

fun main() {
    val secret = readSecret("example-api-key", "api_key")
    // <use>
    println("The secret has ${secret.length} characters.")
    // </use>
}
