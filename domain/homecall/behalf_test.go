package homecall_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/homecall"
	"wangge/domain/household"
	"wangge/domain/ids"
	"wangge/domain/todo"
	"wangge/domain/visit"
	"wangge/domain/worldtest"
	"wangge/geo"
)

// home is a household on record in a cell, whose occupant has a phone.
func (w *world) home(cell, room, phone string) *household.Household {
	w.t.Helper()
	name := "王秀英"
	h, _, err := w.households.Create(w.t.Context(), access.Program, noon, household.Draft{
		ID: ids.New(), Address: household.Address{Estate: "大儒巷", Building: "8", Room: room}, Position: worldtest.At[cell], Datum: geo.WGS84,
		Occupant: &household.PersonInput{Name: &name, Phone: &phone},
	})
	return must(h, err)(w.t)
}

// Somebody at work books for who phones or comes; whose phone it is has it as their own.
func TestBookedForSomebody(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		li := w.resident(1)
		h := w.home(east, "301", "13800000001")
		b := homecall.Booking{ID: ids.New(), For: h.ID, Item: item, Date: wednesday, Slot: "morning", Name: "王秀英", Phone: "13800000001"}
		book := func(who string) (*homecall.Request, error) {
			b.ID = ids.New()
			return w.calls.Book(t.Context(), w.as(who), noon, b)
		}
		r := must(book("first"))(t)
		if r.Account != "" || r.By != w.ids["first"] || r.Phone != li.Phone || w.caseOf(r).Applicant.Account != "" || w.caseOf(r).OpenedBy != w.ids["first"] {
			t.Errorf("%+v", r)
		}
		if mine, _, err := w.calls.List(t.Context(), li, 10, ""); err != nil || len(mine) != 1 || mine[0].ID != r.ID {
			t.Error(mine, err)
		}
		if _, err := w.calls.TakeAction(t.Context(), li, noon, r.ID, 0, homecall.ActionInput{Action: "move", Date: tuesday, Slot: "morning"}); err != nil {
			t.Error(err)
		}
		// At a counter the household is found first.
		desk := w.as("counter")
		desk.Cities = []string{worldtest.ID(t, w.areas, worldtest.City)}
		b.ID = ids.New()
		if _, err := w.calls.Book(t.Context(), desk, noon, b); !errors.Is(err, domain.ErrNotFound) {
			t.Error(err)
		}
		must(w.households.Find(t.Context(), desk, noon, household.Asked{Phone: "13800000001", Purpose: "来电预约"}))(t)
		b.ID = ids.New()
		if at := must(w.calls.Book(t.Context(), desk, noon, b))(t); w.caseOf(at).Worker != w.ids["counter"] {
			t.Errorf("the case is with %s", w.name(w.caseOf(at).Worker))
		}
		for who, want := range map[string]error{"third": domain.ErrNotFound} { // of another community
			if _, err := book(who); !errors.Is(err, want) {
				t.Errorf("%s: %v", who, err)
			}
		}
		// The resident is told what staff change, once, and not what they did themselves.
		todos := todo.New(w.st)
		told := func() int {
			open := true
			return len(first(todos.List(t.Context(), li, noon, todo.Filter{Open: &open, Limit: 10})))
		}
		if n := told(); n != 0 {
			t.Errorf("%d told of their own step", n)
		}
		for _, in := range []visit.ActionInput{{Action: visit.Reschedule, Day: "2026-11-26"}, {Action: visit.Cancel}} {
			if err := w.act("lead", r, in); err != nil {
				t.Fatal(err)
			}
			if n := told(); n != 1 {
				t.Errorf("%d told after %s", n, in.Action)
			}
		}
	})
}

func first[T any](list []T, _ string, err error) []T {
	if err != nil {
		panic(err)
	}
	return list
}

// Whether somebody is on record at an address, and where they were put on the
// map, nothing of a booking there tells.
func TestAnAddressTellsNothing(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		li := w.resident(1)
		w.home(north, "on record", "13800000077") // by mistake in the other community
		told := func(room string) string {
			offers := must(w.calls.Slots(t.Context(), li, noon, homecall.Asked{Item: item, Where: asked(east, room, "", "").Where, From: wednesday, To: wednesday}))(t)
			r := w.book(li, asked(east, room, wednesday, "morning"))
			c := w.caseOf(r)
			moved := must(w.calls.TakeAction(t.Context(), li, noon, r.ID, 0, homecall.ActionInput{Action: "move", Date: tuesday, Slot: "afternoon"}))(t)
			if _, err := w.calls.TakeAction(t.Context(), li, noon, r.ID, 0, homecall.ActionInput{Action: "cancel"}); err != nil {
				t.Fatal(err)
			}
			return fmt.Sprint(offers, r.Named, r.State, r.Slot, r.Place, moved.Slot, moved.State, c.Position, c.Place, slices.Contains([]string{"first", "second"}, w.name(r.Worker)))
		}
		if known, unknown := told("on record"), told("new here"); known != unknown {
			t.Errorf("on record: %s\nnot: %s", known, unknown)
		}
	})
}
