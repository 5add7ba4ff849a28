package account

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"wangge/domain"
	"wangge/domain/personal"
	"wangge/store"
)

const (
	// limitWindow is how long a counter remembers after the last attempt.
	limitWindow = time.Hour
	// longestWait caps the wait: nobody is locked out for good by somebody else's attempts.
	longestWait = 15 * time.Minute
)

// counter counts the attempts of one subject or one address. Each one above
// those that are free doubles the wait before the next.
type counter struct {
	store.Meta `store:",inline"`
	Count      int       `store:"count"`
	Last       time.Time `store:"last"`
	Until      time.Time `store:"until"` // no attempt before
	Expires    time.Time `store:"expires"`
}

var counters = store.Declare[counter](store.Declaration{
	Name: "attempts", Schema: 1, Unjournaled: true, Indexes: []string{"expires: expires"},
})

// attempt counts one more, and sets the wait that follows it.
func (c *counter) attempt(now time.Time, free int) {
	if now.Sub(c.Last) >= limitWindow {
		c.Count = 0
	}
	c.Count++
	c.Last, c.Expires = now, now.Add(limitWindow)
	if over := c.Count - free; over >= 0 {
		c.Until = now.Add(min(time.Second<<min(over, 20), longestWait))
	}
}

// limited is what attempts are counted by.
type limited struct {
	key  string // of the counter
	free int    // attempts without a wait
}

// limits counts attempts in the store, for every node. An attempt is counted
// before it is judged, so that many at once cannot pass together.
type limits struct {
	st   *store.Store
	keys *personal.Keys
	turn chan struct{} // one at a time on a node: attempts from one address meet at its counter
}

func newLimits(st *store.Store, keys *personal.Keys) *limits {
	return &limits{st: st, keys: keys, turn: make(chan struct{}, 1)}
}

// subject counts by who somebody says they are. At an address where they were
// signed in before they have a counter of their own, which attempts from
// elsewhere cannot fill.
func (l *limits) subject(name, address string, knownThere bool) limited {
	if knownThere {
		name += "@" + network(address)
	}
	return limited{l.keys.Index("subject", name), 5}
}

// address counts sign-ins by where they come from: a whole office may share it.
func (l *limits) address(address string) limited {
	return limited{l.keys.Index("address", network(address)), 50}
}

// requests counts codes asked for by where that comes from.
func (l *limits) requests(address string) limited {
	return limited{l.keys.Index("requests", network(address)), 30}
}

// network is what one client has at will: an IPv4 address, or an IPv6 /64.
func network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	if a = a.Unmap(); a.Is4() {
		return a.String()
	}
	return netip.PrefixFrom(a.WithZone(""), 64).Masked().String()
}

// take counts an attempt by each, or by none and returns a LimitError while any has to wait.
func (l *limits) take(ctx context.Context, now time.Time, by ...limited) error {
	return l.update(ctx, func(tx *store.Tx) error {
		var wait time.Duration
		counted := make([]*counter, len(by))
		for i, lim := range by {
			c, err := counterOf(ctx, tx, lim)
			if err != nil {
				return err
			}
			wait = max(wait, c.Until.Sub(now))
			counted[i] = c
		}
		if wait > 0 {
			return &domain.LimitError{RetryAfter: wait}
		}
		for i, c := range counted {
			c.attempt(now, by[i].free)
			if err := c.save(tx); err != nil {
				return err
			}
		}
		return nil
	})
}

// passed takes back what take counted for an attempt that was right: all of
// the subject's, but only this one of the address's.
func (l *limits) passed(ctx context.Context, tx *store.Tx, subject, address limited) error {
	c, err := counterOf(ctx, tx, subject)
	if err != nil {
		return err
	}
	c.Count, c.Until = 0, time.Time{}
	if err := c.save(tx); err != nil {
		return err
	}
	if c, err = counterOf(ctx, tx, address); err != nil {
		return err
	}
	c.Count, c.Until = max(c.Count-1, 0), time.Time{} // who could sign in had no wait left to skip
	return c.save(tx)
}

func (l *limits) update(ctx context.Context, fn func(tx *store.Tx) error) error {
	select {
	case l.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-l.turn }()
	return l.st.Update(ctx, nil, fn)
}

func counterOf(ctx context.Context, tx *store.Tx, by limited) (*counter, error) {
	c, err := counters.Get(ctx, tx, by.key)
	if errors.Is(err, store.ErrNotFound) {
		return &counter{Meta: store.Meta{ID: by.key}}, nil
	}
	return c, err
}

func (c *counter) save(tx *store.Tx) error {
	if c.Version == 0 {
		return counters.Insert(tx, c)
	}
	return counters.Put(tx, c)
}
