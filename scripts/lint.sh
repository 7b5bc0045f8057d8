#!/bin/bash
# lint.sh [format|tidy|cppcheck|rooms|scripts]...: check the sources; all of it without an argument. tidy
# needs the compile commands of the debug build, and looks at fuzz targets too when there is a fuzz build.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- format tidy cppcheck rooms scripts

check_format() {
    git ls-files -z '*.c' '*.h' | xargs -0 clang-format-14 --dry-run -Werror
}

check_tidy() {
    local builds=(build/debug)
    [ ! -f build/fuzz/compile_commands.json ] || builds+=(build/fuzz)
    python3 scripts/tidy.py "${builds[@]}"
}

check_cppcheck() {
    mkdir -p build/cppcheck
    cppcheck --enable=warning,style,performance,portability --inconclusive --std=c11 --quiet --error-exitcode=1 -j "$(nproc)" \
        --suppressions-list=scripts/cppcheck.txt --inline-suppr --cppcheck-build-dir=build/cppcheck \
        -DNB_VERSION='"0"' -I src src
}

check_rooms() {
    python3 scripts/rooms.py
}

check_scripts() {
    local file
    git ls-files '*.sh' .ci/run | while read -r file; do bash -n "$file"; done
    git ls-files -z '*.sh' .ci/run | xargs -0 shellcheck --severity=warning
    git ls-files -z '*.py' | xargs -0 python3 -c 'import sys; [compile(open(f).read(), f, "exec") for f in sys.argv[1:]]'
    git ls-files -z 'scripts/*.py' 'cmake/*.py' 'tests/*.py' 'bench/*.py' | xargs -0 pyflakes3
}

for check; do
    "check_$check"
done
