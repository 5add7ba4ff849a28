package main

import (
	"net"
	"net/http"
)

// receiver takes webhooks, and does nothing with them.
type receiver struct {
	address string
	server  *http.Server
	target  string // id; "" before something is told
}

func newReceiver() (*receiver, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &receiver{address: l.Addr().String(), server: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })}}
	go func() { _ = r.server.Serve(l) }()
	return r, nil
}

// tell has the receiver be told of every step of tickets from now on, or of none.
func (w *world) tell(on bool) func() error {
	return func() error {
		r := w.program.receiver
		if r.target == "" {
			machine, err := w.signIn(0, from(0), map[string]string{"username": "integration", "password": password})
			if err != nil {
				return err
			}
			var made struct {
				ID string `json:"id"`
			}
			if err := w.do(0, asked{method: "GET", path: "/v1/me", token: machine}, &made); err != nil {
				return err
			}
			body := map[string]any{"title": "bench", "account": made.ID, "url": "http://" + r.address, "events": []string{"ticket.*"}}
			if err := w.do(0, asked{method: "POST", path: "/v1/webhooks", token: w.admin, body: body}, &made); err != nil {
				return err
			}
			r.target = made.ID
		}
		state := map[bool]string{true: "active", false: "disabled"}[on]
		return w.do(0, asked{method: "PATCH", path: "/v1/webhooks/" + r.target, token: w.admin, match: "*", body: `{"state":"` + state + `"}`, kind: "application/merge-patch+json"}, nil)
	}
}
