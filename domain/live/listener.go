package live

import (
	"slices"
	"time"

	"wangge/domain/access"
)

// Ear is how a listener is told. It is called with the hub's lock held: it
// returns at once and calls nothing of the hub.
type Ear interface {
	Hear(lines []*Line)  // in their order; all cursors are without a mark
	Reset(cursor string) // everything is to be loaded anew; what comes after it is told
	Beat(cursor string)  // nothing else was to be told up to there
	End(why Reason)      // once, and nothing after it
}

// Listener is somebody who is told.
type Listener struct {
	hub              *Hub
	ear              Ear
	account, session string
	ends             time.Time // of the token; zero: never

	// Under the hub's lock:
	actor  access.Actor
	mark   string // of the actor
	asked  int    // how often the actor was asked for
	heard  int    // the latest of these that was answered
	circle string
	beat   time.Time // when it is looked after next
	fresh  time.Time // when its actor is read anew at the latest
	over   bool
	// Until Start they are held back: what was missed, and what happens meanwhile.
	waiting bool
	lines   []*Line // to be told at the end of a round, or of the waiting
	from    string  // of who is to load everything anew: where the lines begin
}

// Mark is put behind a cursor, of which nothing but it is the listener's own. It
// may change: it is for who is being told, and after Leave.
func (l *Listener) Mark() string { return l.mark }

// reset has a listener load everything anew; called with the lock held.
func (l *Listener) reset() {
	if l.lines, l.from = nil, l.hub.here(); !l.waiting {
		l.ear.Reset(l.from)
	}
}

// Start begins the telling, with what was missed.
func (l *Listener) Start() {
	l.hub.mu.Lock()
	defer l.hub.mu.Unlock()
	l.waiting = false
	if l.over {
		return
	}
	if l.from != "" {
		l.ear.Reset(l.from)
	}
	if lines := l.lines; len(lines) > 0 {
		l.lines = nil
		l.ear.Hear(lines)
	}
}

// Leave ends the telling, from the listener's side. It returns the cursor up to
// which they were told of all there was; "" where the telling had ended before.
func (l *Listener) Leave() (cursor string) {
	l.hub.mu.Lock()
	defer l.hub.mu.Unlock()
	if !l.over {
		cursor = l.hub.here()
	}
	l.hub.remove(l)
	return cursor
}

// remove forgets a listener; called with the lock held.
func (h *Hub) remove(l *Listener) bool {
	if l.over {
		return false
	}
	l.over = true
	h.audience.remove(l)
	of := h.byAccount[l.account]
	if of = slices.DeleteFunc(of, func(o *Listener) bool { return o == l }); len(of) == 0 {
		delete(h.byAccount, l.account)
	} else {
		h.byAccount[l.account] = of
	}
	delete(h.listeners, l)
	return true
}

// end tells a listener why it is told no more; called with the lock held.
func (h *Hub) end(l *Listener, why Reason) {
	if h.remove(l) {
		l.ear.End(why)
	}
}
