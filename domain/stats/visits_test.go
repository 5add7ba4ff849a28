package stats

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"wangge/domain/civil"
	"wangge/domain/household"
	"wangge/domain/ids"
	"wangge/domain/plan"
	"wangge/domain/visit"
	"wangge/geo"
)

// Whatever becomes of visits, those due in every cell are as many as the list
// counts, on the node that did it and on another, at any time.
func TestVisitsDueAreWhatTheListCounts(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		rng := rand.New(rand.NewPCG(5, 5))
		now := noon
		for _, street := range []string{"320508001", "320508002"} {
			p := must(w.plans.Create(t.Context(), admin, now, plan.NewPlan{ID: ids.New(), Title: "走访", Area: street, From: civil.DateOf(now), Terms: plan.Terms{
				Tag: "party_member", Rules: []plan.Rule{{RRule: "FREQ=DAILY;INTERVAL=2"}}, WindowDays: 3}}))(t)
			must(w.plans.TakeAction(t.Context(), admin, now, p.ID, 0, "activate"))(t)
		}
		var homes []string
		for i := range 10 {
			homes = append(homes, w.home(now, i%5, i))
		}
		w.schedule(t, now)
		w.follow(t)
		nodes := []*node{w.node}
		if w.place.Dir == "" { // several processes may open it
			nodes = append(nodes, w.join())
			nodes[1].follow(t)
		}
		least, most := 1<<20, 0
		for range 10 {
			for range 4 {
				now = now.Add(time.Duration(rng.IntN(6*60)) * time.Minute)
				w.call(rng, now, pick(rng, homes))
			}
			w.schedule(t, now)
			for _, n := range nodes {
				due := w.agreesOnVisits(t, n, now)
				least, most = min(least, due), max(most, due)
			}
			w.agreesOnVisits(t, w.node, civil.DateOf(now).Add(rng.IntN(9)).Start()) // as a day begins
		}
		if most-least < 3 {
			t.Errorf("from %d to %d due: it tries little", least, most)
		}
	})
}

// home is a household in a cell, or outside them all, with a member that the plans visit.
func (w *world) home(now time.Time, cell, room int) string {
	w.t.Helper()
	name := "王小明"
	h, _, err := w.households.Create(w.t.Context(), program, now, household.Draft{
		Address: household.Address{Estate: "大儒巷", Building: "8", Room: fmt.Sprint(room)}, Position: middle(cell), Datum: geo.WGS84,
		Members: []household.MemberInput{{PersonInput: household.PersonInput{Name: &name}, Tags: []household.TagInput{{Code: "party_member"}}}},
	})
	return must(h, err)(w.t).ID
}

func (w *world) schedule(t *testing.T, now time.Time) {
	t.Helper()
	must(0, w.scheduler.Schedule(t.Context(), "test", now))(t)
}

// call does what happens at doors: somebody is met, or a visit is moved, missed or cancelled, or the household moves.
func (w *world) call(rng *rand.Rand, now time.Time, home string) {
	w.t.Helper()
	due, _, err := w.Visits.List(w.t.Context(), admin, now, visit.Filter{Household: home, States: []visit.State{visit.Planned}, To: now})
	if must(due, err)(w.t); len(due) == 0 {
		return
	}
	switch n := rng.IntN(5); n {
	case 0:
		at := middle(rng.IntN(2))
		must(w.households.Move(w.t.Context(), program, now, home, 0, household.Relocation{
			Address: household.Address{Estate: "钮家巷", Building: "1", Room: ids.New()}, Position: at, Datum: geo.WGS84}))(w.t)
	case 1, 2, 3:
		in := visit.ActionInput{Action: []visit.Action{visit.Reschedule, visit.Miss, visit.Cancel}[n-1], Reason: "说明", Day: civil.DateOf(now).Add(rng.IntN(5))}
		must(w.Visits.TakeAction(w.t.Context(), admin, now, due[0].ID, 0, in))(w.t)
	default:
		worker := admin
		worker.Grants = append(worker.Grants, w.everywhere()...)
		stop := must(w.Stops.CheckIn(w.t.Context(), worker, now, visit.Arrival{ID: ids.New(), Household: home, Channel: visit.Phone}))(w.t)
		must(w.Stops.Complete(w.t.Context(), worker, now, stop.ID, 0, visit.Completion{Result: visit.Met}, nil))(w.t)
	}
}

// agreesOnVisits compares the figures of a node with the lists, and returns how many are due.
func (w *world) agreesOnVisits(t *testing.T, n *node, now time.Time) int {
	t.Helper()
	s := n.upTo(t, w)
	want := map[string]Figures{}
	for figure, filter := range map[string]visit.Filter{
		"due": {States: []visit.State{visit.Planned}, To: now.Add(time.Millisecond)}, "overdue": {Overdue: true},
	} {
		filter.Limit = 100
		for {
			page, next, err := w.Visits.List(t.Context(), admin, now, filter)
			for _, v := range must(page, err)(t) {
				for i, id := range []string{v.Place.Cell, v.Place.Community, v.Place.Street} {
					if id == "" && i > 0 {
						continue
					}
					f := want[id]
					if figure == "due" {
						f.VisitsDue++
					} else {
						f.VisitsOverdue++
					}
					want[id] = f
				}
			}
			if filter.Cursor = next; next == "" {
				break
			}
		}
	}
	got, total := map[string]Figures{}, 0
	for _, by := range []string{"cell", "community", "street"} {
		for code, f := range w.figures(s, by, now) {
			id := code
			if c, ok := w.areas.Map().ByCode(code); ok {
				id = c.ID
			} else if a, ok := w.areas.Tree().ByCode(code); ok {
				id = a.ID
			}
			if f = (Figures{VisitsDue: f.VisitsDue, VisitsOverdue: f.VisitsOverdue}); f != (Figures{}) {
				got[id] = f
			}
			if by == "street" {
				total += f.VisitsDue
			}
		}
	}
	if !maps.Equal(got, want) {
		t.Fatalf("%v, want %v", got, want)
	}
	return total
}
