#!/bin/sh
# For any build server: run this in a full clone, with `stanch` on the path.
#
# STANCH_CI_BASE    the commit before what is new, where the server knows it
# STANCH_CI_TARGET  the branch that a change goes to, for pull requests
set -eu
export CI="${CI:-true}"
exec stanch ci --report junit=stanch.xml --report sarif=stanch.sarif "$@"
