#!/bin/bash
# build.sh PRESET...: configure when that was never done, and build; quiet unless something is wrong.
set -euo pipefail
cd "$(dirname "$0")/.."
for preset; do
    log=build/log/build-$preset.log
    mkdir -p build/log
    [ -f "build/$preset/build.ninja" ] || cmake --preset "$preset" >"$log" 2>&1 ||
        { cat "$log"; echo "build.sh: cannot configure '$preset'" >&2; exit 1; }
    cmake --build --preset "$preset" >"$log" 2>&1 ||
        { grep -v '^\[[0-9]*/[0-9]*\] [A-Z]' "$log" | head -100; echo "build.sh: cannot build '$preset'; all of it: $log" >&2; exit 1; }
done
