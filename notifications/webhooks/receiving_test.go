package webhooks

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// mood is how a receiver answers.
type mood int

const (
	takes       mood = iota
	fails            // 500, and took nothing
	isBusy           // 429 with Retry-After, and took nothing
	isDown           // nobody answers
	forgets          // took it, and the answer is lost
	failsLate        // took it, and answers 500
	takesItTime      // takes it after others had their turn
	moods
)

// told is a message as a receiver reads it.
type told struct {
	Type string
	Data struct {
		Sequence int64
		Step     struct {
			Action, From, To string
		}
		Case *struct {
			ID, Shown, State string
			Whole            *struct {
				Missing []string
				Tickets []ticketRef
			}
		}
		Ticket *struct {
			ID, Shown string
			Whole     *struct{ State, Community string }
		}
	}
}

// about is the stream that the message is in.
func (m *told) about() string {
	if m.Data.Case != nil {
		return "case " + m.Data.Case.ID
	}
	if m.Data.Ticket != nil {
		return "ticket " + m.Data.Ticket.ID
	}
	return m.Type
}

// receiver is another system: it believes what is signed, knows what it had by
// the id, and finds fault with whatever it is told out of order.
type receiver struct {
	url    string
	server *httptest.Server

	mu      sync.Mutex
	mood    func() mood
	secret  string
	clock   *clock
	bodies  map[string][]byte  // by id
	streams map[string][]*told // each message once
	asked   int
	taken   func() // called for each message, where it is set
	faults  []string
}

func newReceiver(t testing.TB, clock *clock) *receiver {
	r := &receiver{clock: clock, mood: func() mood { return takes }, bodies: map[string][]byte{}, streams: map[string][]*told{}}
	r.server = httptest.NewServer(r)
	r.url = r.server.URL
	t.Cleanup(func() { r.server.CloseClientConnections(); r.server.Close() })
	return r
}

func (r *receiver) set(mood func() mood) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.mood = mood
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	r.mu.Lock()
	mood := r.mood()
	r.asked++
	if mood == takesItTime {
		r.mu.Unlock()
		time.Sleep(3 * time.Millisecond)
		r.mu.Lock()
	}
	defer r.mu.Unlock()
	switch mood {
	case isDown:
		panic(http.ErrAbortHandler)
	case fails:
		w.WriteHeader(500)
		return
	case isBusy:
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(429)
		return
	}
	r.take(req.Header, body)
	switch mood {
	case forgets:
		panic(http.ErrAbortHandler)
	case failsLate:
		w.WriteHeader(500)
	}
}

func (r *receiver) fault(format string, a ...any) {
	r.faults = append(r.faults, fmt.Sprintf(format, a...))
}

func (r *receiver) take(h http.Header, body []byte) {
	id := h.Get("webhook-id")
	signer, err := standardwebhooks.NewWebhook(r.secret)
	if err == nil {
		err = signer.VerifyIgnoringTimestamp(body, h)
	}
	if err != nil {
		r.fault("%s: %v", id, err)
	}
	if at, err := strconv.ParseInt(h.Get("webhook-timestamp"), 10, 64); err != nil || time.Unix(at, 0).After(r.clock.now()) {
		r.fault("%s: sent at %d, %v", id, at, err)
	}
	if had := r.bodies[id]; had != nil {
		if !bytes.Equal(had, body) {
			r.fault("%s is not what it was:\n%s\n%s", id, had, body)
		}
		return
	}
	r.bodies[id] = body
	m := &told{}
	if err := json.Unmarshal(body, m); err != nil {
		r.fault("%s: %v", id, err)
		return
	}
	stream := r.streams[m.about()]
	if m.Type != "ping" && m.Data.Sequence != int64(len(stream)+1) {
		r.fault("%s of %s comes after %d", body, m.about(), len(stream))
	}
	r.streams[m.about()] = append(stream, m)
	if r.taken != nil {
		r.taken()
	}
}

// last is the last message of a stream, and how many there were.
func (r *receiver) last(about string) (*told, int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	stream := r.streams[about]
	if len(stream) == 0 {
		return nil, 0
	}
	return stream[len(stream)-1], len(stream)
}

func (r *receiver) tries() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked
}

func (r *receiver) had() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.bodies)
}

// check finds fault with what was noted and, where the receiver hears of
// everything, with steps that do not follow one another.
func (r *receiver) check(t *testing.T, name string, everything bool) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, f := range r.faults {
		t.Errorf("%s: %s", name, f)
	}
	for about, stream := range r.streams {
		state := map[string]string{}
		for i, m := range stream {
			kind, _, _ := strings.Cut(m.Data.Step.Action, ".")
			if kind == "ticket" && m.Data.Case != nil { // by its own stream
				continue
			}
			if was := state[kind]; everything && i > 0 && was != "" && m.Data.Step.From != "" && m.Data.Step.From != was {
				t.Errorf("%s: %s %d goes from %s, and the one before went to %s", name, about, i+1, m.Data.Step.From, was)
			}
			if m.Data.Step.To != "" {
				state[kind] = m.Data.Step.To
			}
		}
	}
}
