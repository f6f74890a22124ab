#!/usr/bin/env bash
# Makes the results of this folder again: runs under runs/experiments/plays, then copies what is worth keeping. Needs the text.
#   experiments/20-plays/make.sh TEXT [tune|char|bpe|published]...
set -euo pipefail
text="$(readlink -f "${1:?the text of TinyShakespeare}")"
shift
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."
runs=runs/experiments/plays here=experiments/20-plays
mkdir -p "$runs"

# field NAME FILE: a number of a JSON file.
field() { sed -n "s/.*\"$1\": *\([-0-9.e]*\).*/\1/p" "$2" | head -n 1; }

keep() { # RUN NAME FILE...: copies files of a run into this folder
    local from="$runs/$1" to="$here/$2"
    shift 2
    mkdir -p "$to"
    for file in "$@"; do cp "$from/$file" "$to/"; done
    # Where the text lay on this machine is nobody's business: it is written as the recipe has it.
    grep -rlIF "$text" "$to" | xargs -r sed -i "s|$text|data/tinyshakespeare.txt|g"
}

# The learning rate is chosen without the last tenth of the text: on the first nine tenths alone, validated on their last tenth.
tune() {
    head -c "$(($(wc -c < "$text") * 9 / 10))" "$text" > "$runs/fold.txt"
    printf 'tokenizer\tlr_max\tval_ppl\n' > "$here/tuning.tsv"
    for rate in 1e-3:1e-4 2e-3:2e-4 3e-3:3e-4 5e-3:5e-4; do
        for kind in char bpe; do
            out="$runs/tune-$kind-${rate%%:*}"
            ./habla train --config configs/nanogpt-cpu.yaml --out "$out" --force --no-baseline --no-preflight $(settings "$kind") \
                --set data.train_path="$runs/fold.txt" --set optimizer.lr_max="${rate%%:*}" --set optimizer.lr_min="${rate##*:}"
            printf '%s\t%s\t%s\n' "$kind" "${rate%%:*}" "$(field val_ppl "$out/results.json")" >> "$here/tuning.tsv"
        done
    done
}

settings() {
    [ "$1" = char ] || echo --set tokenizer.kind=bpe --set tokenizer.base=bytes --set tokenizer.vocab_size=1024 --set model.vocab_size=1024
}

# A whole run, and bits per byte of the tenth it never saw.
whole() {
    ./habla train --config configs/nanogpt-cpu.yaml --out "$runs/$1" --force $(settings "$1") --set data.train_path="$text"
    ./habla eval --run "$runs/$1" --json > "$runs/$1/evaluation.json"
    keep "$1" "$1" manifest.json config.yaml results.json evaluation.json loss_curve.png
}

# The first 300 of 5,000 steps.
published() {
    local log="$runs/published/train_log.jsonl"
    rm -rf "$runs/published"
    ./habla train --config configs/shakespeare-char.yaml --out "$runs/published" --no-baseline --set data.train_path="$text" \
        --set checkpoint.every=300 --set training.val_every=300 &
    until grep -q '"step":300[,}]' "$log" 2> /dev/null; do
        kill -0 $! 2> /dev/null || { wait $!; return 1; }
        sleep 1
    done
    kill -TERM $! # a script makes what it starts in the background deaf to INT
    wait $! || [ $? -eq 130 ]
    keep published published manifest.json config.yaml train_log.jsonl
}

for part in "${@:-tune char bpe published}"; do
    for each in $part; do
        case "$each" in
            char | bpe) whole "$each" ;;
            tune | published) "$each" ;;
            *) echo "no such part: $each" >&2; exit 2 ;;
        esac
    done
done
