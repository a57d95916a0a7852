#!/bin/sh
# The objects of a tier leave no weak symbol outside of the tier's own namespaces, where the linker could
# pick it for code of a lower tier, and use no C++ standard library.
#   check_tier_symbols.sh <nm> <tier> <object>...
set -eu
nm=$1 tier=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0

# "<object>:<address or blanks> <type> <name>" for each symbol.
"$nm" -A "$@" >"$work/symbols"
if ! [ -s "$work/symbols" ]; then
    echo "tier $tier has no symbols" >&2
    exit 1
fi

# Mangled names hold each namespace with its length before it.
own="[0-9](Eigen_$tier|axnn[0-9]+$tier)"
awk '$(NF - 1) ~ /^[WVu]$/ { print $NF }' "$work/symbols" | sort -u >"$work/weak"
if grep -vE "$own" "$work/weak"; then
    echo "the weak symbols above do not belong to tier $tier" >&2
    status=1
fi

# A static local of Eigen has a guard; the other C++ symbols may only be kernels.
awk '$(NF - 1) == "U" { print $NF }' "$work/symbols" | sort -u >"$work/used"
if grep -E '^(_Z|__cxa_|__gxx_|_Unwind)' "$work/used" | grep -vE '^(_ZN4axnn|__cxa_guard_(acquire|release)$)'; then
    echo "the undefined symbols above are of the C++ standard library" >&2
    status=1
fi
echo "tier $tier: $# objects, $(wc -l <"$work/weak") weak symbols of its own, $(wc -l <"$work/used") used"
exit $status
