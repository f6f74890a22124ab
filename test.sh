#!/usr/bin/env bash
# Builds Release once and runs every test. The last line counts them: "412 passed, 0 failed".
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
source scripts/setup.sh

require_dotnet
offer_gnuplot
offer_readers
offer_peers
say "build"
build Habla.slnx

results="$(mktemp -d)"
trap 'rm -rf "$results"' EXIT

# count NAME FILE: one number of a result file's <Counters .../>, 0 when the file has none.
count() { grep -o '<Counters [^>]*' "$2" 2> /dev/null | grep -o " $1=\"[0-9]*\"" | head -n 1 | grep -o '[0-9]*' || echo 0; }

passed=0 failed=0 skipped=0 broken=0

# run TITLE PROJECT [OPTION...]: one project's tests; their counts are added to those so far.
run() {
    local title="$1" project="$2" file="$results/$1.trx" total
    shift 2
    say "$title"
    # The exit code matters beside the counts: a test host that crashes leaves no failed test behind.
    dotnet test "tests/$project" --configuration Release --no-build --nologo --results-directory "$results" \
        --logger "console;verbosity=minimal" --logger "trx;LogFileName=$title.trx" "$@" \
        | grep -v -e '^Results File:' -e '^A total of' -e '^Test run for' -e '^VSTest version' -e '^Starting test' -e '^$' || broken=1
    total="$(count total "$file")"
    [ "$total" -gt 0 ] || { echo "$title: no test ran" >&2; broken=1; }
    passed=$((passed + $(count passed "$file")))
    failed=$((failed + $(count failed "$file")))
    skipped=$((skipped + total - $(count executed "$file")))
}

run Habla.Tensors.Tests Habla.Tensors.Tests
# The kernels once more as a processor without AVX-512 computes them, at every size and alignment.
DOTNET_EnableAVX512=0 run "Kernels without AVX-512" Habla.Tensors.Tests --filter FullyQualifiedName~Habla.Tensors.Tests.Kernels.
run Habla.Tests Habla.Tests
run Habla.EndToEnd.Tests Habla.EndToEnd.Tests

echo
summary="$passed passed, $failed failed"
[ "$skipped" -eq 0 ] || summary="$summary, $skipped skipped"
[ "$broken" -eq 0 ] || [ "$failed" -gt 0 ] || echo "A test project did not run to its end; see above." >&2
echo "$summary"
[ "$broken" -eq 0 ] && [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
