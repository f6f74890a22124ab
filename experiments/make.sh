#!/usr/bin/env bash
# Makes the committed results again: runs under runs/experiments, then copies what is worth keeping. READMEs are written by hand,
# except that of the baseline. With an argument, verbs, sonnets or labs, only those.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
runs=runs/experiments
only="${1:-}"

keep() { # FROM TO FILE...: copies files of a run into an experiment
    local from="$1" to="experiments/$2"
    shift 2
    mkdir -p "$to"
    for file in "$@"; do cp "$from/$file" "$to/"; done
}

verbs() {
    ./habla corpus build --out runs/corpus --force
    rm -rf "$runs"/baseline-* "$runs"/verbs_4 "$runs"/cell "$runs"/verb_tense
    # Like the n-grams, dropout is tuned for each split on folds of its train: 0.2 for verbs_4 (it stands in the recipe), 0.05 for cells.
    for policy in verbs_4 cell verb_tense; do
        recipe=(--config configs/verbs.yaml --set "data.heldout_policy=$policy")
        [ "$policy" = verbs_4 ] || recipe+=(--set model.dropout=0.05)
        ./habla baseline "${recipe[@]}" --out "$runs/baseline-$policy"
        # The main run is told to MLflow too, in the form that needs no server; runs made again are added there.
        [ "$policy" != verbs_4 ] || recipe+=(--set "tracking.mlflow.uri=$runs/mlruns" --set tracking.mlflow.experiment=verbs)
        ./habla train "${recipe[@]}" --baseline "$runs/baseline-$policy" --out "$runs/$policy"
    done
    keep "$runs/baseline-verbs_4" 14-ngram-baseline results.json perplexity_vs_n.png manifest.json README.md
    keep "$runs/verbs_4" 18-train-mini manifest.json config.yaml tokenizer.json train_log.jsonl results.json \
        loss_curve.png training_curve.png loss_by_epoch.png grad_norm.png mlflow.json
    # Of what MLflow was told, 1.2 MB that repeat the log, only the run's own description is kept.
    cp "$runs"/mlruns/*/"$(sed -n 's/.*"run_id": "\(.*\)".*/\1/p' "$runs/verbs_4/mlflow.json")"/meta.yaml experiments/18-train-mini/mlflow_run.yaml
    for policy in cell verb_tense; do
        keep "$runs/$policy" "18-train-mini/$policy" manifest.json results.json loss_curve.png
        cp "$runs/baseline-$policy/results.json" "experiments/18-train-mini/$policy/baseline_results.json"
    done

    weights="$runs/verbs_4/checkpoints/last/weights.safetensors"
    mkdir -p experiments/18-train-mini/models
    rm -f experiments/18-train-mini/models/*
    cp "$weights" "experiments/18-train-mini/models/minigpt-phase18-$(sha256sum "$weights" | cut -c 1-12).safetensors"

    mkdir -p experiments/18-checkpoint-roundtrip
    ./habla eval --run "$runs/verbs_4" --reference --roundtrip experiments/18-checkpoint-roundtrip/roundtrip_results.json
}

sonnets() {
    rm -rf "$runs"/sonnets-*
    for position in learned rotary; do
        ./habla train --config configs/sonnets.yaml --set model.position=$position --no-baseline --out "$runs/sonnets-$position"
        keep "$runs/sonnets-$position" "18-sonnets/$position" manifest.json config.yaml results.json train_log.jsonl loss_curve.png
        ./habla eval --run "$runs/sonnets-$position" --data data/sonnets.txt --stride 1 --json > "experiments/18-sonnets/$position/all_windows.json"
    done
}

labs() { # drift needs the run that verbs makes
    local file
    for file in experiments/18-sonnets-grid/*.yaml experiments/18-training-loop/*.yaml; do
        ./habla experiment "$file"
        keep "$(sed -n 's/^out: //p' "$file")" "$(basename "$(dirname "$file")")/$(basename "$file" .yaml)" REPORT.md results.json loss_curves.png
    done
    [ -d "$runs/verbs_4" ] || verbs
    ./habla drift --run "$runs/verbs_4" --dtype fp16,bf16 --out "$runs/mp-drift" --force
    keep "$runs/mp-drift" 18-mp-drift manifest.json drift_results.json drift_per_layer.png argmax_flips.md
}

case "$only" in
    "") verbs && sonnets && labs ;;
    verbs | sonnets | labs) "$only" ;;
    *) echo "make.sh: $only is none of verbs, sonnets, labs" >&2 && exit 2 ;;
esac
