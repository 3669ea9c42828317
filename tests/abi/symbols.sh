#!/bin/sh
# Goal: the library exports exactly what its headers declare, and that is what was agreed.
# Method: names from `nm` and from the KITH_API declarations, both compared with the committed list.
# symbols.sh SYMBOLS_TXT LIBRARY HEADER...
set -eu
agreed=$1 library=$2
shift 2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export LC_ALL=C

# "address type name": absolute symbols (A) are the version nodes; anything but T is a leak.
nm -D --defined-only "$library" | awk '$2 != "A" { sub(/@.*/, "", $3); print ($2 == "T" ? "" : $2 " ") $3 }' |
    sort >"$scratch/exported"
cat "$@" | awk '/^KITH_API/ { if (!/\(/ || !match($0, /kith_[a-z0-9_]+\(/)) { getline rest; $0 = $0 " " rest }
        match($0, /kith_[a-z0-9_]+\(/); print substr($0, RSTART, RLENGTH - 1) }' | sort >"$scratch/declared"

status=0
for found in exported declared; do
    if ! diff -u "$agreed" "$scratch/$found"; then
        echo "functions $found (+) differ from symbols.txt (-): if this is meant, mend tests/abi/symbols.txt"
        status=1
    fi
done
exit $status
