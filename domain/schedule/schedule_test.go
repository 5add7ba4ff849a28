package schedule_test

import (
	"errors"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/household"
	"wangge/domain/plan"
	"wangge/domain/schedule"
	"wangge/domain/visit"
)

// A month of an elder's visits: weekly from the plan's first day, made as far as the horizon.
func TestVisitsAreMadeAhead(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		elder, young, away := w.Elder(east), w.Household(east), w.Elder(other)
		p := w.Active(jia, terms(weekly))
		if got := said(w.Of(elder.ID)); got != "03-02 planned, 03-09 planned, 03-16 planned, 03-23 planned, 03-30 planned, 04-06 planned" {
			t.Errorf("the elder has %s", got)
		}
		if got := said(w.Of(young.ID)) + said(w.Of(away.ID)); got != "" {
			t.Errorf("who is not in the plan has %s", got)
		}
		v := w.Of(elder.ID)[0]
		if v.Plan != p.ID || v.Place != elder.Place || !v.Opens.Equal(today.Start()) || !v.Closes.Equal(today.Add(3).Start()) ||
			!v.EscalateAt.Equal(v.Closes) || v.Assignee != "" {
			t.Errorf("the first is %+v", v)
		}
		before := len(w.Journal(jia, "visit.plan"))
		w.Schedule(noon.Add(time.Hour)) // nothing new
		w.Schedule(noon.Add(day))
		if again := len(w.Journal(jia, "visit.plan")); before != 6 || again != 6 {
			t.Errorf("made %d, then %d", before, again)
		}
		w.Schedule(noon.Add(7 * day))
		if got := said(w.Of(elder.ID)[6:]); got != "04-13 planned" {
			t.Errorf("a week on, also %s", got)
		}
	})
}

// What happens to a household in the middle of a period is followed and explained.
func TestHouseholdsGainAndLoseTheTag(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		elder, later := w.Elder(east), w.Household(east)
		w.Active(jia, terms("FREQ=WEEKLY;BYDAY=MO"))
		tuesday := noon.Add(day)
		ctx := t.Context()
		must(w.Households.Tag(ctx, access.Program, tuesday, later.ID, 0, later.Members[0].ID, household.TagInput{Code: elderTag}))(t)
		must(w.Households.Untag(ctx, access.Program, tuesday, elder.ID, 0, elder.Members[0].ID, elderTag))(t)
		w.Schedule(tuesday)
		if got := said(w.Of(later.ID)[:2]); got != "03-02 planned tag_gained, 03-09 planned" {
			t.Errorf("who gained the tag has %s", got)
		}
		if got := said(w.Of(elder.ID)[:2]); got != "03-02 cancelled tag_lost, 03-09 cancelled tag_lost" {
			t.Errorf("who lost the tag has %s", got)
		}
		wednesday := tuesday.Add(day)
		must(w.Households.Tag(ctx, access.Program, wednesday, elder.ID, 0, elder.Members[0].ID, household.TagInput{Code: elderTag}))(t)
		w.Schedule(wednesday)
		if got := said(w.Of(elder.ID)[:2]); got != "03-02 planned, 03-09 planned" {
			t.Errorf("who has it again has %s", got)
		}
		if n := len(w.Journal(jia, "visit.restore")); n != 6 {
			t.Errorf("restored %d", n)
		}
		friday := noon.Add(4 * day) // the window is over
		late := w.Household(east)
		must(w.Households.Tag(ctx, access.Program, friday, late.ID, 0, late.Members[0].ID, household.TagInput{Code: elderTag}))(t)
		w.Schedule(friday)
		if got := said(w.Of(late.ID)[:1]); got != "03-09 planned" {
			t.Errorf("who gained it too late begins with %s", got)
		}
	})
}

