<?php
// <expression> readSecret('example/api-key')
// <note> CONJUR_APPLIANCE_URL, CONJUR_ACCOUNT, CONJUR_AUTHN_LOGIN and CONJUR_AUTHN_API_KEY come from the environment. The host needs read and execute on the variable.
// <note> Conjur has no official library for PHP; this uses its HTTP API.

// <function>
/** The value of a variable of Conjur. */
function readSecret(string $variable): string
{
    $names = ['CONJUR_APPLIANCE_URL', 'CONJUR_ACCOUNT', 'CONJUR_AUTHN_LOGIN', 'CONJUR_AUTHN_API_KEY'];
    foreach ($names as $name) {
        if ((string) getenv($name) === '') {
            throw new RuntimeException("The environment variable {$name} is not set. Set it before the program starts.");
        }
    }
    [$url, $account, $login, $key] = array_map('getenv', $names);
    $url = rtrim($url, '/');
    $ask = function (string $at, array $options) use ($url, $variable): array {
        $body = @file_get_contents($url . $at, false, stream_context_create(['http' => $options + ['timeout' => 10, 'ignore_errors' => true]]));
        if ($body === false || !preg_match('#^HTTP/\S+ (\d+)#', $http_response_header[0] ?? '', $found)) {
            throw new RuntimeException("Conjur cannot be reached for {$variable}. Check CONJUR_APPLIANCE_URL.");
        }
        return [(int) $found[1], $body];
    };
    $entry = '/authn/' . rawurlencode($account) . '/' . rawurlencode($login) . '/authenticate';
    [$status, $token] = $ask($entry, ['method' => 'POST', 'header' => ['Content-Type: text/plain'], 'content' => $key]);
    if ($status !== 200) {
        throw new RuntimeException("Conjur did not let {$login} in: status {$status}. Check CONJUR_AUTHN_LOGIN and CONJUR_AUTHN_API_KEY.");
    }
    $header = ['Authorization: Token token="' . base64_encode($token) . '"'];
    [$status, $value] = $ask('/secrets/' . rawurlencode($account) . '/variable/' . rawurlencode($variable), ['header' => $header]);
    if ($status !== 200) {
        throw new RuntimeException(match ($status) {
            403 => "{$login} may not read {$variable}. Permit it execute on the variable.",
            404 => "Conjur has no value for {$variable}, or {$login} may not see it. Set it, or check the name.",
            default => "Conjur refused to give {$variable}: status {$status}.",
        });
    }
    if ($value === '') {
        throw new RuntimeException("The variable {$variable} is empty. Set it.");
    }
    return $value;
}
// </function>

$secret = readSecret('example/api-key');
// <use>
printf("The secret has %d characters.\n", strlen($secret));
// </use>
