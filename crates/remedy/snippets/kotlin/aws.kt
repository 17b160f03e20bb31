// <expression> readSecret("example/api-key", "api_key")
// <whole> readSecret("example/api-key")
// <needs> maven software.amazon.awssdk:secretsmanager 2.54.14
// <needs> maven com.fasterxml.jackson.core:jackson-databind 2.20.1
// <note> AWS_REGION and credentials come from the environment, a profile, or the role of the machine. The credentials need secretsmanager:GetSecretValue on the secret.
// <imports>
import com.fasterxml.jackson.core.JsonProcessingException
import com.fasterxml.jackson.databind.ObjectMapper
import software.amazon.awssdk.core.exception.SdkException
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient
import software.amazon.awssdk.services.secretsmanager.model.ResourceNotFoundException
import software.amazon.awssdk.services.secretsmanager.model.SecretsManagerException
// </imports>

// <function>
/** A secret of AWS Secrets Manager, or one field of it if it is a JSON object. */
fun readSecret(name: String, field: String? = null): String {
    var value: String? = try {
        SecretsManagerClient.create().use { it.getSecretValue { request -> request.secretId(name) }.secretString() }
    } catch (error: ResourceNotFoundException) {
        error("AWS Secrets Manager has no secret $name. Create it, or check its name and the region.")
    } catch (error: SecretsManagerException) {
        val code = error.awsErrorDetails()?.errorCode() ?: error.statusCode().toString()
        check(!code.startsWith("AccessDenied")) { "These AWS credentials may not read $name. Allow them secretsmanager:GetSecretValue on it." }
        error("AWS Secrets Manager refused to give $name: $code.")
    } catch (error: SdkException) {
        error("AWS Secrets Manager cannot be reached for $name (${error.javaClass.simpleName}). Check network, region and credentials.")
    }
    if (field != null && value != null) {
        value = try {
            ObjectMapper().readTree(value).path(field).textValue()
        } catch (error: JsonProcessingException) {
            null
        }
    }
    check(!value.isNullOrEmpty()) { "The secret $name holds no text in ${field ?: "its value"}. Store it there." }
    return value
}
// </function>

fun main() {
    val secret = readSecret("example/api-key", "api_key")
    // <use>
    println("The secret has ${secret.length} characters.")
    // </use>
}
