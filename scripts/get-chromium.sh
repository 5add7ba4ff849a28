#!/bin/sh
# Gets the browser that the console's tests look with, Debian's Chromium and the fonts that show Chinese, and prints its
# path. What is there already is left alone; WANGGE_CHROMIUM names another. `get-chromium.sh there` only looks for it.
set -eu
for browser in "${WANGGE_CHROMIUM:-}" chromium chromium-browser google-chrome; do
	if [ -n "$browser" ] && command -v "$browser" >/dev/null; then
		command -v "$browser"
		exit 0
	fi
done
[ "${1:-}" != there ] || exit 1
command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] || {
	echo "get-chromium: install chromium and fonts-noto-cjk (as root on Debian this script does)" >&2
	exit 1
}
apt-get update -qq >&2
DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium fonts-noto-cjk >&2
command -v chromium
