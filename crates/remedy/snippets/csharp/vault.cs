// <expression> await ReadSecret("secret/example/api-key", "api_key")
// <async>
// <needs> nuget VaultSharp -
// <note> VAULT_ADDR and VAULT_TOKEN come from the environment. The token needs a policy with read on MOUNT/data/PATH.
// <note> VaultSharp is the library for .NET that the Vault documentation names; HashiCorp keeps none of its own.
// <imports>
using System;
using System.Net;
using System.Net.Http;
using System.Threading.Tasks;
using VaultSharp;
using VaultSharp.Core;
using VaultSharp.V1.AuthMethods.Token;
// </imports>

public static class Example
{
    // <function>
    /// <summary>A field of a secret in Vault; the path begins with that of its KV engine (version 2).</summary>
    static async Task<string> ReadSecret(string path, string field)
    {
        foreach (string variable in new[] { "VAULT_ADDR", "VAULT_TOKEN" })
        {
            if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable)))
            {
                throw new InvalidOperationException("The environment variable " + variable + " is not set. Set it before the program starts.");
            }
        }
        string[] parts = path.Split(new[] { '/' }, 2);
        object value;
        try
        {
            var login = new TokenAuthMethodInfo(Environment.GetEnvironmentVariable("VAULT_TOKEN"));
            var client = new VaultClient(new VaultClientSettings(Environment.GetEnvironmentVariable("VAULT_ADDR"), login));
            var secret = await client.V1.Secrets.KeyValue.V2.ReadSecretAsync(path: parts[1], mountPoint: parts[0]);
            secret.Data.Data.TryGetValue(field, out value);
        }
        catch (VaultApiException error) when (error.HttpStatusCode == HttpStatusCode.NotFound)
        {
            throw new InvalidOperationException("Vault has no secret " + path + ". Create it, or check the path.");
        }
        catch (VaultApiException error) when (error.HttpStatusCode == HttpStatusCode.Forbidden)
        {
            throw new InvalidOperationException("The token in VAULT_TOKEN may not read " + path + ". Give it a policy with read on " + parts[0] + "/data/" + parts[1] + ".");
        }
        catch (Exception error) when (error is VaultApiException || error is HttpRequestException || error is TaskCanceledException)
        {
            throw new InvalidOperationException("Vault cannot be reached for " + path + " (" + error.GetType().Name + "). Check VAULT_ADDR, and whether it is sealed.");
        }
        if (value == null || value.ToString() == "")
        {
            throw new InvalidOperationException("The secret " + path + " has no field " + field + ". Store it there.");
        }
        return value.ToString();
    }
    // </function>

    public static async Task Main()
    {
        string secret = await ReadSecret("secret/example/api-key", "api_key");
        // <use>
        Console.WriteLine("The secret has " + secret.Length + " characters.");
        // </use>
    }
}
