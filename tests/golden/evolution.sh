#!/bin/sh
# Goal: what was stored is read for ever: schemas only grow, and what changes is written down.
# Method: flatc compares each schema with that of the last release (fbs-N here); CHANGES.md must end with
# the present format, and may not be the last release's where a schema is not.
# evolution.sh FLATC PROJECT_DIR
set -eu
flatc=$1
cd "$2"
format=$(awk '$2 == "KITH_FORMAT_VERSION" { print $3 }' include/kith/version.h)
last=$format
while [ ! -d "tests/golden/fbs-$last" ]; do
    last=$((last - 1))
    [ "$last" -gt 0 ] || { echo 'no tests/golden/fbs-N: see its README.md'; exit 1; }
done
released=tests/golden/fbs-$last
status=0
changed=
for schema in "$released"/*.fbs; do
    name=$(basename "$schema")
    [ -f "fbs/$name" ] || { echo "fbs/$name is gone: its records are in files"; status=1; continue; }
    cmp -s "$schema" "fbs/$name" || changed="$changed $name"
    "$flatc" --conform "$schema" --conform-includes "$released" -I fbs "fbs/$name" || {
        echo "fbs/$name does not read what $schema wrote: append fields with the next id, change none"
        status=1
    }
done
for schema in fbs/*.fbs; do
    [ -f "$released/$(basename "$schema")" ] || changed="$changed $(basename "$schema")"
done
if [ "$(awk -F'|' '/^\| *[0-9]/ { last = $2 + 0 } END { print last }' fbs/CHANGES.md)" != "$format" ]; then
    echo "fbs/CHANGES.md does not end with format $format"
    status=1
fi
if [ -n "$changed" ] && cmp -s "$released/CHANGES.md" fbs/CHANGES.md; then
    echo "fbs/CHANGES.md says nothing of the change of:$changed"
    status=1
fi
exit $status
