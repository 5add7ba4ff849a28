package homecall_test

import (
	"slices"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/civil"
	"wangge/domain/homecall"
	"wangge/domain/household"
	"wangge/domain/ids"
	"wangge/domain/intake"
	"wangge/domain/service"
	"wangge/domain/visit"
	"wangge/domain/worldtest"
	"wangge/geo"
)

// taken is how many calls a worker makes on a day.
func (w *world) taken(who string, date civil.Date) int {
	w.t.Helper()
	return len(must(homecall.TakenOf(w.t.Context(), w.st, w.ids[who], date))(w.t))
}

// only has one worker in the cell, with whom everything is.
func (w *world) only(who string) { w.staff(east, []string{who}) }

// A resident moves and cancels until the street's hour, and the time is free with it.
func TestMoveAndCancel(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		w.only("first")
		li := w.resident(1)
		r := w.book(li, asked(east, "301", wednesday, "morning"))
		act := func(now time.Time, who access.Actor, in homecall.ActionInput) error {
			_, err := w.calls.TakeAction(t.Context(), who, now, r.ID, 0, in)
			return err
		}
		move := homecall.ActionInput{ID: "m", Action: "move", Date: tuesday, Slot: "afternoon"}
		for range 2 { // sent again it is the same
			if err := act(noon, li, move); err != nil {
				t.Fatal(err)
			}
		}
		if got := w.said(r); got != "booked  2026-11-24/afternoon first planned first case:booked" || w.taken("first", wednesday) != 0 {
			t.Error(got)
		}
		for want, in := range map[string]homecall.ActionInput{"/date": {Action: "move", Date: "2026-11-28", Slot: "morning"}, "/slot": {Action: "move", Date: wednesday, Slot: "night"}, "/action": {Action: "erase"}} {
			if err := act(noon, li, in); !slices.Equal(worldtest.Pointers(err), []string{want}) {
				t.Errorf("%s: %v", want, err)
			}
		}
		if err := act(noon, w.resident(2), homecall.ActionInput{Action: "cancel"}); err == nil {
			t.Error("somebody else's was cancelled")
		}
		// A full slot is refused, and the booking stays where it was.
		for i := range 2 {
			w.book(w.resident(3+i), asked(east, "4"+string(rune('a'+i)), wednesday, "morning"))
		}
		if err := act(noon, li, homecall.ActionInput{Action: "move", Date: wednesday, Slot: "morning"}); worldtest.Conflict(err) != "slot_taken" || !slices.Contains(allowed(err), "2026-11-25/afternoon") {
			t.Error(err)
		}
		if got := w.said(r); got != "booked  2026-11-24/afternoon first planned first case:booked" {
			t.Error(got)
		}
		late := tuesday.Start().Add(time.Duration(13*60+30)*time.Minute - 12*time.Hour)
		if err := act(late, li, homecall.ActionInput{Action: "cancel"}); worldtest.Conflict(err) != "too_late" {
			t.Error(err)
		}
		if err := act(late.Add(-time.Second), li, homecall.ActionInput{ID: "c", Action: "cancel"}); err != nil {
			t.Fatal(err)
		}
		if got := w.said(r); got != "cancelled resident 2026-11-24/afternoon first cancelled first case:cancelled" || w.taken("first", tuesday) != 0 {
			t.Error(got)
		}
		if c := w.caseOf(r); c.State != intake.Received {
			t.Errorf("the matter is %s", c.State)
		}
		if err := act(noon, li, homecall.ActionInput{Action: "cancel"}); worldtest.Conflict(err) != "wrong_state" {
			t.Error(err)
		}
	})
}

