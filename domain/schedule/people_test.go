package schedule_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/household"
	"wangge/domain/ids"
	"wangge/domain/plan"
	"wangge/domain/visit"
)

// A team takes turns by what each has in the week; who leaves it or the job hands over.
func TestTeamsTakeTurns(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		for range 7 {
			w.Elder(east)
		}
		teamed := terms(weekly)
		teamed.Team = []string{w.IDs["second"], w.IDs["third"]}
		p := w.Active(jiaOne, teamed)
		with := func() map[string]int {
			out := map[string]int{}
			list, _, err := w.Visits.List(t.Context(), w.As("manager"), noon, visit.Filter{Plan: p.ID, States: []visit.State{visit.Planned}, Limit: 500})
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range list {
				out[string(v.Period)[5:]+v.Assignee]++
			}
			return out
		}
		split := with()
		for _, monday := range []string{"03-02", "03-09", "04-06"} {
			a, b := split[monday+w.IDs["second"]], split[monday+w.IDs["third"]]
			if a+b != 7 || a-b > 1 || b-a > 1 {
				t.Errorf("on %s they have %d and %d", monday, a, b)
			}
		}
		given := must(w.Visits.TakeAction(t.Context(), w.As("lead"), noon, first(w, p, w.IDs["third"]).ID, 0,
			visit.ActionInput{Action: visit.Reassign, Reason: "熟人", Assignee: new(w.IDs["stand-in"])}))(t)
		off := true
		must(w.Accounts.Update(t.Context(), access.Program, noon, w.IDs["third"], 0, account.Change{Disabled: &off}))(t)
		w.Schedule(noon.Add(time.Hour))
		split = with()
		if a, b := split["03-09"+w.IDs["second"]], split["03-09"+w.IDs["third"]]; a != 7 || b != 0 {
			t.Errorf("when one is gone they have %d and %d", a, b)
		}
		if got := w.Visit(given.ID); got.Assignee != w.IDs["stand-in"] {
			t.Errorf("what a person gave away is with %s", got.Assignee)
		}
		must(w.Accounts.Update(t.Context(), access.Program, noon, w.IDs["stand-in"], 0, account.Change{Disabled: &off}))(t)
		teamed.Team = []string{w.IDs["worker"]}
		must(w.Plans.ChangeTerms(t.Context(), w.As("manager"), noon, p.ID, 0, "2026-03-09", teamed))(t)
		w.Schedule(noon.Add(2 * time.Hour))
		split = with()
		if split["03-02"+w.IDs["second"]] != 7 || split["03-09"+w.IDs["worker"]] != 7 {
			t.Errorf("after the change: %v", split)
		}
	})
}

// first is a plan's first planned visit of an assignee.
func first(w *world, p *plan.Plan, assignee string) *visit.Visit {
	w.T.Helper()
	list, _, err := w.Visits.List(w.T.Context(), w.As("manager"), noon, visit.Filter{Plan: p.ID, States: []visit.State{visit.Planned}, Assignee: assignee, Limit: 1})
	if err != nil || len(list) == 0 {
		w.T.Fatalf("%v, %v", list, err)
	}
	return list[0]
}

// A household takes the promises made to it along, to another cell and street.
func TestPromisesFollowTheHousehold(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		h := w.Elder(east)
		w.Active(jia, terms("FREQ=MONTHLY"))
		w.Complete("worker", noon.Add(time.Hour), w.CheckIn("worker", noon, arrival(h, 1)), visit.Completion{Result: visit.Met, Promises: []visit.NewPromise{{ID: ids.New(), Text: "送药", DueOn: "2026-03-04"}}})
		for _, c := range []struct{ to, who, former string }{{west, "worker", "other worker"}, {other, "other worker", "worker"}} {
			address := household.Address{Estate: "平江路", Building: c.to, Room: h.ID}
			must(w.Households.Move(t.Context(), access.Program, noon, h.ID, 0, household.Relocation{Address: address, Position: at[c.to], Datum: "wgs84"}))(t)
			w.Schedule(noon)
			for who, want := range map[string]int{c.who: 1, c.former: 0} {
				if list, _, err := w.Promises.List(t.Context(), w.As(who), "", "", "", 0, ""); err != nil || len(list) != want || want == 1 && list[0].Place.Cell != w.ID(c.to) {
					t.Errorf("in %s the %s has %v, %v", c.to, who, list, err)
				}
			}
		}
	})
}

// The preview says what each has to do each week, beside what they have already, and whom it overloads.
func TestPreview(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		for range 5 {
			w.Elder(east)
		}
		w.Elder(west)
		w.Elder(north) // which nobody staffs
		w.Staff(east, []area.Post{{Account: w.IDs["worker"], Role: access.OutreachWorker}, {Account: w.IDs["second"], Role: access.OutreachWorker}})
		if err := w.Areas.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.Active(jiaOne, terms("FREQ=MONTHLY;BYMONTHDAY=4")) // of another plan: 4 March and 4 April
		biweekly := terms("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU")
		biweekly.WeekLimit = 11
		p := w.Plan(jia, biweekly)
		pre := must(w.Scheduler.Preview(t.Context(), w.As("manager"), noon, p.ID))(t)
		if pre.Households != 7 || pre.Visits != 42 {
			t.Errorf("%d households, %d visits", pre.Households, pre.Visits)
		}
		var got []string
		for _, l := range pre.Loads {
			who := map[string]string{w.IDs["worker"]: "worker", w.IDs["second"]: "second", "": "nobody"}[l.Account]
			got = append(got, fmt.Sprintf("%s %s %d+%d %v", string(l.Week)[5:], who, l.Visits, l.Other, l.Over))
		}
		slices.Sort(got)
		// East's ten are shared by two, west's two are the worker's; the other plan has six, of which the worker three and west's one.
		want := []string{"03-02 nobody 2+0 true", "03-02 second 5+2 false", "03-02 worker 7+4 false", "03-16 nobody 2+0 true", "03-16 second 5+0 false",
			"03-16 worker 7+0 false", "03-30 nobody 2+0 true", "03-30 second 5+2 false", "03-30 worker 7+4 false"}
		if !slices.Equal(got, want) {
			t.Errorf("%q\nwant %q", got, want)
		}
		biweekly.WeekLimit = 10
		must(w.Plans.ChangeTerms(t.Context(), w.As("manager"), noon, p.ID, 0, today, biweekly))(t)
		pre = must(w.Scheduler.Preview(t.Context(), w.As("manager"), noon, p.ID))(t)
		over := 0
		for _, l := range pre.Loads {
			if l.Account == w.IDs["worker"] && l.Over && l.Limit == 10 {
				over++
			}
		}
		if over != 2 {
			t.Errorf("the worker is overloaded in %d weeks", over)
		}
		if _, err := w.Scheduler.Preview(t.Context(), w.As("community"), noon, p.ID); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("who manages a community previews the street's: %v", err)
		}
	})
}
