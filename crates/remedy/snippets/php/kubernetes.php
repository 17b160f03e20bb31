<?php
// <expression> readSecret('example-api-key', 'api_key')
// <note> Mount the Secret as a volume at /etc/secrets/NAME; SECRETS_DIR names another folder.

// <function>
/** A key of a Kubernetes Secret that is mounted below /etc/secrets (or SECRETS_DIR). */
function readSecret(string $name, string $key): string
{
    $path = (getenv('SECRETS_DIR') ?: '/etc/secrets') . "/{$name}/{$key}";
    $value = is_file($path) ? @file_get_contents($path) : false;
    if ($value === false) {
        throw new RuntimeException("{$path} cannot be read. Mount the Secret {$name} there, with a key {$key}, for the container's user.");
    }
    if ($value === '') {
        throw new RuntimeException("{$path} is empty. Put the value into the key {$key} of the Secret {$name}.");
    }
    return $value;
}
// </function>

$secret = readSecret('example-api-key', 'api_key');
// <use>
printf("The secret has %d characters.\n", strlen($secret));
// </use>
