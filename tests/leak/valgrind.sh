#!/bin/sh
# Goal: a C host that cleans up leaves nothing behind, and kith reads no byte that was never written.
# Method: memcheck over the example till, on a new file and again on the same, and over the program that uses
# every function; any error or lost block fails. First over a program that loses one: the tool must see it.
# valgrind.sh LEAKY TILL PLAIN_C
set -eu
command -v valgrind >/dev/null || exit 77
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
memcheck() {
    valgrind --quiet --tool=memcheck --leak-check=full --error-exitcode=9 "$@"
}
if memcheck "$1" 2>"$folder/leaky"; then
    echo "memcheck missed a block that was lost on purpose"
    exit 1
fi
memcheck "$2" "$folder/till.kith" >"$folder/first"
memcheck "$2" "$folder/till.kith" >"$folder/again"
grep -q "R-1001 recorded" "$folder/first"
grep -q "R-1001 is there already" "$folder/again"
memcheck "$3" "$folder/plain.kith"
