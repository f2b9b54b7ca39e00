#!/usr/bin/env bash
# build.sh OUTPUT: compiles the Gloo shim. Its complaints have the form that MSBuild shows as errors.
set -euo pipefail
cd "$(dirname "$0")"

command -v g++ >/dev/null 2>&1 || { echo 'libclipd_gloo.so : error CLIPD001: g++ is missing; install it: apt-get install g++'; exit 1; }
echo '#include <gloo/allgatherv.h>' | g++ -E -x c++ - >/dev/null 2>&1 ||
  { echo "libclipd_gloo.so : error CLIPD002: Gloo's headers are missing; install them: apt-get install libgloo-dev"; exit 1; }

# Under another name first: two builds at once never leave half a library.
g++ -std=c++17 -O3 -fPIC -shared -fvisibility-inlines-hidden -Wall -Wextra -Wno-unused-parameter \
  -idirafter without-memory-header -o "$1.$$" *.cpp -lgloo -Wl,-z,defs
mv -f "$1.$$" "$1"
