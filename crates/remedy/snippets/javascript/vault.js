// <expression> await readSecret("secret/example/api-key", "api_key")
// <async>
// <note> VAULT_ADDR and VAULT_TOKEN come from the environment. The token needs a policy with read on MOUNT/data/PATH.
// <note> Vault has no official library for JavaScript; this uses its HTTP API with fetch.
// <function>
/** A field of a secret in Vault; the path begins with that of its KV engine (version 2). */
async function readSecret(path, field) {
  const { VAULT_ADDR, VAULT_TOKEN } = process.env;
  for (const [name, value] of Object.entries({ VAULT_ADDR, VAULT_TOKEN })) {
    if (!value) {
      throw new Error(`The environment variable ${name} is not set. Set it before the program starts.`);
    }
  }
  const [mount, ...rest] = path.split("/");
  const url = `${VAULT_ADDR.replace(/\/+$/, "")}/v1/${mount}/data/${rest.map(encodeURIComponent).join("/")}`;
  let answer;
  let body;
  try {
    answer = await fetch(url, { headers: { "X-Vault-Token": VAULT_TOKEN, "X-Vault-Request": "true" }, signal: AbortSignal.timeout(10_000) });
    body = answer.status === 200 ? await answer.json() : undefined;
  } catch (error) {
    throw new Error(`Vault cannot be reached for ${path} (${error.cause?.code ?? error.name}). Check VAULT_ADDR.`);
  }
  if (answer.status === 404) {
    throw new Error(`Vault has no secret ${path}. Create it, or check the path.`);
  }
  if (answer.status === 403) {
    throw new Error(`The token in VAULT_TOKEN may not read ${path}. Give it a policy with read on ${mount}/data/${rest.join("/")}.`);
  }
  if (answer.status !== 200) {
    throw new Error(`Vault refused to give ${path}: status ${answer.status}. Check whether it is sealed.`);
  }
  const value = body?.data?.data?.[field];
  if (typeof value !== "string" || value === "") {
    throw new Error(`The secret ${path} has no field ${field}. Store it there.`);
  }
  return value;
}
// </function>

const secret = await readSecret("secret/example/api-key", "api_key");
// <use>
console.log(`The secret has ${secret.length} characters.`);
// </use>
