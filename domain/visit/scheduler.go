package visit

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"wangge/domain/visit/recurrence"
	"wangge/store"
	"wangge/store/jobs"
)

// run says when a plan's visits are next brought in line: at once after the
// plan changed, else as the day begins. Its id is the plan's.
type run struct {
	store.Meta `store:",inline"`
	Street     string    `store:"street"`
	NextAt     time.Time `store:"nextAt,omitempty"` // zero: not any more
	Asked      int64     `store:"asked"`            // how often the plan asked for it
}

var runs = store.Declare[run](store.Declaration{
	Name: "visitRuns", Schema: 1, Unjournaled: true, Indexes: []string{"next: nextAt", "street: street"},
})

// bookmarks say how far the scheduler read.
var bookmarks = jobs.Bookmarks("visitBookmarks")

// ask has the plan's visits brought in line at once, within an update of the plan.
func ask(ctx context.Context, tx *store.Tx, p *Plan, now time.Time) error {
	r, err := runs.Get(ctx, tx, p.ID)
	if errors.Is(err, store.ErrNotFound) {
		err = runs.Insert(tx, &run{Meta: store.Meta{ID: p.ID}, Street: p.Partition, NextAt: now, Asked: 1})
	} else if err == nil {
		r.NextAt, r.Asked = now, r.Asked+1
		err = runs.Put(tx, r)
	}
	return err
}

// What the journal calls the collections that visits follow.
const (
	households = "households"
	accounts   = "accounts"
)

const schedulerLease = "visits.scheduler"

// RunScheduler makes visits of plans, and follows what happens to households,
// on one node at a time until ctx ends.
func (s *Visits) RunScheduler(ctx context.Context, n jobs.Node) {
	_ = jobs.Lead(ctx, n, schedulerLease, s.dueRuns().Run(n), s.changes(n.Now).Follow(n)) // which returns ctx's error
}

// Schedule does at once what RunScheduler would have done by now, and returns
// when nothing is left to do: for who fills a store before it serves.
// store.ErrLeaseHeld while a node does it.
func (s *Visits) Schedule(ctx context.Context, node string, now time.Time) error {
	n := jobs.Node{Store: s.store, Name: node, Log: slog.Default()}
	return jobs.Try(ctx, n, schedulerLease, func(ctx context.Context, lease store.Lease) error { return s.schedule(ctx, lease, now) })
}

// schedule does what is due at now: plans whose turn it is, then what became of households.
func (s *Visits) schedule(ctx context.Context, lease store.Lease, now time.Time) error {
	_, err := s.dueRuns().Pass(ctx, s.store, lease, now)
	if errors.Is(err, store.ErrFenced) || ctx.Err() != nil {
		return err
	}
	return errors.Join(err, s.changes(func() time.Time { return now }).CatchUp(ctx, s.store, lease))
}

// dueRuns are the plans whose turn it is.
func (s *Visits) dueRuns() *jobs.Due[run, *run] {
	return &jobs.Due[run, *run]{
		Collection: runs, Field: "nextAt", At: func(r *run) time.Time { return r.NextAt },
		Do: func(ctx context.Context, lease store.Lease, r *run, now time.Time) error {
			err := s.runPlan(ctx, lease, r, now)
			if errors.Is(err, errPlanChanged) { // it was asked for anew
				return nil
			}
			return err
		},
	}
}

func (s *Visits) runPlan(ctx context.Context, lease store.Lease, r *run, now time.Time) error {
	p, err := plans.Get(ctx, s.store, r.ID)
	if err != nil {
		return err
	}
	if err := s.settleAll(ctx, lease, p, now); err != nil {
		return err
	}
	return s.store.Update(ctx, nil, func(tx *store.Tx) error {
		if err := tx.Hold(ctx, lease); err != nil {
			return err
		}
		again, err := runs.Get(ctx, tx, r.ID)
		if err != nil || again.Asked != r.Asked {
			return err
		}
		again.NextAt = recurrence.DateOf(now).Add(1).Start()
		if p.State == Ended {
			again.NextAt = time.Time{}
		}
		return runs.Put(tx, again)
	})
}

// changes settles the households that changed, and those whose visits are with
// an account that did, wherever the journal says so. What happened in a
// partition before it was first followed the next day's run sees.
func (s *Visits) changes(now func() time.Time) *jobs.Consumer {
	return &jobs.Consumer{
		Bookmarks: bookmarks,
		Wants:     func(e *store.Entry) bool { return e.Collection == households || e.Collection == accounts },
		Handle: func(ctx context.Context, b jobs.Batch) (jobs.Output, error) {
			at, changed := now().UTC(), map[string][]string{} // ids, by collection
			for _, e := range b.Entries {
				if !slices.Contains(changed[e.Collection], e.Doc) {
					changed[e.Collection] = append(changed[e.Collection], e.Doc)
				}
			}
			if err := s.settleChanged(ctx, b.Lease, b.Partition, changed, at); err != nil {
				return jobs.Output{}, err
			}
			for _, id := range changed[households] {
				if err := s.carryPromises(ctx, b.Lease, id, at); err != nil {
					return jobs.Output{}, err
				}
			}
			return jobs.Output{}, nil
		},
	}
}

// settleChanged settles households under every plan of the street they are in
// now and under the plans that have visits planned there, and the households
// whose visits are with accounts.
func (s *Visits) settleChanged(ctx context.Context, lease store.Lease, street string, changed map[string][]string, now time.Time) error {
	under := map[string][]string{} // households, by plan
	add := func(plan, household string) {
		if plan != "" && !slices.Contains(under[plan], household) {
			under[plan] = append(under[plan], household)
		}
	}
	if len(changed[households]) > 0 {
		own, _, err := runs.Find(ctx, s.store, store.Query{Where: []store.Cond{store.Eq("street", street)}, Limit: 500})
		if err != nil {
			return err
		}
		for _, r := range own {
			if !r.NextAt.IsZero() {
				under[r.ID] = slices.Clone(changed[households])
			}
		}
	}
	for field, ids := range map[string][]string{"household": changed[households], "assignee": changed[accounts]} {
		for _, id := range ids {
			err := eachVisit(ctx, s.store, func(v *Visit) { add(v.Plan, v.Household) }, store.Eq(field, id), store.Eq("state", Planned))
			if err != nil {
				return err
			}
		}
	}
	for _, plan := range sortedKeys(under) {
		p, err := plans.Get(ctx, s.store, plan)
		if err != nil {
			return err
		}
		run, err := s.settling(ctx, p, now)
		if err != nil {
			return err
		}
		if err := s.settleChunks(ctx, lease, run, under[plan]); err != nil && !errors.Is(err, errPlanChanged) {
			return err
		}
	}
	return nil
}
