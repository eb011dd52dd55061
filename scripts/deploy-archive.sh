#!/usr/bin/env bash
# Packs `deploy` for those who have no checkout: scripts/deploy-archive.sh v1.2.3 FILE.tar.gz
#
# Without the Dockerfile, and so Compose is told to pull images and never to build them. Links that lead out of the folder
# lead to the documents of that version. The same commit makes the same bytes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tag="$1"
file="$(realpath "$2")"

work="$(mktemp --directory)"
trap 'rm -rf "$work"' EXIT
git archive HEAD deploy | tar --extract --directory "$work" --exclude=deploy/Dockerfile
cp LICENSE "$work/deploy/"
cd "$work"

# A service's three lines, and the block that they refer to up to the empty line after it.
sed --in-place -e '/^    build:$/,/^      target: /d' -e '/^x-build:/,/^$/d' deploy/compose.yaml
sed --in-place -e '/^| .Dockerfile./d' \
    -e '/^Images are pulled if they are published/s/ if they are published, else built, which takes some minutes//' \
    -e "s|](\.\./|](https://github.com/message-dispatcher/message-dispatcher/blob/$tag/|g" deploy/README.md
if grep --line-number --with-filename 'build' deploy/compose.yaml ||
    grep --line-number --with-filename -e '](\.\./' -e Dockerfile deploy/README.md; then
    echo "these lines need what is not in the archive" >&2
    exit 1
fi
tar --create --sort=name --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX \
    --mtime="@$(git -C "$OLDPWD" log -1 --format=%ct)" deploy | gzip --no-name > "$file"
