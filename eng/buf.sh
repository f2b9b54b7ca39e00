#!/bin/bash
# Checks the protos against buf's standard rules, without its registry: google/api comes from the NuGet package that the build uses.
# BUF names the program (npm: @bufbuild/buf).
set -euo pipefail
cd "$(dirname "$0")/.."
google=$(ls -d "${NUGET_PACKAGES:-$HOME/.nuget/packages}"/google.api.commonprotos/*/content/protos/google | sort -V | tail -1)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp -r protos/. "$google" "$folder"
cd "$folder"
"${BUF:-buf}" "${@:-lint}"
echo "the protos keep buf's standard rules"
