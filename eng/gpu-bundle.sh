#!/usr/bin/env bash
# Packs what the gpu commands need on a machine that has an NVIDIA GPU and PyTorch, but neither .NET nor our packages:
# bin/clipd-gpu.tar.xz. It brings the .NET runtime and the libraries of the system that a bare machine lacks; libtorch is that
# machine's own, given with --libtorch. At last it is unpacked elsewhere and tried on the CPU.
set -euo pipefail
cd "$(dirname "$0")/.."
limit=$((64 << 20))
stage=bin/clipd-gpu
archive=$stage.tar.xz
command -v xz >/dev/null || { echo 'xz, which packs the bundle, is missing: apt-get install xz-utils' >&2; exit 1; }
rm -rf "$stage" "$archive"
mkdir -p "$stage/native"

# Programs beside each other, as clipd looks for clipd-replica. Links first, so that libtorch is not copied; copied with the links
# between them, so that a library that several programs have is stored once, and no other build's links to it disturb tar.
links=$(mktemp -d -p bin)
chmod 755 "$links" # lib/ of the bundle, for every user
trap 'rm -rf "$links"' EXIT
link() { # folder of the build, name
  cp -al "$1" "$links/$2"
  rm -rf "$links/$2/libtorch"
  find "$links/$2" -name '*.pdb' -delete
}
link bin/lib/clipd clipd
link bin/lib/clipd-replica clipd-replica
link tests/ClipDistributed.Benchmarks/bin/Release/net10.0/linux-x64 benchmarks
cp -a "$links" "$stage/lib"

# The newest .NET 10 runtime of this machine: "Microsoft.NETCore.App 10.0.1 [/usr/share/dotnet/shared/Microsoft.NETCore.App]".
for framework in Microsoft.NETCore.App Microsoft.AspNetCore.App; do
  found=$(dotnet --list-runtimes | sed -nE "s|^$framework (10\.[^ ]+) \[(.*)\]\$|\2/\1|p" | sort -V | tail -n 1)
  mkdir -p "$stage/dotnet/shared/$framework"
  cp -a "$found" "$stage/dotnet/shared/$framework/"
done
root=$(dirname "$(dirname "$(dirname "$found")")")
mkdir -p "$stage/dotnet/host/fxr"
cp -a "$(find "$root/host/fxr" -mindepth 1 -maxdepth 1 -name '10.*' | sort -V | tail -n 1)" "$stage/dotnet/host/fxr/"

# What the shims load of the system, and .NET of OpenSSL: in a folder each, so that a machine's own go first.
base='^(libc|libm|libdl|librt|libpthread|libgcc_s|libstdc\+\+)\.so'
ssl=$(/sbin/ldconfig -p | sed -nE 's|.*libssl\.so\.3 \(libc6,x86-64\) => ||p')
{
  echo "libssl.so.3 $ssl"
  for library in "$ssl" "$stage"/lib/clipd-replica/libclipd_{gloo,jpeg}.so; do
    ldd "$library" | awk '$2 == "=>" && $3 ~ /^\// { print $1, $3 }'
  done
} | sort -u | grep -vE "$base" | while read -r name path; do
  mkdir -p "$stage/native/$name"
  cp -L "$path" "$stage/native/$name/$name"
done

launcher() { # name, then the last lines of the script
  cat >"$stage/$1" <<'SCRIPT'
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
known=$(/sbin/ldconfig -p 2>/dev/null)
for folder in "$here"/native/*; do
  case $known in
    *"${folder##*/} (libc6,x86-64)"*) ;;
    *) LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$folder ;;
  esac
done
export LD_LIBRARY_PATH DOTNET_ROOT="$here/dotnet"
SCRIPT
  cat >>"$stage/$1"
  chmod +x "$stage/$1"
}
launcher clipd <<'SCRIPT'
exec "$here/lib/clipd/clipd" "$@"
SCRIPT
launcher gpu <<'SCRIPT'
check=${1:---help}
[ $# -eq 0 ] || shift
[ "$check" = --help ] || set -- --clipd "$here/clipd" "$@"
exec "$here/lib/benchmarks/ClipDistributed.Benchmarks" gpu "$check" "$@"
SCRIPT

tar -C bin --owner=0 --group=0 --sort=name -cf - "${stage#bin/}" | xz -6 -T0 >"$archive"
size=$(stat -c %s "$archive")
echo "$archive: $((size >> 20)) MiB; unpack it, then: clipd-gpu/gpu load --libtorch .../torch/lib"
((size < limit)) || { echo "That is more than $((limit >> 20)) MiB." >&2; exit 1; }

# As on a bare machine: nothing of this one's environment, another folder, another libtorch.
elsewhere=$(mktemp -d)
trap 'rm -rf "$links" "$elsewhere"' EXIT
tar -C "$elsewhere" -xJf "$archive"
cp -r bin/lib/clipd-replica/libtorch "$elsewhere/torch"
for check in load golden; do
  env -i PATH=/usr/bin:/bin "$elsewhere/clipd-gpu/gpu" "$check" --device cpu --libtorch "$elsewhere/torch"
done
