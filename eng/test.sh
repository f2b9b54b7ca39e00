#!/usr/bin/env bash
# Runs all tests, two projects at a time in the order of the solution (the longest stand first), and closes with one line: N passed, N failed, N skipped.
set -uo pipefail
cd "$(dirname "$0")/.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
dotnet test --solution ClipDistributed.sln -c Release --no-build --no-progress 2>&1 | tee "$log"
code=${PIPESTATUS[0]}
sum() { grep -E "^ *$1: [0-9]+" "$log" | tail -n 1 | grep -oE '[0-9]+' | head -n 1; }
echo "$(sum succeeded) passed, $(sum failed) failed, $(sum skipped) skipped"
exit "$code"
