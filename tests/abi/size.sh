#!/bin/sh
# Goal: the library stays small. Method: the size of a stripped copy.
# size.sh LIBRARY BYTES_MAX
set -eu
stripped=$(mktemp)
trap 'rm -f "$stripped"' EXIT
strip -o "$stripped" "$1"
bytes=$(wc -c <"$stripped")
echo "libkith.so, stripped: $bytes bytes of at most $2"
[ "$bytes" -lt "$2" ]
