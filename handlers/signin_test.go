package handlers

import (
	"encoding/json"
	"fmt"
	"testing"

	"wangge/handlers/web"
	"wangge/store/enginetest"
)

// TestForwardedLinesAreOneList: a client that writes X-Forwarded-For itself
// changes nothing, whether its proxy goes on in the same line or adds its own, as HAProxy does.
func TestForwardedLinesAreOneList(t *testing.T) {
	for name, forwarded := range map[string][]string{
		"one line":  {"X-Forwarded-For: 198.51.100.%d, 203.0.113.9"},
		"two lines": {"X-Forwarded-For: 198.51.100.%d", "X-Forwarded-For: 203.0.113.9"},
		"more":      {"X-Forwarded-For: 203.0.113.1, 198.51.100.%d", "X-Forwarded-For: 203.0.113.9, 127.0.0.1", "x-forwarded-for: 127.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			h := copyHarness(t, enginetest.SQLite(t))
			h.with(t, func(d *Deps) { d.TrustedProxies = []string{"127.0.0.1"} })
			address := h.listen(t)
			ask := func(n int, forwarded ...string) int {
				body := string(must(json.Marshal(object{"phone": fmt.Sprintf("13900000%03d", n)}))(t))
				header := append([]string{"Host: x", "Connection: close", "Content-Type: " + web.JSON, length(body)}, forwarded...)
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
