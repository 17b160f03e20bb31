// <expression> readSecret("example/api-key", "api_key")
// <whole> readSecret("example/api-key", null)
// <needs> maven software.amazon.awssdk:secretsmanager 2.54.14
// <needs> maven com.fasterxml.jackson.core:jackson-databind 2.20.1
// <note> AWS_REGION and credentials come from the environment, a profile, or the role of the machine. The credentials need secretsmanager:GetSecretValue on the secret.
// <imports>
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.ResourceNotFoundException;
import software.amazon.awssdk.services.secretsmanager.model.SecretsManagerException;
// </imports>

public class Example {
    // <function>
    /** A secret of AWS Secrets Manager, or one field of it if it is a JSON object (null for none). */
    static String readSecret(String name, String field) {
        String value;
        try (SecretsManagerClient client = SecretsManagerClient.create()) {
            value = client.getSecretValue(request -> request.secretId(name)).secretString();
        } catch (ResourceNotFoundException error) {
            throw new IllegalStateException("AWS Secrets Manager has no secret " + name + ". Create it, or check its name and the region.");
        } catch (SecretsManagerException error) {
            String code = error.awsErrorDetails() == null ? String.valueOf(error.statusCode()) : error.awsErrorDetails().errorCode();
            if (code.startsWith("AccessDenied")) {
                throw new IllegalStateException("These AWS credentials may not read " + name + ". Allow them secretsmanager:GetSecretValue on it.");
            }
            throw new IllegalStateException("AWS Secrets Manager refused to give " + name + ": " + code + ".");
        } catch (SdkException error) {
            throw new IllegalStateException("AWS Secrets Manager cannot be reached for " + name + " (" + error.getClass().getSimpleName() + "). Check network, region and credentials.");
        }
        if (field != null && value != null) {
            try {
                value = new ObjectMapper().readTree(value).path(field).textValue();
            } catch (JsonProcessingException error) {
                value = null;
            }
        }
        if (value == null || value.isEmpty()) {
            throw new IllegalStateException("The secret " + name + " holds no text in " + (field == null ? "its value" : field) + ". Store it there.");
        }
        return value;
    }
    // </function>

    public static void main(String[] args) {
        String secret = readSecret("example/api-key", "api_key");
        // <use>
        System.out.println("The secret has " + secret.length() + " characters.");
        // </use>
    }
}
