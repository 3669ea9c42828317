#!/bin/sh
# Goal: each public header stands alone and is plain C99, C++11 and C++20.
# Method: for each header a unit that includes it, twice, and nothing else is compiled as each of them.
# alone.sh INCLUDE_DIR CC CXX
set -eu
include=$1 cc=$2 cxx=$3
status=0
for header in "$include"/kith/*.h; do
    name=kith/${header##*/}
    for compiler in "$cc -x c -std=c99" "$cxx -x c++ -std=c++11" "$cxx -x c++ -std=c++20"; do
        # Unquoted: a command and its options.
        printf '#include <%s>\n#include <%s>\n' "$name" "$name" |
            $compiler -Wall -Wextra -Wconversion -Wshadow -pedantic -Werror -fsyntax-only -I "$include" - || {
            echo "$name does not stand alone: $compiler"
            status=1
        }
    done
done
exit $status
