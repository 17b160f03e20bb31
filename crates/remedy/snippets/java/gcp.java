// <expression> readSecret("example-api-key")
// <needs> maven com.google.cloud:google-cloud-secretmanager 2.95.0
// <note> GOOGLE_CLOUD_PROJECT is the project; credentials are those of the application. They need the role Secret Manager Secret Accessor.
// <imports>
import com.google.api.gax.rpc.ApiException;
import com.google.api.gax.rpc.NotFoundException;
import com.google.api.gax.rpc.PermissionDeniedException;
import com.google.cloud.secretmanager.v1.SecretManagerServiceClient;
import com.google.cloud.secretmanager.v1.SecretVersionName;
import java.io.IOException;
// </imports>

public class Example {
    // <function>
    /** The newest version of a secret in the project GOOGLE_CLOUD_PROJECT. */
    static String readSecret(String name) {
        String project = System.getenv("GOOGLE_CLOUD_PROJECT");
        if (project == null || project.isEmpty()) {
            throw new IllegalStateException("The environment variable GOOGLE_CLOUD_PROJECT is not set. Set it before the program starts.");
        }
        String value;
        try (SecretManagerServiceClient client = SecretManagerServiceClient.create()) {
            value = client.accessSecretVersion(SecretVersionName.of(project, name, "latest")).getPayload().getData().toStringUtf8();
        } catch (NotFoundException error) {
            throw new IllegalStateException("The project " + project + " has no secret " + name + " with a value. Create it, or check the name.");
        } catch (PermissionDeniedException error) {
            throw new IllegalStateException("These credentials may not read " + name + ". Give them the role Secret Manager Secret Accessor.");
        } catch (ApiException | IOException error) {
            throw new IllegalStateException("Secret Manager cannot be reached for " + name + " (" + error.getClass().getSimpleName() + "). Check network and credentials.");
        }
        if (value.isEmpty()) {
            throw new IllegalStateException("The secret " + name + " is empty. Add a version with the value.");
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
