<?php
// <expression> readSecret('example-api-key')
// <note> AZURE_KEYVAULT_URL is the vault, such as https://NAME.vault.azure.net. The identity needs the role Key Vault Secrets User.
// <note> Azure has no library for PHP that is kept up; this uses its HTTP API with a service principal.

// <function>
/** A secret of the Azure Key Vault at AZURE_KEYVAULT_URL, as the service principal in the environment. */
function readSecret(string $name): string
{
    foreach (['AZURE_KEYVAULT_URL', 'AZURE_TENANT_ID', 'AZURE_CLIENT_ID', 'AZURE_CLIENT_SECRET'] as $variable) {
        if ((string) getenv($variable) === '') {
            throw new RuntimeException("The environment variable {$variable} is not set. Set it before the program starts.");
        }
    }
    $url = '';
    $ask = function (string $at, array $options) use ($url, $name): array {
        $body = @file_get_contents($url . $at, false, stream_context_create(['http' => $options + ['timeout' => 10, 'ignore_errors' => true]]));
        if ($body === false || !preg_match('#^HTTP/\S+ (\d+)#', $http_response_header[0] ?? '', $found)) {
            throw new RuntimeException("The key vault cannot be reached for {$name}. Check AZURE_KEYVAULT_URL.");
        }
        return [(int) $found[1], $body];
    };
    $authority = rtrim(getenv('AZURE_AUTHORITY_HOST') ?: 'https://login.microsoftonline.com', '/');
    [$status, $body] = $ask($authority . '/' . getenv('AZURE_TENANT_ID') . '/oauth2/v2.0/token', [
        'method' => 'POST',
        'header' => ['Content-Type: application/x-www-form-urlencoded'],
        'content' => http_build_query([
            'grant_type' => 'client_credentials',
            'client_id' => getenv('AZURE_CLIENT_ID'),
            'client_secret' => getenv('AZURE_CLIENT_SECRET'),
            'scope' => 'https://vault.azure.net/.default',
        ]),
    ]);
    if ($status !== 200) {
        throw new RuntimeException("Microsoft Entra did not let AZURE_CLIENT_ID in: status {$status}. Check AZURE_CLIENT_SECRET.");
    }
    $header = ['Authorization: Bearer ' . json_decode($body, true)['access_token']];
    [$status, $body] = $ask(rtrim(getenv('AZURE_KEYVAULT_URL'), '/') . "/secrets/{$name}?api-version=7.4", ['header' => $header]);
    if ($status !== 200) {
        throw new RuntimeException(match ($status) {
            404 => "The key vault has no secret {$name}. Create it, or check the name.",
            403 => "This identity may not read {$name}. Give it the role Key Vault Secrets User.",
            default => "The key vault refused to give {$name}: status {$status}.",
        });
    }
    $value = json_decode($body, true)['value'] ?? '';
    if ($value === '') {
        throw new RuntimeException("The secret {$name} is empty. Set it.");
    }
    return $value;
}
// </function>

$secret = readSecret('example-api-key');
// <use>
printf("The secret has %d characters.\n", strlen($secret));
// </use>
