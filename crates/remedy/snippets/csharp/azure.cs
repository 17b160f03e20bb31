// <expression> await ReadSecret("example-api-key")
// <async>
// <needs> nuget Azure.Identity -
// <needs> nuget Azure.Security.KeyVault.Secrets -
// <note> AZURE_KEYVAULT_URL is the vault, such as https://NAME.vault.azure.net. The identity needs the role Key Vault Secrets User.
// <imports>
using System;
using System.Threading.Tasks;
using Azure;
using Azure.Identity;
using Azure.Security.KeyVault.Secrets;
// </imports>

public static class Example
{
    // <function>
    /// <summary>A secret of the Azure Key Vault at AZURE_KEYVAULT_URL.</summary>
    static async Task<string> ReadSecret(string name)
    {
        foreach (string variable in new[] { "AZURE_KEYVAULT_URL" })
        {
            if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable)))
            {
                throw new InvalidOperationException("The environment variable " + variable + " is not set. Set it before the program starts.");
            }
        }
        string value;
        try
        {
            var client = new SecretClient(new Uri(Environment.GetEnvironmentVariable("AZURE_KEYVAULT_URL")), new DefaultAzureCredential());
            value = (await client.GetSecretAsync(name)).Value.Value;
        }
        catch (RequestFailedException error) when (error.Status == 404)
        {
            throw new InvalidOperationException("The key vault has no secret " + name + ". Create it, or check the name.");
        }
        catch (RequestFailedException error) when (error.Status == 403)
        {
            throw new InvalidOperationException("This identity may not read " + name + ". Give it the role Key Vault Secrets User.");
        }
        catch (Exception error) when (error is RequestFailedException || error is AuthenticationFailedException)
        {
            throw new InvalidOperationException("The key vault cannot be reached for " + name + " (" + error.GetType().Name + "). Check AZURE_KEYVAULT_URL and the identity.");
        }
        if (string.IsNullOrEmpty(value))
        {
            throw new InvalidOperationException("The secret " + name + " is empty. Set it.");
        }
        return value;
    }
    // </function>

    public static async Task Main()
    {
        string secret = await ReadSecret("example-api-key");
        // <use>
        Console.WriteLine("The secret has " + secret.Length + " characters.");
        // </use>
    }
}
