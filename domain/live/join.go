package live

import (
	"context"
	"maps"
	"slices"
	"time"

	"wangge/domain/access"
	"wangge/domain/notice"
	"wangge/domain/ticket"
	"wangge/store"
)

const (
	missedMost = 5000            // entries of journals that somebody who comes back is told of
	behindMost = 5 * time.Second // that this node may be behind the one that somebody comes from
)

// Joining is somebody who wants to listen.
type Joining struct {
	Actor access.Actor
	Now   time.Time
	Ends  time.Time // when the token ends with which they came; zero: never
	After string    // the cursor up to which they were told; "": they begin
	Ear   Ear
}

// Join has somebody listen from Start on: they are told of what they missed, or,
// where that is not known, too much, or they begin, to load everything anew; and
// of what happens from then on, nothing of it twice. Of one account the newest
// listen, as many as may: a phone that lost its network leaves a dead one behind.
// Errors: ErrForbidden, ErrFull, ErrStopping, ctx's.
func (h *Hub) Join(ctx context.Context, j Joining) (*Listener, error) {
	if err := mayHear(j.Actor); err != nil {
		return nil, err
	}
	if err := h.behind(ctx, func(at place) bool { return at.journals != nil }); err != nil {
		return nil, err
	}
	if err := h.passInboxes(ctx); err != nil {
		return nil, err
	}
	from, known := h.known(ctx, j)
	l := &Listener{hub: h, ear: j.Ear, account: j.Actor.Account, session: j.Actor.Session, mark: h.cursors.mark(j.Actor), ends: j.Ends, actor: j.Actor, waiting: true}
	to, err := h.seat(l, j.Now)
	if err != nil {
		return nil, err
	}
	if err := h.recheck(ctx, l, j.Now); err != nil {
		l.Leave()
		return nil, err
	}
	if !known || from.far(to) {
		h.mu.Lock()
		defer h.mu.Unlock()
		l.reset()
		return l, nil
	}
	missed, err := h.missed(ctx, j, from, to)
	if err != nil {
		l.Leave()
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if l.from == "" { // else it was reset meanwhile
		l.lines = append(missed, l.lines...)
	}
	return l, nil
}

// known is the place that somebody comes with; false where that is none.
func (h *Hub) known(ctx context.Context, j Joining) (place, bool) {
	if j.After == "" {
		return place{}, false
	}
	h.mu.Lock()
	now := h.at.clone()
	h.mu.Unlock()
	from, ok := h.cursors.open(j.After, h.cursors.mark(j.Actor), now)
	if !ok {
		return place{}, false
	}
	waiting, stop := context.WithTimeout(ctx, behindMost)
	defer stop()
	return from, h.behind(waiting, from.reached) == nil // else of another life of this store
}

// seat gives a listener a place, where the hub is then.
func (h *Hub) seat(l *Listener, now time.Time) (place, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.stopped:
		return place{}, ErrStopping
	case len(h.listeners) >= h.Most && len(h.byAccount[l.account]) < h.PerAccount:
		return place{}, ErrFull
	}
	for of := h.byAccount[l.account]; len(of) >= h.PerAccount; of = h.byAccount[l.account] {
		h.end(of[0], Replaced)
	}
	spread := time.Duration(len(h.listeners)%16) * freshFor / 32 // or else all that came at once are read anew at once
	l.beat, l.fresh = now.Add(h.Beat), now.Add(min(freshFor/2+spread, freshness(l.actor)))
	h.byAccount[l.account] = append(h.byAccount[l.account], l)
	h.listeners[l] = true
	h.audience.add(l)
	return h.at.clone(), nil
}

// far reports whether there is too much between two places.
func (p place) far(q place) bool {
	entries := int64(0)
	for name, n := range q.journals {
		entries += n - p.journals[name]
	}
	return entries > missedMost || q.inboxes-p.inboxes > arrivalsBehind
}

// behind waits until the hub has read as far as is asked for.
func (h *Hub) behind(ctx context.Context, enough func(place) bool) error {
	for {
		h.mu.Lock()
		ok, moved := enough(h.at), h.moved
		h.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-moved:
		}
	}
}

// missed is what somebody was not told between two places.
func (h *Hub) missed(ctx context.Context, j Joining, from, to place) (out []*Line, err error) {
	var follows map[string]*ticket.Follower
	at := from.clone()
	add := func(ev Event) error {
		cursor, err := h.cursors.seal(at)
		out = append(out, &Line{Event: ev, Cursor: cursor, Text: h.Render(ev)})
		return err
	}
	for _, partition := range slices.Sorted(maps.Keys(to.journals)) {
		for at.journals[partition] < to.journals[partition] {
			entries, err := h.store.JournalTo(ctx, partition, at.journals[partition], to.journals[partition], readAtOnce)
			if err != nil {
				return nil, err
			}
			if len(entries) == 0 {
				break
			}
			things, err := h.thingsOf(ctx, entries)
			if err != nil {
				return nil, err
			}
			for _, e := range entries {
				if e.Number > to.journals[partition] {
					break
				}
				at.journals[partition] = e.Number
				t := things[key{e.Collection, e.Doc}]
				if t == nil {
					continue
				}
				ev, ok := t.hears(j.Actor, e)
				if !ok && t.ticket != nil && e.Before.State != e.After.State {
					if follows == nil {
						if follows, err = ticket.FollowedBy(ctx, h.store, j.Actor.Account); err != nil {
							return nil, err
						}
					}
					if follows[e.Doc] != nil {
						ev, ok = t.inPublic(e)
					}
				}
				if ok {
					if err := add(ev); err != nil {
						return nil, err
					}
				}
			}
		}
	}
	lists, err := notice.ArrivedSince(ctx, h.store, from.inboxes, to.inboxes)
	if err != nil {
		return nil, err
	}
	for i, list := range lists {
		at.inboxes, at.within = from.inboxes+int64(i)+1, 0
		if list.Read == j.Actor.Account {
			if err := add(wasRead(list)); err != nil {
				return nil, err
			}
		}
		for _, a := range list.To(func(account string) bool { return account == j.Actor.Account }) {
			if i == 0 && a.Nth <= from.within {
				continue
			}
			at.inboxes, at.within = from.inboxes+int64(i), a.Nth
			seen, err := h.sees(ctx, j.Actor, j.Now, a)
			if err == nil && seen {
				err = add(arrival(a))
			}
			if err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// thingsOf are the things of entries that the hub has told others of, from memory where they are there.
func (h *Hub) thingsOf(ctx context.Context, entries []*store.Entry) (map[key]*thing, error) {
	h.mu.Lock()
	before := h.moved
	known := map[key]*thing{}
	for _, e := range entries {
		at := key{e.Collection, e.Doc}
		if t, ok := h.kept.of[at]; ok {
			known[at] = t
		}
	}
	h.mu.Unlock()
	things, err := load(ctx, h.store, entries, func(at key) (*thing, bool) { t, ok := known[at]; return t, ok })
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if before == h.moved { // else they may have changed since
		for at, t := range things {
			if _, was := known[at]; !was {
				h.kept.put(at, t)
			}
		}
	}
	return things, nil
}
