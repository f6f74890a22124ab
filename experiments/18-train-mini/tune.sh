#!/usr/bin/env bash
# Chooses model.dropout without touching validation data. As the n-grams are tuned on slices of each split's own train, so is the
# model: three folds hold out four verbs of verbs_4's train (two regular, two irregular), three hold out cells of cell's train.
# A dropout's score is the mean over a split's folds of ln(final perplexity / best n-gram perplexity on the same tokens); the least wins.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."
folds=runs/tune
rm -rf "$folds"
[ -f runs/corpus/corpus.jsonl ] || ./habla corpus build

i=0
for verbs in 'work|study|be|see' 'walk|want|have|come' 'talk|start|do|go'; do
    i=$((i + 1))
    mkdir -p "$folds/verbs-$i"
    grep -Ev "\"verb_lemma\":\"($verbs)\"" runs/corpus/verbs_4/train.jsonl > "$folds/verbs-$i/train.jsonl"
    grep -E "\"verb_lemma\":\"($verbs)\"" runs/corpus/verbs_4/train.jsonl | grep '"id":"form/' > "$folds/verbs-$i/val.jsonl"
done
for i in 1 2 3; do
    ./habla corpus split --input runs/corpus/cell/train.jsonl --policy cell --seed $((100 + i)) --out "$folds/cell-$i" 2> /dev/null
done

number() { sed -n "s/.*\"$1\":\([^,}]*\).*/\1/p"; }
table="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/tuning.tsv"
printf 'dropout\tfold\ttrain_ppl\tval_ppl\tngram_ppl\tln_ratio\n' > "$table"
for dropout in ${DROPOUTS:-0 0.05 0.1 0.15 0.2 0.25}; do
    for fold in verbs-1 verbs-2 verbs-3 cell-1 cell-2 cell-3; do
        results="$(./habla train --config configs/verbs.yaml --out "$folds/run" --force --json \
            --set "data.train_path=$folds/$fold/train.jsonl" --set "data.val_path=$folds/$fold/val.jsonl" \
            --set "model.dropout=$dropout" --set checkpoint.best=false 2> /dev/null)"
        val="$(number val_ppl <<< "$results")" ngram="$(number ngram_baseline_val_ppl <<< "$results")"
        printf '%s\t%s\t%.3f\t%.3f\t%.3f\t%s\n' "$dropout" "$fold" "$(number train_ppl <<< "$results")" "$val" "$ngram" \
            "$(awk "BEGIN { printf \"%+.4f\", log($val / $ngram) }")" | tee -a "$table"
    done
done
awk 'NR > 1 { split($2, fold, "-"); key = fold[1] " dropout " $1; sum[key] += $6; n[key]++ }
    END { for (key in sum) printf "%s: mean ln ratio %+.4f over %d folds\n", key, sum[key] / n[key], n[key] }' "$table" | sort
