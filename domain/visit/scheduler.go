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

const (
	schedulerLease = "visits.scheduler"
	leaseFor       = 30 * time.Second
	idle           = 5 * time.Second        // between two looks, when nothing is written
	gather         = 300 * time.Millisecond // after something was
	runsAtOnce     = 10
)

// RunScheduler makes visits of plans, and follows what happens to households,
// until ctx ends. One node at a time does it; the next takes over when the
// lease runs out. node names this process.
func (s *Visits) RunScheduler(ctx context.Context, node string, now func() time.Time, log *slog.Logger) {
	s.lead(ctx, schedulerLease, node, log, func(ctx context.Context, lease store.Lease) (bool, error) {
		return s.schedule(ctx, lease, now().UTC())
	})
}

// Schedule does at once what RunScheduler would have done by now, and returns
// when nothing is left to do: for who fills a store before it serves.
// store.ErrLeaseHeld while a node does it.
func (s *Visits) Schedule(ctx context.Context, node string, now time.Time) error {
	for more := true; more; {
		lease, err := s.store.Acquire(ctx, schedulerLease, node, leaseFor)
		if err != nil {
			return err
		}
		more, err = s.renewed(ctx, lease, func(ctx context.Context, lease store.Lease) (bool, error) {
			more, err := s.schedule(ctx, lease, now)
			return more, errors.Join(err, s.store.Release(ctx, lease))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// lead takes a lease again and again and works under it, and gives it up at
// the end. work reports whether more may be left to do at once.
func (s *Visits) lead(ctx context.Context, name, node string, log *slog.Logger, work func(context.Context, store.Lease) (bool, error)) {
	var lease store.Lease
	for ctx.Err() == nil {
		more, seen := false, s.store.Heads()
		got, err := s.store.Acquire(ctx, name, node, leaseFor)
		if err == nil {
			lease = got
			more, err = s.renewed(ctx, lease, work)
		}
		if err != nil && !errors.Is(err, store.ErrLeaseHeld) && ctx.Err() == nil {
			log.Warn("a job of visits failed; trying again", "job", name, "error", err)
		}
		if more && err == nil {
			continue
		}
		if err != nil {
			seen = nil // another node works, or something is wrong: no hurry
		}
		s.rest(ctx, seen)
	}
	if lease.Token > 0 { // the next need not wait for it to run out
		last, end := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer end()
		if err := s.store.Release(last, lease); err != nil {
			log.Warn("a lease was not given up", "job", name, "error", err)
		}
	}
}

// rest waits until something was written that the heads do not know of, and a
// moment for what comes with it, but not for ever: the clock goes on, too.
func (s *Visits) rest(ctx context.Context, seen map[string]int64) {
	resting, end := context.WithTimeout(ctx, idle)
	defer end()
	if seen == nil {
		<-resting.Done()
	} else if _, err := s.store.Wait(resting, seen); err == nil {
		select {
		case <-ctx.Done():
		case <-time.After(gather):
		}
	}
}

// renewed works while the lease is renewed beside; a lost lease ends the work.
func (s *Visits) renewed(ctx context.Context, lease store.Lease, work func(context.Context, store.Lease) (bool, error)) (bool, error) {
	ctx, stop := context.WithCancel(ctx)
	renewing := make(chan struct{})
	go func() {
		defer close(renewing)
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(leaseFor / 3):
			}
			if got, err := s.store.Acquire(ctx, lease.ID, lease.Holder, leaseFor); err == nil && got.Token != lease.Token {
				stop()
				return
			}
		}
	}()
	more, err := work(ctx, lease)
	stop()
	<-renewing
	return more, err
}

// schedule does what is due at now: plans whose turn it is, then what became of households.
func (s *Visits) schedule(ctx context.Context, lease store.Lease, now time.Time) (more bool, err error) {
	due, _, err := runs.Find(ctx, s.store, store.Query{
		Where: []store.Cond{store.Between("nextAt", nil, now.Add(time.Millisecond))}, Order: []string{"nextAt"}, Limit: runsAtOnce,
	})
	if err != nil {
		return false, err
	}
	var failed []error
	for _, r := range due {
		if err := s.runPlan(ctx, lease, r, now); errors.Is(err, store.ErrFenced) || ctx.Err() != nil {
			return false, err
		} else if err != nil && !errors.Is(err, errPlanChanged) { // changed: it was asked for anew
			failed = append(failed, err)
		}
	}
	followed, err := s.follow(ctx, lease, now)
	return len(due) == runsAtOnce || followed, errors.Join(append(failed, err)...)
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

// follow settles the households that changed, and those whose visits are with
// an account that did, wherever the journal says so. What happened in a
// partition before it was first followed the next day's run sees. It reports
// whether a journal may hold more.
func (s *Visits) follow(ctx context.Context, lease store.Lease, now time.Time) (more bool, err error) {
	follower := jobs.Follower{Store: s.store, Bookmarks: bookmarks, Handle: func(ctx context.Context, partition string, entries []*store.Entry) error {
		changed := map[string][]string{} // ids, by collection
		for _, e := range entries {
			if (e.Collection == households || e.Collection == accounts) && !slices.Contains(changed[e.Collection], e.Doc) {
				changed[e.Collection] = append(changed[e.Collection], e.Doc)
			}
		}
		if err := s.settleChanged(ctx, lease, partition, changed, now); err != nil {
			return err
		}
		for _, id := range changed[households] {
			if err := s.carryPromises(ctx, lease, id, now); err != nil {
				return err
			}
		}
		return nil
	}}
	return follower.Follow(ctx, lease)
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
