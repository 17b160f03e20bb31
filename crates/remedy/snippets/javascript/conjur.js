// <expression> await readSecret("example/api-key")
// <async>
// <note> CONJUR_APPLIANCE_URL, CONJUR_ACCOUNT, CONJUR_AUTHN_LOGIN and CONJUR_AUTHN_API_KEY come from the environment. The host needs read and execute on the variable.
// <note> Conjur has no official library for JavaScript; this uses its HTTP API with fetch.
// <function>
/** The value of a variable of Conjur. */
async function readSecret(variable) {
  const { CONJUR_APPLIANCE_URL, CONJUR_ACCOUNT, CONJUR_AUTHN_LOGIN, CONJUR_AUTHN_API_KEY } = process.env;
  const settings = { CONJUR_APPLIANCE_URL, CONJUR_ACCOUNT, CONJUR_AUTHN_LOGIN, CONJUR_AUTHN_API_KEY };
  for (const [name, value] of Object.entries(settings)) {
    if (!value) {
      throw new Error(`The environment variable ${name} is not set. Set it before the program starts.`);
    }
  }
  const url = CONJUR_APPLIANCE_URL.replace(/\/+$/, "");
  const [account, login, id] = [CONJUR_ACCOUNT, CONJUR_AUTHN_LOGIN, variable].map(encodeURIComponent);
  async function ask(path, options) {
    try {
      const answer = await fetch(`${url}${path}`, { ...options, signal: AbortSignal.timeout(10_000) });
      return [answer.status, await answer.text()];
    } catch (error) {
      throw new Error(`Conjur cannot be reached for ${variable} (${error.cause?.code ?? error.name}). Check CONJUR_APPLIANCE_URL.`);
    }
  }
  const [entered, token] = await ask(`/authn/${account}/${login}/authenticate`, { method: "POST", body: CONJUR_AUTHN_API_KEY });
  if (entered !== 200) {
    throw new Error(`Conjur did not let ${CONJUR_AUTHN_LOGIN} in: status ${entered}. Check CONJUR_AUTHN_LOGIN and CONJUR_AUTHN_API_KEY.`);
  }
  const authorization = `Token token="${Buffer.from(token).toString("base64")}"`;
  const [status, value] = await ask(`/secrets/${account}/variable/${id}`, { headers: { authorization } });
  if (status === 403) {
    throw new Error(`${CONJUR_AUTHN_LOGIN} may not read ${variable}. Permit it execute on the variable.`);
  }
  if (status === 404) {
    throw new Error(`Conjur has no value for ${variable}, or ${CONJUR_AUTHN_LOGIN} may not see it. Set it, or check the name.`);
  }
  if (status !== 200) {
    throw new Error(`Conjur refused to give ${variable}: status ${status}.`);
  }
  if (value === "") {
    throw new Error(`The variable ${variable} is empty. Set it.`);
  }
  return value;
}
// </function>

const secret = await readSecret("example/api-key");
// <use>
console.log(`The secret has ${secret.length} characters.`);
// </use>
