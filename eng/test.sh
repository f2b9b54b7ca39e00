#!/usr/bin/env bash
# Runs the tests, and closes with what failed and one line: N passed, N failed, N skipped. Two projects at a time. Cluster.Tests starts
# real processes and waits for them, for leases and for limits of seconds; beside it the other projects, one after the other, fill the
# processors, and make way (nice) for what has to keep to those seconds; Cli.Tests, which starts processes too, comes last. With "quick"
# any two, and without what takes long: real processes and their networks, whole trainings beside each other, the simulation's many seeds.
set -uo pipefail
cd "$(dirname "$0")/.."
part=${1:-all}
selection=()
if [ "$part" = quick ]; then
  selection=(--filter-not-namespace 'ClipDistributed.Cluster.Tests*' 'ClipDistributed.Cli.Tests*' 'ClipDistributed.WorkerHost.Tests'
    --filter-not-class '*RunLoopSimulationTests' '*InvarianceTests' '*GlooFailureTests' '*GlooCollectiveTests'
    --ignore-exit-code 8) # 8: a project without others
fi

run() { # the name of a project
  local program="tests/ClipDistributed.$1.Tests/bin/Release/net10.0/linux-x64/ClipDistributed.$1.Tests.dll" code
  dotnet "$program" --no-banner --progress off --ansi off "${selection[@]}" 2>&1 | tee "$LOGS/$1"
  code=${PIPESTATUS[0]}
  if ! grep -q '^Test run summary' "$LOGS/$1"; then # it has counted nothing
    printf '%s\n' "$1.Tests ended with exit code $code amid its tests" '  failed: 1' | tee -a "$LOGS/$1"
  fi
  return "$code"
}

if [ "${2:-}" = lane ]; then # as below: these projects one after the other
  code=0
  for project in "${@:3}"; do run "$project" || code=1; done
  exit "$code"
fi

LOGS=$(mktemp -d)
export LOGS
trap 'rm -rf "$LOGS"' EXIT
mapfile -t projects < <(find tests -maxdepth 1 -name 'ClipDistributed.*.Tests' | sed 's/.*ClipDistributed\.\(.*\)\.Tests/\1/' | sort -r)
lanes() { # the niceness and the command of each
  if [ "$part" = quick ]; then
    printf "0 eng/test.sh quick lane %s\n" "${projects[@]}"
  else
    echo "0 eng/test.sh all lane Cluster"
    echo "5 eng/test.sh all lane $(printf '%s\n' "${projects[@]}" | grep -vxE 'Cluster|Cli' | paste -sd ' ') Cli"
  fi
}
lanes | xargs -P 2 -L 1 nice -n
code=$?
grep -ah -A 12 '^failed ' "$LOGS"/* # once more, below all that passed
sum() { tail -q -n 8 "$LOGS"/* | awk -v name="$1:" '$1 == name { sum += $2 } END { print sum + 0 }'; }
echo "$(sum succeeded) passed, $(sum failed) failed, $(sum skipped) skipped"
exit "$((code > 0))"
