// <expression> readSecret("example-api-key", "api_key")
// <note> Mount the Secret as a volume at /etc/secrets/NAME; SECRETS_DIR names another folder.
// <imports>
import { readFileSync } from "node:fs";
import { join } from "node:path";
// </imports>

// <function>
/** A key of a Kubernetes Secret that is mounted below /etc/secrets (or SECRETS_DIR). */
function readSecret(name, key) {
  const path = join(process.env.SECRETS_DIR ?? "/etc/secrets", name, key);
  let value;
  try {
    value = readFileSync(path, "utf8");
  } catch (error) {
    throw new Error(`${path} cannot be read (${error.code}). Mount the Secret ${name} there, with a key ${key}, for the container's user.`);
  }
  if (value === "") {
    throw new Error(`${path} is empty. Put the value into the key ${key} of the Secret ${name}.`);
  }
  return value;
}
// </function>

const secret = readSecret("example-api-key", "api_key");
// <use>
console.log(`The secret has ${secret.length} characters.`);
// </use>
