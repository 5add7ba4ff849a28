package rating

import (
	"context"
	"time"

	"wangge/domain/access"
	"wangge/domain/calendar"
	"wangge/domain/intake"
	"wangge/domain/ticket"
	"wangge/domain/visit"
	"wangge/store"
	"wangge/store/jobs"
)

// bookmarks say how far the journals were read.
var bookmarks = jobs.Bookmarks("ratingBookmarks")

// lease is that of what runs beside the requests.
const lease = "ratings"

// Run keeps what can be rated up to date and escalates what is not put right in
// time, on one node at a time until ctx ends.
func (s *Ratings) Run(ctx context.Context, n jobs.Node) {
	_ = jobs.Lead(ctx, n, lease, s.Follow(n.Now).Follow(n), s.due().Run(n)) // which returns ctx's error
}

// Follow makes the ratings of what comes to be over, and takes back those,
// not given yet, of what is not over any more. It looks at what things are now:
// however often it does, each has one. What was over for longer than it can be
// rated, such as cases from a file of years, is passed over.
func (s *Ratings) Follow(now func() time.Time) *jobs.Consumer {
	return &jobs.Consumer{
		Bookmarks: bookmarks, FromStart: true,
		Wants: func(e *store.Entry) bool { _, ok := aboutOf(e); return ok || e.Action == calendar.ActionYear },
		Handle: func(ctx context.Context, b jobs.Batch) (jobs.Output, error) {
			at := now().UTC()
			seen := map[About]bool{}
			var about []About
			for _, e := range b.Entries {
				if e.Action == calendar.ActionYear {
					if err := s.reckonAnew(ctx, b.Lease, at); err != nil {
						return jobs.Output{}, err
					}
					continue
				}
				if a, _ := aboutOf(e); !seen[a] {
					seen[a] = true
					about = append(about, a)
				}
			}
			if len(about) == 0 {
				return jobs.Output{}, nil
			}
			before, err := s.closings(ctx, about)
			if err != nil {
				return jobs.Output{}, err
			}
			return jobs.Output{Write: func(tx *store.Tx) error { return s.settle(ctx, tx, at, about, before) }}, nil
		},
	}
}

// aboutOf is what an entry is about, if that may be over by it, or not any more.
func aboutOf(e *store.Entry) (About, bool) {
	of := func(kind Kind, over func(state string) bool) (About, bool) {
		return About{kind, e.Doc}, over(e.Before.State) || over(e.After.State)
	}
	switch {
	case intake.AboutCase(e):
		return of(Case, func(state string) bool { return has(decided, intake.State(state)) })
	case visit.AboutVisit(e):
		return of(Visit, func(state string) bool { return visit.State(state) == visit.Completed })
	case ticket.AboutTicket(e):
		return of(Ticket, func(state string) bool { return ticket.State(state) == ticket.Closed })
	}
	return About{}, false
}

// closings are the ids of the ratings that there are of tickets, each of which may have several.
func (s *Ratings) closings(ctx context.Context, about []About) (map[About][]string, error) {
	out := map[About][]string{}
	for _, a := range about {
		if a.Kind != Ticket {
			continue
		}
		found, _, err := ratings.Find(ctx, s.store, store.Query{Where: []store.Cond{store.Eq("of", a.key())}, Order: []string{"overAt"}, Limit: 500})
		if err != nil {
			return nil, err
		}
		for _, r := range found {
			out[a] = append(out[a], r.ID)
		}
	}
	return out, nil
}

// settle brings the ratings of these up to what they are now.
func (s *Ratings) settle(ctx context.Context, tx *store.Tx, now time.Time, about []About, before map[About][]string) error {
	things, err := loadAll(ctx, tx, about)
	if err != nil {
		return err
	}
	var ids []string
	for _, a := range about {
		if t := things[a]; t != nil {
			ids = append(append(ids, t.ratingID()), before[a]...)
		}
	}
	there, err := ratings.GetManyEver(ctx, tx, ids)
	if err != nil {
		return err
	}
	for _, a := range about {
		t := things[a]
		if t == nil { // a key under which a platform has taken a case over
			continue
		}
		present := t.ratingID()
		for _, id := range append([]string{present}, before[a]...) {
			r := there[id]
			if r == nil || r.Deleted || r.Grade > 0 || id == present && t.rateable() {
				continue
			}
			if err := ratings.Delete(tx, r); err != nil {
				return err
			}
		}
		r := there[present]
		if !t.rateable() && (r == nil || r.Grade == 0) || t.overAt.IsZero() || r == nil && !now.Before(t.overAt.Add(open)) {
			continue
		}
		if _, err := s.keep(tx, t, r, func(*Rating) {}); err != nil {
			return err
		}
	}
	return nil
}

// due escalates what is not put right in time.
func (s *Ratings) due() *jobs.Due[Rectification, *Rectification] {
	return &jobs.Due[Rectification, *Rectification]{
		Collection: rectifications, Field: "escalateAt", At: func(r *Rectification) time.Time { return r.EscalateAt },
		Do: func(ctx context.Context, lease store.Lease, r *Rectification, now time.Time) error {
			return s.escalate(ctx, lease, r, now)
		},
	}
}

// escalate tells the next level, once, that something was not put right in time.
func (s *Ratings) escalate(ctx context.Context, lease store.Lease, was *Rectification, now time.Time) error {
	t, err := load(ctx, s.store, was.About)
	if err != nil {
		return err
	}
	up, err := s.ladder(ctx, t, now)
	if err != nil {
		return err
	}
	return s.store.Update(ctx, []string{was.Partition}, func(tx *store.Tx) error {
		if err := tx.Hold(ctx, lease); err != nil {
			return err
		}
		r, err := rectifications.Get(ctx, tx, was.ID)
		if err != nil || r.EscalateAt.IsZero() || r.EscalateAt.After(now) {
			return err
		}
		before := r.facts()
		r.EscalatedAt, r.UpdatedAt, r.EscalatedTo = now, now, nil
		for _, rung := range above(up, r.Level) {
			if !has(rung.who, r.Responsible) {
				r.EscalatedTo = rung.who
				break
			}
		}
		return s.put(ctx, tx, r, r.entry(access.Program, now, "escalate", before), up)
	})
}

// reckonAnew reckons the days that were provisional until a year's holidays were known.
func (s *Ratings) reckonAnew(ctx context.Context, lease store.Lease, now time.Time) error {
	if err := s.calendars.Refresh(ctx); err != nil {
		return err
	}
	for cursor := ""; ; {
		page, next, err := rectifications.Find(ctx, s.store, store.Query{Where: []store.Cond{store.Eq("provisional", true)}, Limit: 200, After: cursor})
		if err != nil {
			return err
		}
		for _, was := range page {
			err := s.store.Update(ctx, []string{was.Partition}, func(tx *store.Tx) error {
				if err := tx.Hold(ctx, lease); err != nil {
					return err
				}
				r, err := rectifications.Get(ctx, tx, was.ID)
				if err != nil {
					return err
				}
				cal, err := s.calendars.At(ctx, tx)
				if err != nil {
					return err
				}
				due, provisional := cal.AddWorkingDays(r.From, r.Days)
				if due.Equal(r.DueAt) && provisional == r.Provisional {
					return nil
				}
				before := r.facts()
				r.DueAt, r.Provisional, r.UpdatedAt = due, provisional, now
				r.settle()
				return rectifications.Put(tx, r, r.entry(access.Program, now, "promise", before))
			})
			if err != nil {
				return err
			}
		}
		if cursor = next; next == "" {
			return nil
		}
	}
}
