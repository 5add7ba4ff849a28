package limit

import (
	"context"
	"slices"
	"sync"
	"time"

	"wangge/domain"
	"wangge/domain/personal"
	"wangge/store"
)

// Limits counts attempts in the store. An attempt is counted before it is
// judged, so that many at once cannot pass together, on one node or on many.
type Limits struct {
	st   *store.Store
	keys *personal.Keys
	turn chan struct{} // one update at a time on a node: attempts from one network meet at its counter

	mu        sync.Mutex
	waiting   []*attempt
	alone     map[string]bool      // counters that an update under way counts by
	contended map[string]time.Time // counters that updates contended for, and when
}

// New returns the limits on a store that has Collections.
func New(st *store.Store, keys *personal.Keys) *Limits {
	return &Limits{st: st, keys: keys, turn: make(chan struct{}, 1), alone: map[string]bool{}, contended: map[string]time.Time{}}
}

// Collections lists what the package stores.
func Collections() []store.Declared { return []store.Declared{counters} }

// Sweep deletes for good the counters that count nothing any more.
func Sweep(ctx context.Context, st *store.Store, now time.Time) error {
	_, err := counters.Expire(ctx, st, "expires", now)
	return err
}

// Of is the rule for one subject, of which the store learns a blind index only.
func (l *Limits) Of(r Rule, subject string) Limit { return Limit{r, l.keys.Index(r.Name, subject)} }

// attempt is one Take that waits for its turn.
type attempt struct {
	now    time.Time
	limits []Limit
	wait   time.Duration
	quotas []domain.Quota
	err    error
	done   chan struct{}
}

// patience bounds an update, which serves more callers than the one that runs it.
const patience = 20 * time.Second

// Take counts an attempt under each limit, or under none and returns a
// domain.LimitError while any has to wait. All that wait meanwhile are counted
// in one update. When ctx ends first, the attempt may have been counted all the same.
func (l *Limits) Take(ctx context.Context, now time.Time, limits ...Limit) error {
	a := &attempt{now: now, limits: limits, done: make(chan struct{})}
	l.mu.Lock()
	l.waiting = append(l.waiting, a)
	l.mu.Unlock()
	select {
	case <-a.done:
	case <-ctx.Done():
		return ctx.Err()
	case l.turn <- struct{}{}:
		l.count()
		<-l.turn
		<-a.done
	}
	if a.err != nil {
		return a.err
	}
	note(ctx, a.quotas)
	return a.refusal()
}

// count counts, in the order they came, the attempts that wait; the caller has
// the turn. It works for all of them, so that one's end does not stop it.
func (l *Limits) count() {
	l.mu.Lock()
	batch := l.waiting
	l.waiting = nil
	l.mu.Unlock()
	if len(batch) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var limits []Limit
	for _, a := range batch {
		limits = append(limits, a.limits...)
	}
	err := l.st.Update(ctx, nil, func(tx *store.Tx) error {
		known, err := countersOf(ctx, tx, limits)
		for _, a := range batch {
			if err == nil {
				err = a.count(tx, known)
			}
		}
		return err
	})
	for _, a := range batch {
		a.err = err
		close(a.done)
	}
}

// count counts one attempt on the counters as the batch has them.
func (a *attempt) count(tx *store.Tx, known map[string]*counter) error {
	a.wait, a.quotas = 0, nil
	for _, by := range a.limits {
		c := known[by.key]
		c.forget(by.Rule, a.now)
		a.wait = max(a.wait, c.wait(by.Rule, c.clock(a.now)))
	}
	for _, by := range a.limits {
		c := known[by.key]
		now := c.clock(a.now)
		if a.wait == 0 {
			c.add(by.Rule, now)
			if err := c.save(tx); err != nil {
				return err
			}
		}
		if !by.Silent {
			a.quotas = append(a.quotas, c.quota(by.Rule, now))
		}
	}
	return nil
}

// Update is the store's Update in turn with what Take writes, for an fn that calls Clear or Return.
func (l *Limits) Update(ctx context.Context, fn func(tx *store.Tx) error) error {
	select {
	case l.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-l.turn }()
	return l.st.Update(ctx, nil, fn)
}

// Clear takes back all that was counted.
func (l *Limits) Clear(ctx context.Context, tx *store.Tx, by Limit) error {
	c, err := counterOf(ctx, tx, by)
	if err != nil {
		return err
	}
	c.Count, c.Until, c.Slots = 0, time.Time{}, nil
	return c.save(tx)
}

// Return takes back one attempt under a doubling rule. Who made it had no wait left to skip.
func (l *Limits) Return(ctx context.Context, tx *store.Tx, by Limit) error {
	c, err := counterOf(ctx, tx, by)
	if err != nil {
		return err
	}
	c.Count, c.Until = max(c.Count-1, 0), time.Time{}
	return c.save(tx)
}

// countersOf reads the counters of some limits; those that there are none of yet are new.
func countersOf(ctx context.Context, tx *store.Tx, limits []Limit) (map[string]*counter, error) {
	keys := make([]string, 0, len(limits))
	for _, by := range limits {
		keys = append(keys, by.key)
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	known, err := counters.GetMany(ctx, tx, keys)
	if err != nil {
		return nil, err
	}
	for _, key := range keys {
		if known[key] == nil {
			known[key] = &counter{Meta: store.Meta{ID: key}}
		}
	}
	return known, nil
}

func counterOf(ctx context.Context, tx *store.Tx, by Limit) (*counter, error) {
	known, err := countersOf(ctx, tx, []Limit{by})
	return known[by.key], err
}

func (c *counter) save(tx *store.Tx) error {
	if c.Version == 0 {
		return counters.Insert(tx, c)
	}
	return counters.Put(tx, c)
}

type watching struct{}

// Watch returns a context in which Take notes what is left, and what reads
// those notes. An answer can tell it then whatever became of the request.
func Watch(ctx context.Context) (context.Context, func() []domain.Quota) {
	noted := &[]domain.Quota{}
	return context.WithValue(ctx, watching{}, noted), func() []domain.Quota { return *noted }
}

func note(ctx context.Context, quotas []domain.Quota) {
	if noted, ok := ctx.Value(watching{}).(*[]domain.Quota); ok {
		*noted = append(*noted, quotas...)
	}
}
