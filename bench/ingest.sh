#!/usr/bin/env bash
# How long habla ingest takes for 10,000 small text files: the first time, and again when nothing has changed. Writes
# bench/results/ingest.json, a line for each run.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# 250 words a file, of 5,000 that awk draws from a seed.
awk -v folder="$work/texts" 'BEGIN {
    srand(1)
    for (i = 0; i < 5000; i++) { word = ""; for (n = 2 + int(rand() * 8); n > 0; n--) word = word sprintf("%c", 97 + int(rand() * 26)); words[i] = word }
    for (f = 0; f < 10000; f++) {
        if (f % 100 == 0) { part = folder "/" sprintf("%03d", f / 100); system("mkdir -p " part) }
        file = part "/" f ".txt"
        for (i = 0; i < 250; i++) printf "%s%s", words[int(rand() * 5000)], i < 249 ? " " : "\n" > file
        close(file)
    }
}'

for run in 1 2 3; do
    rm -rf "$work/out"
    for _ in first again; do ./habla ingest "$work/texts" --out "$work/out" --json 2> /dev/null; done
done | sed "s|$work|.|g" | tee bench/results/ingest.json