// Households move between cells and streets, and go.
func TestHouseholdsMoveAndGo(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		near, far, gone := w.Elder(east), w.Elder(east), w.Elder(east)
		w.Active(jia, terms(weekly))
		for _, h := range []*household.Household{gone, near} {
			must(w.Visits.TakeAction(ctx, w.As("community"), noon, w.Of(h.ID)[1].ID, 0, visit.ActionInput{Action: visit.Cancel, Reason: "住院"}))(t)
		}
		for h, to := range map[*household.Household]string{near: west, far: other} {
			address := household.Address{Estate: "平江路", Building: "1", Room: h.ID}
			must(w.Households.Move(ctx, access.Program, noon, h.ID, 0, household.Relocation{Address: address, Position: at[to], Datum: "wgs84"}))(t)
		}
		if err := w.Households.Delete(ctx, access.Program, noon, gone.ID, 0); err != nil {
			t.Fatal(err)
		}
		w.Schedule(noon)
		if got := w.Of(near.ID)[0]; got.Place.Cell != w.ID(west) || got.State != visit.Planned {
			t.Errorf("who moved next door is visited in %s, %s", got.Place.Cell, got.State)
		}
		if got := said(w.Of(near.ID)[:3]); got != "03-02 planned, 03-09 cancelled, 03-16 planned" {
			t.Errorf("what a person cancelled is made again: %s", got)
		}
		if got := said(w.Of(far.ID)[:2]); got != "03-02 cancelled left_area, 03-09 cancelled left_area" {
			t.Errorf("who moved away has %s", got)
		}
		if got := said(w.Of(gone.ID)[:3]); got != "03-02 cancelled household_gone, 03-09 cancelled, 03-16 cancelled household_gone" {
			t.Errorf("who is gone has %s", got)
		}
	})
}

// A pause and an end take back what has not begun; what has stays to be done.
func TestPlansPauseAndEnd(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		elder := w.Elder(east)
		p := w.Active(jia, terms(weekly))
		w.MovePlan(p, noon.Add(day), "pause")
		w.Schedule(noon.Add(day))
		if got := said(w.Of(elder.ID)[:2]); got != "03-02 planned, 03-09 cancelled plan_paused" {
			t.Errorf("while paused: %s", got)
		}
		again := noon.Add(15 * day) // Tuesday, 17 March: the period of the 9th is over, that of the 16th is open
		w.MovePlan(p, again, "activate")
		w.Schedule(again)
		if got := said(w.Of(elder.ID)[:4]); got != "03-02 planned, 03-09 cancelled plan_paused, 03-16 planned, 03-23 planned" {
			t.Errorf("taken up: %s", got)
		}
		w.MovePlan(p, again, "end")
		w.Schedule(again)
		if got := said(w.Of(elder.ID)[:4]); got != "03-02 planned, 03-09 cancelled plan_paused, 03-16 planned, 03-23 cancelled plan_ended" {
			t.Errorf("ended: %s", got)
		}
		if _, err := w.Plans.TakeAction(t.Context(), w.As("manager"), again, p.ID, 0, "activate"); code(err) != "wrong_state" {
			t.Errorf("activate what has ended: %v", err)
		}
	})
}

// New terms hold from their day on; every other week stays in step, and the past is not touched.
func TestPlansChangeFromADayOn(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		elder := w.Elder(east)
		p := w.Active(jia, terms("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO"))
		wider := terms("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO")
		wider.WindowDays = 7
		must(w.Plans.ChangeTerms(t.Context(), w.As("manager"), noon.Add(day), p.ID, 0, "2026-03-10", wider))(t)
		w.Schedule(noon.Add(day))
		list := w.Of(elder.ID)
		if got := said(list); got != "03-02 planned, 03-16 planned, 03-30 planned" {
			t.Fatalf("in step: %s", got)
		}
		if !list[0].Closes.Equal(list[0].Period.Add(3).Start()) || !list[1].Closes.Equal(list[1].Period.Add(7).Start()) || list[1].PlanVersion != 1 {
			t.Errorf("windows close %s and %s", list[0].Closes, list[1].Closes)
		}
		must(w.Plans.ChangeTerms(t.Context(), w.As("manager"), noon.Add(day), p.ID, 0, "2026-03-10", terms("FREQ=WEEKLY;BYDAY=FR")))(t)
		w.Schedule(noon.Add(day))
		if got := said(w.Of(elder.ID)); got != "03-02 planned, 03-13 planned, 03-16 cancelled plan_changed, 03-20 planned, 03-27 planned, 03-30 cancelled plan_changed, 04-03 planned" {
			t.Errorf("on Fridays: %s", got)
		}
		widest := terms("FREQ=WEEKLY;BYDAY=FR")
		widest.WindowDays = 20
		must(w.Plans.ChangeTerms(t.Context(), w.As("manager"), noon.Add(4*day), p.ID, 0, "2026-03-20", widest))(t)
		late := w.Elder(east) // as of the 10th, when what opened on the 2nd has closed
		w.Schedule(noon.Add(8 * day))
		if got := said(w.Of(late.ID)[:2]); got != "03-13 planned, 03-20 planned" {
			t.Errorf("who comes late has %s", got)
		}
		if _, err := w.Plans.ChangeTerms(t.Context(), w.As("manager"), noon, p.ID, 0, today, terms(weekly)); pointers(err) != "/from" {
			t.Errorf("a change of today: %v", err)
		}
	})
}

