package live

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/store"
)

const (
	freshFor      = time.Minute      // that an actor is believed where no entry says otherwise: stand-ins and duties begin by the clock
	briefly       = 5 * time.Second  // that one is believed who stands in for somebody: they hear nothing of it any more soon after it ends
	atOnce        = 250              // sessions that are asked for in one go
	believedFor   = 15 * time.Second // that an actor may be old who comes, with all that they waited for
	lookersBeside = 8                // actors that are read beside one another
)

// look looks after the listeners that are due: those whose session or token has
// ended are ended, the others get a sign of life, and who may have other grants
// by the clock is read anew.
func (h *Hub) look(ctx context.Context, now time.Time) error {
	h.mu.Lock()
	var due []*Listener
	for l := range h.listeners {
		if !now.Before(l.beat) || !now.Before(l.fresh) || !l.ends.IsZero() && !now.Before(l.ends) {
			due = append(due, l)
		}
	}
	beats := map[*Listener]bool{}
	for _, l := range due {
		if beats[l] = !now.Before(l.beat); beats[l] {
			l.beat = now.Add(h.Beat)
		}
		if !l.ends.IsZero() && !now.Before(l.ends) {
			h.end(l, Expired)
		}
	}
	h.mu.Unlock()
	var failed []error
	var stale []*Listener
	for some := range slices.Chunk(due, atOnce) {
		ids := make([]string, len(some))
		for i, l := range some {
			ids[i] = l.session
		}
		standing, err := h.accounts.Standing(ctx, ids, now)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		h.mu.Lock()
		here := h.here()
		for _, l := range some {
			switch {
			case l.over:
				continue
			case !standing[l.session] || beats[l] && l.waiting: // which never was begun: nobody is there
				h.end(l, SignedOff)
				continue
			case !now.Before(l.fresh):
				stale = append(stale, l)
			}
			if beats[l] {
				l.ear.Beat(here)
			}
		}
		h.mu.Unlock()
	}
	failed = append(failed, h.refresh(ctx, now, stale))
	return errors.Join(failed...)
}

// freshness is for how long an actor is taken to be granted what they are.
func freshness(a access.Actor) time.Duration {
	if len(a.StandsFor) > 0 {
		return briefly
	}
	return freshFor
}

// refreshFor reads those anew of whom entries may have changed what they are granted.
func (h *Hub) refreshFor(ctx context.Context, now time.Time, entries []*store.Entry) error {
	whose := map[string]bool{}
	all := false
	for _, e := range entries {
		switch {
		case e.Collection == "accounts":
			whose[e.Doc] = true
		case slices.Contains(peopled, e.Collection) || e.Action == "cell.staff":
			all = true
		}
	}
	if !all && len(whose) == 0 {
		return nil
	}
	c := change{now, whose, all}
	h.mu.Lock()
	h.changes = append(slices.DeleteFunc(h.changes, func(old change) bool { return now.Sub(old.at) > believedFor }), c)
	var stale []*Listener
	for l := range h.listeners {
		if c.concerns(l.actor) {
			stale = append(stale, l)
		}
	}
	h.mu.Unlock()
	return h.refresh(ctx, now, stale)
}

// change is when the hub heard that what some are granted may have changed.
type change struct {
	at    time.Time
	whose map[string]bool
	all   bool // of the staff
}

func (c change) concerns(a access.Actor) bool {
	return c.all && a.IsStaff() || slices.ContainsFunc(a.Persons(), func(id string) bool { return c.whose[id] })
}

// recheck reads the actor of a new listener anew where they may have been read
// before a change of which the hub heard before it knew the listener.
func (h *Hub) recheck(ctx context.Context, l *Listener, now time.Time) error {
	h.mu.Lock()
	stale := slices.ContainsFunc(h.changes, func(c change) bool { return now.Sub(c.at) <= believedFor && c.concerns(l.actor) })
	h.mu.Unlock()
	if !stale {
		return nil
	}
	return h.refresh(ctx, now, []*Listener{l})
}

// peopled are the collections whose entries may change what anybody of the staff is granted.
var peopled = strings.Fields("covers dutyRosters stations areas")

// refresh reads the actors of listeners anew. Of two who ask at once for the
// same one, the answer to who asked last stands.
func (h *Hub) refresh(ctx context.Context, now time.Time, stale []*Listener) error {
	slots := make(chan struct{}, lookersBeside)
	failed := make([]error, len(stale))
	var all sync.WaitGroup
	for i, l := range stale {
		slots <- struct{}{}
		h.mu.Lock()
		l.asked++
		asked := l.asked
		h.mu.Unlock()
		all.Go(func() {
			defer func() { <-slots }()
			actor, err := h.accounts.Actor(ctx, l.account, l.session, now)
			h.mu.Lock()
			defer h.mu.Unlock()
			switch {
			case l.over || asked < l.heard:
			case errors.Is(err, domain.ErrUnauthenticated):
				h.end(l, SignedOff)
			case err != nil:
				failed[i] = err
			case mayHear(actor) != nil:
				h.end(l, SignedOff)
			default:
				h.become(l, actor)
				l.heard, l.fresh = asked, now.Add(freshness(actor))
			}
		})
	}
	all.Wait()
	return errors.Join(failed...)
}

// become gives a listener other grants; called with the lock held. What they
// were not told, or are not to keep, is theirs to find out: they load anew.
func (h *Hub) become(l *Listener, actor access.Actor) {
	_, is := rights(actor)
	same := is == l.circle && slices.Equal(actor.Persons(), l.actor.Persons()) && actor.Phone == l.actor.Phone
	h.audience.remove(l)
	l.actor = actor
	h.audience.add(l)
	if !same {
		l.mark = h.cursors.mark(actor)
		l.reset()
	}
}
