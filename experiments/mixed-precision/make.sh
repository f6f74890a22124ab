#!/usr/bin/env bash
# Trains the verbs, and the plays when their text is there, in each precision, measures steps, and gathers results.json.
# Call: experiments/mixed-precision/make.sh [the text known as TinyShakespeare; default data/tinyshakespeare.txt]
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."
runs=runs/experiments/mixed-precision
text="${1:-data/tinyshakespeare.txt}"
recipes=(verbs)
[ ! -f "$text" ] || recipes+=(nanogpt-cpu)
mkdir -p "$runs"
[ -f runs/corpus/verbs_4/train.jsonl ] || ./habla corpus build --out runs/corpus

train() { # RECIPE PRECISION FOLDER OPTION...
    local data=()
    # nanoGPT's own learning rate; the recipe's is three times as large.
    [ "$1" = verbs ] || data=(--set "data.train_path=$text" --set optimizer.lr_max=1e-3 --set optimizer.lr_min=1e-4)
    rm -rf "$runs/$3"
    ./habla train --config "configs/$1.yaml" --no-baseline "${data[@]}" --set "training.precision=$2" --out "$runs/$3" "${@:4}"
}

# Processor time of one thread, which other programs on the machine disturb less than they do the clock on the wall: a run of some
# steps and one of many, whose difference is what the steps between them take.
TIMEFORMAT=%U
processor_time() { # RECIPE PRECISION STEPS OPTION...
    local options=(--threads 1 --set training.val_every=100000 --set scheduler.warmup_steps=5 --set "scheduler.total_steps=$3" "${@:4}") seconds
    seconds=$({ time train "$1" "$2" timed "${options[@]}" > "$runs/timed.txt" 2>&1; } 2>&1)
    echo "$1 $2 $3 $seconds"
}

: > "$runs/processor_seconds.txt"
for precision in fp32 bf16 fp16; do
    for recipe in "${recipes[@]}"; do train "$recipe" "$precision" "$recipe-$precision"; done
    for steps in 200 2200; do processor_time verbs "$precision" "$steps"; done >> "$runs/processor_seconds.txt"
    [ ! -f "$text" ] || for steps in 10 130; do
        processor_time nanogpt-cpu "$precision" "$steps" --set data.stride=64
    done >> "$runs/processor_seconds.txt"
    ./habla bench step --preset lab,nanogpt-cpu --threads 1 --seconds 3 --precision "$precision" --json > "$runs/steps-$precision.json"
done
python3 experiments/mixed-precision/gather.py "$runs" > "$runs/results.json"
cp "$runs/results.json" experiments/mixed-precision/results.json
