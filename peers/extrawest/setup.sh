#!/bin/sh
# Installs the back end into the folder given, in an environment of its own: it needs older libraries than we do.
set -eu
target=$1
[ -x "$target/bin/python" ] || python3 -m venv "$target"
"$target/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps \
  -r "$(dirname "$0")/requirements.txt"
