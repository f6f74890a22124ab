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

# missing PROGRAM=PACKAGE...: the packages of those programs that are not there.
missing() {
    local each
    for each in "$@"; do
        command -v "${each%%=*}" > /dev/null || printf '%s ' "${each#*=}"
    done
}

# offer CONSEQUENCE PROGRAM=PACKAGE...: programs that are worth an attempt to install, but never worth failing for.
offer() {
    local consequence="$1" packages as_root=()
    shift
    packages="$(missing "$@")"
    [ -n "$packages" ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        if command -v sudo > /dev/null && sudo -n true 2> /dev/null; then as_root=(sudo -n); else as_root=(none); fi
    fi
    if [ "${as_root[*]}" != none ] && command -v apt-get > /dev/null; then
        echo "Installing what is missing: $packages"
        # In the foreground and without a terminal to ask: in a group of its own, apt would be stopped when it touches the terminal.
        "${as_root[@]}" timeout --foreground 120 apt-get update -qq > /dev/null 2>&1 < /dev/null || true
        # shellcheck disable=SC2086
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive timeout --foreground 300 \
            apt-get install -y -qq --no-install-recommends $packages > /dev/null 2>&1 < /dev/null || true
    fi
    packages="$(missing "$@")"
    [ -z "$packages" ] || echo "$consequence; to have it otherwise: sudo apt-get install ${packages% }"
}

# gnuplot draws the pictures of a run.
offer_gnuplot() { offer "gnuplot is missing, so no pictures are drawn" gnuplot=gnuplot-nox; }

# What reads PDF files and pictures of text, and what makes such files for its tests.
offer_readers() {
    offer "Programs are missing, so the tests that read PDF files and scans with them are skipped" \
        pdftotext=poppler-utils tesseract=tesseract-ocr gs=ghostscript prlimit=util-linux
}

# Programs on Node.js that tests hold Habla against, each with a list of its packages under tests/peers.
offer_peers() {
    local peer
    offer "Node.js is missing, so the tests beside programs that need it are skipped" node=nodejs npm=npm
    command -v npm > /dev/null || return 0
    for peer in tests/peers/*/; do
        [ -d "$peer/node_modules" ] || timeout --foreground 180 npm ci --prefix "$peer" --no-audit --no-fund --silent > /dev/null 2>&1 ||
            echo "$peer could not be installed, so the tests beside it are skipped; to have it: npm ci --prefix $peer"
    done
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
