package visit

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/household"
	"wangge/domain/ids"
	"wangge/domain/plan"
	"wangge/domain/plan/recurrence"
)

// A team takes turns by what each has in the week; who leaves it or the job hands over.
func TestTeamsTakeTurns(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		for range 7 {
			w.elder(east)
		}
		teamed := terms(weekly)
		teamed.Team = []string{w.ids["second"], w.ids["third"]}
		p := w.active(jiaOne, teamed)
		with := func() map[string]int {
			out := map[string]int{}
			list, _, err := w.Visits.List(t.Context(), w.as("manager"), noon, Filter{Plan: p.ID, States: []State{Planned}, Limit: 500})
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
			a, b := split[monday+w.ids["second"]], split[monday+w.ids["third"]]
			if a+b != 7 || a-b > 1 || b-a > 1 {
				t.Errorf("on %s they have %d and %d", monday, a, b)
			}
		}
		given := must(w.Visits.TakeAction(t.Context(), w.as("lead"), noon, w.first(p, w.ids["third"]).ID, 0,
			ActionInput{Action: Reassign, Reason: "熟人", Assignee: new(w.ids["stand-in"])}))(t)
		off := true
		must(w.accounts.Update(t.Context(), access.Program, noon, w.ids["third"], 0, account.Change{Disabled: &off}))(t)
		w.schedule(noon.Add(time.Hour))
		split = with()
		if a, b := split["03-09"+w.ids["second"]], split["03-09"+w.ids["third"]]; a != 7 || b != 0 {
			t.Errorf("when one is gone they have %d and %d", a, b)
		}
		if got := must(visits.Get(t.Context(), w.st, given.ID))(t); got.Assignee != w.ids["stand-in"] {
			t.Errorf("what a person gave away is with %s", got.Assignee)
		}
		must(w.accounts.Update(t.Context(), access.Program, noon, w.ids["stand-in"], 0, account.Change{Disabled: &off}))(t)
		teamed.Team = []string{w.ids["worker"]}
		must(w.plans.ChangeTerms(t.Context(), w.as("manager"), noon, p.ID, 0, "2026-03-09", teamed))(t)
		w.schedule(noon.Add(2 * time.Hour))
		split = with()
		if split["03-02"+w.ids["second"]] != 7 || split["03-09"+w.ids["worker"]] != 7 {
			t.Errorf("after the change: %v", split)
		}
	})
}

// first is a plan's first planned visit of an assignee.
func (w *world) first(p *plan.Plan, assignee string) *Visit {
	w.t.Helper()
	list, _, err := w.Visits.List(w.t.Context(), w.as("manager"), noon, Filter{Plan: p.ID, States: []State{Planned}, Assignee: assignee, Limit: 1})
	if err != nil || len(list) == 0 {
		w.t.Fatalf("%v, %v", list, err)
	}
	return list[0]
}

