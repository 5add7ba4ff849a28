package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	noticeRate   = 200 // writes a second
	noticeTurns  = 10  // the length of a turn, so many times
	noticeWithin = 5 * time.Minute
	gatewayKey   = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
)

// moments are when something was known of each ticket.
type moments struct {
	mu sync.Mutex
	of map[string]time.Time
	in int
}

func newMoments() *moments { return &moments{of: map[string]time.Time{}} }

func (m *moments) note(ticket string) {
	now := time.Now()
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, known := m.of[ticket]; !known {
		m.of[ticket] = now
	}
}

func (m *moments) count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.of)
}

// after is how long after others each was; one that was before is none.
func (m *moments) after(others *moments) (out []time.Duration) {
	for ticket, at := range m.of {
		if then, known := others.of[ticket]; known {
			out = append(out, max(at.Sub(then), 0))
		}
	}
	return out
}

// phone is a push gateway. It is told ids of notices, whose tickets a stream tells.
type phone struct {
	address string
	server  *http.Server
	pushed  *moments
}

func newPhone() (*phone, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &phone{address: "http://" + l.Addr().String(), pushed: newMoments()}
	p.server = &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Data struct{ Notice string } }
		if content, err := io.ReadAll(r.Body); err == nil && json.Unmarshal(content, &body) == nil {
			p.pushed.note(body.Data.Notice)
		}
		w.WriteHeader(http.StatusNoContent)
	})}
	go func() { _ = p.server.Serve(l) }()
	return p, nil
}

// noticesOf measures how soon the person to whom tickets are dispatched knows, at a
// steady rate, and beside it how soon an entry of the raw store is read and posted.
func (w *world) noticesOf(ctx context.Context, o settings, engine, dir string) ([]result, []string, error) {
	p, err := newPhone()
	if err != nil {
		return nil, nil, err
	}
	defer p.server.Close()
	if err := w.again(ctx, []string{"WANGGE_PUSH_GATEWAY_SECRET=" + gatewayKey}, "--push-gateway", p.address); err != nil {
		return nil, nil, err
	}
	length := noticeTurns * o.round
	tickets, err := w.accepted(ctx, 1+int(length.Seconds()*noticeRate))
	if err != nil {
		return nil, nil, err
	}
	to := map[string]any{"way": "gateway", "address": "bench", "platform": "android", "language": "zh-CN", "at": time.Now().UTC()}
	if err := w.do(0, asked{method: "PUT", path: "/v1/me/devices/" + accountID(999), token: w.workers[0].token, body: to}, nil); err != nil {
		return nil, nil, err
	}
	if err := w.do(0, asked{method: "PATCH", path: "/v1/me/preferences", token: w.workers[0].token, body: map[string]any{"quiet": nil}, kind: "application/merge-patch+json", match: "*"}, nil); err != nil {
		return nil, nil, err // at whatever hour it is measured
	}
	changed, noticed := newMoments(), newMoments()
	notices := map[string]string{} // tickets
	stream, err := w.tune(ctx, w.workers[0].token, func(name string, body map[string]any) {
		switch about, _ := body["about"].(map[string]any); {
		case name == "change" && body["action"] == "dispatch":
			changed.note(fmt.Sprint(body["id"]))
		case name == "notice" && body["kind"] == "ticket_assigned":
			noticed.note(fmt.Sprint(about["id"]))
			noticed.mu.Lock()
			notices[fmt.Sprint(body["id"])] = fmt.Sprint(about["id"])
			noticed.mu.Unlock()
		}
	})
	if err != nil {
		return nil, nil, err
	}
	defer stream.Close()
	told := func(n int) error {
		for began := time.Now(); changed.count() < n || noticed.count() < n || p.pushed.count() < n; time.Sleep(10 * time.Millisecond) {
			if time.Since(began) > noticeWithin || ctx.Err() != nil {
				return fmt.Errorf("of %d dispatches %d were heard of, %d noticed and %d pushed", n, changed.count(), noticed.count(), p.pushed.count())
			}
		}
		return nil
	}
	_, _, err = w.dispatchAll(ctx, tickets[:1]) // behind all that is told of the reports
	if err == nil {
		err = told(1)
	}
	if err != nil {
		return nil, nil, err
	}
	answered, took, err := w.dispatchAll(ctx, tickets[1:])
	if err == nil {
		err = told(len(tickets))
	}
	if err != nil {
		return nil, nil, err
	}
	pushed := newMoments()
	for notice, at := range p.pushed.of {
		pushed.of[notices[notice]] = at
	}
	row := func(request, who string, times []time.Duration) result {
		slices.Sort(times)
		return result{engine: engine, request: request, clients: 1, contender: who, rate: noticeRate, p50: times[len(times)/2], p99: times[len(times)*99/100]}
	}
	all := []result{row("notices: write", "wangge", took), row("notices: change heard", "wangge", changed.after(answered)), row("notices: notice heard", "wangge", noticed.after(answered)), row("notices: handed off", "wangge", pushed.after(answered))}
	raw, err := follow(ctx, dir, w.program.store, p.address, length)
	if err != nil {
		return nil, nil, err
	}
	all = append(all, row("notices: write", "raw store", raw.Write), row("notices: change heard", "raw store", raw.Heard), row("notices: handed off", "raw store", raw.HandedOff))
	return all, []string{fmt.Sprintf("%s: notices are %d dispatches to one worker, %d a second; heard and handed off is since the answer to the write. The raw store writes 1 KB and an entry, reads on in the journal in its own process, and posts.", engine, len(tickets)-1, noticeRate)}, nil
}

