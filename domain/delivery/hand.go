package delivery

import (
	"context"
	"slices"
	"time"

	"wangge/domain/account"
	"wangge/domain/notice"
	"wangge/store"
)

// DueBy are the hand-offs of a way that are due, the earliest first, and when
// the next one is; zero for none.
func (s *Deliveries) DueBy(ctx context.Context, w Way, now time.Time, limit int) (due []*Handoff, next time.Time, err error) {
	due, err = soonest(ctx, s.store, handoffs, now, limit, store.Eq("way", w))
	if err != nil || len(due) == limit {
		return due, time.Time{}, err
	}
	first, err := afterwards(ctx, s.store, handoffs, now, store.Eq("way", w))
	if err == nil && first != nil {
		next = first.DueAt
	}
	return due, next, err
}

// Ready is a hand-off that was looked at once more, before it is sent.
type Ready struct {
	Message Message
	To      Address
	Drop    string    // why it is not to be sent at all; "": it is
	Until   time.Time // of quiet hours that have begun meanwhile
}

// Reasons for which something is dropped.
const (
	read     = "read"        // or acknowledged, of an urgent notice
	hidden   = "hidden"      // what it is about may not be seen any more, or the account is disabled
	unwanted = "unwanted"    // switched off
	late     = "late"        // not worth sending any more
	nowhere  = "no_address"  // it was given up
	spent    = "not_allowed" // a grant is needed and there is none
)

// Ready looks whether a hand-off is still to be sent, and makes the message.
func (s *Deliveries) Ready(ctx context.Context, h *Handoff, now time.Time) (r Ready, err error) {
	if h.over(now) {
		return Ready{Drop: late}, nil
	}
	if h.Street != "" {
		return s.readyGroup(ctx, h, now)
	}
	lang, p, err := s.recipient(ctx, h.Recipient)
	if err != nil || lang == "" {
		return Ready{Drop: hidden}, err
	}
	if h.Notice != "" {
		if r.Drop, r.Until, err = s.check(ctx, h, p, now); err != nil || r.Drop != "" || !r.Until.IsZero() {
			return r, err
		}
	} else if p.Quiet != nil {
		if r.Until = p.Quiet.until(now); !r.Until.IsZero() {
			return r, nil
		}
	}
	to, ok, err := s.addressOf(ctx, h, now)
	if err != nil || !ok {
		return Ready{Drop: nowhere}, err
	}
	if allowed, err := s.Allowed(ctx, to, h.Kind); err != nil || !allowed {
		return Ready{Drop: spent}, err
	}
	if to.Language != "" {
		lang = to.Language
	}
	return Ready{Message: h.message(to, lang, now), To: to}, nil
}

// recipient is the language of an account, "" of one that may not be used, and its preferences.
func (s *Deliveries) recipient(ctx context.Context, id string) (lang string, p *Preferences, err error) {
	found, err := account.LoadMany(ctx, s.store, []string{id})
	if err != nil || found[id] == nil || found[id].Disabled {
		return "", nil, err
	}
	p, err = s.preferencesOf(ctx, s.store, id)
	return found[id].Language, p, err
}

// check says why a notice is not to be sent, or until when it waits.
func (s *Deliveries) check(ctx context.Context, h *Handoff, p *Preferences, now time.Time) (drop string, until time.Time, err error) {
	found, err := notice.Load(ctx, s.store, []string{h.Notice})
	if err != nil {
		return "", until, err
	}
	n := found[h.Notice]
	if n == nil || !stillOpen(n) {
		return read, until, nil
	}
	seen, err := s.Seen(ctx, now, []*notice.Notice{n})
	if err != nil {
		return "", until, err
	}
	if len(seen) == 0 {
		return hidden, until, nil
	}
	if !p.allows(n, h.Way) {
		return unwanted, until, nil
	}
	return "", p.quietUntil(n, now), nil
}

func (s *Deliveries) addressOf(ctx context.Context, h *Handoff, now time.Time) (Address, bool, error) {
	if h.Way == SMS {
		return s.Phone(ctx, h.Recipient)
	}
	all, err := s.Devices(ctx, h.Recipient, now)
	return find(all, h, err)
}

func find(all []Address, h *Handoff, err error) (Address, bool, error) {
	i := slices.IndexFunc(all, func(a Address) bool { return a.ID == h.Address && a.Way == h.Way })
	if err != nil || i < 0 {
		return Address{}, false, err
	}
	return all[i], true, nil
}

func (s *Deliveries) readyGroup(ctx context.Context, h *Handoff, now time.Time) (Ready, error) {
	all, err := s.Robots(ctx, h.Street)
	to, ok, err := find(all, h, err)
	if err != nil || !ok {
		return Ready{Drop: nowhere}, err
	}
	return Ready{Message: s.groupMessage(h, to, now), To: to}, nil
}

// Held puts off a hand-off that quiet hours hold back by now: a notice to the
// digest of its recipient.
func (s *Deliveries) Held(ctx context.Context, lease store.Lease, h *Handoff, now, until time.Time) error {
	return s.change(ctx, lease, h, func(tx *store.Tx, is *Handoff) error {
		if !is.same(h) {
			return nil
		}
		if is.Notice == "" {
			is.DueAt = until
			return handoffs.Put(tx, is)
		}
		is.Code = ""
		is.end(Dropped, now)
		if err := handoffs.Put(tx, is); err != nil {
			return err
		}
		return s.hold(ctx, tx, is.Recipient, Held{is.Thing, is.Notice}, until)
	})
}

// Drop ends a hand-off that is not to be sent.
func (s *Deliveries) Drop(ctx context.Context, lease store.Lease, h *Handoff, now time.Time, why string) error {
	return s.change(ctx, lease, h, func(tx *store.Tx, is *Handoff) error {
		if !is.same(h) {
			return nil
		}
		is.Code = why
		is.end(Dropped, now)
		return handoffs.Put(tx, is)
	})
}

// Postpone puts off what cannot be seen to, so that it does not hold up others.
func (s *Deliveries) Postpone(ctx context.Context, lease store.Lease, h *Handoff, now time.Time) error {
	return s.change(ctx, lease, h, func(tx *store.Tx, is *Handoff) error {
		if !is.same(h) {
			return nil
		}
		is.again(Outcome{State: Later}, now, 0.5)
		return handoffs.Put(tx, is)
	})
}

// Settle writes what came of a try: to the hand-off and to the circuit of its
// way, which it returns. jitter is a random number from 0 to 1.
func (s *Deliveries) Settle(ctx context.Context, lease store.Lease, h *Handoff, o Outcome, at time.Time, jitter float64) (c *Circuit, err error) {
	err = s.change(ctx, lease, h, func(tx *store.Tx, is *Handoff) error {
		if c, err = circuitOf(ctx, tx, h.Way); err != nil {
			return err
		}
		if c.after(o, at, jitter) {
			if err := put(tx, circuits, c, c.Version); err != nil {
				return err
			}
		}
		is.after(h, o, at, jitter)
		return handoffs.Put(tx, is)
	})
	return c, err
}

func (s *Deliveries) change(ctx context.Context, lease store.Lease, h *Handoff, do func(*store.Tx, *Handoff) error) error {
	return s.under(ctx, lease, func(tx *store.Tx) error {
		is, err := handoffs.Get(ctx, tx, h.ID)
		if err != nil {
			return err
		}
		return do(tx, is)
	})
}
