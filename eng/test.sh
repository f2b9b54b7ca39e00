#!/usr/bin/env bash
# Runs the tests, one project after the other, and closes with one line: N passed, N failed, N skipped. Two at a time are slower: the threads
# of tensor operators of one project then wait for processors that those of the other have. With "quick" those of real processes and the
# simulation's many seeds are left out.
set -uo pipefail
cd "$(dirname "$0")/.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
selection=()
if [ "${1:-}" = quick ]; then
  selection=(--filter-not-namespace 'ClipDistributed.Cluster.Tests*' 'ClipDistributed.Cli.Tests*' --filter-not-class '*RunLoopSimulationTests'
    --ignore-exit-code 8) # 8: a project without others
fi
dotnet test --solution ClipDistributed.sln -c Release --no-build --no-progress --max-parallel-test-modules 1 "${selection[@]}" 2>&1 | tee "$log"
code=${PIPESTATUS[0]}
sum() { grep -E "^ *$1: [0-9]+" "$log" | tail -n 1 | grep -oE '[0-9]+' | head -n 1; }
echo "$(sum succeeded) passed, $(sum failed) failed, $(sum skipped) skipped"
exit "$code"
