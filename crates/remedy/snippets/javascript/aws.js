// <expression> await readSecret("example/api-key", "api_key")
// <whole> await readSecret("example/api-key")
// <async>
// <needs> npm @aws-sdk/client-secrets-manager 3.1162.0
// <note> AWS_REGION and credentials come from the environment, a profile, or the role of the machine. The credentials need secretsmanager:GetSecretValue on the secret.
// <imports>
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
// </imports>

// <function>
/** A secret of AWS Secrets Manager, or one field of it if it is a JSON object. */
async function readSecret(name, field) {
  let value;
  try {
    const answer = await new SecretsManagerClient().send(new GetSecretValueCommand({ SecretId: name }));
    value = answer.SecretString;
  } catch (error) {
    if (error.name === "ResourceNotFoundException") {
      throw new Error(`AWS Secrets Manager has no secret ${name}. Create it, or check its name and the region.`);
    }
    if (error.name.startsWith("AccessDenied")) {
      throw new Error(`These AWS credentials may not read ${name}. Allow them secretsmanager:GetSecretValue on it.`);
    }
    throw new Error(`AWS Secrets Manager cannot be reached for ${name} (${error.code ?? error.name}). Check network, region and credentials.`);
  }
  if (field !== undefined) {
    try {
      value = JSON.parse(value)[field];
    } catch {
      value = undefined;
    }
  }
  if (typeof value !== "string" || value === "") {
    throw new Error(`The secret ${name} holds no text in ${field ?? "its value"}. Store it there.`);
  }
  return value;
}
// </function>

const secret = await readSecret("example/api-key", "api_key");
// <use>
console.log(`The secret has ${secret.length} characters.`);
// </use>
