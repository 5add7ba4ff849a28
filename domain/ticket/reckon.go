package ticket

import (
	"context"
	"reflect"
	"slices"
	"time"

	"wangge/domain/access"
	"wangge/domain/calendar"
	"wangge/domain/policy"
	"wangge/store"
	"wangge/store/jobs"
)

// reckoning is a street whose open tickets are to be reckoned anew at a time,
// when what it, or its city, has decided comes into force.
type reckoning struct {
	store.Meta `store:",inline"`
	At         time.Time `store:"at"`
}

var reckonings = store.Declare[reckoning](store.Declaration{
	Name: "ticketReckonings", Schema: 1, Unjournaled: true,
	Indexes: []string{"at: at"},
})

// changesTerms reports whether an entry may change by when tickets are due: a
// year whose holidays came, or a version of a policy.
func changesTerms(e *store.Entry) bool {
	return e.Action == calendar.ActionYear || policy.AboutVersion(e)
}

// termsChanged reckons the clocks anew that are not met. It looks at what holds
// now: however often it does, a clock changes once.
func (s *Tickets) termsChanged(ctx context.Context, lease store.Lease, now time.Time, e *store.Entry) error {
	if e.Action == calendar.ActionYear {
		if err := s.calendars.Refresh(ctx); err != nil {
			return err
		}
		for _, street := range s.areas.Tree().Streets() {
			if err := s.reckonAnew(ctx, lease, now, street.ID); err != nil {
				return err
			}
		}
		return nil
	}
	streets, from, err := s.policies.Retimed(ctx, e.Doc)
	if err != nil {
		return err
	}
	for _, street := range streets {
		if !from.After(now) {
			err = s.reckonAnew(ctx, lease, now, street)
		} else {
			err = s.reckonAt(ctx, lease, street, from)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// reckonAt keeps that a street's tickets are to be reckoned anew.
func (s *Tickets) reckonAt(ctx context.Context, lease store.Lease, street string, at time.Time) error {
	return s.store.Update(ctx, nil, func(tx *store.Tx) error {
		if err := tx.Hold(ctx, lease); err != nil {
			return err
		}
		id := street + "/" + at.UTC().Format(time.RFC3339)
		found, err := reckonings.GetManyEver(ctx, tx, []string{id})
		if err != nil || found[id] != nil {
			return err
		}
		return reckonings.Insert(tx, &reckoning{Meta: store.Meta{ID: id}, At: at})
	})
}

// comingIntoForce are the streets whose time has come.
func (s *Tickets) comingIntoForce() *jobs.Due[reckoning, *reckoning] {
	return &jobs.Due[reckoning, *reckoning]{
		Collection: reckonings, Field: "at", At: func(r *reckoning) time.Time { return r.At },
		Do: func(ctx context.Context, lease store.Lease, r *reckoning, now time.Time) error {
			street := r.ID[:len(r.ID)-len("/2006-01-02T15:04:05Z")]
			if err := s.reckonAnew(ctx, lease, now, street); err != nil {
				return err
			}
			return s.store.Update(ctx, nil, func(tx *store.Tx) error {
				if err := tx.Hold(ctx, lease); err != nil {
					return err
				}
				r, err := reckonings.Get(ctx, tx, r.ID)
				if err != nil {
					return ignoreNotFound(err)
				}
				return reckonings.Delete(tx, r)
			})
		},
	}
}

// reckonedAtOnce is how many tickets one update reckons anew.
const reckonedAtOnce = 100

// reckonAnew brings the open tickets of a street up to the terms and the calendar that hold.
func (s *Tickets) reckonAnew(ctx context.Context, lease store.Lease, now time.Time, street string) error {
	q := store.Query{Where: []store.Cond{store.Eq("place.street", street), store.In("state", open...)}, Order: []string{"createdAt"}, Limit: reckonedAtOnce, Cap: most}
	for {
		page, next, err := collection.Find(ctx, s.store, q)
		if err != nil {
			return err
		}
		ids := make([]string, len(page))
		for i, t := range page {
			ids[i] = t.ID
		}
		err = s.store.Update(ctx, []string{street}, func(tx *store.Tx) error {
			if err := tx.Hold(ctx, lease); err != nil {
				return err
			}
			return s.reckonThese(ctx, tx, now, street, ids)
		})
		if err != nil {
			return err
		}
		if q.After = next; next == "" {
			return nil
		}
	}
}

// reckonThese are tickets of a street, as they are now.
func (s *Tickets) reckonThese(ctx context.Context, tx *store.Tx, now time.Time, street string, ids []string) error {
	p, err := s.policies.In(ctx, tx, street, now)
	if err != nil {
		return err
	}
	o, err := s.occasionIn(ctx, tx, access.Program, now, p)
	if err != nil {
		return err
	}
	found, err := collection.GetMany(ctx, tx, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		t := found[id]
		if t == nil || t.Partition != street || !t.State.Open() {
			continue
		}
		was, before := *t, t.facts()
		was.Clocks = slices.Clone(t.Clocks)
		t.setTerms(p, o.reckon)
		t.reckon(o)
		if t.DueAt.Equal(was.DueAt) && reflect.DeepEqual(t.Clocks, was.Clocks) {
			continue
		}
		t.Policy, t.UpdatedAt = p.ID, now
		if err := put(tx, t, t.entry(access.Program, now, Reckon, before)); err != nil {
			return err
		}
	}
	return nil
}
