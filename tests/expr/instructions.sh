#!/bin/sh
# Goal: rules cost what profile.md of the language allows, and no hostile input runs long.
# Method: callgrind counts the instructions of each call of expr_measured() in the program given; the
# counts repeat exactly. Prints all, fails where one is above what it is allowed.
# instructions.sh PROGRAM
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
valgrind --quiet --tool=callgrind --toggle-collect=expr_measured --dump-after=expr_measured \
    --callgrind-out-file="$folder/out" "$1" > "$folder/calls"
n=0
failed=0
while read -r times allowed name; do
    n=$((n + 1))
    total=$(sed -n 's/^\(totals\|summary\): *\([0-9]*\).*/\2/p' "$folder/out.$n" | head -n 1)
    each=$((total / times))
    verdict=''
    if [ "$each" -eq 0 ] || [ "$each" -gt "$allowed" ]; then
        verdict=" ABOVE $allowed"
        failed=$((failed + 1))
    fi
    printf '%12d  %s%s\n' "$each" "$name" "$verdict"
done < "$folder/calls"
echo "$n counted, $failed above what they are allowed"
[ "$n" -gt 0 ] && [ "$failed" -eq 0 ]
