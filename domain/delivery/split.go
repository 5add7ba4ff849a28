package delivery

import (
	"context"
	"slices"
	"time"

	"wangge/domain/notice"
	"wangge/store"
)

// Waiting are those that are due, the earliest first, and when the next one is; zero for none.
func (s *Deliveries) Waiting(ctx context.Context, now time.Time, limit int) (due []*Waiting, next time.Time, err error) {
	due, err = soonest(ctx, s.store, waiting, now, limit)
	if err != nil || len(due) == limit {
		return due, time.Time{}, err
	}
	first, err := afterwards(ctx, s.store, waiting, now)
	if err == nil && first != nil {
		next = first.DueAt
	}
	return due, next, err
}

// soonest are documents that are due, by an index that ends with dueAt after the conditions.
func soonest[T any, P store.Doc[T]](ctx context.Context, st *store.Store, c *store.Collection[T, P], now time.Time, limit int, where ...store.Cond) ([]P, error) {
	found, _, err := c.Find(ctx, st, store.Query{Where: append(slices.Clone(where), store.Between("dueAt", nil, now.Add(time.Millisecond))), Order: []string{"dueAt"}, Limit: limit})
	return found, err
}

// afterwards is the first document that is not due yet, or nil.
func afterwards[T any, P store.Doc[T]](ctx context.Context, st *store.Store, c *store.Collection[T, P], now time.Time, where ...store.Cond) (P, error) {
	found, _, err := c.Find(ctx, st, store.Query{Where: append(slices.Clone(where), store.Between("dueAt", now.Add(time.Millisecond), nil)), Order: []string{"dueAt"}, Limit: 1})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// splitting is what becomes of something that waited.
type splitting struct {
	out   []*Handoff
	until time.Time // zero, or when the quiet hours end that hold it back
}

// Split puts in line what one that is due comes to, for each address of who gets
// it: nothing of what was read meanwhile, may not be seen or is not wanted, and
// in quiet hours nothing until they end.
func (s *Deliveries) Split(ctx context.Context, lease store.Lease, w *Waiting, now time.Time) error {
	var to splitting
	var err error
	switch {
	case w.Street != "":
		to, err = s.splitStreet(ctx, w)
	case len(w.Held) > 0:
		to, err = s.splitDigest(ctx, w, now)
	default:
		to, err = s.splitOne(ctx, w, now)
	}
	if err != nil {
		return err
	}
	return s.under(ctx, lease, func(tx *store.Tx) error {
		is, err := waiting.Get(ctx, tx, w.ID)
		if err != nil || is.Version != w.Version { // something newer waits: it is looked at again
			return err
		}
		if !to.until.IsZero() && len(is.Held) > 0 {
			is.DueAt = to.until
			return waiting.Put(tx, is)
		}
		if !to.until.IsZero() {
			if err := s.hold(ctx, tx, is.Recipient, Held{is.ID, is.Notice}, to.until); err != nil {
				return err
			}
		}
		if err := enqueue(ctx, tx, to.out, now); err != nil {
			return err
		}
		is.split(len(to.out) > 0, now)
		return waiting.Put(tx, is)
	})
}

// PostponeSplit puts off what cannot be split now, so that it does not hold up others.
func (s *Deliveries) PostponeSplit(ctx context.Context, lease store.Lease, w *Waiting, now time.Time) error {
	return s.under(ctx, lease, func(tx *store.Tx) error {
		is, err := waiting.Get(ctx, tx, w.ID)
		if err != nil || is.Version != w.Version {
			return err
		}
		is.DueAt = now.Add(splitAgain)
		return waiting.Put(tx, is)
	})
}

const splitAgain = 30 * time.Second

func (s *Deliveries) splitStreet(ctx context.Context, w *Waiting) (to splitting, err error) {
	robots, err := s.Robots(ctx, w.Street)
	for _, a := range robots {
		if counts := heard(w.Counts, a); len(counts) > 0 {
			to.out = append(to.out, &Handoff{Way: Robot, Address: a.ID, Thing: w.ID, Importance: notice.News, At: w.DueAt, Street: w.Street, Counts: counts})
		}
	}
	return to, err
}

// heard are the counts that a robot tells, of all communities together.
func heard(counts []Count, a Address) (out []Count) {
	return sum(nil, slices.DeleteFunc(slices.Clone(counts), func(c Count) bool { return a.Hears != nil && !a.Hears(c.Kind, c.Community) }))
}

// sum adds counts up, by kind, wherever they are from.
func sum(counts, more []Count) []Count {
	out := slices.Clone(counts)
	for _, c := range more {
		i := slices.IndexFunc(out, func(o Count) bool { return o.Kind == c.Kind })
		if i < 0 {
			i, out = len(out), append(out, Count{Kind: c.Kind})
		}
		out[i].N += c.N
	}
	return out
}

// TestGroup puts a message in line by which people see that a robot reaches
// their group. One that waits already is the one.
func (s *Deliveries) TestGroup(ctx context.Context, now time.Time, street, robot string) error {
	h := &Handoff{Way: Robot, Address: robot, Thing: space.Of("test", robot), Importance: notice.News, At: now, Street: street}
	err := s.store.Update(ctx, nil, func(tx *store.Tx) error { return enqueue(ctx, tx, []*Handoff{h}, now) })
	if err == nil {
		s.Due()
	}
	return err
}

func (s *Deliveries) splitOne(ctx context.Context, w *Waiting, now time.Time) (to splitting, err error) {
	wanted, err := s.wanted(ctx, now, []string{w.Notice})
	if err != nil || len(wanted) == 0 {
		return to, err
	}
	n := wanted[0]
	p, err := s.preferencesOf(ctx, s.store, n.Recipient)
	if err != nil {
		return to, err
	}
	if until := p.quietUntil(n, now); !until.IsZero() {
		return splitting{until: until}, nil
	}
	to.out, err = s.pushes(ctx, p, n, now)
	return to, err
}

func (s *Deliveries) splitDigest(ctx context.Context, w *Waiting, now time.Time) (to splitting, err error) {
	var ids []string
	for _, h := range w.Held {
		ids = append(ids, h.Notice)
	}
	wanted, err := s.wanted(ctx, now, ids)
	if err != nil {
		return to, err
	}
	p, err := s.preferencesOf(ctx, s.store, w.Recipient)
	if err != nil || p.Quiet != nil && !p.Quiet.until(now).IsZero() { // they have other quiet hours by now
		if err == nil {
			to.until = p.Quiet.until(now)
		}
		return to, err
	}
	byAddress := map[string]*Handoff{}
	for _, n := range wanted {
		all, err := s.pushes(ctx, p, n, now)
		if err != nil {
			return to, err
		}
		for _, h := range all {
			at := string(h.Way) + h.Address
			if first := byAddress[at]; first == nil {
				byAddress[at], to.out = h, append(to.out, h)
			} else {
				if first.Notice != "" {
					first.Notice, first.Kind, first.Importance, first.Thing, first.Held = "", "", notice.Task, w.ID, 1
				}
				first.Held++
			}
		}
	}
	return to, nil
}

// wanted are those of the notices that are still to be brought to their
// recipients: not read, or urgent and not acknowledged, and of what may be seen.
func (s *Deliveries) wanted(ctx context.Context, now time.Time, ids []string) ([]*notice.Notice, error) {
	found, err := notice.Load(ctx, s.store, ids)
	if err != nil {
		return nil, err
	}
	var open []*notice.Notice
	for _, id := range ids {
		if n := found[id]; n != nil && stillOpen(n) {
			open = append(open, n)
		}
	}
	if len(open) == 0 {
		return nil, nil
	}
	return s.Seen(ctx, now, open)
}

func stillOpen(n *notice.Notice) bool {
	if n.Importance == notice.Urgent {
		return n.Acked.IsZero()
	}
	return n.Unread
}

// pushes are the hand-offs of a notice: to each device whose way has a channel
// and is not switched off. A mini-program's grant, of which there are few, is
// for who has no app, and for what is to be done.
func (s *Deliveries) pushes(ctx context.Context, p *Preferences, n *notice.Notice, now time.Time) (out []*Handoff, err error) {
	all, err := s.Devices(ctx, n.Recipient, now)
	if err != nil {
		return nil, err
	}
	apps := slices.ContainsFunc(all, func(a Address) bool { return a.Way != WeChat && slices.Contains(s.ways, a.Way) })
	for _, a := range all {
		if !slices.Contains(s.ways, a.Way) || !p.allows(n, a.Way) || a.Way == WeChat && apps && n.Importance == notice.News {
			continue
		}
		out = append(out, &Handoff{Way: a.Way, Address: a.ID, Recipient: n.Recipient, Thing: waitingOf(n), Notice: n.ID, Kind: n.Kind, Importance: n.Importance, At: n.At})
	}
	return out, nil
}

// hold adds a notice to the digest of its recipient.
func (s *Deliveries) hold(ctx context.Context, tx *store.Tx, recipient string, h Held, until time.Time) error {
	found, err := waiting.GetMany(ctx, tx, []string{digestID(recipient)})
	if err != nil {
		return err
	}
	d := found[digestID(recipient)]
	if d == nil {
		d = &Waiting{Meta: store.Meta{ID: digestID(recipient)}}
	}
	d.hold(recipient, h, until)
	return put(tx, waiting, d, d.Version)
}

// enqueue puts hand-offs in line, in place of what waits for the same address about the same thing.
func enqueue(ctx context.Context, tx *store.Tx, out []*Handoff, now time.Time) error {
	ids := make([]string, len(out))
	for i, h := range out {
		ids[i] = space.Of("handoff", h.Thing, string(h.Way), h.Address, h.sms())
	}
	there, err := handoffs.GetMany(ctx, tx, ids)
	if err != nil {
		return err
	}
	for i, of := range out {
		h := there[ids[i]]
		if h == nil {
			h = &Handoff{Meta: store.Meta{ID: ids[i]}}
		}
		h.next(of, now)
		if err := put(tx, handoffs, h, h.Version); err != nil {
			return err
		}
	}
	return nil
}

// sms tells one recipient's text message from another's: phones have no id.
func (h *Handoff) sms() string {
	if h.Way == SMS {
		return h.Recipient
	}
	return ""
}
