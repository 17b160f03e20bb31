#!/bin/sh
# <expression> $(read_secret 'secret/example/api-key' 'api_key')
# <needs> program the Vault CLI (vault, or bao of OpenBao)
# <note> VAULT_ADDR and VAULT_TOKEN come from the environment. The token needs a policy with read on MOUNT/data/PATH.
set -eu

# <function>
# A field of a secret in Vault; the path begins with that of its KV engine.
read_secret() {
  : "${VAULT_ADDR:?The environment variable VAULT_ADDR is not set. Set it before the program starts.}"
  : "${VAULT_TOKEN:?The environment variable VAULT_TOKEN is not set. Set it before the program starts.}"
  _value="$(vault kv get -field="$2" "$1")" || {
    echo "Vault did not give the field $2 of $1; see above. Create it, or give the token a policy that reads it." >&2
    return 1
  }
  if [ -z "$_value" ]; then
    echo "The field $2 of $1 is empty. Store the value there." >&2
    return 1
  fi
  printf '%s' "$_value"
}
# </function>

secret="$(read_secret 'secret/example/api-key' 'api_key')"
# <use>
printf 'The secret has %s characters.\n' "${#secret}"
# </use>
