# <expression> (Read-Secret 'example-api-key')
# <needs> powershell Az.KeyVault -
# <note> AZURE_KEYVAULT_URL is the vault, such as https://NAME.vault.azure.net. The identity needs the role Key Vault Secrets User.
$ErrorActionPreference = "Stop"

# <function>
function Read-Secret([string] $Name) {
    foreach ($variable in "AZURE_KEYVAULT_URL") {
        if (-not [Environment]::GetEnvironmentVariable($variable)) {
            throw "The environment variable $variable is not set. Set it before the program starts."
        }
    }
    $vault = ([Uri] $env:AZURE_KEYVAULT_URL).Host.Split('.')[0]
    try {
        $value = Get-AzKeyVaultSecret -VaultName $vault -Name $Name -AsPlainText
    } catch {
        throw "The key vault did not give ${Name}: $($_.Exception.Message) Give this identity the role Key Vault Secrets User."
    }
    if (-not $value) {
        throw "The key vault has no secret $Name. Create it, or check the name."
    }
    return $value
}
# </function>

$secret = (Read-Secret 'example-api-key')
# <use>
"The secret has $($secret.Length) characters."
# </use>
