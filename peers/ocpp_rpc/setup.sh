#!/bin/sh
# Fetches npm `ocpp-rpc` (MIT) and what it needs, all at exact versions, into the folder that is named.
set -eu
folder=${1:?usage: setup.sh FOLDER}
mkdir -p "$folder"
cat > "$folder/package.json" <<'PACKAGE'
{
  "private": true,
  "dependencies": { "ocpp-rpc": "2.2.1" },
  "overrides": {
    "ajv": "8.14.0",
    "ajv-formats": "2.1.1",
    "backoff": "2.5.0",
    "fast-deep-equal": "3.1.3",
    "json-schema-traverse": "1.0.0",
    "precond": "0.2.3",
    "punycode": "2.3.1",
    "require-from-string": "2.0.2",
    "uri-js": "4.4.1",
    "ws": "8.18.3"
  }
}
PACKAGE
cd "$folder"
npm install --no-package-lock --ignore-scripts --no-audit --no-fund --silent
