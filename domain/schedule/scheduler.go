// Package schedule has the visits there are follow what plans ask for: it makes
// them, brings them in line with plans, households and people, takes back what
// is not to be done any more, and says beforehand what a plan asks of whom. It
// stands above plans and visits, which do not know it.
package schedule

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"time"

	"wangge/domain/area"
	"wangge/domain/household"
	"wangge/domain/plan"
	"wangge/domain/visit"
	"wangge/store"
	"wangge/store/jobs"
)

// bookmarks say how far the scheduler read.
var bookmarks = jobs.Bookmarks("visitBookmarks")

// Collections are what this package keeps in the store.
func Collections() []store.Declared { return []store.Declared{bookmarks} }

// What the journal calls the collections that visits follow.
const (
	households = "households"
	accounts   = "accounts"
)

const schedulerLease = "visits.scheduler"

// Scheduler makes the visits of plans, and has them follow what becomes of
// plans, households and people.
type Scheduler struct {
	store      *store.Store
	areas      *area.Areas
	households *household.Households
	plans      *plan.Plans
	promises   *visit.Promises
}

// New returns the scheduler of a store that has the Collections of this package, of plans and of visits.
func New(st *store.Store, areas *area.Areas, households *household.Households, plans *plan.Plans, promises *visit.Promises) *Scheduler {
	return &Scheduler{st, areas, households, plans, promises}
}

// Run makes visits of plans, and follows what happens to households,
// on one node at a time until ctx ends.
func (s *Scheduler) Run(ctx context.Context, n jobs.Node) {
	_ = jobs.Lead(ctx, n, schedulerLease, s.plans.Due(s.settleAll).Run(n), s.changes(n.Now).Follow(n)) // which returns ctx's error
}

// Schedule does at once what Run would have done by now, and returns
// when nothing is left to do: for who fills a store before it serves.
// store.ErrLeaseHeld while a node does it.
func (s *Scheduler) Schedule(ctx context.Context, node string, now time.Time) error {
	n := jobs.Node{Store: s.store, Name: node, Log: slog.Default()}
	return jobs.Try(ctx, n, schedulerLease, func(ctx context.Context, lease store.Lease) error { return s.schedule(ctx, lease, now) })
}

// schedule does what is due at now: plans whose turn it is, then what became of households.
func (s *Scheduler) schedule(ctx context.Context, lease store.Lease, now time.Time) error {
	_, err := s.plans.Due(s.settleAll).Pass(ctx, s.store, lease, now)
	if errors.Is(err, store.ErrFenced) || ctx.Err() != nil {
		return err
	}
	return errors.Join(err, s.changes(func() time.Time { return now }).CatchUp(ctx, s.store, lease))
}

// changes settles the households that changed, and those whose visits are with
// an account that did, wherever the journal says so. What happened in a
// partition before it was first followed the next day's run sees.
func (s *Scheduler) changes(now func() time.Time) *jobs.Consumer {
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
				if err := s.promises.Follow(ctx, b.Lease, id, at); err != nil {
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
func (s *Scheduler) settleChanged(ctx context.Context, lease store.Lease, street string, changed map[string][]string, now time.Time) error {
	under := map[string][]string{} // households, by plan
	add := func(id, household string) {
		if id != "" && !slices.Contains(under[id], household) {
			under[id] = append(under[id], household)
		}
	}
	if len(changed[households]) > 0 {
		own, err := plan.Running(ctx, s.store, street)
		if err != nil {
			return err
		}
		for _, id := range own {
			under[id] = slices.Clone(changed[households])
		}
	}
	for field, ids := range map[string][]string{"household": changed[households], "assignee": changed[accounts]} {
		for _, id := range ids {
			err := visit.EachPlanned(ctx, s.store, field, id, func(v *visit.Visit) { add(v.Plan, v.Household) })
			if err != nil {
				return err
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(under)) {
		p, err := plan.Load(ctx, s.store, id)
		if err != nil {
			return err
		}
		run, err := s.settling(ctx, p, now)
		if err != nil {
			return err
		}
		if err := s.settleChunks(ctx, lease, run, under[id]); err != nil && !errors.Is(err, plan.ErrChanged) {
			return err
		}
	}
	return nil
}
