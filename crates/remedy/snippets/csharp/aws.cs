// <expression> await ReadSecret("example/api-key", "api_key")
// <whole> await ReadSecret("example/api-key")
// <async>
// <needs> nuget AWSSDK.SecretsManager -
// <note> AWS_REGION and credentials come from the environment, a profile, or the role of the machine. The credentials need secretsmanager:GetSecretValue on the secret.
// <imports>
using System;
using System.Text.Json;
using System.Threading.Tasks;
using Amazon.Runtime;
using Amazon.SecretsManager;
using Amazon.SecretsManager.Model;
// </imports>

public static class Example
{
    // <function>
    /// <summary>A secret of AWS Secrets Manager, or one field of it if it is a JSON object.</summary>
    static async Task<string> ReadSecret(string name, string field = null)
    {
        string value;
        try
        {
            using (var client = new AmazonSecretsManagerClient())
            {
                value = (await client.GetSecretValueAsync(new GetSecretValueRequest { SecretId = name })).SecretString;
            }
        }
        catch (ResourceNotFoundException)
        {
            throw new InvalidOperationException("AWS Secrets Manager has no secret " + name + ". Create it, or check its name and the region.");
        }
        catch (AmazonServiceException error) when ((error.ErrorCode ?? "").StartsWith("AccessDenied"))
        {
            throw new InvalidOperationException("These AWS credentials may not read " + name + ". Allow them secretsmanager:GetSecretValue on it.");
        }
        catch (AmazonClientException error)
        {
            throw new InvalidOperationException("AWS Secrets Manager cannot be reached for " + name + " (" + error.GetType().Name + "). Check network, region and credentials.");
        }
        if (field != null && !string.IsNullOrEmpty(value))
        {
            try
            {
                value = JsonDocument.Parse(value).RootElement.TryGetProperty(field, out JsonElement found) ? found.GetString() : null;
            }
            catch (Exception error) when (error is JsonException || error is InvalidOperationException)
            {
                value = null;
            }
        }
        if (string.IsNullOrEmpty(value))
        {
            throw new InvalidOperationException("The secret " + name + " holds no text in " + (field ?? "its value") + ". Store it there.");
        }
        return value;
    }
    // </function>

    public static async Task Main()
    {
        string secret = await ReadSecret("example/api-key", "api_key");
        // <use>
        Console.WriteLine("The secret has " + secret.Length + " characters.");
        // </use>
    }
}
