#!/bin/sh
# Goal: the plain C program uses every function kith exports, with success.
# Method: each name of the agreed list must stand in its source as a call; then it is run on a new file.
# plain_c.sh SYMBOLS_TXT SOURCE PROGRAM
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
missing=$(while read -r name; do grep -q "\b$name(" "$2" || echo "$name"; done <"$1")
if [ -n "$missing" ]; then
    echo "plain_c.c does not call:" $missing
    exit 1
fi
"$3" "$folder/plain.kith"
