#!/bin/sh
# <expression> $(read_secret 'example-api-key' 'api_key')
# <note> Mount the Secret as a volume at /etc/secrets/NAME; SECRETS_DIR names another folder.
set -eu

# <function>
# A key of a Kubernetes Secret that is mounted below /etc/secrets (or SECRETS_DIR).
read_secret() {
  _path="${SECRETS_DIR:-/etc/secrets}/$1/$2"
  _value="$(cat "$_path")" || {
    echo "$_path cannot be read. Mount the Secret $1 there, with a key $2, for the container's user." >&2
    return 1
  }
  if [ -z "$_value" ]; then
    echo "$_path is empty. Put the value into the key $2 of the Secret $1." >&2
    return 1
  fi
  printf '%s' "$_value"
}
# </function>

secret="$(read_secret 'example-api-key' 'api_key')"
# <use>
printf 'The secret has %s characters.\n' "${#secret}"
# </use>