// accepted reports and accepts so many tickets.
func (w *world) accepted(ctx context.Context, n int) ([]string, error) {
	w.takeReported(len(w.reported))
	report := w.report(false)
	if err := together(ctx, n, func(client, _ int) error { return report(client) }); err != nil {
		return nil, err
	}
	ids := w.takeReported(n)
	for some := range slices.Chunk(ids, batchOf) {
		if err := w.accept(0, some); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// dispatchAll dispatches tickets to the first worker at the steady rate.
func (w *world) dispatchAll(ctx context.Context, tickets []string) (answered *moments, took []time.Duration, err error) {
	answered, took = newMoments(), make([]time.Duration, len(tickets))
	errs := make([]error, len(tickets))
	clients := make(chan int, accounts)
	for i := range accounts {
		clients <- i
	}
	tick := time.NewTicker(time.Second / noticeRate)
	defer tick.Stop()
	var all sync.WaitGroup
	for i, id := range tickets {
		<-tick.C
		all.Go(func() {
			client, began := <-clients, time.Now()
			errs[i] = w.do(client, asked{method: "POST", path: "/v1/tickets/" + id + "/transitions", token: w.dispatchers[client%dispatchers],
				body: map[string]any{"action": "dispatch", "assignee": map[string]string{"kind": "person", "id": accountID(dispatchers)}}}, nil)
			answered.note(id)
			took[i] = time.Since(began)
			clients <- client
		})
	}
	all.Wait()
	return answered, took, errors.Join(append(errs, ctx.Err())...)
}

// tune opens a stream of events; heard is called with each, until the stream is closed.
func (w *world) tune(ctx context.Context, token string, heard func(name string, body map[string]any)) (io.Closer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.base+"/v1/events", nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	begun := make(chan bool, 1)
	go func() {
		name := ""
		for lines := bufio.NewScanner(res.Body); lines.Scan(); {
			switch field, value, _ := strings.Cut(lines.Text(), ": "); field {
			case "event":
				name = value
			case "data":
				var body map[string]any
				if name == "reset" {
					begun <- true
				} else if json.Unmarshal([]byte(value), &body) == nil {
					heard(name, body)
				}
			}
		}
	}()
	select {
	case <-begun:
		return res.Body, nil
	case <-time.After(patience):
		return nil, errors.New("a stream does not begin")
	}
}

// followed is what the raw store says of itself.
type followed struct{ Write, Heard, HandedOff []time.Duration }

// follow builds the raw store in the program's module, and runs it beside nothing else.
func follow(ctx context.Context, dir, uri, to string, length time.Duration) (out followed, err error) {
	path := filepath.Join(dir, "follow")
	cmd := exec.CommandContext(ctx, "go", "build", "-o", path, "./bench/follow/main.go")
	cmd.Dir = root()
	if said, err := cmd.CombinedOutput(); err != nil {
		return out, fmt.Errorf("building the raw store: %w\n%s", err, said)
	}
	args := []string{"-data", filepath.Join(dir, "raw"), "-rate", fmt.Sprint(noticeRate), "-length", length.String(), "-to", to}
	if uri != "" {
		args = append(args, "-store", strings.Replace(uri, "/wangge", "/raw", 1))
	}
	var said bytes.Buffer
	cmd = exec.CommandContext(ctx, path, args...)
	cmd.Stderr = &said
	text, err := cmd.Output()
	if err != nil {
		return out, fmt.Errorf("the raw store: %w: %s", err, said.String())
	}
	return out, json.Unmarshal(text, &out)
}
