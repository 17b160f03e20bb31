#!/bin/sh
# <expression> $(read_secret 'example-api-key')
# <needs> program the Google Cloud CLI (gcloud)
# <note> GOOGLE_CLOUD_PROJECT is the project; credentials are those of the application. They need the role Secret Manager Secret Accessor.
set -eu

# <function>
# The newest version of a secret in the project GOOGLE_CLOUD_PROJECT.
read_secret() {
  : "${GOOGLE_CLOUD_PROJECT:?The environment variable GOOGLE_CLOUD_PROJECT is not set. Set it before the program starts.}"
  _value="$(gcloud secrets versions access latest --secret="$1" --project="$GOOGLE_CLOUD_PROJECT")" || {
    echo "Secret Manager did not give $1; see above. Create it, or give these credentials the role Secret Manager Secret Accessor." >&2
    return 1
  }
  if [ -z "$_value" ]; then
    echo "The secret $1 is empty. Add a version with the value." >&2
    return 1
  fi
  printf '%s' "$_value"
}
# </function>

secret="$(read_secret 'example-api-key')"
# <use>
printf 'The secret has %s characters.\n' "${#secret}"
# </use>
