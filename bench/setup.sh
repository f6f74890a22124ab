#!/usr/bin/env bash
# Installs what bench/compare.sh needs besides Habla itself, on Debian or Ubuntu, and builds the peers. With the names of parts, only what
# these need. Only what is missing is installed; what cannot be is said in one line, and the status is then 1.

setup_peers() {
    local here missing=()
    here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
    if [ "$#" -eq 0 ] || [[ " $* " == *" generate "* ]]; then setup_llama "$here/../tests/peers/llama-cpp" || return 1; fi
    [ "$*" != generate ] || return 0
    # The system's python3: another one on the path would not see the system's PyTorch.
    /usr/bin/python3 -c 'import torch' > /dev/null 2>&1 || missing+=(python3-torch)
    is_installed libopenblas0-pthread || missing+=(libopenblas0-pthread)
    [ -e /usr/include/x86_64-linux-gnu/cblas.h ] || is_installed libopenblas-dev || missing+=(libopenblas-dev)
    [ -e /usr/include/dnnl.h ] || missing+=(libdnnl-dev)
    command -v cc > /dev/null || missing+=(gcc)
    command -v make > /dev/null || missing+=(make)

    if [ "${#missing[@]}" -gt 0 ]; then
        install_packages "${missing[@]}" || return 1
    else
        echo "the peers' packages are installed"
    fi
    echo "building bench/peers"
    make --silent -C "$here/peers"
}

# llama.cpp from npm, prebuilt for the processor: nothing is compiled.
setup_llama() {
    local missing=()
    command -v node > /dev/null || missing+=(nodejs)
    command -v npm > /dev/null || missing+=(npm)
    if [ "${#missing[@]}" -gt 0 ]; then install_packages "${missing[@]}" || return 1; fi
    [ -d "$1/node_modules" ] || timeout --foreground 180 npm ci --prefix "$1" --no-audit --no-fund --silent > /dev/null 2>&1 || {
        echo "llama.cpp could not be installed; to have it: npm ci --prefix $1" >&2
        return 1
    }
}

is_installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2> /dev/null)" = installed ]; }

install_packages() {
    local as_root=() log
    if [ "$(id -u)" -ne 0 ]; then
        if command -v sudo > /dev/null && sudo -n true 2> /dev/null; then as_root=(sudo -n); else as_root=(none); fi
    fi
    if [ "${as_root[*]}" = none ] || ! command -v apt-get > /dev/null; then
        echo "missing: $*; to have them: sudo apt-get install $*" >&2
        return 1
    fi
    echo "installing $*"
    log="$(mktemp)"
    # In the foreground and without a terminal to ask: in a group of its own, apt would be stopped when it touches the terminal.
    "${as_root[@]}" timeout --foreground 300 apt-get update -qq > "$log" 2>&1 < /dev/null || true
    if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive timeout --foreground 1800 \
            apt-get install -y -qq --no-install-recommends "$@" > "$log" 2>&1 < /dev/null; then
        tail -n 5 "$log" >&2
        rm -f "$log"
        echo "missing: $*; apt-get could not install them" >&2
        return 1
    fi
    rm -f "$log"
}

setup_peers "$@"
