package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// ear listens for events as an app does: it comes again after each break, to
// another node if need be, with the id of what it heard last.
type ear struct {
	t     testing.TB
	token string

	mu      sync.Mutex
	cursor  string
	breaks  int
	resets  int              // that say to load everything anew: one, as it begins
	changes map[string]int   // how often each was heard, by its text
	events  []map[string]any // of changes, in order
	notices map[string]int   // by id
	ended   string           // by the server, and why
}

// listen hears what there is until the test ends.
func (c *cluster) listen(i int, token string) *ear {
	e := &ear{t: c.t, token: token, changes: map[string]int{}, notices: map[string]int{}}
	var listening sync.WaitGroup
	listening.Go(func() {
		for ; c.t.Context().Err() == nil; time.Sleep(20 * time.Millisecond) {
			e.hear(c.at(i))
		}
	})
	c.t.Cleanup(listening.Wait)
	c.eventually("a stream begins", func() bool { e.mu.Lock(); defer e.mu.Unlock(); return e.resets > 0 })
	return e
}

// hear listens on one connection, until that breaks.
func (e *ear) hear(base string) {
	req, err := http.NewRequestWithContext(e.t.Context(), http.MethodGet, base+"/v1/events", nil)
	if err != nil {
		return
	}
	req.Header.Set("Authorization", "Bearer "+e.token)
	if e.cursor != "" {
		req.Header.Set("Last-Event-ID", e.cursor)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		_, _ = io.Copy(io.Discard, res.Body)
		return
	}
	id, name, data := "", "", ""
	for in := bufio.NewReader(res.Body); ; {
		line, err := in.ReadString('\n')
		if err != nil { // what is not whole is not heard
			e.mu.Lock()
			e.breaks++
			e.mu.Unlock()
			return
		}
		switch field, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": "); field {
		case "id":
			id = value
		case "event":
			name = value
		case "data":
			data = value
		case "":
			if strings.HasPrefix(line, ":") { // a comment
				continue
			}
			e.take(id, name, data)
			id, name, data = "", "", ""
		}
	}
}

func (e *ear) take(id, name, data string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if id != "" {
		e.cursor = id
	}
	var body map[string]any
	if name != "" && json.Unmarshal([]byte(data), &body) != nil {
		e.t.Errorf("heard %q", data)
	}
	switch name {
	case "reset":
		e.resets++
	case "change":
		if e.changes[data]++; e.changes[data] == 1 {
			e.events = append(e.events, body)
		}
	case "notice":
		e.notices[fmt.Sprint(body["id"])]++
	case "end":
		e.ended = data
	}
}

// of is what was heard of a ticket, in order.
func (e *ear) of(ticket string) (out []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, ev := range e.events {
		if ev["id"] == ticket {
			out = append(out, fmt.Sprint(ev["action"], " ", ev["from"], " ", ev["to"]))
		}
	}
	return out
}

// eventually waits until something is so.
func (c *cluster) eventually(what string, is func() bool) {
	c.t.Helper()
	for began := time.Now(); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Since(began) > patience {
			c.t.Fatalf("not within %v: %s", patience, what)
		}
	}
}
