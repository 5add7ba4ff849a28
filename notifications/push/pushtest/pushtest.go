// Package pushtest stands in for push services, for tests of the channels to them.
package pushtest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"wangge/domain/delivery"
)

// Asked is a request that the service got.
type Asked struct {
	*http.Request
	Content []byte
}

// Service stands in for one. It answers as was said, in turn, the last for good.
type Service struct {
	*httptest.Server
	mu      sync.Mutex
	answers []http.HandlerFunc
	asked   []Asked
}

// New starts one, until the test ends.
func New(tb testing.TB, answers ...http.HandlerFunc) *Service {
	tb.Helper()
	s := &Service{answers: answers}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.asked = append(s.asked, Asked{r, body})
		answer := s.answers[0]
		if len(s.answers) > 1 {
			s.answers = s.answers[1:]
		}
		s.mu.Unlock()
		answer(w, r)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	tb.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	return s
}

// Then has the service answer so from now on.
func (s *Service) Then(answers ...http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers = answers
}

// Asked are the requests so far.
func (s *Service) Asked() []Asked {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Asked{}, s.asked...)
}

// Say answers with a status, a body and headers, each a name and a value.
func Say(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// Message is one to an address.
func Message(address string) delivery.Message {
	const id = "0190a5b0-0000-7000-8000-000000000001"
	return delivery.Message{ID: id, Address: address, Platform: "android", Kind: "ticket_assigned", Title: "网格", Text: "您有新的待办事项", Link: "wangge://inbox/" + id,
		At: time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC), TTL: time.Hour}
}

// SameJSON compares two texts of JSON.
func SameJSON(tb testing.TB, got []byte, want string) {
	tb.Helper()
	var a, b any
	if err := json.Unmarshal(got, &a); err != nil {
		tb.Fatalf("%v in %s", err, got)
	}
	if err := json.Unmarshal([]byte(want), &b); err != nil {
		tb.Fatal(err)
	}
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	if !bytes.Equal(x, y) {
		tb.Errorf("\n%s, want\n%s", x, y)
	}
}

// Garbage has a channel try services that answer what is no answer, or never,
// or without end. Each try has an outcome, none sends to a wrong address or
// forgets one, and no log has the address.
func Garbage(t *testing.T, m delivery.Message, channel func(base string) delivery.Channel) {
	t.Helper()
	logged := &bytes.Buffer{}
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(logged, nil)))
	log.SetOutput(logged)
	defer func() { slog.SetDefault(before); log.SetOutput(os.Stderr) }()
	stop := make(chan struct{})
	defer close(stop)
	wait := func(r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-stop:
		}
	}
	for name, answer := range map[string]http.HandlerFunc{
		"nothing":         Say(200, ""),
		"a page":          Say(200, "<html>"),
		"null":            Say(200, "null"),
		"a list":          Say(200, "[]"),
		"of another form": Say(200, `{"code":{},"errcode":[],"msg_id":{},"data":7,"error":"no"}`),
		"cut": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "9")
			_, _ = io.WriteString(w, "{")
		},
		"huge":               Say(200, strings.Repeat("[", 3<<20)),
		"an aborted answer":  func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"a page of an error": Say(500, "<html>"),
		"too many":           Say(429, "", "Retry-After", "600"),
		"never":              func(_ http.ResponseWriter, r *http.Request) { wait(r) },
		"without end": func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, `{"a":"`)
			_ = http.NewResponseController(w).Flush()
			wait(r)
		},
	} {
		s := New(t, answer)
		ctx, cancel := context.WithCancel(t.Context())
		if name == "never" || name == "without end" {
			cancel() // who asks has given up already
		}
		o := channel(s.URL).Send(ctx, m)
		cancel()
		if o.State != delivery.Later {
			t.Errorf("%s: %+v", name, o)
		}
		if name == "too many" && o.After != 10*time.Minute {
			t.Errorf("%s: after %s", name, o.After)
		}
	}
	if o := channel("http://127.0.0.1:1").Send(t.Context(), m); o.State != delivery.Later || o.Code != "connect" {
		t.Errorf("nobody is there: %+v", o)
	}
	away := New(t, Say(302, "", "Location", "http://127.0.0.1:1/"))
	if o := channel(away.URL).Send(t.Context(), m); o.State != delivery.Broken || o.Code != "http_302" {
		t.Errorf("a redirect: %+v", o)
	}
	if logged.Len() > 0 {
		t.Errorf("the log says %s", logged)
	}
}
