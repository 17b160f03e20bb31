// <expression> ReadVariable("EXAMPLE_API_KEY")
// <imports>
using System;
// </imports>

public static class Example
{
    // <function>
    /// <summary>The value of an environment variable, which must be set.</summary>
    static string ReadVariable(string name)
    {
        string value = Environment.GetEnvironmentVariable(name);
        if (string.IsNullOrEmpty(value))
        {
            throw new InvalidOperationException("The environment variable " + name + " is not set. Set it before the program starts.");
        }
        return value;
    }
    // </function>

    public static void Main()
    {
        string secret = ReadVariable("EXAMPLE_API_KEY");
        // <use>
        Console.WriteLine("The secret has " + secret.Length + " characters.");
        // </use>
    }
}
