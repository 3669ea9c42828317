#!/bin/sh
# Goal: no public struct or constant changes unseen, and no struct has holes (padding the compiler chose).
# Method: the printed layout is compared with the committed one; each field must begin where the last ended.
# layout.sh LAYOUT_TXT PROGRAM
set -eu
printed=$(mktemp)
trap 'rm -f "$printed"' EXIT
"$2" >"$printed"

awk '
    function close_struct() { if (name != "" && end != size) { print name ": hole at its end"; bad = 1 } }
    $1 == "struct" { close_struct(); name = $2; size = $4; end = 0 }
    $1 == "field" { if ($4 != end) { print $2 ": hole before it"; bad = 1 } end = $4 + $6 }
    END { close_struct(); exit bad }' "$printed"

if ! diff -u "$1" "$printed"; then
    echo "the layout (+) differs from layout.txt (-): if this is meant, mend tests/abi/layout.txt"
    exit 1
fi
