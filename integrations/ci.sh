#!/bin/sh
# For any CI: judge the specs that a change touches. Usage: ci.sh BASE [PATH|OPTION]...
#
# BASE is the commit or the branch that the change is compared with, such as origin/main. Exit code 1: a tick is
# false. spec-run.xml is the report as JUnit.
set -u
base=${1:?which commit is the change compared with? ci.sh BASE [PATH|OPTION]...}
shift
[ $# -gt 0 ] || set -- specs/

if ! git rev-parse --quiet --verify "$base^{commit}" >/dev/null; then
    git fetch --quiet --no-tags --depth=1 origin "$base" && base=FETCH_HEAD
fi
spec-run verify --changed-since "$base" --allow-empty --junit spec-run.xml "$@"
