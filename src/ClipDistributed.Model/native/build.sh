#!/usr/bin/env bash
# Builds the shims into the given folder.
set -euo pipefail
here=$(dirname "$0")
out=$1
mkdir -p "$out"
compile=(gcc -O2 -fPIC -shared -Wall -Wextra)
"${compile[@]}" -o "$out/libclipd_mkl.so" "$here/clipd_mkl.c"
"${compile[@]}" -o "$out/libclipd_memory.so" "$here/clipd_memory.c"
# Of TorchSharp's library only the name is needed: it is loaded before.
stand_in=$(mktemp -d)
trap 'rm -rf "$stand_in"' EXIT
"${compile[@]}" -Wl,-soname,libLibTorchSharp.so -o "$stand_in/libLibTorchSharp.so" -x c /dev/null
"${compile[@]}" -Wl,--no-as-needed -o "$out/libclipd_scalars.so" "$here/clipd_scalars.c" -L"$stand_in" -lLibTorchSharp
