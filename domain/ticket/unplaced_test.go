package ticket

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/ids"
	"wangge/domain/place"
	"wangge/domain/worldtest"
	"wangge/geo"
)

// finds has addresses lead to two places of Jia's that are not sure, or, of
// "sure", to one that is.
func (w *world) finds() {
	w.tickets.Locate = func(_ context.Context, _ access.Actor, _ time.Time, asked place.Asked) (*place.Found, error) {
		candidate := func(id, source, where string) place.Candidate {
			return place.Candidate{ID: id, Source: source, Text: id, Position: place.PositionAt(at[where], geo.WGS84, nil), Place: w.cell(where).Place, Confidence: 0.5}
		}
		switch asked.Address {
		case "unsure":
			return &place.Found{Street: worldtest.ID(w.t, w.areas, jia), Candidates: []place.Candidate{
				candidate("list:1", place.FromStandard, east), candidate("home", place.FromHouseholds, west)}}, nil
		case "sure":
			found := place.Given(at[east], geo.WGS84, nil)
			found.Street = worldtest.ID(w.t, w.areas, jia)
			return found, nil
		}
		return nil, domain.Invalid("/area", domain.T("请选择街道", "say which street"))
	}
}

// nowhereYet is a report by an address that several places match.
func nowhereYet() Draft {
	d := draft(east)
	d.Position, d.Datum, d.Address, d.Category = nil, "", "unsure", "parking" // which the public sees
	return d
}

// A ticket without a position lives in its street: it is reported, listed,
// opened and closed there, is on no map, and keeps its number when it is placed.
func TestTicketWithoutAPosition(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		w.finds()
		d := nowhereYet()
		made := must(w.tickets.Report(t.Context(), w.people["resident"], noon, d))(t)
		street := worldtest.ID(t, w.areas, jia)
		if made.Position != nil || made.Partition != street || made.Place.Street != street || made.Place.City == "" || made.Place.Community != "" || !made.Triage() || len(made.Candidates) != 2 {
			t.Fatalf("%+v", made)
		}
		if again := must(w.tickets.Report(t.Context(), w.people["resident"], noon, d))(t); again.ID != made.ID || again.Version != made.Version {
			t.Errorf("sent again: %+v", again)
		}
		world := []orb.Bound{{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}}
		listed := func(f Filter) bool {
			f.Limit = 100
			list, _, err := w.tickets.List(t.Context(), w.people["dispatcher"], f)
			if err != nil {
				t.Fatal(err)
			}
			return slices.ContainsFunc(list, func(x *Ticket) bool { return x.ID == made.ID })
		}
		if !listed(Filter{}) || !listed(Filter{Triage: true}) || !listed(Filter{Text: made.Number}) || listed(Filter{Boxes: world}) || listed(Filter{Boxes: world, Text: made.Number}) {
			t.Error("it is not in the lists of its street, or in a box")
		}
		if all, _, err := w.tickets.Public(t.Context(), PublicFilter{Limit: 10}); err != nil || len(all) != 0 {
			t.Errorf("the public sees %v (%v)", all, err)
		}
		if open := must(w.tickets.Open(t.Context()))(t); len(open) != 1 || open[0].At != nil || open[0].Facts.Place.Street != street {
			t.Errorf("open: %+v", open)
		}
		w.move("dispatcher", made.ID, ActionInput{Action: Accept, Condition: "blocked_exit"})
		w.move("dispatcher", made.ID, ActionInput{Action: Dispatch, Assignee: new(w.organisation(jia))})
		w.move("handler", made.ID, ActionInput{Action: Start})
		w.move("handler", made.ID, ActionInput{Action: Resolve, Outcome: NotFixed, Reason: "找不到"})
		w.move("manager", made.ID, ActionInput{Action: Close, Verification: "phone"})
		if got := w.move("dispatcher", made.ID, ActionInput{Action: Reopen, Reason: "有了地址"}); got.Position != nil || got.Place.Street != street || got.OpenKey != nowhere || len(got.Candidates) != 2 {
			t.Errorf("reopened: %+v", got)
		}

		if _, err := w.tickets.TakeAction(t.Context(), w.people["dispatcher"], noon, made.ID, 0, ActionInput{Action: Correct, Candidate: "list:2"}); !slices.Contains(worldtest.Pointers(err), "/candidate") {
			t.Errorf("a candidate that is none: %v", err)
		}
		placing := ActionInput{ID: ids.New(), Action: Correct, Candidate: "1"} // the code of list:1
		placed := w.move("dispatcher", made.ID, placing)
		if placed.Position == nil || placed.Position.At() != at[east] || placed.Place != w.cell(east).Place || placed.Candidates != nil || placed.Number != made.Number {
			t.Errorf("placed: %+v", placed)
		}
		if was := placed.Steps[len(placed.Steps)-1].Was; was == nil || was.Position != nil || was.Place.Street != street {
			t.Errorf("what it was: %+v", was)
		}
		if again := w.move("dispatcher", made.ID, placing); again.Version != placed.Version {
			t.Error("placed twice")
		}
		if !listed(Filter{Boxes: world}) || listed(Filter{Triage: true}) {
			t.Error("it is not on the map, or still in triage")
		}
	})
}

