package web

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/worldtest"
	"wangge/handlers/auth"
)

func must[T any](v T, err error) func(testing.TB) T { return worldtest.Must(v, err) }

// signedIn is a gate for whoever has a token.
var signedIn = Gate{Roles: access.Roles}

// harness is a server of some routes, without a store, where every account is a dispatcher.
type harness struct {
	*Server
	address string
	logs    *logs
}

// logs may be read while they are written.
type logs struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logs) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// serve listens with a server of these routes until the test ends.
func serve(t testing.TB, routes ...*Route) *harness {
	t.Helper()
	h := &harness{logs: &logs{}}
	h.Server = must(New(Options{
		Tokens: must(auth.LoadKeys(filepath.Join(t.TempDir(), "tokens"), ""))(t),
		Actor: func(_ context.Context, account, session string, _ time.Time) (access.Actor, error) {
			return access.Actor{Account: account, Session: session, Grants: []access.Grant{{Role: access.Dispatcher}}}, nil
		},
		Log: slog.New(slog.NewTextHandler(h.logs, &slog.HandlerOptions{Level: slog.LevelDebug})), Now: time.Now,
	}, routes))(t)
	l := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	h.address = l.Addr().String()
	go func() { _ = h.App().Listener(l) }()
	t.Cleanup(func() {
		if !h.Stopping() {
			_ = h.Shutdown(context.Background())
		}
	})
	return h
}

// token is an access token of an account.
func (h *harness) token(t testing.TB, account string) string {
	t.Helper()
	token, _, err := h.options.Tokens.Issue(auth.Claims{Account: account, Session: "of " + account}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// get asks for a path.
func (h *harness) get(t testing.TB, path string) (status int, header http.Header, body []byte) {
	t.Helper()
	response := must(http.Get("http://" + h.address + path))(t)
	defer response.Body.Close()
	return response.StatusCode, response.Header, must(io.ReadAll(response.Body))(t)
}
