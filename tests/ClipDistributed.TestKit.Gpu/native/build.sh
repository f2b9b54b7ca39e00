#!/bin/sh
# Usage: build.sh OUTPUT
set -e
cd "$(dirname "$0")"
"${CC:-cc}" -std=gnu11 -O1 -Wall -Werror -shared -fPIC -pthread -o "$1" cuda.c memory.c nccl.c
