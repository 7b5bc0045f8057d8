#!/bin/bash
# coverage.sh: build with gcov, run unit and command-line tests, write build/coverage/report.html and print the totals.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/build.sh coverage
find build/coverage -name '*.gcda' -delete
ctest --test-dir build/coverage -L 'unit|cli' -j "$(nproc)" | tail -3
gcovr --root . --filter src/ --object-directory build/coverage --html-details build/coverage/report.html --print-summary
