#!/usr/bin/env bash
# Renders coloured shapes, trains a small CLIP on them, and classifies pairs of colour and shape that it never saw together.
set -euo pipefail
cd "$(dirname "$0")/.."
start=$SECONDS
bin/clipd data shapes data/demo
rm -rf runs/demo
bin/clipd train demo.yaml
last() { # source: top-1 of the last evaluation, in per cent
  grep '"kind":"evaluation"' runs/demo/metrics.jsonl | grep "\"source\":\"$1\"" | tail -n 1 | sed -E 's/.*"top1":([0-9.eE-]+).*/\1/' | awk '{printf "%.1f", 100 * $1}'
}
echo "demo: seen $(last seen) % · unseen $(last unseen) % · $((SECONDS - start)) s · runs/demo/report.html"
