# <expression> (Read-Secret 'example/api-key')
# <note> CONJUR_APPLIANCE_URL, CONJUR_ACCOUNT, CONJUR_AUTHN_LOGIN and CONJUR_AUTHN_API_KEY come from the environment. The host needs read and execute on the variable.
# <note> This uses the HTTP API of Conjur.
$ErrorActionPreference = "Stop"

# <function>
function Read-Secret([string] $Variable) {
    foreach ($setting in "CONJUR_APPLIANCE_URL", "CONJUR_ACCOUNT", "CONJUR_AUTHN_LOGIN", "CONJUR_AUTHN_API_KEY") {
        if (-not [Environment]::GetEnvironmentVariable($setting)) {
            throw "The environment variable $setting is not set. Set it before the program starts."
        }
    }
    $url = $env:CONJUR_APPLIANCE_URL.TrimEnd('/')
    $login = [Uri]::EscapeDataString($env:CONJUR_AUTHN_LOGIN)
    $id = [Uri]::EscapeDataString($Variable)
    try {
        $entry = "$url/authn/$env:CONJUR_ACCOUNT/$login/authenticate"
        $entered = Invoke-WebRequest -Uri $entry -Method Post -Body $env:CONJUR_AUTHN_API_KEY -ContentType 'text/plain' -UseBasicParsing -TimeoutSec 10
        $bytes = if ($entered.Content -is [byte[]]) { $entered.Content } else { [Text.Encoding]::UTF8.GetBytes($entered.Content) }
        $token = [Convert]::ToBase64String($bytes)
        $headers = @{ Authorization = "Token token=`"$token`"" }
        $answer = Invoke-WebRequest -Uri "$url/secrets/$env:CONJUR_ACCOUNT/variable/$id" -Headers $headers -UseBasicParsing -TimeoutSec 10
        $value = if ($answer.Content -is [byte[]]) { [Text.Encoding]::UTF8.GetString($answer.Content) } else { $answer.Content }
    } catch {
        $status = $_.Exception.Response.StatusCode.value__
        switch ($status) {
            401 { throw "Conjur did not let $env:CONJUR_AUTHN_LOGIN in. Check CONJUR_AUTHN_LOGIN and CONJUR_AUTHN_API_KEY." }
            403 { throw "$env:CONJUR_AUTHN_LOGIN may not read $Variable. Permit it execute on the variable." }
            404 { throw "Conjur has no value for $Variable, or $env:CONJUR_AUTHN_LOGIN may not see it. Set it, or check the name." }
            default { throw "Conjur cannot be reached for $Variable (status $status). Check CONJUR_APPLIANCE_URL." }
        }
    }
    if (-not $value) {
        throw "The variable $Variable is empty. Set it."
    }
    return $value
}
# </function>

$secret = (Read-Secret 'example/api-key')
# <use>
"The secret has $($secret.Length) characters."
# </use>
