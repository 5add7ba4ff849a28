package homecall_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/civil"
	"wangge/domain/homecall"
	"wangge/domain/ids"
	"wangge/domain/intake"
	"wangge/domain/visit"
	"wangge/domain/worldtest"
	"wangge/geo"
	"wangge/store"
	"wangge/store/enginetest"
)

// history is a random one of bookings and what becomes of them.
type history struct {
	*world
	rng   *rand.Rand
	nodes []*node
	frail *node // its engine dies
	dying enginetest.Dying
	made  []*homecall.Request
	at    time.Time
}

var someDays = []civil.Date{tuesday, wednesday, "2026-11-26"}

// try does something on one of the nodes; now and then that dies at its commit,
// or is not told, and it is done again.
func (h *history) try(do func(n *node) error) {
	h.t.Helper()
	if h.rng.IntN(4) == 0 {
		if h.frail == nil {
			h.dying.Engine = h.open(h.t)
			h.frail = h.joinOn(&h.dying)
		}
		h.dying.After = h.rng.IntN(2) == 0
		h.dying.Left.Store(1)
		if err := do(h.frail); err != nil && !errors.Is(err, store.ErrUnavailable) {
			h.refused(err)
		}
		h.dying.Left.Store(0)
	}
	h.refused(do(h.nodes[h.rng.IntN(len(h.nodes))]))
}

// refused takes an error that how things are may give.
func (h *history) refused(err error) {
	h.t.Helper()
	if err != nil && worldtest.Conflict(err) == "" && len(worldtest.Pointers(err)) == 0 && !errors.Is(err, domain.ErrNotFound) && !errors.Is(err, domain.ErrForbidden) {
		h.t.Fatal(err)
	}
}

// step does one thing.
func (h *history) step() {
	t, rng := h.t, h.rng
	h.at = h.at.Add(time.Minute)
	date, slot := someDays[rng.IntN(len(someDays))], []string{"morning", "afternoon"}[rng.IntN(2)]
	who := []string{"first", "second", "third"}
	if len(h.made) == 0 || rng.IntN(3) == 0 {
		b := asked([]string{east, east, west}[rng.IntN(3)], fmt.Sprint("r", len(h.made)), date, slot)
		li := h.resident(len(h.made) + 1)
		h.try(func(n *node) error { _, err := n.calls.Book(t.Context(), li, h.at, b); return err })
		if r, err := homecall.Load(t.Context(), h.st, b.ID); err == nil {
			h.made = append(h.made, r)
		} else {
			h.made = append(h.made, nil)
		}
		return
	}
	i := rng.IntN(len(h.made))
	r := h.made[i]
	if r == nil {
		return
	}
	r = h.request(r.ID)
	li, action := h.resident(i+1), ids.New()
	staff := func(in visit.ActionInput) {
		in.ID, in.Reason = action, "有事"
		h.try(func(n *node) error {
			_, err := n.visits.Visits.TakeAction(t.Context(), h.as("lead"), h.at, r.Visit, 0, in)
			return err
		})
	}
	own := func(in homecall.ActionInput) {
		in.ID = action
		h.try(func(n *node) error { _, err := n.calls.TakeAction(t.Context(), li, h.at, r.ID, 0, in); return err })
	}
	switch rng.IntN(10) {
	case 0, 1, 2:
		own(homecall.ActionInput{Action: "move", Date: date, Slot: slot})
	case 3:
		own(homecall.ActionInput{Action: "cancel"})
	case 4:
		to := h.ids[who[rng.IntN(3)]]
		staff(visit.ActionInput{Action: visit.Reassign, Assignee: &to})
	case 5:
		staff(visit.ActionInput{Action: visit.Reschedule, Day: date})
	case 6:
		staff(visit.ActionInput{Action: []visit.Action{visit.Miss, visit.Cancel}[rng.IntN(2)]})
	case 7:
		h.door(r)
	case 8:
		h.staff(east, who[:1+rng.IntN(2)], area.Cover{Account: h.ids["third"], For: h.ids["first"], From: wednesday.Start(), Until: wednesday.Add(rng.IntN(2)).Start().Add(time.Hour)})
	case 9:
		h.try(func(n *node) error {
			_, err := n.cases.TakeAction(t.Context(), h.as("counter"), h.at, r.Case, 0, intake.ActionInput{ID: action, Action: intake.Withdraw})
			return err
		})
	}
}

// door knocks at the door of a booking, if its time has come for who has it.
func (h *history) door(r *homecall.Request) {
	if r.Worker == "" || r.State != homecall.Booked {
		return
	}
	stop, at := ids.New(), worldtest.At[east]
	who := access.Actor{Account: r.Worker, Session: "s", Posting: []access.Grant{{Role: access.OutreachWorker, Level: access.Street, Area: worldtest.ID(h.t, h.areas, jia)}}}
	h.try(func(n *node) error {
		_, err := n.visits.Stops.CheckIn(h.t.Context(), who, r.Slot.From, visit.Arrival{ID: stop, Household: r.Household, Channel: visit.Home, Position: &at, Datum: geo.WGS84})
		return err
	})
	done := visit.Completion{Result: []visit.Result{visit.Met, visit.NoAnswer}[h.rng.IntN(2)]}
	h.try(func(n *node) error {
		_, err := n.visits.Stops.Complete(h.t.Context(), who, r.Slot.From.Add(5*time.Minute), stop, 0, done, nil)
		return err
	})
}

// check holds the time that is taken to the bookings there are, and to what a worker can do.
func (h *history) check() {
	h.t.Helper()
	want := map[string][]string{} // by worker and day
	for _, r := range must(homecall.All(h.t.Context(), h.st, worldtest.ID(h.t, h.areas, jia)))(h.t) {
		if got := h.said(r); slices.Contains([]string{"apart"}, got[max(0, len(got)-5):]) {
			h.t.Fatalf("%s: %s", r.ID, got)
		}
		if r.State == homecall.Booked && r.Worker != "" {
			key := r.Worker + "/" + string(r.Slot.Date)
			want[key] = append(want[key], r.ID)
		}
	}
	for _, who := range []string{"first", "second", "third"} {
		for _, date := range someDays {
			slots, got := map[time.Time]int{}, []string(nil)
			for _, x := range must(homecall.TakenOf(h.t.Context(), h.st, h.ids[who], date))(h.t) {
				got = append(got, x.Request)
				if slots[x.From]++; slots[x.From] > 2 {
					h.t.Fatalf("%s has %d in one slot of %s", who, slots[x.From], date)
				}
			}
			key := h.ids[who] + "/" + string(date)
			slices.Sort(got)
			slices.Sort(want[key])
			if !slices.Equal(got, want[key]) || len(got) > 4 {
				h.t.Fatalf("%s on %s: %v are taken, %v are booked", who, date, got, want[key])
			}
		}
	}
}

// However bookings are made, moved, given to others, missed and done, with nodes
// that die: the time taken is that of the bookings in force, and nobody has more
// than they can do.
func TestCapacityIsExact(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		seed := uint64(7)
		h := &history{world: w, rng: rand.New(rand.NewPCG(seed, 1)), nodes: []*node{w.node, w.join()}, at: noon}
		for i := range 90 {
			h.step()
			if i%15 == 14 {
				h.follow(h.at)
			}
			h.check()
		}
		states := map[homecall.State]int{}
		for _, r := range h.made {
			if r != nil {
				states[h.request(r.ID).State]++
			}
		}
		if len(states) < 4 {
			t.Errorf("the history comes to little: %v", states)
		}
	})
}
