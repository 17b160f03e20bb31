#!/bin/sh
# <expression> $(read_secret 'example-api-key')
# <needs> program the Azure CLI (az)
# <note> AZURE_KEYVAULT_URL is the vault, such as https://NAME.vault.azure.net. The identity needs the role Key Vault Secrets User.
set -eu

# <function>
# A secret of the Azure Key Vault at AZURE_KEYVAULT_URL.
read_secret() {
  : "${AZURE_KEYVAULT_URL:?The environment variable AZURE_KEYVAULT_URL is not set. Set it before the program starts.}"
  _value="$(az keyvault secret show --id "${AZURE_KEYVAULT_URL%/}/secrets/$1" --query value --output tsv)" || {
    echo "The key vault did not give $1; see above. Create it, or give this identity the role Key Vault Secrets User." >&2
    return 1
  }
  if [ -z "$_value" ]; then
    echo "The secret $1 is empty. Set it." >&2
    return 1
  fi
  printf '%s' "$_value"
}
# </function>

secret="$(read_secret 'example-api-key')"
# <use>
printf 'The secret has %s characters.\n' "${#secret}"
# </use>