// A risk level has its own rule; when the level changes, so do the days.
func TestRiskLevels(t *testing.T) {
	w := onSQLite(t, rehearse)
	high := w.Household(east, household.TagInput{Code: elderTag, Level: "high"})
	plain, low := w.Elder(east), w.Household(east, household.TagInput{Code: elderTag, Level: "low"})
	terms := terms("FREQ=WEEKLY;INTERVAL=3;BYDAY=MO")
	terms.Rules = append(terms.Rules, plan.Rule{Level: "high", RRule: "FREQ=WEEKLY;BYDAY=MO,TH"})
	w.Active(jia, terms)
	for h, want := range map[*household.Household]string{
		high: "03-02 planned, 03-05 planned, 03-09 planned", plain: "03-02 planned, 03-23 planned", low: "03-02 planned, 03-23 planned",
	} {
		if got := w.Of(h.ID); said(got[:min(3, len(got))]) != want {
			t.Errorf("has %s, want %s", said(got), want)
		}
	}
	must(w.Households.Tag(t.Context(), access.Program, noon.Add(time.Hour), high.ID, 0, high.Members[0].ID, household.TagInput{Code: elderTag, Level: "low"}))(t)
	w.Schedule(noon.Add(2 * time.Hour))
	if got := said(w.Of(high.ID)[:4]); got != "03-02 planned, 03-05 cancelled level_changed, 03-09 cancelled level_changed, 03-12 cancelled level_changed" {
		t.Errorf("at less risk: %s", got)
	}
}

// A plan that changed since its calendar was made is not settled by that calendar.
func TestNothingIsMadeByAnOldPlan(t *testing.T) {
	w := onSQLite(t, rehearse)
	elder := w.Elder(east)
	p := w.MovePlan(w.Plan(jia, terms(weekly)), noon, "activate")
	lease := must(w.Store.Acquire(t.Context(), "test", "test", time.Hour))(t)
	run := must(schedule.Settling(w.Scheduler, t.Context(), p, noon))(t)
	w.MovePlan(p, noon, "pause")
	if err := schedule.SettleChunk(w.Scheduler, t.Context(), lease, run, []string{elder.ID}); !errors.Is(err, plan.ErrChanged) {
		t.Errorf("%v", err)
	}
	if got := said(w.Of(elder.ID)); got != "" {
		t.Errorf("made %s", got)
	}
}

// Periods that began before the plan was activated are nobody's to visit.
func TestActivatedLate(t *testing.T) {
	w := onSQLite(t, rehearse)
	elder := w.Elder(east)
	wide := terms(weekly)
	wide.WindowDays = 7
	thursday := noon.Add(3 * day)
	w.MovePlan(w.Plan(jia, wide), thursday, "activate")
	w.Schedule(thursday)
	if got := said(w.Of(elder.ID)[:1]); got != "03-09 planned" {
		t.Errorf("it begins with %s", got)
	}
}
