#!/bin/sh
# package.sh SOURCE_DIR BUILD_DIR CMAKE CC CXX LIBDIR: see CMakeLists.txt beside this file.
set -eu
source=$1 build=$2 cmake=$3 cc=$4 cxx=$5 libdir=$6
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
prefix=$scratch/prefix

"$cmake" --install "$build" --prefix "$prefix" >/dev/null

echo '== find_package'
"$cmake" -S "$source/tests/package/host" -B "$scratch/host" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" \
    -DTILL="$source/examples/till.c" -DCMAKE_C_COMPILER="$cc" -DCMAKE_CXX_COMPILER="$cxx" >/dev/null
"$cmake" --build "$scratch/host" >/dev/null
"$scratch/host/till_shared" "$scratch/shared.kith"
"$scratch/host/till_static" "$scratch/static.kith" >/dev/null

echo '== pkg-config'
export PKG_CONFIG_PATH="$prefix/$libdir/pkgconfig"
# Unquoted: pkg-config prints words for the shell to split.
"$cc" -std=c99 -o "$scratch/till" "$source/examples/till.c" $(pkg-config --cflags --libs kith)
LD_LIBRARY_PATH="$prefix/$libdir" "$scratch/till" "$scratch/pkg-config.kith" >/dev/null

if [ -x "$prefix/bin/kith" ]; then
    echo '== the installed command'
    "$prefix/bin/kith" --version
fi
