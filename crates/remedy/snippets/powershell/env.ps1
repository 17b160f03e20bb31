# <expression> (Read-Variable 'EXAMPLE_API_KEY')
$ErrorActionPreference = "Stop"

# <function>
function Read-Variable([string] $Name) {
    $value = [Environment]::GetEnvironmentVariable($Name)
    if (-not $value) {
        throw "The environment variable $Name is not set. Set it before the program starts."
    }
    return $value
}
# </function>

$secret = (Read-Variable 'EXAMPLE_API_KEY')
# <use>
"The secret has $($secret.Length) characters."
# </use>
