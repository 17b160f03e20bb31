// <expression> readSecret("example-api-key")
// <needs> maven com.google.cloud:google-cloud-secretmanager 2.95.0
// <note> GOOGLE_CLOUD_PROJECT is the project; credentials are those of the application. They need the role Secret Manager Secret Accessor.
// <imports>
import com.google.api.gax.rpc.ApiException
import com.google.api.gax.rpc.NotFoundException
import com.google.api.gax.rpc.PermissionDeniedException
import com.google.cloud.secretmanager.v1.SecretManagerServiceClient
import com.google.cloud.secretmanager.v1.SecretVersionName
import java.io.IOException
// </imports>

// <function>
/** The newest version of a secret in the project GOOGLE_CLOUD_PROJECT. */
fun readSecret(name: String): String {
    for (name in listOf("GOOGLE_CLOUD_PROJECT")) {
        check(!System.getenv(name).isNullOrEmpty()) { "The environment variable $name is not set. Set it before the program starts." }
    }
    val project = System.getenv("GOOGLE_CLOUD_PROJECT")
    val value = try {
        SecretManagerServiceClient.create().use { it.accessSecretVersion(SecretVersionName.of(project, name, "latest")).payload.data.toStringUtf8() }
    } catch (error: NotFoundException) {
        error("The project $project has no secret $name with a value. Create it, or check the name.")
    } catch (error: PermissionDeniedException) {
        error("These credentials may not read $name. Give them the role Secret Manager Secret Accessor.")
    } catch (error: ApiException) {
        error("Secret Manager cannot be reached for $name (${error.javaClass.simpleName}). Check network and credentials.")
    } catch (error: IOException) {
        error("There are no credentials of Google Cloud to read $name with. Set GOOGLE_APPLICATION_CREDENTIALS.")
    }
    check(value.isNotEmpty()) { "The secret $name is empty. Add a version with the value." }
    return value
}
// </function>

fun main() {
    val secret = readSecret("example-api-key")
    // <use>
    println("The secret has ${secret.length} characters.")
    // </use>
}
