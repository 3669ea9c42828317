#!/bin/sh
# Goal: the public headers please compilers we do not build with.
# Method: compile the umbrella header alone, as clang with every warning and as tcc.
# other_compilers.sh INCLUDE_DIR
set -eu
tried=0
if command -v clang-14 >/dev/null; then
    echo '#include <kith/kith.h>' |
        clang-14 -x c -std=c99 -Weverything -Werror -Wno-padded -fsyntax-only -I "$1" -
    tried=1
fi
if command -v tcc >/dev/null; then
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    echo '#include <kith/kith.h>' >"$scratch/unit.c"
    tcc -Wall -Werror -I "$1" -c "$scratch/unit.c" -o "$scratch/unit.o"
    tried=1
fi
[ "$tried" = 1 ] || { echo 'skipped: neither clang-14 nor tcc is installed'; exit 77; }
