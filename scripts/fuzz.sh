#!/bin/bash
# fuzz.sh SECONDS [TARGET...]: run fuzz targets (all without a name) from their seeds and what earlier runs found in
# build/fuzz/corpus; a crash is left in build/fuzz/crash-*.
set -euo pipefail
cd "$(dirname "$0")/../build/fuzz"
seconds=$1
shift
[ $# -gt 0 ] || set -- fuzz_*[a-z0-9]
for target; do
    target=${target#fuzz_}
    [ -x "fuzz_$target" ] || continue
    mkdir -p "corpus/$target"
    echo "== $target, $seconds s"
    "./fuzz_$target" -max_total_time="$seconds" -max_len=65536 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        -verbosity=0 -dict="../../tests/fuzz/dict/$target.dict" "corpus/$target" "../../tests/fuzz/corpus/$target"
done
