// <expression> await ReadSecret("example-api-key")
// <async>
// <needs> nuget Google.Cloud.SecretManager.V1 -
// <note> GOOGLE_CLOUD_PROJECT is the project; credentials are those of the application. They need the role Secret Manager Secret Accessor.
// <imports>
using System;
using System.Threading.Tasks;
using Google.Cloud.SecretManager.V1;
using Grpc.Core;
// </imports>

public static class Example
{
    // <function>
    /// <summary>The newest version of a secret in the project GOOGLE_CLOUD_PROJECT.</summary>
    static async Task<string> ReadSecret(string name)
    {
        foreach (string variable in new[] { "GOOGLE_CLOUD_PROJECT" })
        {
            if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable)))
            {
                throw new InvalidOperationException("The environment variable " + variable + " is not set. Set it before the program starts.");
            }
        }
        string project = Environment.GetEnvironmentVariable("GOOGLE_CLOUD_PROJECT");
        string value;
        try
        {
            SecretManagerServiceClient client = await SecretManagerServiceClient.CreateAsync();
            AccessSecretVersionResponse answer = await client.AccessSecretVersionAsync(new SecretVersionName(project, name, "latest"));
            value = answer.Payload.Data.ToStringUtf8();
        }
        catch (RpcException error) when (error.StatusCode == StatusCode.NotFound)
        {
            throw new InvalidOperationException("The project " + project + " has no secret " + name + " with a value. Create it, or check the name.");
        }
        catch (RpcException error) when (error.StatusCode == StatusCode.PermissionDenied)
        {
            throw new InvalidOperationException("These credentials may not read " + name + ". Give them the role Secret Manager Secret Accessor.");
        }
        catch (RpcException error)
        {
            throw new InvalidOperationException("Secret Manager cannot be reached for " + name + " (" + error.StatusCode + "). Check network and credentials.");
        }
        if (string.IsNullOrEmpty(value))
        {
            throw new InvalidOperationException("The secret " + name + " is empty. Add a version with the value.");
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
