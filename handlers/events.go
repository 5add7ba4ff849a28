package handlers

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"errors"
	"strconv"
	"sync"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/live"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// liveEventOut is an event as streams and polls have it.
type liveEventOut struct {
	What       live.Thing  `json:"what"`
	ID         string      `json:"id"`
	Action     string      `json:"action,omitempty"`
	From       string      `json:"from,omitempty"`
	To         string      `json:"to,omitempty"`
	Version    int64       `json:"version,omitempty"`
	Cell       string      `json:"cell,omitempty"` // code
	Kind       string      `json:"kind,omitempty"`
	Importance string      `json:"importance,omitempty"`
	About      *subjectOut `json:"about,omitempty"`
	At         wire.Time   `json:"at"`
}

// renderEvent is the JSON of an event, for all who are told the same.
func (s *Server) renderEvent(e live.Event) []byte {
	out := liveEventOut{What: e.What, ID: e.ID, Action: e.Action, From: e.From, To: e.To, Version: e.Version, Kind: string(e.Kind), Importance: string(e.Importance), At: wire.Time(e.At)}
	if c := s.cellNamed(e.Cell); c != nil {
		out.Cell = c.Code
	}
	if e.What == live.Cell {
		out.ID = cmp.Or(out.Cell, out.ID) // as the address of a cell has it
	}
	if e.About.Kind != "" {
		out.About = &subjectOut{e.About.Kind, e.About.ID}
	}
	text, err := json.Marshal(out)
	if err != nil {
		panic(err) // texts and numbers only
	}
	return text
}

// eventsPage is what a poll answers.
type eventsPage struct {
	Events []json.RawMessage `json:"events"`
	Cursor string            `json:"cursor"`
	Reset  bool              `json:"reset"` // what was missed is not known: everything is to be loaded anew
}

type eventTicketOut struct {
	Ticket    string    `json:"ticket"`
	ExpiresAt wire.Time `json:"expiresAt"`
}

func makeEventTicket(r *apiRequest) (*web.Reply, error) {
	ticket, expires, err := r.Live.MakeTicket(r.Ctx, r.Actor, r.Now, r.Ends, rand.Reader)
	if err != nil {
		return nil, err
	}
	return &web.Reply{Status: 201, Body: eventTicketOut{ticket, wire.Time(expires)}}, nil
}

// getEvents answers with a stream or, where the caller says how long it waits, with what there is by then.
func getEvents(r *apiRequest) (*web.Reply, error) {
	j := live.Joining{Actor: r.Actor, Now: r.Now, Ends: r.Ends, After: cmp.Or(r.Header("Last-Event-ID"), r.Query.Get("after"))}
	wait, poll, err := eventsWait(r.Query)
	if err != nil {
		return nil, err
	}
	if ticket, given := r.Query.Find("ticket"); given && !r.Actor.SignedIn() && !r.OnlyHead() {
		if j.Actor, j.Ends, err = r.Live.TakeTicket(r.Ctx, ticket, r.Now); err != nil {
			return nil, err
		}
	}
	switch {
	case !j.Actor.SignedIn():
		return nil, domain.ErrUnauthenticated
	case !access.HearsEvents(j.Actor):
		return nil, domain.ErrForbidden
	case poll:
		return r.pollEvents(j, wait)
	}
	r.SetHeader("X-Accel-Buffering", "no") // else a proxy may hold back what is to be known at once
	if r.OnlyHead() {
		return &web.Reply{Status: 200, ContentType: eventStream, Raw: []byte{}}, nil // nobody will listen: it takes no other's place
	}
	st := &stream{of: &r.streams}
	j.Ear = st
	if st.listener, err = r.join(j); err != nil {
		return nil, err
	}
	return &web.Reply{Status: 200, ContentType: eventStream, Takes: st.begin}, nil
}

const (
	eventStream  = "text/event-stream"
	eventsTaking = 20 * time.Second // for a client to take what was sent
	waitMost     = 30               // seconds
	eventsAtOnce = 500              // in the answer to a poll
)

func eventsWait(q web.Parameters) (time.Duration, bool, error) {
	text, given := q.Find("wait")
	if !given {
		return 0, false, nil
	}
	seconds, err := strconv.Atoi(text)
	if err != nil || seconds < 0 || seconds > waitMost {
		return 0, true, web.Malformed("参数 wait 应为 0 至 30 的整数（秒）", "the parameter wait must be a whole number of seconds from 0 to 30")
	}
	return time.Duration(seconds) * time.Second, true, nil
}

func (r *apiRequest) join(j live.Joining) (*live.Listener, error) {
	l, err := r.Live.Join(r.Ctx, j)
	switch {
	case errors.Is(err, live.ErrFull):
		return nil, web.Refuse(503, "too_many_streams", "实时连接过多，请稍后重试", "there are as many streams as this server takes; try again later")
	case errors.Is(err, live.ErrStopping):
		return nil, web.Refuse(503, "stopping", "服务正在停止，请稍后重试", "the server stops; try again")
	}
	return l, err
}

// waiter is who waits for the answer to a poll.
type waiter struct {
	mu    sync.Mutex
	lines []*live.Line
	reset string
	rang  chan struct{}
	once  sync.Once
}

func (w *waiter) ring() { w.once.Do(func() { close(w.rang) }) }

func (w *waiter) Hear(lines []*live.Line) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lines = append(w.lines, lines...)
	w.ring()
}

func (w *waiter) Reset(cursor string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lines, w.reset = nil, cursor
	w.ring()
}

func (w *waiter) Beat(string)     {}
func (w *waiter) End(live.Reason) { w.ring() }

// pollEvents waits for something to tell, for as long as the caller does.
func (r *apiRequest) pollEvents(j live.Joining, wait time.Duration) (*web.Reply, error) {
	w := &waiter{rang: make(chan struct{})}
	j.Ear = w
	l, err := r.join(j)
	if err != nil {
		return nil, err
	}
	l.Start()
	late := time.NewTimer(wait)
	defer late.Stop()
	select {
	case <-w.rang:
	case <-late.C:
	case <-r.Ctx.Done():
	}
	here := l.Leave()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.lines) > eventsAtOnce {
		w.lines, here = w.lines[:eventsAtOnce], ""
	}
	out := eventsPage{Events: make([]json.RawMessage, len(w.lines)), Cursor: j.After, Reset: w.reset != ""}
	cursor := w.reset
	for i, line := range w.lines {
		out.Events[i], cursor = line.Text, line.Cursor
	}
	if cursor = cmp.Or(here, cursor); cursor != "" {
		out.Cursor = cursor + l.Mark()
	}
	return web.OK(out), nil
}

// streams counts those that are open.
type streams struct {
	taking time.Duration // for a client to take what was sent

	mu   sync.Mutex
	open int
	none chan struct{} // closed when none is; nil: nobody waits for it
}

func (s *streams) add(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open += n; s.open == 0 && s.none != nil {
		close(s.none)
		s.none = nil
	}
}

// ended is closed as soon as no stream is open.
func (s *streams) ended() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	none := make(chan struct{})
	if s.open == 0 {
		close(none)
	} else {
		s.none = none
	}
	return none
}
