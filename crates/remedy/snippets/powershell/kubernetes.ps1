# <expression> (Read-Secret 'example-api-key' 'api_key')
# <note> Mount the Secret as a volume at /etc/secrets/NAME; SECRETS_DIR names another folder.
$ErrorActionPreference = "Stop"

# <function>
function Read-Secret([string] $Name, [string] $Key) {
    $folder = if ($env:SECRETS_DIR) { $env:SECRETS_DIR } else { '/etc/secrets' }
    $path = Join-Path (Join-Path $folder $Name) $Key
    try {
        $value = Get-Content -Raw -LiteralPath $path
    } catch {
        throw "$path cannot be read. Mount the Secret $Name there, with a key $Key, for the container's user."
    }
    if (-not $value) {
        throw "$path is empty. Put the value into the key $Key of the Secret $Name."
    }
    return $value
}
# </function>

$secret = (Read-Secret 'example-api-key' 'api_key')
# <use>
"The secret has $($secret.Length) characters."
# </use>
