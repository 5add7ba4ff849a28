package web

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func TestPanicsTellNothing(t *testing.T) {
	h := serve(t,
		&Route{Method: "GET", Path: "/tickets/:id/boom", Handle: func(*Request) (*Reply, error) { panic("the secret cause") }},
		&Route{Method: "GET", Path: "/fails", Handle: func(*Request) (*Reply, error) { return nil, errors.New("the secret cause") }},
	)
	for _, path := range []string{"/tickets/1/boom", "/fails"} {
		status, header, body := h.get(t, path)
		var p problem
		if err := json.Unmarshal(body, &p); err != nil || status != 500 || p.Code != "internal" || header.Get("Content-Type") != "application/problem+json" || strings.Contains(string(body), "secret") {
			t.Errorf("%s: %d %v %s", path, status, err, body)
		}
		if logs := h.logs.String(); !strings.Contains(logs, p.Request) || !strings.Contains(logs, "the secret cause") {
			t.Errorf("%s: the log has neither request nor cause: %s", path, logs)
		}
	}
}
