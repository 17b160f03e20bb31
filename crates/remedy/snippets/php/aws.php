<?php
// <expression> readSecret('example/api-key', 'api_key')
// <whole> readSecret('example/api-key')
// <needs> composer aws/aws-sdk-php -
// <note> AWS_REGION and credentials come from the environment, a profile, or the role of the machine. The credentials need secretsmanager:GetSecretValue on the secret.

// <imports>
use Aws\Exception\AwsException;
use Aws\SecretsManager\SecretsManagerClient;
// </imports>

require __DIR__ . '/vendor/autoload.php';

// <function>
/** A secret of AWS Secrets Manager, or one field of it if it is a JSON object. */
function readSecret(string $name, ?string $field = null): string
{
    try {
        $client = new SecretsManagerClient(['region' => getenv('AWS_REGION') ?: getenv('AWS_DEFAULT_REGION'), 'version' => '2017-10-17']);
        $value = $client->getSecretValue(['SecretId' => $name])['SecretString'] ?? null;
    } catch (AwsException $error) {
        $code = (string) $error->getAwsErrorCode();
        throw new RuntimeException(match (true) {
            $code === 'ResourceNotFoundException' => "AWS Secrets Manager has no secret {$name}. Create it, or check its name and the region.",
            str_starts_with($code, 'AccessDenied') => "These AWS credentials may not read {$name}. Allow them secretsmanager:GetSecretValue on it.",
            default => "AWS Secrets Manager cannot be reached for {$name} ({$code}). Check network, region and credentials.",
        });
    }
    if ($field !== null) {
        $value = json_decode((string) $value, true)[$field] ?? null;
    }
    if (!is_string($value) || $value === '') {
        throw new RuntimeException("The secret {$name} holds no text in " . ($field ?? 'its value') . '. Store it there.');
    }
    return $value;
}
// </function>

$secret = readSecret('example/api-key', 'api_key');
// <use>
printf("The secret has %d characters.\n", strlen($secret));
// </use>
