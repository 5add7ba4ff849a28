package handlers

import (
	"encoding/json"
	"fmt"
	"testing"

	"wangge/store/enginetest"
)

func TestClientIsTheLastWhoIsNoProxy(t *testing.T) {
	trusted := must(parseProxies([]string{"10.0.0.0/8", "192.0.2.7", "2001:db8::/32"}))(t)
	for _, c := range []struct{ peer, forwarded, want string }{
		{"203.0.113.9", "", "203.0.113.9"},
		{"203.0.113.9", "198.51.100.1", "203.0.113.9"}, // who is no proxy is not believed
		{"10.0.0.1", "", "10.0.0.1"},
		{"10.0.0.1", "203.0.113.9", "203.0.113.9"},
		{"::ffff:10.0.0.1", "::ffff:203.0.113.9", "203.0.113.9"},
		{"10.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"},
		{"10.0.0.1", "198.51.100.1,203.0.113.9 , 192.0.2.7", "203.0.113.9"},
		{"10.0.0.1", "203.0.113.9,10.9.9.9,2001:db8::1", "203.0.113.9"},
		{"10.0.0.1", "203.0.113.9, unknown", "10.0.0.1"},
		{"10.0.0.1", "203.0.113.9,", "10.0.0.1"},
		{"10.0.0.1", "10.0.0.2, 10.0.0.3", "10.0.0.2"},
	} {
		if got := trusted.client(c.peer, c.forwarded); got != c.want {
			t.Errorf("%s with %q: %s, want %s", c.peer, c.forwarded, got, c.want)
		}
	}
}

// TestForwardedLinesAreOneList: a client that writes X-Forwarded-For itself
// changes nothing, whether its proxy goes on in the same line or adds its own, as HAProxy does.
func TestForwardedLinesAreOneList(t *testing.T) {
	for name, forwarded := range map[string][]string{
		"one line":  {"X-Forwarded-For: 198.51.100.%d, 203.0.113.9"},
		"two lines": {"X-Forwarded-For: 198.51.100.%d", "X-Forwarded-For: 203.0.113.9"},
		"more":      {"X-Forwarded-For: 203.0.113.1, 198.51.100.%d", "X-Forwarded-For: 203.0.113.9, 127.0.0.1", "x-forwarded-for: 127.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t, enginetest.SQLite(t).Open(t))
			h.proxies = must(parseProxies([]string{"127.0.0.1"}))(t)
			address := h.listen(t)
			ask := func(n int, forwarded ...string) int {
				body := string(must(json.Marshal(object{"phone": fmt.Sprintf("13900000%03d", n)}))(t))
				header := append([]string{"Host: x", "Connection: close", "Content-Type: " + asJSON, length(body)}, forwarded...)
				return exchange(t, address, lines("POST /v1/codes HTTP/1.1", header...)+body)[0].status
			}
			n := 0
			for n < 200 && ask(n, append([]string{fmt.Sprintf(forwarded[0], n)}, forwarded[1:]...)...) == 202 {
				n++
			}
			if n == 0 || n == 200 {
				t.Fatalf("codes for %d phones of one address", n)
			}
			if got := ask(200, "X-Forwarded-For: 203.0.113.10"); got != 202 {
				t.Errorf("another address: %d", got)
			}
		})
	}
}
