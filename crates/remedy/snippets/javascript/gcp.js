// <expression> await readSecret("example-api-key")
// <async>
// <needs> npm @google-cloud/secret-manager 7.2.0
// <note> GOOGLE_CLOUD_PROJECT is the project; credentials are those of the application. They need the role Secret Manager Secret Accessor.
// <imports>
import { SecretManagerServiceClient } from "@google-cloud/secret-manager";
// </imports>

// <function>
/** The newest version of a secret in the project GOOGLE_CLOUD_PROJECT. */
async function readSecret(name) {
  const project = process.env.GOOGLE_CLOUD_PROJECT;
  if (!project) {
    throw new Error("The environment variable GOOGLE_CLOUD_PROJECT is not set. Set it before the program starts.");
  }
  let value;
  try {
    const [answer] = await new SecretManagerServiceClient().accessSecretVersion({
      name: `projects/${project}/secrets/${name}/versions/latest`,
    });
    value = Buffer.from(answer.payload?.data ?? "").toString("utf8");
  } catch (error) {
    // Codes of gRPC: 5 is NOT_FOUND, 7 is PERMISSION_DENIED.
    if (error.code === 5) {
      throw new Error(`The project ${project} has no secret ${name} with a value. Create it, or check the name.`);
    }
    if (error.code === 7) {
      throw new Error(`These credentials may not read ${name}. Give them the role Secret Manager Secret Accessor.`);
    }
    throw new Error(`Secret Manager cannot be reached for ${name} (${error.code ?? error.name}). Check network and credentials.`);
  }
  if (!value) {
    throw new Error(`The secret ${name} is empty. Add a version with the value.`);
  }
  return value;
}
// </function>

const secret = await readSecret("example-api-key");
// <use>
console.log(`The secret has ${secret.length} characters.`);
// </use>