// A stand-in has the cell's visits and promises while covering, and not before or after.
func TestStandInsTakeOverAndHandBack(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		h := w.elder(east)
		w.active(jia, terms("FREQ=DAILY"))
		stop := w.checkIn("worker", noon, arrival(h, 1))
		w.complete("worker", noon.Add(time.Hour), stop, Completion{Result: Met, Promises: []NewPromise{{ids.New(), "修灯", "2026-03-04"}}})
		w.staff(east, []area.Post{{Account: w.ids["worker"], Role: access.OutreachWorker}},
			area.Cover{Account: w.ids["stand-in"], For: w.ids["worker"], From: noon.Add(day), Until: noon.Add(3 * day)})
		for days, want := range []string{"0 0", "2 0", "3 1", "0 0"} { // visits to do and promises due
			now := noon.Add(time.Duration(days) * day)
			got := must(w.Days.Of(t.Context(), w.asAt("stand-in", now), now, recurrence.DateOf(now)))(t)
			if days > 0 && days < 3 { // today's and those before; the promise from its day on
				want = fmt.Sprintf("%d %d", days, days-1)
			}
			if s := fmt.Sprintf("%d %d", len(got.Visits), len(got.Promises)); s != want {
				t.Errorf("on day %d the stand-in has %s, want %s", days, s, want)
			}
		}
		now := noon.Add(2 * day)
		promised, _, err := w.Promises.List(t.Context(), w.asAt("stand-in", now), "", "", "", 0, "")
		if err != nil || len(promised) != 1 {
			t.Fatalf("%v, %v", promised, err)
		}
		kept := must(w.Promises.End(t.Context(), w.asAt("stand-in", now), now, promised[0].ID, 0, Kept, "已换灯"))(t)
		if kept.State != Kept || len(w.journal(jia, "promise.kept")) != 1 || w.journal(jia, "promise.kept")[0].Dims["inTime"] != "true" {
			t.Errorf("%+v", kept)
		}
		w.complete("stand-in", now.Add(time.Hour), w.checkIn("stand-in", now, arrival(h, 1)), Completion{Result: Met})
		if _, err := w.Stops.CheckIn(t.Context(), w.asAt("stand-in", noon.Add(3*day)), noon.Add(3*day), arrival(h, 1)); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("after handing back: %v", err)
		}
	})
}

// A household takes the promises made to it along, to another cell and street.
func TestPromisesFollowTheHousehold(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		h := w.elder(east)
		w.active(jia, terms("FREQ=MONTHLY"))
		w.complete("worker", noon.Add(time.Hour), w.checkIn("worker", noon, arrival(h, 1)), Completion{Result: Met, Promises: []NewPromise{{ids.New(), "送药", "2026-03-04"}}})
		for _, c := range []struct{ to, who, former string }{{west, "worker", "other worker"}, {other, "other worker", "worker"}} {
			address := household.Address{Estate: "平江路", Building: c.to, Room: h.ID}
			must(w.households.Move(t.Context(), access.Program, noon, h.ID, 0, household.Relocation{Address: address, Position: at[c.to], Datum: "wgs84"}))(t)
			w.schedule(noon)
			for who, want := range map[string]int{c.who: 1, c.former: 0} {
				if list, _, err := w.Promises.List(t.Context(), w.as(who), "", "", "", 0, ""); err != nil || len(list) != want || want == 1 && list[0].Place.Cell != w.id(c.to) {
					t.Errorf("in %s the %s has %v, %v", c.to, who, list, err)
				}
			}
		}
	})
}

func TestPromisesEnd(t *testing.T) {
	w := onSQLite(t, rehearse)
	h := w.elder(east)
	w.active(jia, terms(weekly))
	promise := NewPromise{ids.New(), "送药", "2026-03-04"}
	w.complete("worker", noon.Add(time.Hour), w.checkIn("worker", noon, arrival(h, 1)), Completion{Result: Met, Promises: []NewPromise{promise}})
	end := func(who string, as PromiseState, note string) error {
		_, err := w.Promises.End(t.Context(), w.as(who), noon, promise.ID, 0, as, note)
		return err
	}
	if err := end("other worker", Kept, ""); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("a stranger keeps it: %v", err)
	}
	if err := end("worker", Withdrawn, ""); pointers(err) != "/note" {
		t.Errorf("withdrawn without a word: %v", err)
	}
	if err := end("worker", "broken", "x"); pointers(err) != "/state" {
		t.Errorf("broken: %v", err)
	}
	if err := end("lead", Withdrawn, "已住院"); err != nil {
		t.Error(err)
	}
	if err := end("lead", Kept, ""); code(err) != "wrong_state" {
		t.Errorf("ended twice: %v", err)
	}
}

