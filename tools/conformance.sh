#!/usr/bin/env bash
# Plays recorded conversations against build/release/cairn and fails when fewer pass than tests/conformance_floor.txt says.
# The recordings are not part of this project: CAIRN_CONFORMANCE names the folder that has them and their run.py (default:
# ../shared/conformance beside this project); without it nothing is done. More arguments go to run.py.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
recordings="${CAIRN_CONFORMANCE:-$root/../shared/conformance}"
cd "$root"

if [[ ! -f "$recordings/run.py" ]]; then
    echo "No recorded conversations in $recordings; nothing to compare with."
    exit 0
fi
floor="$(grep -v '^#' tests/conformance_floor.txt)"
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
# run.py's status says whether any case failed; here only the number counts.
python3 "$recordings/run.py" --except tests/conformance_exceptions.txt --report build/conformance.json "$@" </dev/null 2>&1 | tee "$log" || true
passed="$(sed -n 's/^\([0-9]*\) passed, [0-9]* failed$/\1/p' "$log" | tail -1)"
if [[ -z "$passed" ]]; then
    echo "Error: the recordings did not run" >&2
    exit 1
fi
if (($# == 0 && passed < floor)); then
    echo "Error: $passed recorded conversations pass, at least $floor have to (tests/conformance_floor.txt)" >&2
    exit 1
fi
