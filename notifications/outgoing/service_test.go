package outgoing

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// What a service says is read to its end, up to a bound, whatever its status.
func TestService(t *testing.T) {
	inner, innerAsked := service(t, "127.0.0.1:0", func(http.ResponseWriter, *http.Request) {})
	at, _ := service(t, "127.0.0.1:0", func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/echo":
			w.WriteHeader(418)
			_, _ = io.Copy(w, r.Body)
		case "/most":
			_, _ = io.Copy(w, io.LimitReader(zeros{}, answerMost))
		case "/long":
			_, _ = io.Copy(w, io.LimitReader(zeros{}, answerMost+1))
		case "/endless":
			_, _ = io.Copy(w, zeros{})
		case "/elsewhere":
			http.Redirect(w, r, inner, http.StatusTemporaryRedirect)
		case "/cut":
			w.Header().Set("Content-Length", "10")
			_, _ = io.WriteString(w, "half")
		case "/switch":
			w.Header().Set("Upgrade", "websocket")
			w.Header().Set("Connection", "Upgrade")
			w.WriteHeader(http.StatusSwitchingProtocols)
		}
	})
	t.Setenv("HTTP_PROXY", inner)
	s := NewService(2)
	for path, want := range map[string]struct {
		status, length int
		code           string
	}{
		"/echo?key=secret":      {418, 4, ""},
		"/most?key=secret":      {200, answerMost, ""},
		"/long?key=secret":      {200, 0, "long"},
		"/endless?key=secret":   {200, 0, "long"},
		"/elsewhere?key=secret": {307, 0, ""},
		"/cut?key=secret":       {200, 0, "answer"},
		"/switch?key=secret":    {0, 0, "answer"},
	} {
		a, said, err := s.Call(t.Context(), http.MethodPost, at+path, nil, []byte("body"))
		code := ""
		if err != nil {
			code = Code(err)
		}
		if a.Status != want.status || code != want.code || err == nil && len(said) != want.length {
			t.Errorf("%s: %d, %d bytes, %v (%s)", path, a.Status, len(said), err, code)
		}
		if err != nil && (strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "127.0.0.1")) {
			t.Errorf("%s: the error says %v", path, err)
		}
	}
	if innerAsked.Load() != 0 {
		t.Error("a redirect was followed, or a proxy asked")
	}
}

// Who asks gives up when their time is over; what does not answer at all is given up anyway.
func TestServiceGivesUp(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	s := NewService(1)
	if _, _, err := s.Call(ctx, http.MethodGet, "http://"+l.Addr().String()+"/?key=secret", nil, nil); Code(err) != "timeout" || strings.Contains(err.Error(), "secret") {
		t.Errorf("a port that never answers: %v", err)
	}
	if s.http.Timeout != totalMost || s.http.Transport.(bounded).RoundTripper.(*http.Transport).ResponseHeaderTimeout != headerMost {
		t.Error("it waits without bound")
	}
	for _, address := range []string{"http://127.0.0.1:1/?key=secret", "http://\x00secret", "nothing://secret"} {
		if _, _, err := s.Call(t.Context(), http.MethodGet, address, nil, nil); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", address, err)
		}
	}
	if _, _, err := s.Call(t.Context(), http.MethodGet, "://", nil, nil); !errors.Is(err, ErrHost) {
		t.Error(err)
	}
}
