// <expression> readSecret("example-api-key", "api_key")
// <note> Mount the Secret as a volume at /etc/secrets/NAME; SECRETS_DIR names another folder.
// <imports>
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
// </imports>

public class Example {
    // <function>
    /** A key of a Kubernetes Secret that is mounted below /etc/secrets (or SECRETS_DIR). */
    static String readSecret(String name, String key) {
        Path path = Path.of(System.getenv().getOrDefault("SECRETS_DIR", "/etc/secrets"), name, key);
        String value;
        try {
            value = Files.readString(path);
        } catch (IOException error) {
            throw new IllegalStateException(path + " cannot be read (" + error.getClass().getSimpleName() + "). Mount the Secret " + name + " there, with a key " + key + ", for the container's user.");
        }
        if (value.isEmpty()) {
            throw new IllegalStateException(path + " is empty. Put the value into the key " + key + " of the Secret " + name + ".");
        }
        return value;
    }
    // </function>

    public static void main(String[] args) {
        String secret = readSecret("example-api-key", "api_key");
        // <use>
        System.out.println("The secret has " + secret.length() + " characters.");
        // </use>
    }
}
