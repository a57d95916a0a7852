# shellcheck shell=bash
# Sourced by the scripts: finds a JDK that can run axnn (22 or newer). Needs install.sh.

# The feature release of the JDK in a folder, 0 if it is none.
axnn_jdk_release() {
    if ! [ -x "$1/bin/javac" ] || ! [ -r "$1/release" ]; then
        echo 0
        return
    fi
    sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
}

# Prints the first suitable JDK's folder: JAVA_HOME, the java on PATH, then the usual places.
axnn_search_jdk() {
    local candidate on_path
    on_path=$(command -v javac || true)
    [ -n "$on_path" ] && on_path=$(dirname "$(dirname "$(readlink -f "$on_path")")")
    for candidate in "${JAVA_HOME:-}" "$on_path" /usr/lib/jvm/* /opt/*jdk* "$HOME"/.sdkman/candidates/java/*; do
        [ -n "$candidate" ] && [ "$(axnn_jdk_release "$candidate")" -ge 22 ] 2>/dev/null && { echo "$candidate"; return; }
    done
    return 1
}

# axnn_find_jdk: exports JAVA_HOME of a JDK >= 22; installs Debian's where there is one, else exits 2.
axnn_find_jdk() {
    local found
    if ! found=$(axnn_search_jdk); then
        axnn_may_install && axnn_update_package_lists
        if apt-cache show openjdk-25-jdk-headless >/dev/null 2>&1; then
            axnn_require_packages openjdk-25-jdk-headless
        fi
        if ! found=$(axnn_search_jdk); then
            echo "axnn needs a JDK 22 or newer and found none. On Debian 13 run:" \
                "sudo apt-get install -y openjdk-25-jdk-headless; elsewhere install a vendor's JDK" \
                "(for example Temurin 25) and set JAVA_HOME." >&2
            exit 2
        fi
    fi
    export JAVA_HOME="$found"
}
