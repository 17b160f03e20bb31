#!/bin/sh
# <expression> $(read_secret 'example/api-key')
# <needs> program curl
# <note> CONJUR_APPLIANCE_URL, CONJUR_ACCOUNT, CONJUR_AUTHN_LOGIN and CONJUR_AUTHN_API_KEY come from the environment. The host needs read and execute on the variable.
set -eu

# <function>
# The value of a variable of Conjur.
read_secret() {
  : "${CONJUR_APPLIANCE_URL:?The environment variable CONJUR_APPLIANCE_URL is not set. Set it before the program starts.}"
  : "${CONJUR_ACCOUNT:?The environment variable CONJUR_ACCOUNT is not set. Set it before the program starts.}"
  : "${CONJUR_AUTHN_LOGIN:?The environment variable CONJUR_AUTHN_LOGIN is not set. Set it before the program starts.}"
  : "${CONJUR_AUTHN_API_KEY:?The environment variable CONJUR_AUTHN_API_KEY is not set. Set it before the program starts.}"
  _login="$(printf '%s' "$CONJUR_AUTHN_LOGIN" | sed 's#/#%2F#g')"
  _id="$(printf '%s' "$1" | sed 's#/#%2F#g')"
  # The key goes through standard input: arguments are visible to everybody.
  _token="$(printenv CONJUR_AUTHN_API_KEY | tr -d '\n' | curl --silent --show-error --fail --max-time 10 --data-binary @- \
    --header 'Accept-Encoding: base64' "$CONJUR_APPLIANCE_URL/authn/$CONJUR_ACCOUNT/$_login/authenticate")" || {
    echo "Conjur did not let $CONJUR_AUTHN_LOGIN in to read $1, or cannot be reached. Check CONJUR_APPLIANCE_URL and CONJUR_AUTHN_API_KEY." >&2
    return 1
  }
  _value="$(printf 'header = "Authorization: Token token=\\"%s\\""\n' "$_token" | curl --silent --show-error --fail --max-time 10 \
    --config - "$CONJUR_APPLIANCE_URL/secrets/$CONJUR_ACCOUNT/variable/$_id")" || {
    echo "Conjur has no value for $1, or $CONJUR_AUTHN_LOGIN may not read it. Set it, or permit execute on it." >&2
    return 1
  }
  if [ -z "$_value" ]; then
    echo "The variable $1 is empty. Set it." >&2
    return 1
  fi
  printf '%s' "$_value"
}
# </function>

secret="$(read_secret 'example/api-key')"
# <use>
printf 'The secret has %s characters.\n' "${#secret}"
# </use>
