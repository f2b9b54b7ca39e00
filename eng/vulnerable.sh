#!/usr/bin/env bash
# Fails where a package that we use, directly or not, has a known vulnerability. Where no feed can say, that is said, and nothing fails.
set -uo pipefail
cd "$(dirname "$0")/.."
unknown() { echo "vulnerable packages: not looked for, $1"; exit 0; }
index() { dotnet nuget list source --format short | awk '$1 ~ /^E/ && $2 ~ /^https?:/ { print $2 }'; }
asked=0
for feed in $(index); do
  curl -fsSL --max-time 20 "$feed" 2>/dev/null | grep -q '"VulnerabilityInfo' && asked=1
done
[ "$asked" = 1 ] || unknown "no package feed answers that knows of vulnerabilities"
found=$(timeout 180 dotnet list "${1:-ClipDistributed.sln}" package --vulnerable --include-transitive 2>&1) || unknown "the package feed did not answer"
if grep -q '^ *> ' <<<"$found"; then # a line for each package
  grep -E '^Project|^ *> ' <<<"$found"
  echo "vulnerable packages: raise their versions in Directory.Packages.props" >&2
  exit 1
fi
echo "vulnerable packages: none"
