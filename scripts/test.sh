#!/bin/bash
# test.sh: build three ways, check the sources, run every test; ends in "N passed, N failed, N skipped".
#
# asan (clang, address and undefined-behaviour sanitizers) runs everything; debug (gcc) runs the unit tests; fuzz runs each
# target for a few seconds; the release build is installed, packaged and looked at. A step that fails does not keep the others from running. Logs: build/log/.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
mkdir -p build/log
rm -f build/log/*.xml
passed=0 failed=0 broken=()

# step NAME COMMAND...: one check that counts as a test; its output is shown when it fails.
step() {
    local name=$1 start=$SECONDS
    shift
    if "$@" >"build/log/$name.log" 2>&1; then
        passed=$((passed + 1))
        echo "ok     $name ($((SECONDS - start)) s)"
    else
        failed=$((failed + 1)) broken+=("$name")
        echo "FAILED $name ($((SECONDS - start)) s)"
        tail -60 "build/log/$name.log"
        return 1
    fi
}

# tests PRESET CTEST-OPTION...: the tests of a build; counted from what ctest writes about them.
tests() {
    local preset=$1 start=$SECONDS
    shift
    ctest --test-dir "build/$preset" --output-junit "$PWD/build/log/$preset.xml" --output-on-failure -j "$(nproc)" "$@" \
        >"build/log/test-$preset.log" 2>&1
    local status=$?
    grep -E '^ *[0-9]+/[0-9]+ Test.*(Failed|Timeout|Exception|Not Run)|tests passed' "build/log/test-$preset.log"
    if [ $status -ne 0 ]; then
        grep -v '^ *[0-9]*/[0-9]* Test .*Passed\|^ *Start ' "build/log/test-$preset.log" | head -400
        [ -s "build/log/$preset.xml" ] || failed=$((failed + 1))
    fi
    echo "tests of $preset took $((SECONDS - start)) s"
}

step build-debug scripts/build.sh debug && tests debug -L unit
step build-asan scripts/build.sh asan && tests asan
step build-fuzz scripts/build.sh fuzz && tests fuzz -L fuzz
step build-release scripts/build.sh release && step release scripts/check_release.sh
for check in format tidy cppcheck rooms scripts; do
    step "lint-$check" scripts/lint.sh "$check"
done
[ ${#broken[@]} -eq 0 ] || echo "failed steps: ${broken[*]}; see build/log"
python3 scripts/sum_tests.py "$passed" "$failed" build/log/*.xml
