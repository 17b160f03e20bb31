// <expression> readSecret("example/api-key")
// <needs> maven com.cyberark.conjur.api:conjur-api 3.0.3
// <needs> maven org.apache.cxf:cxf-rt-rs-client 3.6.8
// <needs> maven joda-time:joda-time 2.14.0
// <needs> maven commons-codec:commons-codec 1.19.0
// <needs> maven com.google.code.gson:gson 2.13.2
// <note> The library reads CONJUR_ACCOUNT and CONJUR_APPLIANCE_URL by itself.
// <note> conjur-api does not bring the libraries below it; they are listed.
// <note> CONJUR_APPLIANCE_URL, CONJUR_ACCOUNT, CONJUR_AUTHN_LOGIN and CONJUR_AUTHN_API_KEY come from the environment. The host needs read and execute on the variable.
// <imports>
import com.cyberark.conjur.api.Conjur
import javax.ws.rs.ProcessingException
import javax.ws.rs.WebApplicationException
// </imports>

// <function>
/** The value of a variable of Conjur. */
fun readSecret(variable: String): String {
    for (name in listOf("CONJUR_APPLIANCE_URL", "CONJUR_ACCOUNT", "CONJUR_AUTHN_LOGIN", "CONJUR_AUTHN_API_KEY")) {
        check(!System.getenv(name).isNullOrEmpty()) { "The environment variable $name is not set. Set it before the program starts." }
    }
    val login = System.getenv("CONJUR_AUTHN_LOGIN")
    val value = try {
        Conjur(login, System.getenv("CONJUR_AUTHN_API_KEY")).variables().retrieveSecret(variable)
    } catch (error: WebApplicationException) {
        error(
            when (val status = error.response.status) {
                401 -> "Conjur did not let $login in. Check CONJUR_AUTHN_LOGIN and CONJUR_AUTHN_API_KEY."
                403 -> "$login may not read $variable. Permit it execute on the variable."
                404 -> "Conjur has no value for $variable, or $login may not see it. Set it, or check the name."
                else -> "Conjur refused to give $variable: status $status."
            },
        )
    } catch (error: ProcessingException) {
        error("Conjur cannot be reached for $variable. Check CONJUR_APPLIANCE_URL.")
    }
    check(!value.isNullOrEmpty()) { "The variable $variable is empty. Set it." }
    return value
}
// </function>

fun main() {
    val secret = readSecret("example/api-key")
    // <use>
    println("The secret has ${secret.length} characters.")
    // </use>
}
