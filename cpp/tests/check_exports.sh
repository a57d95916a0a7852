#!/bin/sh
# The shared library exports exactly the functions of axnn.h and needs libc and libm only.
#   check_exports.sh <library> <axnn.h> <nm> <readelf>
set -eu
library=$1 header=$2 nm=$3 readelf=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

sed -n 's/^AXNN_API .*[ *]\(axnn_[a-z0-9_]*\)(.*/\1/p' "$header" | sort >"$work/declared"
"$nm" -D --defined-only "$library" | awk '{ print $NF }' | sort >"$work/exported"
if [ "$(wc -l <"$work/declared")" -ne "$(grep -c '^AXNN_API' "$header")" ]; then
    echo "a declaration of $header was not understood" >&2
    exit 1
fi
if ! diff "$work/declared" "$work/exported" >"$work/difference"; then
    echo "declared (<) and exported (>) functions differ:" >&2
    cat "$work/difference" >&2
    exit 1
fi
echo "$(wc -l <"$work/exported") functions declared and exported"

"$readelf" -d "$library" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' >"$work/needed"
if grep -vE '^(libc\.so\.6|libm\.so\.6|ld-linux.*\.so\.[0-9]+)$' "$work/needed"; then
    echo "the library needs more than libc and libm" >&2
    exit 1
fi
echo "needs: $(tr '\n' ' ' <"$work/needed")"
