#!/bin/sh
# Installs the tester into the folder given, in an environment of its own.
set -eu
target=$1
[ -x "$target/bin/python" ] || python3 -m venv "$target"
"$target/bin/python" -m pip install --quiet --disable-pip-version-check test-ocpp==1.0.0 websockets==15.0.1
