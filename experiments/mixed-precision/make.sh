#!/usr/bin/env bash
# Trains the verbs, and the plays when their text is there, in each precision, measures steps, and gathers results.json.
# Call: experiments/mixed-precision/make.sh [the text known as TinyShakespeare; default data/tinyshakespeare.txt]
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."
runs=runs/experiments/mixed-precision
text="${1:-data/tinyshakespeare.txt}"
mkdir -p "$runs"
[ -f runs/corpus/verbs_4/train.jsonl ] || ./habla corpus build --out runs/corpus
for precision in fp32 bf16 fp16; do
    rm -rf "$runs/verbs-$precision" "$runs/nanogpt-cpu-$precision"
    ./habla train --config configs/verbs.yaml --no-baseline --set "training.precision=$precision" --out "$runs/verbs-$precision"
    if [ -f "$text" ]; then
        ./habla train --config configs/nanogpt-cpu.yaml --no-baseline --set "data.train_path=$text" \
            --set "training.precision=$precision" --out "$runs/nanogpt-cpu-$precision"
    fi
    ./habla bench step --preset lab,nanogpt-cpu,shakespeare-char --seconds 3 --precision "$precision" --json > "$runs/steps-$precision.json"
done
python3 experiments/mixed-precision/gather.py "$runs" > "$runs/results.json"
cp "$runs/results.json" experiments/mixed-precision/results.json