// Where a thing may lie is told to who places it there; a home to who reads it.
func TestCandidatesAreForWhoPlaces(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		w.finds()
		made := must(w.tickets.Report(t.Context(), w.people["resident"], noon, nowhereYet()))(t)
		for who, want := range map[string]int{"dispatcher": 2, "manager": 2, "resident": 0, "worker": 0, "lead": 0, "other dispatcher": 0, "counter": 0} {
			if got := len(made.SeenCandidates(w.people[who])); got != want {
				t.Errorf("%s is told %d", who, got)
			}
		}
		if _, err := w.tickets.TakeAction(t.Context(), w.people["resident"], noon, made.ID, 0, ActionInput{Action: Correct, Candidate: "list:1"}); !errors.Is(err, domain.ErrForbidden) {
			t.Errorf("placed by who reported it: %v", err)
		}
	})
}

// A report names a place in one way at least; one found by its address lies there.
func TestReportByAddress(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		w.finds()
		report := func(who string, change func(*Draft)) (*Ticket, error) {
			d := nowhereYet()
			change(&d)
			return w.tickets.Report(t.Context(), w.people[who], noon, d)
		}
		if got := must(report("resident", func(d *Draft) { d.Address = "sure" }))(t); got.Position == nil || got.Place != w.cell(east).Place || got.Candidates != nil {
			t.Errorf("%+v", got)
		}
		for name, c := range map[string]struct {
			who, pointer string
			change       func(*Draft)
		}{
			"nowhere":                  {"resident", "/position", func(d *Draft) { d.Address = "" }},
			"in no street":             {"resident", "/area", func(d *Draft) { d.Address = "elsewhere" }},
			"an address without end":   {"resident", "/address", func(d *Draft) { d.Address = string(make([]rune, 201)) }},
			"on behalf, not sure":      {"worker", "/address", func(d *Draft) { d.For = &Resident{Phone: "13900000000"} }},
			"with a wrong title":       {"resident", "/title", func(d *Draft) { d.Title = "" }},
			"on behalf, out of reach":  {"other dispatcher", "/address", func(d *Draft) { d.For, d.Address = &Resident{Phone: "13900000000"}, "sure" }},
			"beside a wrong position":  {"resident", "/position", func(d *Draft) { d.Position = new(at["at sea"]) }},
			"a position goes first":    {"resident", "", func(d *Draft) { d.Position, d.Address = new(at[east]), "elsewhere" }},
			"on behalf, where it lies": {"worker", "", func(d *Draft) { d.For, d.Address = &Resident{Phone: "13900000000"}, "sure" }},
		} {
			if _, err := report(c.who, c.change); (c.pointer == "") != (err == nil) || c.pointer != "" && !slices.Contains(worldtest.Pointers(err), c.pointer) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
