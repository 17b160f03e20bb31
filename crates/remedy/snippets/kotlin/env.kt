// <expression> readVariable("EXAMPLE_API_KEY")
// <function>
/** The value of an environment variable, which must be set. */
fun readVariable(name: String): String {
    val value = System.getenv(name)
    check(!value.isNullOrEmpty()) { "The environment variable $name is not set. Set it before the program starts." }
    return value
}
// </function>

fun main() {
    val secret = readVariable("EXAMPLE_API_KEY")
    // <use>
    println("The secret has ${secret.length} characters.")
    // </use>
}
