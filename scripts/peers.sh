#!/bin/sh
# Fetches the software of others that the drills in peers/ run against, each into a folder of its own.
set -eu
for setup in peers/*/setup.sh; do
  name=$(basename "$(dirname "$setup")")
  mkdir -p ".peers/$name"
  echo "peers: $name"
  sh "$setup" ".peers/$name"
done
