#!/usr/bin/env bash
# Builds the three images from deploy/Dockerfile by buildah, without a container engine and without a registry of images,
# looks at what is in them, and runs their programs together (scripts/images-run.sh).
#
# The build stage's base is made here: Debian by debootstrap, and the Rust of this machine. Root on Debian, with
#   apt-get install buildah debootstrap iproute2 postgresql redis-server python3
# WORK is where all of it lies (about 10 GB): a new folder below /var/tmp unless given, which is kept.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

work="${WORK:-$(mktemp --directory /var/tmp/images.XXXXXX)}"
mkdir -p "$work"
driver="${STORAGE_DRIVER:-overlay}"
# Asked once: the checkout may move on meanwhile.
commit="$(git rev-parse --short=12 HEAD)"
epoch="$(git log -1 --format=%ct)"
image() {
    buildah --storage-driver "$driver" --root "$work/storage" --runroot "$work/run" "$@"
}

make_base() {
    local root="$work/base" toolchain container
    toolchain="$(rustc --print sysroot)"
    debootstrap --variant=minbase --include=gcc,libc6-dev,ca-certificates bookworm "$root"
    cp -a "$toolchain/bin" "$toolchain/lib" "$root/usr/local/"
    # This machine's authorities: it may have one of its own between itself and crates.io.
    cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
    chroot "$root" ldconfig
    container="$(image from scratch)"
    image copy --quiet "$container" "$root" / > /dev/null
    image commit --quiet "$container" localhost/rust-base > /dev/null
    image rm "$container" > /dev/null
    rm -rf "$root"
}

build() {
    local program="$1"
    image build --isolation chroot --layers --format docker --file deploy/Dockerfile \
        --build-arg BUILD_IMAGE=localhost/rust-base --build-arg VERSION=test \
        --build-arg "GIT_COMMIT=$commit" \
        --build-arg "SOURCE_DATE_EPOCH=$epoch" \
        --target "$program" --tag "localhost/message-dispatcher-$program" .
}

# What the image has must be what it needs: one static program, certificates, two empty folders.
look() {
    local program="$1" root="$2" size config version
    find "$root" -mindepth 1 ! -type d -printf '/%P\n' | sort > "$work/$program.files"
    diff - "$work/$program.files" <<END
/etc/ssl/certs/ca-certificates.crt
/usr/local/bin/message-dispatcher-$program
END
    size="$(du --summarize --bytes "$root" | cut -f1)"
    ((size < 40 * 1000 * 1000)) || { echo "$program: $size bytes are too many" >&2; exit 1; }
    config="$(image inspect --type image --format '{{.Docker.Config.User}} {{.Docker.Config.Entrypoint}} {{.Docker.Config.Healthcheck}}' \
        "localhost/message-dispatcher-$program")"
    [[ "$config" == "65532:65532 [/usr/local/bin/message-dispatcher-$program]"* ]] || { echo "$config" >&2; exit 1; }
    echo "$program: $((size / 1000)) kB; $config"
    version="$(chroot --userspec=65532:65532 "$root" "/usr/local/bin/message-dispatcher-$program" --version)"
    echo "$version"
    [[ "$version" == *"commit $commit, built 20"* ]]
}

image inspect --type image localhost/rust-base > /dev/null 2>&1 || make_base
roots=()
for program in server migrate mock-provider; do
    build "$program"
    container="$(image from "localhost/message-dispatcher-$program")"
    root="$(image mount "$container")"
    look "$program" "$root"
    # The names that a container's engine writes; everything else stays what the image has.
    rm -rf "${work:?}/$program"
    cp -a "$root" "$work/$program"
    image umount "$container" > /dev/null
    image rm "$container" > /dev/null
    roots+=("$work/$program")
done

# A network of its own, in which every port is free and every name is ours.
unshare --net --mount --pid --fork --kill-child scripts/images-run.sh "${roots[@]}"
