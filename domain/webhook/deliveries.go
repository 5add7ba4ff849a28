package webhook

import (
	"context"
	"errors"
	"slices"
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/store"
)

// Deliveries are the messages on their way: what puts them in line, what a
// sender asks for, and what people do with those that were not taken.
type Deliveries struct {
	store   *store.Store
	targets *Targets
	areas   *area.Areas

	// Enqueued is called after messages were put in line for a target, on the
	// node that did; to be set before use by who sends.
	Enqueued func(target string)
}

// NewDeliveries returns the use cases on a store that has Collections.
func NewDeliveries(st *store.Store, targets *Targets, areas *area.Areas) *Deliveries {
	return &Deliveries{store: st, targets: targets, areas: areas, Enqueued: func(string) {}}
}

// sent are the things whose messages go out to a target now: to one that is
// paused or disabled, test pings only.
func (t *Target) sent() []Thing {
	if t.State == Active {
		return []Thing{Case, Ticket, Ping}
	}
	return []Thing{Ping}
}

// Due are the messages of a target that are to be sent now, each the first of
// its stream, those that have been due for longest first.
func (s *Deliveries) Due(ctx context.Context, t *Target, now time.Time, limit int) ([]*Delivery, error) {
	heads, err := s.heads(ctx, t, store.Between("dueAt", nil, now.Add(time.Millisecond)), limit)
	if err != nil || len(heads) == 0 {
		return nil, err
	}
	ids := make([]string, len(heads))
	for i, st := range heads {
		ids[i] = deliveryID(st.ID, st.Next)
	}
	found, err := deliveries.GetMany(ctx, s.store, ids)
	if err != nil {
		return nil, err
	}
	var out []*Delivery
	for _, id := range ids {
		if d := found[id]; d != nil && d.State == Waiting {
			out = append(out, d)
		}
	}
	return out, nil
}

// NextDue is when the first message of a target that is not due yet will be; zero for none.
func (s *Deliveries) NextDue(ctx context.Context, t *Target, now time.Time) (time.Time, error) {
	heads, err := s.heads(ctx, t, store.Between("dueAt", now.Add(time.Millisecond), nil), 1)
	if err != nil || len(heads) == 0 {
		return time.Time{}, err
	}
	return heads[0].DueAt, nil
}

// heads are streams of the target. While its account may not be used they are
// those of test pings: also what was to be told before waits then.
func (s *Deliveries) heads(ctx context.Context, t *Target, due store.Cond, limit int) ([]*Stream, error) {
	whose, err := account.LoadMany(ctx, s.store, []string{t.Account})
	if err != nil {
		return nil, err
	}
	things := t.sent()
	if !usable(whose[t.Account]) {
		things = []Thing{Ping}
	}
	found, _, err := streams.Find(ctx, s.store, store.Query{
		Where: []store.Cond{store.Eq("target", t.ID), store.In("thing", things...), due}, Order: []string{"dueAt"}, Limit: limit,
	})
	return found, err
}

// usable reports whether an account is a machine account in use.
func usable(a *account.Account) bool {
	return a != nil && !a.Disabled && a.Machine && a.Holds(access.Integration)
}

// Render keeps what is going to be sent, before it is sent: a message is the
// same bytes however often it is. It returns the message as it is kept, which
// has the bytes of who was first.
func (s *Deliveries) Render(ctx context.Context, lease store.Lease, d *Delivery, body []byte) (kept *Delivery, err error) {
	err = s.store.Update(ctx, nil, func(tx *store.Tx) error {
		if err := tx.Hold(ctx, lease); err != nil {
			return err
		}
		if kept, err = deliveries.Get(ctx, tx, d.ID); err != nil || len(kept.Body) > 0 {
			return err
		}
		kept.Body = body
		return deliveries.Put(tx, kept)
	})
	return kept, err
}

// Circuit is how the receiver of a target answered of late.
func (s *Deliveries) Circuit(ctx context.Context, target string) (*Circuit, error) {
	return circuitOf(ctx, s.store, target)
}

func circuitOf(ctx context.Context, r store.Reader, target string) (*Circuit, error) {
	c, err := circuits.Get(ctx, r, target)
	if errors.Is(err, store.ErrNotFound) {
		return &Circuit{Meta: store.Meta{ID: target}}, nil
	}
	return c, err
}

