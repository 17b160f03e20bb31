# <expression> (Read-Secret 'secret/example/api-key' 'api_key')
# <note> VAULT_ADDR and VAULT_TOKEN come from the environment. The token needs a policy with read on MOUNT/data/PATH.
# <note> This uses the HTTP API of Vault.
$ErrorActionPreference = "Stop"

# <function>
function Read-Secret([string] $Path, [string] $Field) {
    foreach ($variable in "VAULT_ADDR", "VAULT_TOKEN") {
        if (-not [Environment]::GetEnvironmentVariable($variable)) {
            throw "The environment variable $variable is not set. Set it before the program starts."
        }
    }
    $mount, $name = $Path -split '/', 2
    $url = "$($env:VAULT_ADDR.TrimEnd('/'))/v1/$mount/data/$name"
    try {
        $answer = Invoke-RestMethod -Uri $url -Headers @{ 'X-Vault-Token' = $env:VAULT_TOKEN } -TimeoutSec 10
    } catch {
        $status = $_.Exception.Response.StatusCode.value__
        switch ($status) {
            404 { throw "Vault has no secret $Path. Create it, or check the path." }
            403 { throw "The token in VAULT_TOKEN may not read $Path. Give it a policy with read on $mount/data/$name." }
            default { throw "Vault cannot be reached for $Path (status $status). Check VAULT_ADDR, and whether it is sealed." }
        }
    }
    $value = $answer.data.data.$Field
    if (-not $value) {
        throw "The secret $Path has no field $Field. Store it there."
    }
    return $value
}
# </function>

$secret = (Read-Secret 'secret/example/api-key' 'api_key')
# <use>
"The secret has $($secret.Length) characters."
# </use>
