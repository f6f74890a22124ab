#!/usr/bin/env bash
# From nothing to a language model that speaks, in a few minutes: corpus, tokenizer, n-gram baseline, training, evaluation, text.
# Everything is written under runs/quickstart/, and what an earlier quickstart left there is made anew.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
source scripts/setup.sh
export LC_ALL=C.UTF-8

out=runs/quickstart
recipe=configs/verbs.yaml
started=$SECONDS

require_dotnet
offer_gnuplot
say "Build"
build src/Habla.Cli
rm -rf "$out/corpus" "$out/tokenizer.json" "$out/baseline" "$out/train"

say "Corpus: 20 verbs in English and Spanish; four of them are held out"
./habla corpus build --seed 42 --out "$out/corpus"
data=(--set "data.train_path=$out/corpus/verbs_4/train.jsonl" --set "data.val_path=$out/corpus/verbs_4/val.jsonl"
    --set "tokenizer.path=$out/tokenizer.json")

say "Tokenizer: characters, and what is learned to be joined"
./habla tokenizer train --kind bpe --base chars --vocab-size 64 --input "$out/corpus/verbs_4/train.jsonl" --out "$out/tokenizer.json"

say "Baseline: counting n-grams, the opponent"
./habla baseline --config "$recipe" "${data[@]}" --out "$out/baseline"

say "Training"
./habla train --config "$recipe" "${data[@]}" --baseline "$out/baseline" --out "$out/train"

say "Evaluation: the saved model, read back"
./habla eval --run "$out/train"

# field NAME: the value of a text or a number in JSON on standard input.
field() { sed -n "s/.*\"$1\": *\"\{0,1\}\([^\",}]*\).*/\1/p" | head -n 1; }
# pad TEXT WIDTH: printf counts bytes, and Spanish has letters of two.
pad() { printf '%s%*s' "$1" $(($2 - ${#1})) ''; }

say "Result"
results="$out/train/results.json"
beats=no
[ "$(field beats_baseline < "$results")" != true ] || beats=yes
printf 'baseline perplexity:  %.3f\n' "$(field ngram_baseline_val_ppl < "$results")"
printf 'model perplexity:     %.3f\n' "$(field val_ppl < "$results")"
echo "beats baseline: $beats"
echo "The run and its model are in $out/train."

say "Five conjugations of verbs that the model was never shown"
echo "(Which English verb belongs to an unknown Spanish one cannot be known: look at the person and the tense.)"
pad "Spanish" 20; pad "the model says" 24; echo "right is"
grep '"id":"form/.*"label":"correct"' "$out/corpus/verbs_4/val.jsonl" | sed -n '6~13p' | while IFS= read -r row; do
    spanish="$(field spanish <<< "$row")" english="$(field text <<< "$row")"
    said="$(./habla generate --run "$out/train" --prompt "es:$spanish / en:")"
    said="${said#*/ en:}"
    pad "$spanish" 20; pad "$said" 24; pad "$english" 24
    if [ "$said" = "$english" ]; then echo right; else echo wrong; fi
done

echo "That took $((SECONDS - started)) s."
[ "$beats" = yes ]
