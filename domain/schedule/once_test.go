package schedule_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/domain/household"
	"wangge/domain/plan"
	"wangge/domain/plan/recurrence"
	"wangge/domain/schedule"
	"wangge/domain/visit"
	"wangge/store"
	"wangge/store/jobs"
)

// Whatever number of schedulers run, are stopped in the middle and started
// again, on whatever plans and households that change meanwhile: there is one
// visit for a household and period, and in the end those the plans ask for.
func TestExactlyOneVisit(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		nodes := []*node{w.Node, w.Join(rehearse), w.Join(store.Options{})}
		var elders []*household.Household
		for range 30 {
			elders = append(elders, w.Elder(east))
		}
		var active []*plan.Plan
		for _, rule := range []string{"FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY;BYDAY=MO,FR"} {
			t := terms(rule)
			t.Team = []string{w.IDs["worker"], w.IDs["second"], w.IDs["third"]}
			active = append(active, w.MovePlan(w.Plan(jia, t), noon, "activate"))
		}
		ctx, stop := context.WithTimeout(t.Context(), 15*time.Minute)
		defer stop()
		var clock, done atomic.Int64
		now := func() time.Time { return noon.Add(time.Duration(clock.Load()) * time.Hour) }
		var wg sync.WaitGroup
		for i, n := range nodes {
			wg.Go(func() { // killed and started again, each life under a name of its own
				for life := 0; done.Load() == 0 && ctx.Err() == nil; life++ {
					brief, kill := context.WithTimeout(ctx, time.Duration(5+rand.IntN(60))*time.Millisecond)
					// Without waiting for leases to run out: fencing, and ids, have to do.
					lease := must(n.Store.Acquire(t.Context(), fmt.Sprint("lease-", i, "-", life), "node", time.Minute))(t)
					err := schedule.Under(n.Scheduler, brief, lease, now())
					kill()
					if err != nil && brief.Err() == nil && !errors.Is(err, store.ErrConflict) {
						t.Error(err)
					}
				}
			})
		}
		wg.Go(func() {
			one := nodes[2].Scheduler
			_ = jobs.Lead(ctx, jobs.Node{Store: nodes[2].Store, Name: "loop", Log: slog.New(slog.DiscardHandler)}, schedule.Lease, func(ctx context.Context, lease store.Lease) error {
				for done.Load() == 0 && ctx.Err() == nil {
					if err := schedule.Under(one, ctx, lease, now()); errors.Is(err, store.ErrFenced) {
						return err
					}
				}
				return ctx.Err()
			})
		})
		for i := range 12 {
			h := elders[i]
			must(w.Households.Untag(ctx, access.Program, now(), h.ID, 0, h.Members[0].ID, elderTag))(t)
			clock.Add(6)
			if i%3 == 0 {
				must(w.Households.Tag(ctx, access.Program, now(), h.ID, 0, h.Members[0].ID, household.TagInput{Code: elderTag}))(t)
			}
			w.MovePlan(active[0], now(), []string{"pause", "activate"}[i%2])
		}
		done.Store(1)
		stop()
		wg.Wait()
		end := now()
		for range 3 { // the runs that were asked for last
			w.Schedule(end)
		}
		made := map[string]int{}
		for _, e := range w.Journal(jia, "visit.plan") {
			made[e.Doc]++
		}
		for id, n := range made {
			if n != 1 {
				t.Errorf("visit %s was made %d times", id, n)
			}
		}
		for i, h := range elders {
			seen := map[string]bool{}
			planned := map[string]bool{}
			for _, v := range w.Of(h.ID) {
				if key := v.Plan + string(v.Period); seen[key] {
					t.Errorf("%s is there twice", key)
				} else {
					seen[key] = true
				}
				if v.State == visit.Planned && v.Closes.After(end) {
					planned[v.Plan+string(v.Period)] = true
				}
			}
			want := map[string]bool{}
			for _, p := range active {
				for _, day := range must(recurrence.Parse(p.Versions[0].Rules[0].RRule, today))(t).Between(today, civil.DateOf(end).Add(plan.Horizon), recurrence.WindowMost) {
					if (i >= 12 || i%3 == 0) && day.Add(3).Start().After(end) {
						want[p.ID+string(day)] = true
					}
				}
			}
			for key := range want {
				if !planned[key] {
					t.Errorf("household %d: %s is not planned", i, key)
				}
			}
			for key := range planned {
				if !want[key] {
					t.Errorf("household %d: %s is planned", i, key)
				}
			}
		}
	})
}

// A node that lost the lease makes nothing.
func TestSchedulerUnderALostLease(t *testing.T) {
	w := onSQLite(t, rehearse)
	elder := w.Elder(east)
	w.MovePlan(w.Plan(jia, terms(weekly)), noon, "activate")
	lost := must(w.Store.Acquire(t.Context(), schedule.Lease, "slow", time.Millisecond))(t)
	time.Sleep(5 * time.Millisecond)
	must(w.Store.Acquire(t.Context(), schedule.Lease, "quick", time.Minute))(t)
	if err := schedule.Under(w.Scheduler, t.Context(), lost, noon); !errors.Is(err, store.ErrFenced) {
		t.Errorf("%v", err)
	}
	if got := said(w.Of(elder.ID)); got != "" {
		t.Errorf("made %s", got)
	}
}

// The loop that serves: two nodes, one plan, and the visits are there once.
func TestRunScheduler(t *testing.T) {
	w := onSQLite(t, rehearse)
	elder := w.Elder(east)
	w.MovePlan(w.Plan(jia, terms(monthly)), noon, "activate")
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for name, n := range map[string]*node{"one": w.Node, "two": w.Join(rehearse)} {
		wg.Go(func() {
			n.Scheduler.Run(ctx, jobs.Node{Store: n.Store, Name: name, Now: func() time.Time { return noon }, Log: slog.New(slog.DiscardHandler)})
		})
	}
	for range 15_000 { // five minutes
		if len(w.Of(elder.ID)) > 0 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	stop()
	wg.Wait()
	if got := said(w.Of(elder.ID)); got != "03-02 planned, 04-02 planned" {
		t.Errorf("made %s", got)
	}
	once := func() {
		t.Helper()
		if err := w.Scheduler.Schedule(t.Context(), "three", noon); err != nil { // whoever had the lease gave it up
			t.Fatal(err)
		}
	}
	once() // from here on the street's journal is followed, if it was not yet
	late := w.Elder(east)
	once()
	if got := said(w.Of(late.ID)); got != "03-02 planned, 04-02 planned" {
		t.Errorf("made %s", got)
	}
}
