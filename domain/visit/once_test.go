package visit

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
	"wangge/domain/household"
	"wangge/domain/plan"
	"wangge/domain/plan/recurrence"
	"wangge/store"
	"wangge/store/jobs"
)

// Whatever number of schedulers run, are stopped in the middle and started
// again, on whatever plans and households that change meanwhile: there is one
// visit for a household and period, and in the end those the plans ask for.
func TestExactlyOneVisit(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		nodes := []*node{w.node, w.join(rehearse), w.join(store.Options{})}
		var elders []*household.Household
		for range 30 {
			elders = append(elders, w.elder(east))
		}
		var active []*plan.Plan
		for _, rule := range []string{"FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY;BYDAY=MO,FR"} {
			t := terms(rule)
			t.Team = []string{w.ids["worker"], w.ids["second"], w.ids["third"]}
			active = append(active, w.movePlan(w.plan(jia, t), noon, "activate"))
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
					lease := must(n.st.Acquire(t.Context(), fmt.Sprint("lease-", i, "-", life), "node", time.Minute))(t)
					err := n.scheduler.schedule(brief, lease, now())
					kill()
					if err != nil && brief.Err() == nil && !errors.Is(err, store.ErrConflict) {
						t.Error(err)
					}
				}
			})
		}
		wg.Go(func() {
			one := nodes[2].scheduler
			_ = jobs.Lead(ctx, jobs.Node{Store: nodes[2].st, Name: "loop", Log: slog.New(slog.DiscardHandler)}, schedulerLease, func(ctx context.Context, lease store.Lease) error {
				for done.Load() == 0 && ctx.Err() == nil {
					if err := one.schedule(ctx, lease, now()); errors.Is(err, store.ErrFenced) {
						return err
					}
				}
				return ctx.Err()
			})
		})
		for i := range 12 {
			h := elders[i]
			must(w.households.Untag(ctx, access.Program, now(), h.ID, 0, h.Members[0].ID, elderTag))(t)
			clock.Add(6)
			if i%3 == 0 {
				must(w.households.Tag(ctx, access.Program, now(), h.ID, 0, h.Members[0].ID, household.TagInput{Code: elderTag}))(t)
			}
			w.movePlan(active[0], now(), []string{"pause", "activate"}[i%2])
		}
		done.Store(1)
		stop()
		wg.Wait()
		end := now()
		for range 3 { // the runs that were asked for last
			w.schedule(end)
		}
		made := map[string]int{}
		for _, e := range w.journal(jia, "visit.plan") {
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
			for _, v := range w.of(h.ID) {
				if key := v.Plan + string(v.Period); seen[key] {
					t.Errorf("%s is there twice", key)
				} else {
					seen[key] = true
				}
				if v.State == Planned && v.Closes.After(end) {
					planned[v.Plan+string(v.Period)] = true
				}
			}
			want := map[string]bool{}
			for _, p := range active {
				for _, day := range must(recurrence.Parse(p.Versions[0].Rules[0].RRule, today))(t).Between(today, recurrence.DateOf(end).Add(plan.Horizon), recurrence.WindowMost) {
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
	elder := w.elder(east)
	w.movePlan(w.plan(jia, terms(weekly)), noon, "activate")
	lost := must(w.st.Acquire(t.Context(), schedulerLease, "slow", time.Millisecond))(t)
	time.Sleep(5 * time.Millisecond)
	must(w.st.Acquire(t.Context(), schedulerLease, "quick", time.Minute))(t)
	if err := w.scheduler.schedule(t.Context(), lost, noon); !errors.Is(err, store.ErrFenced) {
		t.Errorf("%v", err)
	}
	if got := said(w.of(elder.ID)); got != "" {
		t.Errorf("made %s", got)
	}
}

// The loop that serves: two nodes, one plan, and the visits are there once.
func TestRunScheduler(t *testing.T) {
	w := onSQLite(t, rehearse)
	elder := w.elder(east)
	w.movePlan(w.plan(jia, terms(monthly)), noon, "activate")
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for name, n := range map[string]*node{"one": w.node, "two": w.join(rehearse)} {
		wg.Go(func() {
			n.scheduler.Run(ctx, jobs.Node{Store: n.st, Name: name, Now: func() time.Time { return noon }, Log: slog.New(slog.DiscardHandler)})
		})
	}
	for range 15_000 { // five minutes
		if len(w.of(elder.ID)) > 0 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	stop()
	wg.Wait()
	if got := said(w.of(elder.ID)); got != "03-02 planned, 04-02 planned" {
		t.Errorf("made %s", got)
	}
	once := func() {
		t.Helper()
		if err := w.scheduler.Schedule(t.Context(), "three", noon); err != nil { // whoever had the lease gave it up
			t.Fatal(err)
		}
	}
	once() // from here on the street's journal is followed, if it was not yet
	late := w.elder(east)
	once()
	if got := said(w.of(late.ID)); got != "03-02 planned, 04-02 planned" {
		t.Errorf("made %s", got)
	}
}
