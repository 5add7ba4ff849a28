package webhook

import (
	"context"
	"errors"
	"slices"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/once"
	"wangge/store"
	"wangge/store/jobs"
)

// What a person does with a message: its stream goes on.
const (
	replay = "replay"
	skip   = "skip"
)

// Filter picks messages of a target; zero fields do not narrow it.
type Filter struct {
	States []Progress
	Thing  Thing // with Of: those of one stream
	Of     string
	From   time.Time // put in line then or later
	Limit  int
	After  string
}

// List returns a page of a target's messages, the newest first; ErrNotFound.
func (s *Deliveries) List(ctx context.Context, actor access.Actor, target string, f Filter) ([]*Delivery, string, error) {
	t, err := readable(ctx, s.store, actor, target)
	if err != nil {
		return nil, "", err
	}
	q := store.Query{Limit: f.Limit, After: f.After}
	if f.Of != "" {
		q.Where, q.Order = []store.Cond{store.Eq("stream", streamID(t.ID, f.Thing, f.Of))}, []string{"-sequence"}
	} else {
		q.Where, q.Order = []store.Cond{store.Eq("target", t.ID)}, []string{"-at"}
	}
	if len(f.States) > 0 {
		q.Where = append(q.Where, store.In("state", f.States...))
	}
	if !f.From.IsZero() {
		q.Where = append(q.Where, store.Within("at", f.From, time.Time{}))
	}
	found, next, err := deliveries.Find(ctx, s.store, q)
	if err != nil {
		return nil, "", err
	}
	return found, next, dueNow(ctx, s.store, found)
}

// dueNow has messages say when they are to be sent, which their streams know:
// the first of each; the others when those before them are over.
func dueNow(ctx context.Context, r store.Reader, ds []*Delivery) error {
	var of []string
	for _, d := range ds {
		if d.State == Waiting {
			of = append(of, d.Stream)
		}
	}
	slices.Sort(of)
	found, err := streams.GetMany(ctx, r, slices.Compact(of))
	for _, d := range ds {
		d.DueAt = time.Time{}
		if st := found[d.Stream]; st != nil && st.Next == d.Sequence && d.State == Waiting {
			d.DueAt = st.DueAt
		}
	}
	return err
}

// Get returns a message of a target; ErrNotFound.
func (s *Deliveries) Get(ctx context.Context, actor access.Actor, target, id string) (*Delivery, error) {
	if _, err := readable(ctx, s.store, actor, target); err != nil {
		return nil, err
	}
	d, err := ofTarget(ctx, s.store, target, id)
	if err != nil {
		return nil, err
	}
	return d, dueNow(ctx, s.store, []*Delivery{d})
}

