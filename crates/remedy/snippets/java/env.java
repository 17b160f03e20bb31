// <expression> readVariable("EXAMPLE_API_KEY")
public class Example {
    // <function>
    /** The value of an environment variable, which must be set. */
    static String readVariable(String name) {
        String value = System.getenv(name);
        if (value == null || value.isEmpty()) {
            throw new IllegalStateException("The environment variable " + name + " is not set. Set it before the program starts.");
        }
        return value;
    }
    // </function>

    public static void main(String[] args) {
        String secret = readVariable("EXAMPLE_API_KEY");
        // <use>
        System.out.println("The secret has " + secret.length() + " characters.");
        // </use>
    }
}
