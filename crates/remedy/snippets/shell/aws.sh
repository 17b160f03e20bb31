#!/bin/sh
# <expression> $(read_secret 'example/api-key' 'api_key')
# <whole> $(read_secret 'example/api-key')
# <needs> program the AWS CLI (aws)
# <needs> program jq
# <note> AWS_REGION and credentials come from the environment, a profile, or the role of the machine. The credentials need secretsmanager:GetSecretValue on the secret.
set -eu

# <function>
# A secret of AWS Secrets Manager, or one field of it if it is a JSON object.
read_secret() {
  _value="$(aws secretsmanager get-secret-value --secret-id "$1" --query SecretString --output text)" || {
    echo "AWS Secrets Manager did not give $1; see above. Create it, or allow secretsmanager:GetSecretValue on it." >&2
    return 1
  }
  if [ -n "${2:-}" ]; then
    _value="$(printf '%s' "$_value" | jq -er --arg field "$2" '.[$field] | strings')" || {
      echo "The secret $1 has no field $2. Store it there." >&2
      return 1
    }
  fi
  if [ -z "$_value" ]; then
    echo "The secret $1 is empty. Store the value there." >&2
    return 1
  fi
  printf '%s' "$_value"
}
# </function>

secret="$(read_secret 'example/api-key' 'api_key')"
# <use>
printf 'The secret has %s characters.\n' "${#secret}"
# </use>
