package live

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/notice"
	"wangge/domain/personal"
	"wangge/domain/ticket"
	"wangge/domain/todo"
	"wangge/store"
	"wangge/store/jobs"
)

// Options say how a hub works; all are required.
type Options struct {
	Most       int           // listeners on this node
	PerAccount int           // of one account
	Beat       time.Duration // how often each listener is looked after
}

// Hub tells the listeners of this node. Follow must run.
type Hub struct {
	Options
	// Sights are who may see what a notice is about, by its kind: of one without
	// nobody hears. Set before use.
	Sights map[string]todo.Sight
	// Render is how an event goes out; set before use.
	Render func(Event) []byte

	store    *store.Store
	accounts *account.Accounts
	cursors  cursors

	inboxes sync.Mutex // one look at a time at what came there

	mu        sync.Mutex
	audience  *audience
	listeners map[*Listener]bool
	byAccount map[string][]*Listener // the oldest first
	at        place                  // up to where all listeners were told
	moved     chan struct{}          // closed and replaced as at moves
	kept      kept
	changes   []change // of late, of what people are granted
	stopped   bool
}

// ErrFull: there are as many listeners as the node takes.
var ErrFull = errors.New("the node has as many listeners as it takes")

// ErrStopping: the node stops.
var ErrStopping = errors.New("the node stops")

// New returns a hub on a store that has Collections.
func New(st *store.Store, accounts *account.Accounts, keys *personal.Keys, o Options) *Hub {
	return &Hub{Options: o, store: st, accounts: accounts, cursors: cursors{keys}, audience: newAudience(), listeners: map[*Listener]bool{}, byAccount: map[string][]*Listener{}, moved: make(chan struct{})}
}

// Follow tells of what happens until ctx ends, whose error it returns.
func (h *Hub) Follow(ctx context.Context, n jobs.Node) error {
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() { every(ctx, h.Beat/beatParts, n, h.look) })
	all.Go(func() { every(ctx, inboxEvery, n, h.hearInboxes) })
	return jobs.Watch(ctx, n, "live events", func(ctx context.Context, heads map[string]int64) error { return h.CatchUp(ctx, n.Now().UTC(), heads) })
}

const (
	beatParts  = 10                     // looks within the time between two beats of a listener
	inboxEvery = 250 * time.Millisecond // between two looks at what came to the inboxes, while anybody listens
	readAtOnce = 500

	arrivalsBehind = 500 // lists of what came to the inboxes that are caught up with
)

// every does something again and again.
func every(ctx context.Context, pause time.Duration, n jobs.Node, do func(ctx context.Context, now time.Time) error) {
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-time.After(pause):
			if err := do(ctx, n.Now().UTC()); err != nil && ctx.Err() == nil {
				n.Log.Warn("listeners could not be looked after; trying again", "error", err)
			}
		}
	}
}

// CatchUp tells of what the journals have up to these heads. It is called by Follow, one call at a time, and by tests.
func (h *Hub) CatchUp(ctx context.Context, now time.Time, heads map[string]int64) error {
	h.mu.Lock()
	begun := h.at.journals != nil
	h.mu.Unlock()
	if !begun {
		last, err := notice.LastArrived(ctx, h.store)
		if err != nil {
			return err
		}
		h.mu.Lock()
		h.at = place{journals: maps.Clone(heads), inboxes: last}
		h.move()
		h.mu.Unlock()
		return nil
	}
	for _, partition := range slices.Sorted(maps.Keys(heads)) {
		for {
			after := h.read(partition)
			if after >= heads[partition] {
				break
			}
			entries, err := h.store.JournalTo(ctx, partition, after, heads[partition], readAtOnce)
			if err != nil {
				return err
			}
			if len(entries) == 0 {
				break
			}
			if err := h.hear(ctx, now, partition, entries); err != nil {
				return err
			}
		}
	}
	return nil
}

func (h *Hub) read(partition string) int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at.journals[partition]
}

