#!/usr/bin/env bash
# From a fresh Debian 12 to the relationship guide running on an embedded store: installs packages, builds the cairn command, runs the
# three parts of the guide in a temporary folder and shows the DAG of one document. Running it again takes seconds.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$root"

tools/install-packages.sh build
echo "Building cairn (release) …"
mkdir -p build
log=build/quickstart.log
cmake --preset release -DCAIRN_BUILD_TESTS=OFF </dev/null >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
cmake --build build/release --target cairn-cli --parallel "$(nproc)" </dev/null >"$log" 2>&1 || { cat "$log" >&2; exit 1; }

store="$(mktemp -d)"
trap 'rm -rf "$store"' EXIT
tools/guide/run.sh build/release/cairn "$store"
