# shellcheck shell=bash
# Sourced by the scripts: builds the command axnn. Needs install.sh and jdk.sh.

# axnn_build_tools <checkout>: quiet, unless it fails: then the log is what the user needs. Sets
# `axnn_command`.
axnn_build_tools() {
    local root=$1 log
    axnn_require_build_packages
    axnn_find_jdk
    log=$(mktemp)
    echo "Building (a minute or two on a fresh checkout)" >&2
    if ! (cd "$root" && mvn --batch-mode --quiet -DskipTests -Dspotless.check.skip -Dmaven.javadoc.skip \
        -Dmaven.source.skip --projects java/axnn-tools --also-make package) >"$log" 2>&1; then
        cat "$log" >&2
        rm -f "$log"
        echo "The build failed." >&2
        exit 1
    fi
    rm -f "$log"
    # shellcheck disable=SC2034 # the scripts run it
    axnn_command=$(echo "$root"/java/axnn-tools/target/axnn-[0-9]*[0-9]/bin/axnn)
}
