// <expression> await ReadSecret("example/api-key")
// <async>
// <note> CONJUR_APPLIANCE_URL, CONJUR_ACCOUNT, CONJUR_AUTHN_LOGIN and CONJUR_AUTHN_API_KEY come from the environment. The host needs read and execute on the variable.
// <note> This uses the HTTP API of Conjur with the standard library.
// <imports>
using System;
using System.Net.Http;
using System.Text;
using System.Threading.Tasks;
// </imports>

public static class Example
{
    // <function>
    /// <summary>The value of a variable of Conjur.</summary>
    static async Task<string> ReadSecret(string variable)
    {
        foreach (string setting in new[] { "CONJUR_APPLIANCE_URL", "CONJUR_ACCOUNT", "CONJUR_AUTHN_LOGIN", "CONJUR_AUTHN_API_KEY" })
        {
            if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(setting)))
            {
                throw new InvalidOperationException("The environment variable " + setting + " is not set. Set it before the program starts.");
            }
        }
        string url = Environment.GetEnvironmentVariable("CONJUR_APPLIANCE_URL").TrimEnd('/');
        string account = Uri.EscapeDataString(Environment.GetEnvironmentVariable("CONJUR_ACCOUNT"));
        string login = Environment.GetEnvironmentVariable("CONJUR_AUTHN_LOGIN");
        try
        {
            using (var client = new HttpClient { Timeout = TimeSpan.FromSeconds(10) })
            {
                var key = new StringContent(Environment.GetEnvironmentVariable("CONJUR_AUTHN_API_KEY"));
                HttpResponseMessage entered = await client.PostAsync(url + "/authn/" + account + "/" + Uri.EscapeDataString(login) + "/authenticate", key);
                if (!entered.IsSuccessStatusCode)
                {
                    throw new InvalidOperationException("Conjur did not let " + login + " in: status " + (int)entered.StatusCode + ". Check CONJUR_AUTHN_LOGIN and CONJUR_AUTHN_API_KEY.");
                }
                string token = Convert.ToBase64String(await entered.Content.ReadAsByteArrayAsync());
                client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Token token=\"" + token + "\"");
                HttpResponseMessage answer = await client.GetAsync(url + "/secrets/" + account + "/variable/" + Uri.EscapeDataString(variable));
                string value = await answer.Content.ReadAsStringAsync();
                int status = (int)answer.StatusCode;
                if (status == 200 && value != "")
                {
                    return value;
                }
                throw new InvalidOperationException(
                    status == 200 ? "The variable " + variable + " is empty. Set it."
                    : status == 403 ? login + " may not read " + variable + ". Permit it execute on the variable."
                    : status == 404 ? "Conjur has no value for " + variable + ", or " + login + " may not see it. Set it, or check the name."
                    : "Conjur refused to give " + variable + ": status " + status + ".");
            }
        }
        catch (Exception error) when (error is HttpRequestException || error is TaskCanceledException)
        {
            throw new InvalidOperationException("Conjur cannot be reached for " + variable + " (" + error.GetType().Name + "). Check CONJUR_APPLIANCE_URL.");
        }
    }
    // </function>

    public static async Task Main()
    {
        string secret = await ReadSecret("example/api-key");
        // <use>
        Console.WriteLine("The secret has " + secret.Length + " characters.");
        // </use>
    }
}