// What staff do with the visit is done with the booking: its time is taken and freed, and a worker who has none is refused.
func TestStaffSteps(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		w.only("first")
		book := func(n int) *homecall.Request {
			return w.book(w.resident(n), asked(east, string(rune('a'+n)), wednesday, "morning"))
		}
		r, o := book(1), book(2)
		to := func(who string) *string { id := w.ids[who]; return &id }
		if err := w.act("lead", r, visit.ActionInput{Action: visit.Reassign, Assignee: to("second")}); err != nil {
			t.Fatal(err)
		}
		if got := w.said(r); got != "booked  2026-11-25/morning second planned second case:booked" || w.taken("first", wednesday) != 1 {
			t.Error(got)
		}
		third := book(3)
		if err := w.act("lead", r, visit.ActionInput{Action: visit.Reassign, Assignee: to("first")}); worldtest.Conflict(err) != "slot_taken" {
			t.Error(err)
		}
		if err := w.act("lead", r, visit.ActionInput{Action: visit.Reassign, Assignee: new(string)}); err != nil {
			t.Fatal(err)
		}
		if got := w.said(r); got != "booked  2026-11-25/morning  planned  case:booked" || w.taken("second", wednesday) != 0 {
			t.Error(got)
		}
		if err := w.act("first", o, visit.ActionInput{Action: visit.Reschedule, Day: "2026-11-28", Slot: "afternoon"}); err != nil { // a Saturday: staff may
			t.Fatal(err)
		}
		if got := w.said(o); got != "booked  2026-11-28/afternoon first planned first case:booked" {
			t.Error(got)
		}
		if err := w.act("first", o, visit.ActionInput{Action: visit.Reschedule, Day: "2026-11-28", Slot: "night"}); !slices.Equal(worldtest.Pointers(err), []string{"/slot"}) {
			t.Error(err)
		}
		if err := w.act("first", o, visit.ActionInput{Action: visit.Miss}); err != nil {
			t.Fatal(err)
		}
		if err := w.act("lead", third, visit.ActionInput{Action: visit.Cancel}); err != nil {
			t.Fatal(err)
		}
		if got := w.said(o) + ", " + w.said(third); got != "missed  2026-11-28/afternoon first missed first case:missed, cancelled staff 2026-11-25/morning first cancelled first case:cancelled" {
			t.Error(got)
		}
	})
}

// knock checks in at a booking's visit and completes it.
func (w *world) knock(r *homecall.Request, done visit.Completion) error {
	w.t.Helper()
	who := w.as(w.name(r.Worker))
	at := worldtest.At[east]
	stop, err := w.visits.Stops.CheckIn(w.t.Context(), who, r.Slot.From, visit.Arrival{ID: ids.New(), Household: r.Household, Channel: visit.Home, Position: &at, Datum: geo.WGS84})
	if err == nil {
		_, err = w.visits.Stops.Complete(w.t.Context(), who, r.Slot.From.Add(10*time.Minute), stop.ID, 0, done, nil)
	}
	return err
}

// Who knocks there for something else leaves the home call to who makes it.
func TestAnotherAtTheDoor(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		w.only("first")
		r := w.book(w.resident(1), asked(east, "301", wednesday, "morning"))
		w.staff(east, []string{"first", "second"})
		knock := func(who string) error {
			_, err := w.visits.Stops.CheckIn(t.Context(), w.as(who), r.Slot.From, visit.Arrival{ID: ids.New(), Household: r.Household, Channel: visit.Phone})
			return err
		}
		for _, who := range []string{"second", "lead"} {
			if err := knock(who); worldtest.Conflict(err) != "nothing_due" {
				t.Errorf("%s: %v", who, err)
			}
		}
		if err := w.act("lead", r, visit.ActionInput{Action: visit.Reassign, Assignee: new(string)}); err != nil {
			t.Fatal(err)
		}
		if err := knock("second"); err != nil { // it is whoever staffs the cell's
			t.Error(err)
		}
	})
}