// Each rung of the ladder is climbed once, also by several at once, and not after the visit is done.
func TestLadder(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		idle, done := w.elder(east), w.elder(east)
		second := w.join(rehearse)
		w.active(jia, terms("FREQ=MONTHLY"))
		told := func(now time.Time) string {
			var wg sync.WaitGroup
			for name, n := range map[string]*node{"one": w.node, "two": second} { // both think that they lead
				lease := must(n.st.Acquire(t.Context(), name, name, time.Hour))(t)
				wg.Go(func() {
					for {
						took, err := n.Visits.rungs().Pass(t.Context(), n.st, lease, now)
						if err != nil && !errors.Is(err, domain.ErrBusy) { // two that fight lose now and then, and try again
							t.Error(err)
						}
						if took == 0 && err == nil {
							return
						}
					}
				})
			}
			wg.Wait()
			var out []string
			for _, e := range w.journal(jia, "visit.escalate") {
				if e.Doc == w.of(idle.ID)[0].ID {
					out = append(out, e.Dims["to"])
				}
			}
			return strings.Join(out, " ")
		}
		due := w.of(idle.ID)[0].Closes
		for _, c := range []struct {
			at   time.Time
			want string
		}{
			{due.Add(-time.Second), ""}, {due, "worker"}, {due.Add(time.Hour), "worker"}, {due.Add(day), "worker grid_lead"},
			{due.Add(9 * day), "worker grid_lead street_manager"}, {due.Add(20 * day), "worker grid_lead street_manager"},
		} {
			if c.at.Equal(due.Add(day)) {
				w.called("worker", due.Add(2*time.Hour), done, Met)
			}
			if got := told(c.at); got != c.want {
				t.Errorf("at %s told %q, want %q", c.at, got, c.want)
			}
		}
		n := 0
		for _, e := range w.journal(jia, "visit.escalate") {
			if e.Doc == w.of(done.ID)[0].ID {
				n++
			}
		}
		if n != 1 {
			t.Errorf("of what was done late, %d were told", n)
		}
		lost := must(w.st.Acquire(t.Context(), "short", "slow", time.Millisecond))(t)
		time.Sleep(5 * time.Millisecond)
		must(w.st.Acquire(t.Context(), "short", "quick", time.Minute))(t)
		if n, err := w.Visits.rungs().Pass(t.Context(), w.st, lost, due.AddDate(1, 0, 0)); n != 0 || err == nil {
			t.Errorf("under a lost lease: %d, %v", n, err)
		}
	})
}

// The preview says what each has to do each week, beside what they have already, and whom it overloads.
func TestPreview(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		for range 5 {
			w.elder(east)
		}
		w.elder(west)
		w.elder(north) // which nobody staffs
		w.staff(east, []area.Post{{Account: w.ids["worker"], Role: access.OutreachWorker}, {Account: w.ids["second"], Role: access.OutreachWorker}})
		if err := w.areas.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.active(jiaOne, terms("FREQ=MONTHLY;BYMONTHDAY=4")) // of another plan: 4 March and 4 April
		biweekly := terms("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU")
		biweekly.WeekLimit = 11
		p := w.plan(jia, biweekly)
		pre := must(w.scheduler.Preview(t.Context(), w.as("manager"), noon, p.ID))(t)
		if pre.Households != 7 || pre.Visits != 42 {
			t.Errorf("%d households, %d visits", pre.Households, pre.Visits)
		}
		var got []string
		for _, l := range pre.Loads {
			who := map[string]string{w.ids["worker"]: "worker", w.ids["second"]: "second", "": "nobody"}[l.Account]
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
		must(w.plans.ChangeTerms(t.Context(), w.as("manager"), noon, p.ID, 0, today, biweekly))(t)
		pre = must(w.scheduler.Preview(t.Context(), w.as("manager"), noon, p.ID))(t)
		over := 0
		for _, l := range pre.Loads {
			if l.Account == w.ids["worker"] && l.Over && l.Limit == 10 {
				over++
			}
		}
		if over != 2 {
			t.Errorf("the worker is overloaded in %d weeks", over)
		}
		if _, err := w.scheduler.Preview(t.Context(), w.as("community"), noon, p.ID); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("who manages a community previews the street's: %v", err)
		}
	})
}
