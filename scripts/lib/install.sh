# shellcheck shell=bash
# Sourced by the scripts: installs system packages where it can, else says how and stops.

# axnn_may_install: sets `axnn_sudo` to what must stand before apt-get; fails where it may not be used.
axnn_may_install() {
    axnn_sudo=()
    command -v apt-get >/dev/null || return 1
    [ "$(id -u)" -eq 0 ] && return 0
    axnn_sudo=(sudo -n)
    command -v sudo >/dev/null && sudo -n true 2>/dev/null
}

# axnn_update_package_lists: once in a run.
axnn_update_package_lists() {
    [ -n "${axnn_lists_updated:-}" ] || "${axnn_sudo[@]}" apt-get update -qq >&2 || true
    axnn_lists_updated=yes
}

# axnn_require_packages <package>...: Debian packages that must be installed.
axnn_require_packages() {
    if ! command -v dpkg-query >/dev/null; then
        echo "Not a Debian system: axnn needs what Debian calls $*" >&2
        return 0
    fi
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    local install=(apt-get install -y --no-install-recommends "${missing[@]}")
    if ! axnn_may_install; then
        echo "axnn needs packages that are not installed; run: sudo ${install[*]}" >&2
        exit 2
    fi
    echo "Installing ${missing[*]}" >&2
    axnn_update_package_lists
    if ! "${axnn_sudo[@]}" env DEBIAN_FRONTEND=noninteractive "${install[@]}" -qq >&2; then
        echo "The installation failed; run: sudo apt-get update && sudo ${install[*]}" >&2
        exit 2
    fi
}

# What every build needs.
axnn_require_build_packages() {
    axnn_require_packages g++ cmake ninja-build maven libgtest-dev libeigen3-dev
}

# What the fuzzer needs: clang, its sanitizers and libFuzzer, and what puts names into their reports.
axnn_require_fuzz_packages() {
    axnn_require_packages clang-19 libclang-rt-19-dev llvm-19
}

# What the tests of report pages need: a browser and what drives it.
axnn_require_browser_packages() {
    axnn_require_packages chromium chromium-driver
}