// hear tells of some entries of a journal.
func (h *Hub) hear(ctx context.Context, now time.Time, partition string, entries []*store.Entry) error {
	if err := h.refreshFor(ctx, now, entries); err != nil {
		return err
	}
	var things map[key]*thing
	var followers map[string][]string
	h.mu.Lock()
	defer h.mu.Unlock()
	for things == nil && len(h.listeners) > 0 { // somebody may begin to listen at any time
		h.mu.Unlock()
		var err error
		if things, err = load(ctx, h.store, entries, func(key) (*thing, bool) { return nil, false }); err == nil {
			followers, err = h.followers(ctx, entries)
		}
		h.mu.Lock()
		if err != nil {
			return err
		}
	}
	for _, e := range entries {
		if at := (key{e.Collection, e.Doc}); told[e.Collection] != nil {
			if t, loaded := things[at]; loaded {
				h.kept.put(at, t)
			} else {
				delete(h.kept.of, at)
			}
		}
	}
	round := h.begin()
	for _, e := range entries {
		h.at.journals[partition] = e.Number
		if t := things[key{e.Collection, e.Doc}]; t != nil {
			round.tell(func(tell func(*Listener, Event)) { h.audience.hear(t, e, followers[e.Doc], tell) })
		}
	}
	h.move()
	round.deliver()
	return nil
}

// followers are who follows the tickets that changed their state, as the public sees them.
func (h *Hub) followers(ctx context.Context, entries []*store.Entry) (map[string][]string, error) {
	var changed []string
	for _, e := range entries {
		if ticket.AboutTicket(e) && e.Before.State != e.After.State {
			changed = append(changed, e.Doc)
		}
	}
	slices.Sort(changed)
	found, err := ticket.FollowersOf(ctx, h.store, slices.Compact(changed))
	out := make(map[string][]string, len(found))
	for id, all := range found {
		for _, f := range all {
			out[id] = append(out[id], f.Account)
		}
	}
	return out, err
}

// move says that at has moved; called with the lock held.
func (h *Hub) move() {
	close(h.moved)
	h.moved = make(chan struct{})
}

// here is at as a cursor without a mark, sealed anew each time: else who gets the
// same one twice would know that nothing happened anywhere. Called with the lock held.
func (h *Hub) here() string {
	cursor, _ := h.cursors.seal(h.at) // plain ASCII can be sealed
	return cursor
}

// round collects lines for each listener, and is delivered to each at once.
type round struct {
	hub   *Hub
	heard []*Listener
}

func (h *Hub) begin() *round { return &round{hub: h} }

// tell has hear call its argument for who hears of one step, in the place where the hub is.
func (r *round) tell(hear func(tell func(*Listener, Event))) {
	var lines []*Line // few: there are hardly two views of one step
	cursor := ""
	hear(func(l *Listener, ev Event) {
		i := slices.IndexFunc(lines, func(line *Line) bool { return line.Event == ev })
		if i < 0 {
			if i = len(lines); i == 0 {
				cursor = r.hub.here()
			}
			lines = append(lines, &Line{Event: ev, Cursor: cursor, Text: r.hub.Render(ev)})
		}
		line := lines[i]
		if l.lines = append(l.lines, line); len(l.lines) == 1 {
			r.heard = append(r.heard, l)
		}
	})
}

// tellAccount tells one account.
func (r *round) tellAccount(account string, ev Event) {
	r.tell(func(tell func(*Listener, Event)) {
		for l := range r.hub.audience.accounts[account] {
			if l.account == account {
				tell(l, ev)
			}
		}
	})
}

func (r *round) deliver() {
	for _, l := range r.heard {
		if l.waiting {
			continue
		}
		lines := l.lines
		l.lines = nil
		l.ear.Hear(lines)
	}
}

// Stop ends all listening, and takes nobody more.
func (h *Hub) Stop() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stopped = true
	for l := range h.listeners {
		h.end(l, Stopping)
	}
}

// SignedOut ends the listening of a session that has ended.
func (h *Hub) SignedOut(session string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for l := range h.listeners {
		if l.session == session {
			h.end(l, SignedOff)
		}
	}
}

// Count is how many listen on this node.
func (h *Hub) Count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.listeners)
}

// mayHear is an error of who may not listen.
func mayHear(a access.Actor) error {
	if !access.HearsEvents(a) {
		return domain.ErrForbidden
	}
	return nil
}
