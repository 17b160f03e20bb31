// <expression> await readSecret("example-api-key")
// <async>
// <needs> npm @azure/identity 4.14.1
// <needs> npm @azure/keyvault-secrets 4.12.0
// <note> AZURE_KEYVAULT_URL is the vault, such as https://NAME.vault.azure.net. The identity needs the role Key Vault Secrets User.
// <imports>
import { DefaultAzureCredential } from "@azure/identity";
import { SecretClient } from "@azure/keyvault-secrets";
// </imports>

// <function>
/** A secret of the Azure Key Vault at AZURE_KEYVAULT_URL. */
async function readSecret(name: string): Promise<string> {
  const vault = process.env.AZURE_KEYVAULT_URL;
  if (!vault) {
    throw new Error("The environment variable AZURE_KEYVAULT_URL is not set. Set it before the program starts.");
  }
  let value: string | undefined;
  try {
    value = (await new SecretClient(vault, new DefaultAzureCredential()).getSecret(name)).value;
  } catch (error: any) {
    if (error.statusCode === 404) {
      throw new Error(`The key vault has no secret ${name}. Create it, or check the name.`);
    }
    if (error.statusCode === 403) {
      throw new Error(`This identity may not read ${name}. Give it the role Key Vault Secrets User.`);
    }
    throw new Error(`The key vault cannot be reached for ${name} (${error.code ?? error.name}). Check AZURE_KEYVAULT_URL and the identity.`);
  }
  if (!value) {
    throw new Error(`The secret ${name} is empty. Set it.`);
  }
  return value;
}
// </function>

const secret = await readSecret("example-api-key");
// <use>
console.log(`The secret has ${secret.length} characters.`);
// </use>
