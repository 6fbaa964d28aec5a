#!/usr/bin/env bash
# Installs the library into a temporary prefix and builds and runs main.cc against it, outside of the tree's own targets, with CMake's
# find_package and with pkg-config: run.sh BUILD_FOLDER SOURCE_FOLDER
set -euo pipefail

build="$(realpath "$1")"
source="$(realpath "$2")"
work="$build/install_test"
prefix="$work/prefix"
expected='{"data":{"Author":[{"books":[{"name":"Gulistan"}],"name":"Saadi"}]}}'

rm -rf "$work"
mkdir -p "$work"
cmake --install "$build" --prefix "$prefix" >"$work/install.log"

check() {
    local answer
    answer="$("$@" "$work/store-$RANDOM-$RANDOM")"
    if [[ $answer != "$expected" ]]; then
        printf 'expected %s\ngot      %s\n' "$expected" "$answer" >&2
        exit 1
    fi
}

# No header of a dependency may be needed: only the standard library's and cairn's own are included.
if grep -rhE '^#include' "$prefix/include/cairn" | grep -vE '<[a-z_]+>|"cairn/[a-z_]+\.h"'; then
    echo "a public header includes something of a dependency" >&2
    exit 1
fi

cmake -S "$source/tests/install" -B "$work/cmake" -DCMAKE_PREFIX_PATH="$prefix" >"$work/cmake.log"
cmake --build "$work/cmake" >"$work/cmake-build.log"
check "$work/cmake/example"

pkgconfig="$(find "$prefix" -name cairn.pc -printf '%h\n')"
# shellcheck disable=SC2046
g++ -std=c++23 "$source/tests/install/main.cc" -o "$work/example" $(PKG_CONFIG_PATH="$pkgconfig" pkg-config --cflags --libs cairn)
check env LD_LIBRARY_PATH="$(dirname "$pkgconfig")" "$work/example"

check_version="$("$prefix/bin/cairn" version)"
[[ $check_version == "cairn "* ]]
echo "find_package, pkg-config and the installed command work"
