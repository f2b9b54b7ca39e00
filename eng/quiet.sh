#!/usr/bin/env bash
# Runs a command and shows its output only where it fails.
set -uo pipefail
name=$1
shift
start=$SECONDS
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if "$@" >"$log" 2>&1; then
  echo "$name: $((SECONDS - start)) s"
else
  code=$?
  cat "$log"
  echo "$name failed (exit code $code): $*" >&2
  exit "$code"
fi
