#!/usr/bin/env bash
# Formats C++ (clang-format) and Java (google-java-format through Spotless).
#
#   scripts/format.sh           rewrites files
#   scripts/format.sh --check   only says what would change; exit 1 if anything would
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib/install.sh
axnn_require_packages clang-format-19 maven

files() { find cpp -name '*.[ch]pp' -o -name '*.c'; }

case "${1:-}" in
    "")
        files | xargs clang-format-19 -i
        mvn -q spotless:apply
        ;;
    --check)
        files | xargs clang-format-19 --dry-run --Werror
        mvn -q spotless:check
        ;;
    *)
        echo "usage: scripts/format.sh [--check]" >&2
        exit 2
        ;;
esac
