#!/usr/bin/env bash
# Installs what is missing of tools/packages.txt: install-packages.sh build|test|lint|fuzz, what building needs always included. Asks nothing and needs no network when nothing is missing.
set -euo pipefail

purpose="${1:-test}"
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

wanted() {
    awk -v purpose="$purpose" '!/^#/ && NF == 2 && ($2 == "build" || $2 == purpose) { print $1 }' "$here/packages.txt"
}

is_installed() {
    dpkg -s "$1" 2>/dev/null | grep -q '^Status: install ok installed$'
}

missing=()
while read -r package; do
    is_installed "$package" || missing+=("$package")
done < <(wanted)

if ((${#missing[@]} == 0)); then
    exit 0
fi

as_root=()
if ((EUID != 0)); then
    if ! command -v sudo >/dev/null 2>&1; then
        echo "Error: these packages are missing and installing them needs root or sudo: ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi

echo "Installing: ${missing[*]}"
"${as_root[@]}" apt-get update -qq </dev/null
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null
