// <expression> readSecret("example/api-key")
// <needs> maven com.cyberark.conjur.api:conjur-api 3.0.3
// <needs> maven org.apache.cxf:cxf-rt-rs-client 3.6.8
// <needs> maven joda-time:joda-time 2.14.0
// <needs> maven commons-codec:commons-codec 1.19.0
// <needs> maven com.google.code.gson:gson 2.13.2
// <note> conjur-api does not bring the libraries below it; they are listed.
// <note> CONJUR_APPLIANCE_URL, CONJUR_ACCOUNT, CONJUR_AUTHN_LOGIN and CONJUR_AUTHN_API_KEY come from the environment. The host needs read and execute on the variable.
// <note> The library reads CONJUR_ACCOUNT and CONJUR_APPLIANCE_URL by itself.
// <imports>
import com.cyberark.conjur.api.Conjur;
import javax.ws.rs.ProcessingException;
import javax.ws.rs.WebApplicationException;
// </imports>

public class Example {
    // <function>
    /** The value of a variable of Conjur. */
    static String readSecret(String variable) {
        for (String name : new String[] {"CONJUR_APPLIANCE_URL", "CONJUR_ACCOUNT", "CONJUR_AUTHN_LOGIN", "CONJUR_AUTHN_API_KEY"}) {
            if (System.getenv(name) == null || System.getenv(name).isEmpty()) {
                throw new IllegalStateException("The environment variable " + name + " is not set. Set it before the program starts.");
            }
        }
        String login = System.getenv("CONJUR_AUTHN_LOGIN");
        String value;
        try {
            value = new Conjur(login, System.getenv("CONJUR_AUTHN_API_KEY")).variables().retrieveSecret(variable);
        } catch (WebApplicationException error) {
            int status = error.getResponse().getStatus();
            throw new IllegalStateException(switch (status) {
                case 401 -> "Conjur did not let " + login + " in. Check CONJUR_AUTHN_LOGIN and CONJUR_AUTHN_API_KEY.";
                case 403 -> login + " may not read " + variable + ". Permit it execute on the variable.";
                case 404 -> "Conjur has no value for " + variable + ", or " + login + " may not see it. Set it, or check the name.";
                default -> "Conjur refused to give " + variable + ": status " + status + ".";
            });
        } catch (ProcessingException error) {
            throw new IllegalStateException("Conjur cannot be reached for " + variable + ". Check CONJUR_APPLIANCE_URL.");
        }
        if (value == null || value.isEmpty()) {
            throw new IllegalStateException("The variable " + variable + " is empty. Set it.");
        }
        return value;
    }
    // </function>

    public static void main(String[] args) {
        String secret = readSecret("example/api-key");
        // <use>
        System.out.println("The secret has " + secret.length() + " characters.");
        // </use>
    }
}
