<?php
// <expression> readSecret('example-api-key')
// <needs> composer google/cloud-secret-manager -
// <note> GOOGLE_CLOUD_PROJECT is the project; credentials are those of the application. They need the role Secret Manager Secret Accessor.

// <imports>
use Google\ApiCore\ApiException;
use Google\Cloud\SecretManager\V1\AccessSecretVersionRequest;
use Google\Cloud\SecretManager\V1\Client\SecretManagerServiceClient;
// </imports>

require __DIR__ . '/vendor/autoload.php';

// <function>
/** The newest version of a secret in the project GOOGLE_CLOUD_PROJECT. */
function readSecret(string $name): string
{
    foreach (['GOOGLE_CLOUD_PROJECT'] as $variable) {
        if ((string) getenv($variable) === '') {
            throw new RuntimeException("The environment variable {$variable} is not set. Set it before the program starts.");
        }
    }
    $project = getenv('GOOGLE_CLOUD_PROJECT');
    try {
        $request = (new AccessSecretVersionRequest())->setName("projects/{$project}/secrets/{$name}/versions/latest");
        $value = (new SecretManagerServiceClient())->accessSecretVersion($request)->getPayload()->getData();
    } catch (ApiException $error) {
        throw new RuntimeException(match ($error->getStatus()) {
            'NOT_FOUND' => "The project {$project} has no secret {$name} with a value. Create it, or check the name.",
            'PERMISSION_DENIED' => "These credentials may not read {$name}. Give them the role Secret Manager Secret Accessor.",
            default => "Secret Manager cannot be reached for {$name} ({$error->getStatus()}). Check network and credentials.",
        });
    }
    if ($value === '') {
        throw new RuntimeException("The secret {$name} is empty. Add a version with the value.");
    }
    return $value;
}
// </function>

$secret = readSecret('example-api-key');
// <use>
printf("The secret has %d characters.\n", strlen($secret));
// </use>
