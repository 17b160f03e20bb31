# <expression> (Read-Secret 'example/api-key' 'api_key')
# <whole> (Read-Secret 'example/api-key')
# <needs> powershell AWS.Tools.SecretsManager -
# <note> AWS_REGION and credentials come from the environment, a profile, or the role of the machine. The credentials need secretsmanager:GetSecretValue on the secret.
$ErrorActionPreference = "Stop"

# <function>
function Read-Secret([string] $Name, [string] $Field) {
    try {
        $value = (Get-SECSecretValue -SecretId $Name).SecretString
    } catch {
        throw "AWS Secrets Manager did not give ${Name}: $($_.Exception.Message) Create it, or allow secretsmanager:GetSecretValue on it."
    }
    if ($Field) {
        $value = ($value | ConvertFrom-Json).$Field
    }
    if (-not $value) {
        throw "The secret $Name holds no text in '$Field'. Store it there."
    }
    return $value
}
# </function>

$secret = (Read-Secret 'example/api-key' 'api_key')
# <use>
"The secret has $($secret.Length) characters."
# </use>
