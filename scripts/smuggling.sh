#!/usr/bin/env bash
# Shows, on a fresh demonstration behind nginx, that nothing in a body is ever
# answered: a stranger sends bodies that end in the beginning of a request,
# which would take the next request on the same connection, somebody else's,
# for its rest and sign them out. Needs go, curl, jq and nginx.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
dir=$(mktemp -d)
nginx=$(command -v nginx || echo /usr/sbin/nginx)
started=()
finish() {
	for pid in "${started[@]}"; do kill "$pid" 2>/dev/null && wait "$pid" || true; done
	rm -rf "$dir"
}
trap finish EXIT

(cd "$root" && go build -o "$dir/wangge" ./cmd/wangge)
echo "filling a demonstration …"
: >"$dir/out"
"$dir/wangge" serve --demo --data "$dir/data" --listen 127.0.0.1:0 --log-level error >"$dir/out" &
started+=($!)
until grep -q 'answers on' "$dir/out"; do
	kill -0 "${started[0]}" || { echo "the demonstration did not start" >&2; exit 1; }
	sleep 0.2
done
address=$(sed -n 's|.*answers on http://\([^ ]*\).*|\1|p' "$dir/out")

sed -e "s/UPSTREAM/$address/" -e "s|unix:|unix:$dir/|" "$root/scripts/smuggling.conf" >"$dir/nginx.conf"
"$nginx" -p "$dir" -c nginx.conf &
started+=($!)
until [ -S "$dir/passing.sock" ] && curl -fs --unix-socket "$dir/passing.sock" -o /dev/null http://x/healthz; do
	kill -0 "${started[1]}" || { echo "nginx did not start" >&2; exit 1; }
	sleep 0.2
done

token=$(curl -s "http://$address/v1/sessions" -H 'Content-Type: application/json' -d '{"phone":"13800000001","code":"000000"}' | jq -r .accessToken)
me() { curl -s --unix-socket "$1" -o "$dir/me" -w '%{http_code}' -H "Authorization: Bearer $token" http://x/v1/me; }
wrong() {
	echo "bodies are answered: $*" >&2
	exit 1
}

{
	head -c 8192 /dev/zero | tr '\0' x
	printf 'DELETE /v1/sessions/current HTTP/1.1\r\nHost: x\r\nX-Rest: '
} >"$dir/half"
for socket in whole passing; do
	rounds=0
	for _ in $(seq 50); do
		for attack in '-X POST' '-X POST -H Transfer-Encoding:chunked' '-X GET -H Transfer-Encoding:chunked' '-X BREW'; do
			# shellcheck disable=SC2086 # the words of an attack
			curl -s --unix-socket "$dir/$socket.sock" -o "$dir/answer" $attack -H 'Expect:' --data-binary "@$dir/half" http://x/nope || true
			status=$(me "$dir/$socket.sock")
			[ "$status" = 200 ] || wrong "after curl $attack through $socket.sock, GET /v1/me of another user was answered $status: $(cat "$dir/me")"
			rounds=$((rounds + 1))
		done
	done
	echo "nginx, $socket.sock: $rounds bodies with half a request in them"
done

# Without nginx: two whole requests and one in a body, on one connection.
body="$(head -c 8192 /dev/zero | tr '\0' x)"$'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'
exec 3<>"/dev/tcp/${address%:*}/${address##*:}"
printf 'POST /nope HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%sGET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' "${#body}" "$body" >&3
answers=$(grep -ao 'HTTP/1.1 [0-9]' <&3 | wc -l)
exec 3>&-
[ "$answers" = 2 ] || wrong "two requests and a body with a third in it got $answers answers"

[ "$(me "$dir/whole.sock")" = 200 ] || wrong "the user was signed out"
echo "nothing in a body was answered; the user is signed in still"
