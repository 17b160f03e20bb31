#!/bin/sh
# <expression> ${EXAMPLE_API_KEY:?The environment variable EXAMPLE_API_KEY is not set. Set it before the program starts.}
set -eu

secret="${EXAMPLE_API_KEY:?The environment variable EXAMPLE_API_KEY is not set. Set it before the program starts.}"
# <use>
printf 'The secret has %s characters.\n' "${#secret}"
# </use>
