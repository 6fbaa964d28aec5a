#!/usr/bin/env bash
# Checks the format of all C++ files; `lint.sh --fix` formats them; `lint.sh --tidy [FILE…]` runs clang-tidy as well (needs build/release, and tools/install-packages.sh lint).
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$root"
mapfile -t files < <(git ls-files --cached --others --exclude-standard '*.h' '*.cc')

if [[ "${1:-}" == "--fix" ]]; then
    clang-format-19 -i "${files[@]}"
    exit 0
fi
clang-format-19 --dry-run -Werror "${files[@]}"

if [[ "${1:-}" == "--tidy" ]]; then
    shift
    sources=("$@")
    if ((${#sources[@]} == 0)); then
        mapfile -t sources < <(git ls-files '*.cc' ':!tests')
    fi
    printf '%s\0' "${sources[@]}" | xargs -0 -n 4 -P "$(nproc)" clang-tidy-19 -p build/release --quiet
fi