func ofTarget(ctx context.Context, r store.Reader, target, id string) (*Delivery, error) {
	d, err := deliveries.Get(ctx, r, id)
	if err == nil && d.Target != target {
		err = domain.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return d, nil
}

// Replay has a dead letter sent again, as it was, from the beginning of the
// schedule; one that waits for its next try is tried at once. Its receiver is
// tried at once too, whatever it answered before. Sent again, it is on its way,
// or has arrived.
// Errors: ErrNotFound, ConflictError "wrong_state".
func (s *Deliveries) Replay(ctx context.Context, actor access.Actor, now time.Time, target, id string) (*Delivery, error) {
	return s.one(ctx, actor, now, target, id, replay, func(d *Delivery) (settled bool, err error) {
		switch d.State {
		case Dead:
			d.State, d.Tries, d.DueAt = Waiting, 0, now
		case Waiting:
			d.DueAt = now
		case Delivered:
			return true, nil
		default:
			return true, wrongState
		}
		return false, nil
	})
}

// Skip gives a message up, so that the next of its stream goes out. Sent again, it is skipped still.
// Errors: ErrNotFound, ConflictError "wrong_state".
func (s *Deliveries) Skip(ctx context.Context, actor access.Actor, now time.Time, target, id string) (*Delivery, error) {
	return s.one(ctx, actor, now, target, id, skip, func(d *Delivery) (settled bool, err error) {
		switch d.State {
		case Dead, Waiting:
			d.DueAt = time.Time{}
			d.end(Skipped, now)
		case Skipped:
			return true, nil
		default:
			return true, wrongState
		}
		return false, nil
	})
}

var wrongState = &domain.ConflictError{Code: "wrong_state", Detail: domain.T("该消息已结束，不能进行此操作", "the message is over: this cannot be done any more")}

// errBehind: another message of the stream comes first.
var errBehind = &domain.ConflictError{Code: "wrong_state", Detail: domain.T("同一对象还有更早的消息未结束，请先处理", "an earlier message of the same stream is not over: see to that first")}

// one does something with the first message of a stream.
func (s *Deliveries) one(ctx context.Context, actor access.Actor, now time.Time, target, id, what string, decide func(*Delivery) (bool, error)) (d *Delivery, err error) {
	err = s.store.Update(ctx, city, func(tx *store.Tx) error {
		t, err := readable(ctx, tx, actor, target)
		if err != nil {
			return err
		}
		if d, err = ofTarget(ctx, tx, target, id); err != nil {
			return err
		}
		if settled, err := decide(d); settled || err != nil {
			return err
		}
		st, err := streams.Get(ctx, tx, d.Stream)
		if err != nil {
			return err
		}
		if st.Next != d.Sequence {
			return errBehind
		}
		if err := s.goOn(tx, st, d, now); err != nil {
			return err
		}
		if err := probed(ctx, tx, target, what); err != nil {
			return err
		}
		return targets.Record(tx, t, t.entry(actor, now, what, t.State))
	})
	if err != nil {
		return nil, err
	}
	return d, nil
}

// probed has a receiver of which something is replayed tried without waiting
// for its circuit, by one message at a time still.
func probed(ctx context.Context, tx *store.Tx, target, what string) error {
	if what != replay {
		return nil
	}
	c, err := circuitOf(ctx, tx, target)
	if err != nil || c.OpenUntil.IsZero() {
		return err
	}
	c.OpenUntil = time.Time{}
	return circuits.Put(tx, c)
}

// goOn writes what a person did with the first message of a stream.
func (s *Deliveries) goOn(tx *store.Tx, st *Stream, d *Delivery, now time.Time) error {
	if err := deliveries.Put(tx, d); err != nil {
		return err
	}
	return st.save(tx, d, now)
}

// AtOnce is how many dead letters are replayed or skipped in one go.
const AtOnce = 200

// Dealt is what was done with dead letters.
type Dealt struct {
	Messages int
	More     bool // are left
}

// Deal is something that is done with dead letters.
type Deal func(ctx context.Context, actor access.Actor, now time.Time, target string, from time.Time) (Dealt, error)

// ReplayAll replays dead letters of a target that were put in line at a time or
// later, the oldest first, AtOnce of them; with the zero time all. ErrNotFound.
func (s *Deliveries) ReplayAll(ctx context.Context, actor access.Actor, now time.Time, target string, from time.Time) (Dealt, error) {
	return s.all(ctx, actor, now, target, from, replay, func(d *Delivery) { d.State, d.Tries, d.DueAt = Waiting, 0, now })
}

// SkipAll is ReplayAll for dead letters that are given up.
func (s *Deliveries) SkipAll(ctx context.Context, actor access.Actor, now time.Time, target string, from time.Time) (Dealt, error) {
	return s.all(ctx, actor, now, target, from, skip, func(d *Delivery) { d.end(Skipped, now) })
}

func (s *Deliveries) all(ctx context.Context, actor access.Actor, now time.Time, target string, from time.Time, what string, deal func(*Delivery)) (dealt Dealt, err error) {
	err = s.store.Update(ctx, city, func(tx *store.Tx) error {
		t, err := readable(ctx, tx, actor, target)
		if err != nil {
			return err
		}
		where := []store.Cond{store.Eq("target", target), store.Eq("state", Dead)}
		if !from.IsZero() {
			where = append(where, store.Within("at", from, time.Time{}))
		}
		dead, next, err := deliveries.Find(ctx, tx, store.Query{Where: where, Order: []string{"at"}, Limit: AtOnce})
		if err != nil {
			return err
		}
		dealt = Dealt{len(dead), next != ""}
		of := make([]string, len(dead))
		for i, d := range dead {
			of[i] = d.Stream
		}
		standing, err := streams.GetMany(ctx, tx, of)
		if err != nil {
			return err
		}
		for _, d := range dead {
			deal(d)
			if err := s.goOn(tx, standing[d.Stream], d, now); err != nil {
				return err
			}
		}
		if err := errors.Join(probed(ctx, tx, target, what), once.Report(ctx, dealt)); err != nil {
			return err
		}
		return targets.Record(tx, t, t.entry(actor, now, what, t.State))
	})
	return dealt, err
}

// Test puts a test ping in line, under an id of the caller's; it is sent also
// while the target is paused or disabled. The same again is the ping there is.
// Errors: ErrNotFound, ErrIDInUse.
func (s *Deliveries) Test(ctx context.Context, actor access.Actor, now time.Time, target, id string) (d *Delivery, err error) {
	err = s.store.Update(ctx, city, func(tx *store.Tx) error {
		t, err := readable(ctx, tx, actor, target)
		if err != nil {
			return err
		}
		st := &Stream{Meta: store.Meta{ID: streamID(t.ID, Ping, id)}, Target: t.ID, Thing: Ping, Of: id, Next: 1}
		if d, err = deliveries.Get(ctx, tx, deliveryID(st.ID, 1)); !errors.Is(err, domain.ErrNotFound) {
			return err
		}
		d = st.add(putting{event: Tested}, now)
		if err := errors.Join(deliveries.Insert(tx, d), streams.Insert(tx, st)); err != nil {
			return err
		}
		return targets.Record(tx, t, t.entry(actor, now, "ping", t.State))
	})
	if err != nil {
		return nil, domain.TakenID(err)
	}
	return d, nil
}

// Health is how a target does.
type Health struct {
	Waiting, Dead int64
	Oldest        time.Time // when the message that waits for longest was put in line; zero: none waits
	Skipped       int64     // by people, of those that are on record still
	Circuit       Circuit
}

// Lag is how many entries of journals were not looked at yet, and when the first of them was written.
type Lag = jobs.Lag

// Behind is how far what is put in line is behind what happened, for all targets.
func (s *Deliveries) Behind(ctx context.Context) (Lag, error) {
	return s.Consumer(time.Now).Lag(ctx, s.store)
}

// Health returns how a target does, to who may read it.
func (s *Deliveries) Health(ctx context.Context, t *Target) (h Health, err error) {
	waits := []store.Cond{store.Eq("target", t.ID), store.In("state", Waiting, Dead)}
	counted := []store.Cond{waits[0], store.In("state", Waiting, Dead, Skipped)}
	counts, err := deliveries.Count(ctx, s.store, store.Query{Where: counted, Cap: countMost}, "state")
	if errors.Is(err, store.ErrTooBroad) {
		counts, err = map[string]int64{string(Waiting): countMost}, nil
	}
	if err != nil {
		return h, err
	}
	h.Waiting, h.Dead, h.Skipped = counts[string(Waiting)], counts[string(Dead)], counts[string(Skipped)]
	first, _, err := deliveries.Find(ctx, s.store, store.Query{Where: waits, Order: []string{"at"}, Limit: 1})
	if err != nil {
		return h, err
	}
	if len(first) > 0 {
		h.Oldest = first[0].At
	}
	c, err := circuitOf(ctx, s.store, t.ID)
	if err == nil {
		h.Circuit = *c
	}
	return h, err
}

// countMost is how many messages that wait are counted.
const countMost = 200_000

// Sweep forgets messages that have been over for long, and streams that have ended.
func Sweep(ctx context.Context, st *store.Store, now time.Time) error {
	_, err := deliveries.Expire(ctx, st, "expires", now)
	_, also := streams.Expire(ctx, st, "expires", now)
	return errors.Join(err, also)
}
