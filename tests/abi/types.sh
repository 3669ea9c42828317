#!/bin/sh
# Goal: no function or type that hosts were built against changes in a way that breaks them, and each that
# changes otherwise changes its committed description too.
# Method: abidw describes the library; abidiff compares that with kith.abi and says in bit 8 of its exit code
# that hosts break, in bit 4 that something changed (a reordered field too: layout.txt tells that).
# types.sh KITH_ABI LIBRARY HEADERS_DIR
set -eu
command -v abidw >/dev/null || { echo 'skipped: abigail-tools is not installed'; exit 77; }
agreed=$1 described=$(dirname "$2")/kith.abi

# The path is of the file that was compiled, on this machine.
abidw --headers-dir "$3" --drop-private-types --exported-interfaces-only --no-corpus-path --no-comp-dir-path \
    --no-show-locs --no-architecture --no-elf-needed --no-parameter-names --no-write-default-sizes "$2" |
    sed "s/ path='[^']*'//" >"$described"

status=0
abidiff --no-default-suppression "$agreed" "$described" || status=$?
if [ $((status & 8)) != 0 ]; then
    echo "hosts built against tests/abi/kith.abi break: a released kith may not change so"
elif [ $status = 4 ]; then
    echo "what is in tests/abi/kith.abi changed, and hosts go on working: update it in the same change:"
    echo "cp $described $agreed"
fi
exit $status
