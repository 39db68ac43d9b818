#!/bin/sh
# What the tests need besides Python: a PostgreSQL server, a browser, and certificates to try.
set -eu
missing=""
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 || missing="$missing postgresql"
command -v chromium >/dev/null 2>&1 || missing="$missing chromium fonts-noto-color-emoji"
command -v openssl >/dev/null 2>&1 || missing="$missing openssl"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" -ne 0 ]; then
  echo "Missing: as root, apt-get install$missing" >&2
  exit 1
fi
apt-get update -qq
# shellcheck disable=SC2086  # The names are words of their own.
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
