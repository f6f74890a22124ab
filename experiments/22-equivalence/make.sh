#!/usr/bin/env bash
# Makes the cards of this folder again: a model of each family is trained, then run in every way that habla card knows. Needs the text.
#   experiments/22-equivalence/make.sh TEXT [minigpt|gpt2|llama]...
set -euo pipefail
text="$(readlink -f "${1:?the text of TinyShakespeare}")"
shift
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."
runs=runs/experiments/equivalence here=experiments/22-equivalence
mkdir -p "$runs"

card() { # NAME TRAINING-OPTION...: trains a model and keeps its card
    local name="$1"
    shift
    ./habla train --out "$runs/$name" --force --no-baseline --no-preflight "$@"
    ./habla card --run "$runs/$name" --tokens 2000
    mkdir -p "$here/$name"
    cp "$runs/$name"/{CARD.md,card.json} "$here/$name/"
    # Where the text lay on this machine is nobody's business: it is written as the recipe has it.
    sed -i "s|$text|data/tinyshakespeare.txt|g" "$here/$name"/*
}

minigpt() { # the model of 18-train-mini
    [ -d runs/corpus ] || ./habla corpus build --out runs/corpus
    card minigpt --config configs/verbs.yaml
}

gpt2() { # the model of 20-plays
    card gpt2 --config configs/nanogpt-cpu.yaml --set data.train_path="$text"
}

llama() { # the same size of the other family: two heads of keys and values for four of queries, SwiGLU of about as many weights
    card llama --config configs/nanogpt-cpu.yaml --set data.train_path="$text" --set model.family=llama --set model.n_kv_head=2 \
        --set model.d_ff=352
}

for one in "${@:-minigpt gpt2 llama}"; do
    for name in $one; do "$name"; done
done
