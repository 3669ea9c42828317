#!/bin/sh
# Goal: tidy.sh finds each fault it is there to find, and nothing else.
# Method: it is run over canary/, where every rule is broken once, and its findings compared.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
found=$(mktemp -d)
trap 'rm -rf "$found"' EXIT
# A copy: tidy.sh does not look for paths inside tests/tidy/canary.
cp -R "$here/canary/." "$found/tree"
if sh "$here/tidy.sh" "$found/tree" >"$found/findings"; then
    echo 'tidy.sh found nothing in a tree full of faults'
    exit 1
fi
diff -u "$here/canary.txt" "$found/findings"
