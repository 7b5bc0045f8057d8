#!/bin/bash
# check_release.sh: what users get is whole: installed below a prefix and as a Debian package it runs, is small, links
# nothing it should not, and brings its pages. Needs the release build.
set -euo pipefail
cd "$(dirname "$0")/.."
limit=$((2500 * 1000)) # bytes of the stripped program
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() {
    echo "check_release.sh: $*"
    exit 1
}

# check_tree FOLDER: a prefix with everything in its place.
check_tree() {
    local root=$1 program=$1/bin/notebooked file
    [ "$("$program" --version)" = "$(build/release/notebooked --version)" ] || fail "the installed program does not run"
    [ "$(stat -c %s "$program")" -le "$limit" ] || fail "the program has more than $limit bytes"
    ! ldd "$program" | grep -E 'curl|microhttpd|archive' || fail "the program is linked with a library it must not need"
    for file in share/man/man1/notebooked.1 share/bash-completion/completions/notebooked \
        share/fish/vendor_completions.d/notebooked.fish share/doc/notebooked/LICENSE; do
        [ -s "$root/$file" ] || fail "$file is missing"
    done
    cmp "$root/share/man/man1/notebooked.1" <("$program" man)
}

DESTDIR="$scratch/made" cmake --install build/release --strip --prefix /opt/nb >/dev/null
check_tree "$scratch/made/opt/nb"
[ -s "$scratch/made/opt/nb/share/zsh/site-functions/_notebooked" ] || fail "the zsh completion is missing"

(cd build/release && cpack -G DEB -B "$scratch/deb" >/dev/null)
dpkg-deb -x "$scratch"/deb/*.deb "$scratch/packed"
check_tree "$scratch/packed/usr"
[ -s "$scratch/packed/usr/share/zsh/vendor-completions/_notebooked" ] || fail "the zsh completion is missing"
dpkg-deb -f "$scratch"/deb/*.deb Depends | grep -q libc6 || fail "the package names no dependencies"
size=$(stat -c %s "$scratch/packed/usr/bin/notebooked")
echo "the program has $size bytes; it links$(ldd "$scratch/packed/usr/bin/notebooked" | awk '/=>/ {printf " %s", $1}')"
