#!/usr/bin/env bash
# Makes the results of this folder again, by the three commands of the README: runs/code, and what is worth keeping of it here.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."
here=experiments/21-code runs=runs/code
rm -rf "$runs"
./habla ingest src tests docs configs --out "$runs/documents"
./habla tokenizer train --kind bpe --base bytes --vocab-size 2048 --input "$runs/documents" --out "$runs/tokenizer.json" \
    --shards "$runs/shards" --val-fraction 0.1
./habla train --config configs/code.yaml --out "$runs/model"
./habla eval --run "$runs/model" --json > "$runs/model/evaluation.json"
for seed in 1 2 3; do
    ./habla generate --run "$runs/model" --prompt 'public static int ' --max-tokens 120 --temperature 0.5 --seed "$seed"
    printf '\n----\n'
done > "$here/samples.txt"
cp "$runs"/model/{manifest.json,config.yaml,results.json,evaluation.json,loss_curve.png} "$runs/shards/train/shards.json" "$here/"
cp "$runs/documents/ingest_report.json" "$here/"