// What came of the call is the case's; where nobody was met the same matter is booked again.
func TestWhatCameOfIt(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		li := w.resident(1)
		r := w.book(li, asked(east, "301", wednesday, "morning"))
		if err := w.knock(r, visit.Completion{Result: visit.NoAnswer}); err != nil {
			t.Fatal(err)
		}
		c := w.caseOf(r)
		if got := w.said(r)[:8]; got != "not_met " || c.HomeCall.Call.Result != "no_answer" || c.Booked() || c.State != intake.Received {
			t.Errorf("%s %+v", got, c.HomeCall.Call)
		}
		later := r.Slot.To
		again := asked(east, "301", "2026-11-26", "morning")
		again.Item, again.Case = "", c.ID
		second := must(w.calls.Book(t.Context(), li, later, again))(t)
		if second.Case != c.ID || !w.caseOf(r).Booked() {
			t.Errorf("%+v", second)
		}
		twice := again
		twice.ID = ids.New()
		if _, err := w.calls.Book(t.Context(), li, later, twice); !slices.Equal(worldtest.Pointers(err), []string{"/case"}) {
			t.Error(err)
		}
		others := again
		others.ID = ids.New()
		if _, err := w.calls.Book(t.Context(), w.resident(2), later, others); !slices.Equal(worldtest.Pointers(err), []string{"/case"}) {
			t.Error(err)
		}
		if err := w.knock(second, visit.Completion{Result: visit.Met}); err != nil {
			t.Fatal(err)
		}
		if c := w.caseOf(second); c.HomeCall.Call.State != "done" || c.HomeCall.Call.Request != second.ID {
			t.Errorf("%+v", c.HomeCall.Call)
		}
		if r := w.request(r.ID); r.State != homecall.NotMet {
			t.Errorf("the first is %s", r.State)
		}
	})
}

// A stop that is given up leaves the booking to be done, and what changed meanwhile is followed then.
func TestGivenUpAtTheDoor(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		w.only("first")
		r := w.book(w.resident(1), asked(east, "301", wednesday, "morning"))
		stop := must(w.visits.Stops.CheckIn(t.Context(), w.as("first"), r.Slot.From, visit.Arrival{ID: ids.New(), Household: r.Household, Channel: visit.Phone}))(t)
		must(w.visits.Stops.Abandon(t.Context(), w.as("first"), r.Slot.From, stop.ID, 0, "走错了"))(t)
		if got := w.said(r); got != "booked  2026-11-25/morning first planned first case:booked" {
			t.Error(got)
		}
		stop = must(w.visits.Stops.CheckIn(t.Context(), w.as("first"), r.Slot.From, visit.Arrival{ID: ids.New(), Household: r.Household, Channel: visit.Phone}))(t)
		must(w.cases.TakeAction(t.Context(), w.as("counter"), r.Slot.From, r.Case, 0, intake.ActionInput{Action: intake.Withdraw, Reason: "不办了"}))(t)
		w.follow(r.Slot.From)
		must(w.visits.Stops.Abandon(t.Context(), w.as("first"), r.Slot.From, stop.ID, 0, "走错了"))(t)
		w.follow(r.Slot.From)
		if got := w.said(r); got != "cancelled case_over 2026-11-25/morning first cancelled first case:cancelled" {
			t.Error("over while somebody was at the door:", got)
		}
	})
}

