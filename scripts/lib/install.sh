# Sourced by the scripts: installs system packages where it can, else says how and stops.

# axnn_require_packages <package>...: Debian packages that must be installed.
axnn_require_packages() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    local install="apt-get install -y --no-install-recommends ${missing[*]}"
    local sudo=()
    if [ "$(id -u)" -ne 0 ]; then
        if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
            sudo=(sudo -n)
        else
            sudo=(false)
        fi
    fi
    if ! command -v apt-get >/dev/null || [ "${sudo[0]:-}" = false ]; then
        echo "axnn needs packages that are not installed; run: sudo $install" >&2
        exit 2
    fi
    echo "Installing ${missing[*]}" >&2
    "${sudo[@]}" apt-get update -qq >&2 || true
    if ! "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive $install -qq >&2; then
        echo "The installation failed; run: sudo apt-get update && sudo $install" >&2
        exit 2
    fi
}

# What every build needs.
axnn_require_build_packages() {
    axnn_require_packages g++ cmake ninja-build maven libgtest-dev libeigen3-dev
}
