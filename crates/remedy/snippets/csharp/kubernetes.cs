// <expression> ReadSecret("example-api-key", "api_key")
// <note> Mount the Secret as a volume at /etc/secrets/NAME; SECRETS_DIR names another folder.
// <imports>
using System;
using System.IO;
// </imports>

public static class Example
{
    // <function>
    /// <summary>A key of a Kubernetes Secret that is mounted below /etc/secrets (or SECRETS_DIR).</summary>
    static string ReadSecret(string name, string key)
    {
        string path = Path.Combine(Environment.GetEnvironmentVariable("SECRETS_DIR") ?? "/etc/secrets", name, key);
        string value;
        try
        {
            value = File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException || error is UnauthorizedAccessException)
        {
            throw new InvalidOperationException(path + " cannot be read (" + error.GetType().Name + "). Mount the Secret " + name + " there, with a key " + key + ", for the container's user.");
        }
        if (value == "")
        {
            throw new InvalidOperationException(path + " is empty. Put the value into the key " + key + " of the Secret " + name + ".");
        }
        return value;
    }
    // </function>

    public static void Main()
    {
        string secret = ReadSecret("example-api-key", "api_key");
        // <use>
        Console.WriteLine("The secret has " + secret.Length + " characters.");
        // </use>
    }
}
