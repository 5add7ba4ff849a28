#!/usr/bin/env bash
# Runs every command of the README against a fresh demonstration and compares
# what it prints with the lines "# …" below it, but for ids, times and what
# depends on the day. With -u the README gets what was printed.
# Blocks that start a server or run the tests are left out.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
readme=$root/README.md
for tool in jq curl python3 ogrinfo ogr2ogr; do
	command -v "$tool" >/dev/null && continue
	echo "readme: $tool is missing, so the README is not tried: install jq, curl, python3 and gdal-bin" >&2
	[ "${CI:-}" != true ] || exit 1
	exit 0
done
work=$(mktemp -d)
server=
end() {
	for pid in "$work"/tour/*.pid; do [ ! -e "$pid" ] || kill "$(cat "$pid")"; done 2>/dev/null || :
	[ -z "$server" ] || wait "$server" 2>/dev/null || :
	rm -rf "$work"
}
trap end EXIT

(cd "$root" && ${GO:-go} build -o "$work/bin/wangge" ./cmd/wangge)
export PATH=$work/bin:$PATH no_proxy=127.0.0.1 NO_PROXY=127.0.0.1

# The server begins again where it was when the tour kills it.
mkdir "$work/tour"
free() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
receiver=$(free) gateway=$(free)
export WANGGE_PUSH_GATEWAY_SECRET=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
: >"$work/serve.log"
(
	listen=127.0.0.1:0 ended=137
	while [ $ended = 137 ]; do
		wangge serve --demo --data "$work/data" --listen $listen --log-level warn --webhook-hosts "http://127.0.0.1:$receiver" --webhook-private 127.0.0.1/32 --push-gateway "http://127.0.0.1:$gateway" >>"$work/serve.log" 2>&1 &
		echo $! >"$work/tour/wangge.pid"
		ended=0 && wait $! || ended=$?
		listen=$(grep -om 1 'http://127[0-9.:]*' "$work/serve.log" | cut -d / -f 3)
	done
) 2>/dev/null &
server=$!
patience=$((SECONDS + 600))
until address=$(grep -om 1 'http://127[0-9.:]*' "$work/serve.log"); do
	kill -0 "$server" 2>/dev/null && [ $SECONDS -lt $patience ] || { echo "readme: the demonstration does not answer" >&2; cat "$work/serve.log" >&2; exit 1; }
	sleep 0.2
done

# What the tour takes as given: a picture, a list of areas, one of addresses and a file of cells.
cd "$work/tour"
ln -s "$root/scripts" scripts
base64 -d >after.jpg <<'JPEG'
/9j/2wCEABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWGkJ6jq62rZ4C8ybqmx5moq6QBHB4eKCMoTisrTqRuXW6kpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpP/AAAsIABAAEAEBEQD/xADSAAABBQEBAQEBAQAAAAAAAAAAAQIDBAUGBwgJCgsQAAIBAwMCBAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+v/aAAgBAQAAPwDLFh7U4WHtXSCw9qcLD2r/2Q==
JPEG
cp "$root/cmd/wangge/demo/data/areas_2023.csv" suzhou.csv
printf 'scheme,code,estate,building,room,lon,lat,datum\nsuzhou,3205080180140080301,大儒巷,8,301,120.6262,31.3135,wgs84\n' >doors.csv
curl -sf "$address/ogc/collections/cells/items?limit=1000" >cells.geojson

# The README as a script: every line of code as it is and, where lines that
# were printed follow, a mark with their number. A comment after an empty line
# is prose; what a block prints after its last mark is shown nowhere.
awk -v address="$address" -v receiver="$receiver" -v gateway="$gateway" -v shown="$work/shown" '
	function finish() {
		if (body !~ /wangge serve|make (run|test)/) { gsub(/http:\/\/127\.0\.0\.1:8080/, address, body); gsub(/9411/, receiver, body); gsub(/9412/, gateway, body); printf "%secho; echo \"@@ -\"\n", body }
		body = ""
	}
	/^```/ { if (inside) finish(); inside = !inside && /^```sh$/; code = 0; next }
	!inside { next }
	/^# / && code { if (!marked) { body = body "echo; echo \"@@ " ++n "\"\n"; marked = 1 } print n "\t" substr($0, 3) >shown; next }
	{ code = !/^(#.*)?$/; marked = 0; body = body $0 "\n" }
' "$readme" >"$work/tour.sh"

# The imports go into a folder of their own, which no server has open.
failed=
WANGGE_DATA=$work/imports bash -eo pipefail "$work/tour.sh" >"$work/printed" 2>"$work/complaints" || failed=1
awk '
	/^@@ -/ { n = 0; next }
	/^@@ / { for (i = 0; i < n; i++) print $2 "\t" line[i]; n = 0; next }
	/./ { line[n++] = $0 }
' "$work/printed" >"$work/actual"
if [ -n "$failed" ]; then
	echo "readme: a command failed after:" >&2
	tail -n 3 "$work/printed" >&2
	tail -n 20 "$work/complaints" "$work/serve.log" >&2
	exit 1
fi

if [ "${1:-}" = -u ]; then
	awk -F '\t' '
		NR == FNR { lines[$1] = lines[$1] "# " substr($0, length($1) + 2) "\n"; next }
		/^```/ { inside = !inside && /^```sh$/; code = 0 }
		/^# / && inside && code { if (!marked) { printf "%s", lines[++n]; marked = 1 } next }
		{ code = inside && !/^(#.*)?$/; marked = 0; print }
	' "$work/actual" "$readme" >"$work/new"
	cp "$work/new" "$readme"
	exit 0
fi

# alike is lines without what differs from one demonstration, or day, to the next.
alike() {
	jq -Rr '
		def plain: walk(if type == "object" then with_entries(
			if (.key | IN("id", "at", "date", "next", "week", "number", "requestId", "household", "address", "metres", "plans", "last", "tags", "stops", "visits", "other", "tickets", "reporter"))
				or (.key | IN("dueAt", "standsStillSince", "metAt")) and (.value | type == "string")
			then .value = "…" else . end) else . end);
		index("\t") as $tab | .[$tab + 1:] as $line | .[:$tab + 1] + (try ($line | fromjson | plain | tojson) catch $line)' "$1"
}
alike "$work/shown" >"$work/shown.alike"
alike "$work/actual" >"$work/actual.alike"
diff -u --label README.md --label printed "$work/shown.alike" "$work/actual.alike" || {
	echo "readme: the README shows something else; scripts/readme.sh -u puts in what was printed" >&2
	exit 1
}
echo "readme: $(cut -f 1 "$work/shown" | sort -u | wc -l) commands print what the README shows"
