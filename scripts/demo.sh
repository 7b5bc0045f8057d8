#!/bin/bash
# demo.sh: the example from notebook to endpoint, each step shown as one would type it. Needs the release build and
# examples/.venv (scripts/setup.sh demo).
set -euo pipefail
cd "$(dirname "$0")/../examples/iris"
PATH="$(cd ../../build/release && pwd):$(cd ../.venv/bin && pwd):$PATH"
VIRTUAL_ENV=$(cd ../.venv && pwd)
export PATH VIRTUAL_ENV

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
[ -t 1 ] && [ -z "${NO_COLOR:-}" ] || say() { printf '\n%s\n' "$*"; }

# show COMMAND...: print it, then run it.
show() {
    printf '$ %s\n' "$*"
    "$@"
}

say "1. The notebook's tagged cells become four files."
show notebooked convert iris
show ls generated/iris

say "2. They are what the notebook says: nothing to do a second time."
show notebooked convert iris --check

say "3. Training runs on this machine and is recorded."
show notebooked train iris
show notebooked jobs list

say "4. The saved model answers in a new process."
model=$(find models/iris -mindepth 1 -maxdepth 1 -type d -name '[0-9]*' | sort -V | tail -1)
show cat sample.json
show python generated/iris/inference.py --model-dir "$model" --input sample.json

say "5. An endpoint of this machine serves it."
endpoint=demo-$$ # of this run: an endpoint 'iris' may be yours
trap 'notebooked delete-endpoint "$endpoint" >/dev/null 2>&1 || true' EXIT
show notebooked deploy iris --endpoint-name "$endpoint"
show notebooked predict "$endpoint" --data @sample.json --format table
show notebooked endpoints show "$endpoint"
show notebooked delete-endpoint "$endpoint"
