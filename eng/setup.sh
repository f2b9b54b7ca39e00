#!/usr/bin/env bash
# Installs what a fresh Debian 12/13 or Ubuntu 22.04/24.04 machine lacks, and says what and why before it does.
set -euo pipefail

missing=() reasons=()
need() { # package, file or command that shows it is there, why
  if ! command -v "$2" >/dev/null 2>&1 && ! compgen -G "$2" >/dev/null; then
    missing+=("$1")
    reasons+=("  $1: $3")
  fi
}

has_sdk() { command -v dotnet >/dev/null 2>&1 && dotnet --list-sdks 2>/dev/null | grep -q '^10\.'; }

need libstdc++6 '/usr/lib/*/libstdc++.so.6' 'libtorch needs the C++ runtime'
need fonts-dejavu-core '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf' 'the letters in pictures and reports'
need g++ g++ 'compiles the small library between C# and Gloo'
need libgloo-dev '/usr/include/gloo/allgatherv.h' 'Gloo joins the replicas of a run on CPUs'
need libjpeg-dev '/usr/include/jpeglib.h' 'JPEG images are decoded twice as fast'
need npm npm 'the dashboard draws with ECharts and the font Inter, which come from there'
need ca-certificates '/etc/ssl/certs/ca-certificates.crt' 'packages are fetched over TLS'

as_root=()
if [ "$(id -u)" -ne 0 ] && command -v sudo >/dev/null 2>&1; then as_root=(sudo); fi
may_install() { [ "$(id -u)" -eq 0 ] || ((${#as_root[@]})); }

updated=
update_lists() {
  [ -z "$updated" ] || return 0
  "${as_root[@]}" apt-get update -qq && updated=yes
}

if ! has_sdk; then
  # A fresh container has no package lists at all, and would seem to offer nothing.
  if command -v apt-get >/dev/null 2>&1 && may_install; then
    echo 'The .NET 10 SDK is missing: the package lists are updated, to see whether they offer it.'
    update_lists || echo 'The update failed; the lists are asked as they are.' >&2
  fi
  if apt-cache show dotnet-sdk-10.0 >/dev/null 2>&1; then
    missing+=(dotnet-sdk-10.0)
    reasons+=('  dotnet-sdk-10.0: compiles the project')
  else
    cat >&2 <<'TEXT'
The .NET 10 SDK is missing and this system's packages do not offer it. Install it, then run make again:
  1. wget https://dot.net/v1/dotnet-install.sh
  2. bash dotnet-install.sh --channel 10.0 --install-dir "$HOME/.dotnet"
  3. export PATH="$HOME/.dotnet:$PATH" DOTNET_ROOT="$HOME/.dotnet"
TEXT
    exit 1
  fi
fi

((${#missing[@]})) || exit 0

echo 'These packages are missing and will be installed:'
printf '%s\n' "${reasons[@]}"
may_install || { echo "Ask an administrator to run: apt-get install -y ${missing[*]}" >&2; exit 1; }
update_lists
DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}"