// A booking follows its case, its household and its worker, however often that is looked at.
func TestFollows(t *testing.T) {
	elsewhere := func(cell string) household.Relocation {
		return household.Relocation{Address: household.Address{Estate: "平江路", Building: "1", Room: cell}, Position: worldtest.At[cell], Datum: geo.WGS84}
	}
	merge := func(t *testing.T, w *world, r *homecall.Request) *household.Household {
		into := must(w.households.Get(t.Context(), admin, w.book(w.resident(8), asked(east, "999", tuesday, "morning")).Household))(t)
		must(w.households.Merge(t.Context(), admin, noon, into.ID, 0, r.Household))(t)
		return into
	}
	for name, x := range map[string]struct {
		happens func(*testing.T, *world, *homecall.Request)
		want    string
	}{
		"nothing": {func(*testing.T, *world, *homecall.Request) {}, "booked  2026-11-25/morning first planned first case:booked"},
		"the case is withdrawn": {func(t *testing.T, w *world, r *homecall.Request) {
			must(w.cases.TakeAction(t.Context(), w.as("counter"), noon, r.Case, 0, intake.ActionInput{Action: intake.Withdraw}))(t)
		}, "cancelled case_over 2026-11-25/morning first cancelled first case:cancelled"},
		"the household is deleted": {func(t *testing.T, w *world, r *homecall.Request) {
			must(0, w.households.Delete(t.Context(), admin, noon, r.Household, 0))(t)
		}, "cancelled household_gone 2026-11-25/morning first cancelled first case:cancelled"},
		"the household leaves the street": {func(t *testing.T, w *world, r *homecall.Request) {
			must(w.households.Move(t.Context(), admin, noon, r.Household, 0, elsewhere(worldtest.Other)))(t)
		}, "cancelled left_street 2026-11-25/morning first cancelled first case:cancelled"},
		"it moves to another cell": {func(t *testing.T, w *world, r *homecall.Request) {
			must(w.households.Move(t.Context(), admin, noon, r.Household, 0, elsewhere(north)))(t)
		}, "booked  2026-11-25/morning third planned third case:booked"},
		"it is merged into another": {func(t *testing.T, w *world, r *homecall.Request) {
			into := merge(t, w, r)
			w.follow(noon)
			if v := w.visit(w.request(r.ID)); v.Household != into.ID {
				t.Errorf("the visit is at %s", v.Household)
			}
		}, "booked  2026-11-25/morning first planned first case:booked"},
		"and taken out again": {func(t *testing.T, w *world, r *homecall.Request) {
			into := merge(t, w, r)
			w.follow(noon)
			if _, _, err := w.households.Unmerge(t.Context(), admin, noon, into.ID, 0, r.Household); err != nil {
				t.Fatal(err)
			}
			w.follow(noon)
			if v := w.visit(w.request(r.ID)); v.Household != r.Household {
				t.Errorf("the visit is at %s", v.Household)
			}
		}, "booked  2026-11-25/morning first planned first case:booked"},
		"the worker is away that day": {func(t *testing.T, w *world, r *homecall.Request) {
			w.staff(east, []string{"first"}, area.Cover{Account: w.ids["second"], For: w.ids["first"], From: wednesday.Start(), Until: wednesday.Add(1).Start()})
		}, "booked  2026-11-25/morning second planned second case:booked"},
		"the worker is away another day": {func(t *testing.T, w *world, r *homecall.Request) {
			w.staff(east, []string{"first"}, area.Cover{Account: w.ids["second"], For: w.ids["first"], From: tuesday.Start(), Until: wednesday.Start()})
		}, "booked  2026-11-25/morning first planned first case:booked"},
		"the worker leaves": {func(t *testing.T, w *world, r *homecall.Request) { w.only("third") }, "booked  2026-11-25/morning third planned third case:booked"},
		"nobody is left": {func(t *testing.T, w *world, r *homecall.Request) {
			w.staff(east, nil)
		}, "booked  2026-11-25/morning  planned  case:booked"},
		"the item is retired": {func(t *testing.T, w *world, r *homecall.Request) {
			must(w.items.Put(t.Context(), admin, noon, item, 0, service.Decision{Content: service.Content{Category: "民政", Name: "尊老金申请", Department: "民政局", WorkingDays: 5, HomeCall: true, Retired: true}}))(t)
		}, "booked  2026-11-25/morning first planned first case:booked"},
		"the cell is drawn anew": {func(t *testing.T, w *world, r *homecall.Request) {
			worldtest.Draw(t, w.areas, noon, worldtest.Cell{Code: west, Ground: worldtest.Box(120.59, 31.3, 120.609, 31.31)}, worldtest.Cell{Code: east, Ground: worldtest.Box(120.609, 31.3, 120.61, 31.31)})
		}, "booked  2026-11-25/morning first planned first case:booked"}, // west has nobody: who is in the community calls
	} {
		t.Run(name, func(t *testing.T) {
			oneEngine(t, func(t *testing.T, w *world) {
				w.only("first")
				r := w.book(w.resident(1), asked(east, "301", wednesday, "morning"))
				w.follow(noon)
				x.happens(t, w, r)
				for range 2 {
					w.follow(noon)
					if got := w.said(r); got != x.want {
						t.Errorf("%s, want %s", got, x.want)
					}
				}
			})
		})
	}
}
