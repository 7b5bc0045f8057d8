#!/bin/bash
# setup.sh build|demo|test|bench: make this machine able to build, to run the example, to run every test, or to measure.
#
# Looks first and does only what is missing, so that it costs a fraction of a second when all is there:
#   - Debian packages, as root or through sudo; otherwise it prints the line to run and ends with status 2;
#   - Python environments: examples/.venv for the example, one below ~/.cache/notebooked for the tests.
set -euo pipefail
cd "$(dirname "$0")/.."

build_packages=(gcc libc6-dev cmake ninja-build pkg-config libfyaml-dev libsqlite3-dev nettle-dev python3)
demo_packages=(python3-venv)
bench_packages=(python3-venv wrk)
test_packages=(
    clang-14 libclang-rt-14-dev clang-format-14 clang-tidy-14 cppcheck shellcheck ccache git libcmocka-dev mandoc dpkg-dev zsh fish
    pyflakes3 python3-numpy python3-pandas python3-matplotlib python3-seaborn python3-sklearn python3-statsmodels
    python3-torch python3-xgboost chromium chromium-driver)

say() { echo "setup: $*" >&2; }

# --- Debian packages

not_installed() {
    local name
    dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p' >"$scratch/have" || true # it fails when one is unknown
    for name; do
        grep -qxF "$name" "$scratch/have" || echo "$name"
    done
}

install_packages() {
    local missing line=()
    mapfile -t missing < <(not_installed "$@")
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" != 0 ]; then
        line=(sudo)
        if ! command -v sudo >/dev/null || { [ ! -t 0 ] && ! sudo -n true 2>/dev/null; }; then
            say "these Debian packages are missing; run this as root and try again:"
            echo "    apt-get update && apt-get install -y --no-install-recommends ${missing[*]}" >&2
            exit 2
        fi
    fi
    say "installing ${missing[*]}"
    "${line[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq >"$scratch/apt" 2>&1 &&
        "${line[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}" \
            >"$scratch/apt" 2>&1 || { tail -20 "$scratch/apt" >&2; say "cannot install packages"; exit 1; }
}

# Elsewhere than on Debian only the tools can be looked for.
check_tools() {
    local tool missing=()
    for tool in gcc cmake ninja pkg-config python3; do
        command -v "$tool" >/dev/null || missing+=("$tool")
    done
    for tool in libfyaml sqlite3 nettle; do
        pkg-config --exists "$tool" 2>/dev/null || missing+=("lib:$tool")
    done
    [ ${#missing[@]} -eq 0 ] || { say "this is no Debian; install these first: ${missing[*]}"; exit 2; }
}

# --- Python

# venv_of REQUIREMENTS NAME: cmake/tests.cmake works out the same path, to hand it to the tests.
venv_of() {
    local cache=${XDG_CACHE_HOME:-$HOME/.cache}
    echo "$cache/notebooked/$2-$(sha256sum <"$1" | cut -c1-16)"
}

# make_venv REQUIREMENTS FOLDER: complete when its stamp is the requirements' hash and its Python starts.
make_venv() {
    local hash stamp=$2/complete
    hash=$(sha256sum <"$1")
    [ "$(cat "$stamp" 2>/dev/null)" = "$hash" ] && "$2/bin/python" -c '' 2>/dev/null && return
    mkdir -p "$(dirname "$2")"
    exec 9>"$2.lock"
    flock 9 # another clone may be making the same one
    [ "$(cat "$stamp" 2>/dev/null)" = "$hash" ] && "$2/bin/python" -c '' 2>/dev/null && return
    say "making the Python environment $2 (this takes a while)"
    rm -rf "$2"
    "${NB_SYSTEM_PYTHON:-/usr/bin/python3}" -m venv "$2"
    "$2/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$1" >&2 ||
        { say "pip cannot install $1"; exit 1; }
    echo "$hash" >"$stamp"
    exec 9>&-
}

# The rules for accessible pages, where npm is; without it pages are not tested for them.
add_axe() {
    local folder=$1/axe package=axe-core@4.14.1
    [ "$(cat "$folder/complete" 2>/dev/null)" != "$package" ] && command -v npm >/dev/null || return 0
    npm install --silent --no-audit --no-fund --prefix "$folder" "$package" >&2 || { say "npm cannot install $package"; return 0; }
    echo "$package" >"$folder/complete"
}

# --- main

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
case ${1:-build} in
build) packages=("${build_packages[@]}") ;;
demo) packages=("${build_packages[@]}" "${demo_packages[@]}") ;;
test) packages=("${build_packages[@]}" "${demo_packages[@]}" "${test_packages[@]}") ;;
bench) packages=("${build_packages[@]}" "${bench_packages[@]}") ;;
*)
    say "'$1' is none of build, demo, test, bench"
    exit 1
    ;;
esac
if command -v apt-get >/dev/null; then install_packages "${packages[@]}"; else check_tools; fi
[ "$1" != demo ] || [ ! -f examples/requirements.txt ] || make_venv examples/requirements.txt examples/.venv
[ "$1" = test ] || exit 0
make_venv tests/requirements.txt "$(venv_of tests/requirements.txt tests)"
clients=$(venv_of tests/requirements-clients.txt clients)
make_venv tests/requirements-clients.txt "$clients"
add_axe "$clients"
