#!/bin/sh
# The rules of the house that a compiler does not know; each finding is a line "file:line: what".
# Exits 1 if there are any. tidy.sh PROJECT_DIR
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$1"
findings=$(mktemp)
trap 'rm -f "$findings"' EXIT
export LC_ALL=C

# Includes between rooms go down only, and each library is seen by its own room only.
find src -name '*.[hc]pp' | sort | xargs awk -v map="$here/rooms.txt" '
    BEGIN {
        while ((getline line < map) > 0)
            if (split(line, part, ":") == 2) {
                count = split(part[2], rooms, " ")
                known[part[1]] = 1
                allowed[part[1], part[1]] = 1
                for (i = 1; i <= count; ++i) allowed[part[1], rooms[i]] = 1
            }
        system_header = "^(unistd|fcntl|dirent|dlfcn|poll|pthread|sched|signal|termios|time|spawn|pwd)\\.h$|^sys/"
    }
    FNR == 1 {
        split(FILENAME, path, "/")
        room = path[2]
        if (!(room in known)) print FILENAME ":1: room " room " is not in tests/tidy/rooms.txt"
    }
    !/^[ \t]*#[ \t]*include/ { next }
    match($0, /["<][^">]*[">]/) {
        quoted = substr($0, RSTART, 1) == "\""
        header = substr($0, RSTART + 1, RLENGTH - 2)
        where = FILENAME ":" FNR ": "
        split(header, part, "/")
        if (part[1] == "kith") {
            if (!((room, "public") in allowed)) print where room " may not include the public headers"
        } else if (quoted && !(header ~ /_generated\.h$/)) {
            if (!(part[1] in known)) print where "\"" header "\" is not written as \"room/file.hpp\""
            else if (!((room, part[1]) in allowed)) print where room " may not include " part[1]
        }
        if (header == "lmdb.h" && room != "store") print where "only store may include lmdb.h"
        if (header ~ /^flatbuffers\/|_generated\.h$/ && room != "record") print where "only record may include " header
        if (header ~ system_header && room != "store" && room != "cli" && FILENAME !~ /^src\/base\/os\.[ch]pp$/)
            print where "system calls belong in store or base/os: " header
        if (header == "iostream") print where "no iostream: it prints, and grows the library"
    }' >>"$findings"

# Every public function has a comment right above with a thread tag and a version.
find include/kith -name '*.h' | sort | xargs awk '
    FNR == 1 { comment = ""; open = 0 }
    /^\/\*\*/ { comment = ""; open = 1 }
    open {
        text = $0
        sub(/^ ?\/?\*+\/?/, "", text)
        comment = comment " " text
        if (/\*\//) open = 0
        next
    }
    /^KITH_API/ {
        where = FILENAME ":" FNR ": public function "
        if (comment == "") print where "without a comment right above"
        else {
            if (comment !~ /\[(any thread|one thread at a time|not from callbacks|setup only)[^]]*\]/)
                print where "without a thread tag, as [any thread]"
            if (comment !~ /Since [0-9]+\.[0-9]+/) print where "without \"Since VERSION\""
        }
    }
    { comment = "" }' >>"$findings"

# No path of one machine in any file.
find . -type f ! -path './.git' ! -path './.git/*' ! -path './build/*' ! -path './tests/tidy/canary/*' | sort |
    xargs grep -nHIE '(^|[^A-Za-z0-9_.}])/(work|home|root)/' | sed 's|^\./||' |
    awk -F: '{ print $1 ":" $2 ": absolute path of one machine" }' >>"$findings"

# Every room has a README.md.
for room in src/*/; do
    [ -f "${room}README.md" ] || echo "${room%/}:1: room without README.md" >>"$findings"
done

cat "$findings"
[ ! -s "$findings" ]
