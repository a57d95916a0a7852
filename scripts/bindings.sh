#!/usr/bin/env bash
# The Java bindings of cpp/include/axnn/axnn.h, made by jextract and committed untouched.
#
#   scripts/bindings.sh generate   makes bindings/generated and bindings/bindings.lock anew (needs jextract)
#   scripts/bindings.sh check      fails where header, includes.txt, generated files and lock disagree;
#                                  with the recorded jextract on PATH it also regenerates and compares
#
# bindings/README.md says which jextract, and why.
set -euo pipefail
export LC_ALL=C

readonly header=cpp/include/axnn/axnn.h
readonly arguments=bindings/jextract.args
readonly includes=bindings/includes.txt
readonly generated=bindings/generated/java
readonly lock=bindings/bindings.lock
# jextract --version does not tell commits apart; the two things in which later ones differ are checked.
readonly jextract_commit='openjdk/jextract 0b89a46 (January 2025), libclang 19'

cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() {
    printf 'bindings.sh: %s\n' "$1" >&2
    exit "${2:-1}"
}

# "jextract 22, libclang 19" of the jextract on PATH; it prints its version on stderr.
jextract_version() {
    jextract --version 2>&1 | sed -nE \
        -e 's/^(jextract .*)/\1/p' \
        -e 's/^LibClang version .*version ([0-9]+).*/libclang \1/p' | paste -sd ',' | sed 's/,/, /'
}

# What the header declares, as jextract options: functions, structs with a body, numeric constants.
declared() {
    local text
    text=$(sed '/^#/d' "$header" | tr '\n' ' ' | sed -E 's,/\*([^*]|\*+[^*/])*\*+/,,g')
    {
        grep -oE 'AXNN_API [^(;]*\(' <<<"$text" |
            sed -E 's/.*[^a-z0-9_]([a-z0-9_]+) *\($/--include-function \1/'
        grep -oE 'struct [a-z0-9_]+ *\{' <<<"$text" | sed -E 's/struct ([a-z0-9_]+).*/--include-struct \1/'
        grep -oE 'enum [a-z0-9_]* *\{[^}]*\}' <<<"$text" | grep -oE 'AXNN_[A-Z0-9_]+' |
            sed 's/^/--include-constant /'
        sed -nE 's/^#define (AXNN_[A-Z0-9_]+) +[(0-9-].*/--include-constant \1/p' "$header"
    } | sort
}

check_includes() {
    diff --label "$header declares" --label "$includes names" -U 0 \
        <(declared) <(sed '/^#/d; /^$/d' "$includes" | sort) ||
        fail "$includes must name what $header declares (-: missing in $includes, +: not in the header)"
}

# Runs jextract into the temporary folder $fresh.
regenerate() {
    fresh=$(mktemp -d)
    trap 'rm -rf "$fresh"' EXIT
    jextract "@$arguments" "@$includes" --output "$fresh" "$header"
}

generated_files() {
    find "$generated" -type f | sort
}

generate() {
    command -v jextract >/dev/null ||
        fail "there is no jextract on PATH. Builds are at https://jdk.java.net/jextract/;
the committed files were made by $jextract_commit" 2
    local version
    version=$(jextract_version)
    [[ $version == *'libclang 19' ]] ||
        fail "the jextract on PATH is '$version' and other versions of libclang give different text:
use $jextract_commit" 2
    check_includes

    regenerate
    if grep -rq 'SYMBOL_LOOKUP\.findOrThrow' "$fresh"; then
        fail "the output calls SymbolLookup.findOrThrow, which JDK 22 does not have: use $jextract_commit" 2
    fi
    rm -rf "$generated"
    mkdir -p "$generated"
    cp -R "$fresh/." "$generated"

    {
        echo '# Made by scripts/bindings.sh generate. Lines are those of sha256sum.'
        echo "# made by: $jextract_commit"
        echo "# jextract --version: $version"
        sha256sum "$header" "$arguments" "$includes"
        generated_files | xargs -d '\n' sha256sum
    } >"$lock"
    echo "bindings.sh: $(generated_files | wc -l) files in $generated"
}

check() {
    check_includes
    sha256sum --check --strict --quiet "$lock" ||
        fail "$lock does not hold. Run 'scripts/bindings.sh generate' after a change of the header;
generated files are never edited"
    diff --label "$lock" --label "$generated" -U 0 \
        <(sed -nE "s,^[0-9a-f]{64}  ($generated/.*),\1,p" "$lock" | sort) <(generated_files) ||
        fail "$generated and $lock list different files"

    local recorded version
    recorded=$(sed -nE 's/^# jextract --version: //p' "$lock")
    if ! command -v jextract >/dev/null; then
        echo 'bindings.sh: hashes hold; not regenerated, there is no jextract on PATH'
        return
    fi
    version=$(jextract_version)
    if [[ $version != "$recorded" ]]; then
        echo "bindings.sh: hashes hold; not regenerated, the jextract on PATH is '$version', not '$recorded'"
        return
    fi
    regenerate
    diff -r "$generated" "$fresh" || fail "regenerating gives other files than $generated"
    echo 'bindings.sh: hashes hold; regenerating gives the same files'
}

case "${1:-}" in
    generate) generate ;;
    check) check ;;
    *) fail "usage: scripts/bindings.sh generate|check" 2 ;;
esac
