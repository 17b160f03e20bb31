# <expression> (Read-Secret 'example-api-key')
# <needs> program the Google Cloud CLI (gcloud)
# <note> GOOGLE_CLOUD_PROJECT is the project; credentials are those of the application. They need the role Secret Manager Secret Accessor.
$ErrorActionPreference = "Stop"

# <function>
function Read-Secret([string] $Name) {
    foreach ($variable in "GOOGLE_CLOUD_PROJECT") {
        if (-not [Environment]::GetEnvironmentVariable($variable)) {
            throw "The environment variable $variable is not set. Set it before the program starts."
        }
    }
    $value = (& gcloud secrets versions access latest --secret=$Name --project=$env:GOOGLE_CLOUD_PROJECT) -join "`n"
    if ($LASTEXITCODE -ne 0) {
        throw "Secret Manager did not give $Name; see above. Create it, or give these credentials the role Secret Manager Secret Accessor."
    }
    if (-not $value) {
        throw "The secret $Name is empty. Add a version with the value."
    }
    return $value
}
# </function>

$secret = (Read-Secret 'example-api-key')
# <use>
"The secret has $($secret.Length) characters."
# </use>
