# shellcheck shell=bash
# Sourced by the scripts: builds the command axnn. Needs install.sh and jdk.sh.

# axnn_tools_are_built <checkout> <command>: and no source is newer.
axnn_tools_are_built() {
    local root=$1 command=$2
    [ -x "$command" ] && [ -z "$(find "$root"/pom.xml "$root"/CMakeLists.txt "$root"/cpp/include "$root"/cpp/src \
        "$root"/bindings/generated "$root"/java/*/pom.xml "$root"/java/*/src/main "$root"/java/*/src/distribution \
        "$root"/testdata/evoapprox -newer "$(dirname "$command")/../lib" -type f -print -quit 2>/dev/null)" ]
}

# axnn_build_tools <checkout>: unless it is built. Quiet, unless it fails: then the log is what the user
# needs. Sets `axnn_command`, and JAVA_HOME for it.
axnn_build_tools() {
    local root=$1 log
    axnn_command=$(echo "$root"/java/axnn-tools/target/axnn-[0-9]*[0-9]/bin/axnn)
    if axnn_tools_are_built "$root" "$axnn_command"; then
        axnn_find_jdk
        return
    fi
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
