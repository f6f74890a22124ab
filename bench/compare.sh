#!/usr/bin/env bash
# Measures Habla beside its peers in one run, and says which bars are met:
#
#     bench/compare.sh            all of these:
#     bench/compare.sh step       training steps beside PyTorch; about 40 minutes on two cores
#     bench/compare.sh gemm       matrix products beside OpenBLAS and oneDNN
#     bench/compare.sh busy       steps while another process keeps a core busy
#     bench/compare.sh generate   reading prompts and saying tokens beside llama.cpp
#
# ROUNDS (3), SECONDS_EACH (5: how long to warm up and to measure, each), THREADS (2: Habla's, and the most a peer gets) and
# PRESETS (all; a comparison of some is called step-some) change what is done. Leave the machine alone meanwhile: with one core
# busy, PyTorch's waiting threads cost it a factor of ten and more. Results go to bench/results/.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."

bash bench/setup.sh "$@"
./habla --help > /dev/null # builds it when needed

# What a shell may have set to steer these libraries; each of them is to choose for itself.
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE OPENBLAS_NUM_THREADS OMP_NUM_THREADS OMP_WAIT_POLICY ATEN_CPU_CAPABILITY \
    DNNL_MAX_CPU_ISA ONEDNN_MAX_CPU_ISA
exec python3 bench/compare.py "$@"