// Settle writes what came of an attempt: to the message, its stream and the
// target's circuit, which it returns as they are then. A message that a person
// skipped meanwhile stays skipped. By 410 the target is disabled. jitter is a
// random number from 0 to 1. The first dead letter of a target is journaled, so
// that somebody hears of it. ErrNotFound when the target was deleted.
func (s *Deliveries) Settle(ctx context.Context, lease store.Lease, d *Delivery, a Attempt, jitter float64) (after *Delivery, circuit *Circuit, err error) {
	var city []string
	if a.Status == 410 && d.Thing != Ping || d.dies(a, jitter) {
		city = []string{area.CityPartition}
	}
	err = s.store.Update(ctx, city, func(tx *store.Tx) error {
		if err := tx.Hold(ctx, lease); err != nil {
			return err
		}
		if after, err = deliveries.Get(ctx, tx, d.ID); err != nil {
			return err
		}
		if circuit, err = circuitOf(ctx, tx, d.Target); err != nil {
			return err
		}
		if err := circuit.settle(tx, a, jitter); err != nil {
			return err
		}
		switch {
		case a.Status == 410 && city != nil:
			err = s.gone(ctx, tx, d.Target, a.At)
		case city != nil && after.State == Waiting && after.dies(a, jitter):
			err = s.stands(ctx, tx, d.Target, a.At)
		}
		if err != nil {
			return err
		}
		return after.settle(ctx, tx, a, jitter)
	})
	return after, circuit, err
}

func (c *Circuit) settle(tx *store.Tx, a Attempt, jitter float64) error {
	before := *c
	if c.After(a, jitter); c.Failures == before.Failures && c.OpenUntil.Equal(before.OpenUntil) {
		return nil
	}
	if c.Version == 0 {
		return circuits.Insert(tx, c)
	}
	return circuits.Put(tx, c)
}

func (d *Delivery) settle(ctx context.Context, tx *store.Tx, a Attempt, jitter float64) error {
	if d.State != Waiting { // skipped while it was on its way
		d.log(a)
		return deliveries.Put(tx, d)
	}
	st, err := streams.Get(ctx, tx, d.Stream)
	if err != nil {
		return err
	}
	d.After(a, jitter)
	if err := deliveries.Put(tx, d); err != nil {
		return err
	}
	return st.save(tx, d, a.At)
}

// save writes the stream after something became of its first message. That of a
// test ping ends with it.
func (s *Stream) save(tx *store.Tx, d *Delivery, now time.Time) error {
	s.follow(d, now)
	if s.Thing == Ping && s.Next > s.Last {
		return s.end(tx, now)
	}
	return streams.Put(tx, s)
}

func (s *Stream) follow(d *Delivery, now time.Time) {
	s.DueAt = d.DueAt // none of a dead letter: the stream stands still
	if d.State == Waiting || d.State == Dead {
		return
	}
	if s.Next = d.Sequence + 1; s.Next <= s.Last {
		s.DueAt = now
	}
}

// dies reports whether an attempt makes the message a dead letter.
func (d *Delivery) dies(a Attempt, jitter float64) bool {
	after := *d
	after.Attempts = slices.Clone(d.Attempts)
	after.After(a, jitter)
	return after.State == Dead
}

// stands journals that a message of the target is a dead letter, unless others are already.
func (s *Deliveries) stands(ctx context.Context, tx *store.Tx, target string, now time.Time) error {
	t, err := targets.Get(ctx, tx, target)
	if err != nil {
		return err
	}
	dead, _, err := deliveries.Find(ctx, tx, store.Query{Where: []store.Cond{store.Eq("target", target), store.Eq("state", Dead)}, Order: []string{"at"}, Limit: 1})
	if err != nil || len(dead) > 0 {
		return err
	}
	return targets.Record(tx, t, t.entry(access.Program, now, "dead", t.State))
}

// gone disables a target whose receiver wants no more.
func (s *Deliveries) gone(ctx context.Context, tx *store.Tx, target string, now time.Time) error {
	t, err := targets.Get(ctx, tx, target)
	if err != nil || t.State == Disabled {
		return err
	}
	before := t.State
	t.State, t.Why, t.UpdatedAt = Disabled, Gone, now
	return targets.Put(tx, t, t.entry(access.Program, now, "disable", before))
}
