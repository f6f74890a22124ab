# Sourced by quickstart.sh and test.sh: everything a fresh Debian or Ubuntu machine needs besides the .NET 10 SDK.

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en

# A headline on a terminal and in a log.
say() { printf '\n== %s\n' "$*"; }

require_dotnet() {
    if ! command -v dotnet > /dev/null; then
        echo "The .NET 10 SDK is needed: https://dotnet.microsoft.com/download" >&2
        exit 2
    fi
    if ! dotnet --version > /dev/null 2>&1; then
        echo "The .NET 10 SDK is needed, and only others are installed:" >&2
        dotnet --list-sdks >&2
        exit 2
    fi
}

# gnuplot draws the pictures of a run. It is worth an attempt to install it, but never worth failing for.
offer_gnuplot() {
    command -v gnuplot > /dev/null && return 0
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        if command -v sudo > /dev/null && sudo -n true 2> /dev/null; then as_root=(sudo -n); else as_root=(none); fi
    fi
    if [ "${as_root[*]}" != none ] && command -v apt-get > /dev/null; then
        echo "gnuplot is missing; installing gnuplot-nox"
        # In the foreground and without a terminal to ask: in a group of its own, apt would be stopped when it touches the terminal.
        "${as_root[@]}" timeout --foreground 120 apt-get update -qq > /dev/null 2>&1 < /dev/null || true
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive timeout --foreground 180 \
            apt-get install -y -qq --no-install-recommends gnuplot-nox > /dev/null 2>&1 < /dev/null || true
    fi
    command -v gnuplot > /dev/null ||
        echo "gnuplot is missing, so no pictures are drawn; to have them: sudo apt-get install gnuplot-nox"
}

# build PROJECT: Release, quietly; the whole log only when it fails.
build() {
    local log
    log="$(mktemp)"
    if ! dotnet build "$1" --configuration Release --nologo --verbosity quiet -clp:NoSummary > "$log" 2>&1; then
        cat "$log"
        rm -f "$log"
        echo "The build failed." >&2
        exit 1
    fi
    rm -f "$log"
}
