<?php
// <expression> readSecret('secret/example/api-key', 'api_key')
// <note> VAULT_ADDR and VAULT_TOKEN come from the environment. The token needs a policy with read on MOUNT/data/PATH.
// <note> Vault has no official library for PHP; this uses its HTTP API.

// <function>
/** A field of a secret in Vault; the path begins with that of its KV engine (version 2). */
function readSecret(string $path, string $field): string
{
    foreach (['VAULT_ADDR', 'VAULT_TOKEN'] as $variable) {
        if ((string) getenv($variable) === '') {
            throw new RuntimeException("The environment variable {$variable} is not set. Set it before the program starts.");
        }
    }
    $url = rtrim(getenv('VAULT_ADDR'), '/');
    [$mount, $name] = explode('/', $path, 2);
    $ask = function (string $at, array $options) use ($url, $path): array {
        $body = @file_get_contents($url . $at, false, stream_context_create(['http' => $options + ['timeout' => 10, 'ignore_errors' => true]]));
        if ($body === false || !preg_match('#^HTTP/\S+ (\d+)#', $http_response_header[0] ?? '', $found)) {
            throw new RuntimeException("Vault cannot be reached for {$path}. Check VAULT_ADDR.");
        }
        return [(int) $found[1], $body];
    };
    $header = ['X-Vault-Token: ' . getenv('VAULT_TOKEN'), 'X-Vault-Request: true'];
    [$status, $body] = $ask("/v1/{$mount}/data/{$name}", ['header' => $header]);
    if ($status !== 200) {
        throw new RuntimeException(match ($status) {
            404 => "Vault has no secret {$path}. Create it, or check the path.",
            403 => "The token in VAULT_TOKEN may not read {$path}. Give it a policy with read on {$mount}/data/{$name}.",
            default => "Vault refused to give {$path}: status {$status}. Check whether it is sealed.",
        });
    }
    $value = json_decode($body, true)['data']['data'][$field] ?? null;
    if (!is_string($value) || $value === '') {
        throw new RuntimeException("The secret {$path} has no field {$field}. Store it there.");
    }
    return $value;
}
// </function>

$secret = readSecret('secret/example/api-key', 'api_key');
// <use>
printf("The secret has %d characters.\n", strlen($secret));
// </use>
