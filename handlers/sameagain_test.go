package handlers

import (
	"path"
	"reflect"
	"strings"
	"testing"
)

// sameAgain holds the answer of a write that shows a resource to what a GET of
// it says afterwards to the same person. What an answer only says of the write
// itself is left out: warnings of it, whom an activated plan overloads, and a secret.
func (h *harness) sameAgain(t *testing.T, c call, a *answer) {
	t.Helper()
	id := a.text("/id")
	if c.method == "GET" || a.status >= 300 || id == "" {
		return
	}
	at, _, _ := strings.Cut(c.url, "?")
	for _, url := range []string{a.header.Get("Location"), at, path.Dir(at), path.Dir(path.Dir(at))} {
		if url == "" || !strings.HasSuffix(url, id) {
			continue
		}
		got := h.do(t, call{method: "GET", url: url, as: c.as})
		if got.status != 200 || got.text("/id") != id {
			continue // a picture, or out of sight by now
		}
		told, _ := copied(t, a.tree).(object)
		for _, only := range []string{"warnings", "overloaded", "secret"} {
			delete(told, only)
			delete(got.tree.(object), only)
		}
		if !reflect.DeepEqual(told, got.tree) {
			t.Errorf("%s %s as %s answered %s, and GET %s says %s", c.method, c.url, c.as, a.body, url, got.body)
		}
		return
	}
}
