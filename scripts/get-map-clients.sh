#!/bin/sh
# Gets the programs that the tests read our maps and calendars with: GDAL,
# OWSLib, vdirsyncer and khal as Debian's packages (as root), nginx, which
# stands in front of us, jq and curl for the README, and @mapbox/vector-tile as the lock file has it, into the project's cache. What is there already is left alone.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cache="$root/.cache/map-clients"

packages=
command -v ogr2ogr >/dev/null || packages="$packages gdal-bin"
command -v jq >/dev/null || packages="$packages jq"
command -v curl >/dev/null || packages="$packages curl"
command -v node >/dev/null || packages="$packages nodejs"
command -v vdirsyncer >/dev/null || packages="$packages vdirsyncer"
command -v khal >/dev/null || packages="$packages khal"
command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || packages="$packages nginx"
command -v npm >/dev/null || packages="$packages npm"
# Debian's OWSLib is for Debian's Python, which need not be the first on the path.
owslib='import owslib.ogcapi.features'
python3 -c "$owslib" 2>/dev/null || /usr/bin/python3 -c "$owslib" 2>/dev/null || packages="$packages python3-owslib"
if [ -n "$packages" ]; then
	command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] || {
		echo "get-map-clients: install$packages (as root on Debian this script does)" >&2
		exit 1
	}
	apt-get update -qq >&2
	# shellcheck disable=SC2086 # one word a package
	DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $packages >&2
fi

mkdir -p "$cache"
if ! cmp -s "$root/scripts/map-clients/package-lock.json" "$cache/package-lock.json"; then
	cp "$root/scripts/map-clients/package.json" "$cache/"
	cp "$root/scripts/map-clients/package-lock.json" "$cache/lock.new"
	mv "$cache/lock.new" "$cache/package-lock.json"
	(cd "$cache" && npm ci --silent --no-audit --no-fund >&2) || {
		rm -f "$cache/package-lock.json"
		exit 1
	}
fi
