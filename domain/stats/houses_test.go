package stats

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"wangge/domain/household"
	"wangge/domain/ids"
	"wangge/domain/visit"
	"wangge/domain/worldtest"
	"wangge/geo"
)

// However households come, move, merge and go, those of every cell are as many
// as the list has, on the node that did it and on another.
func TestHouseholdsAreThoseOfTheList(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		rng := rand.New(rand.NewPCG(9, 9))
		var homes []string
		for i := range 12 { // before anybody follows
			homes = append(homes, w.home(noon, i%5, i))
		}
		w.follow(t)
		nodes := []*node{w.node}
		if w.place.Dir == "" {
			nodes = append(nodes, w.join())
			nodes[1].follow(t)
		}
		for round := range 8 {
			for range 6 {
				i := rng.IntN(len(homes))
				switch rng.IntN(4) {
				case 0:
					homes = append(homes, w.home(noon, rng.IntN(5), 100+len(homes)))
				case 1, 2:
					must(w.households.Move(t.Context(), program, noon, homes[i], 0, household.Relocation{
						Address: household.Address{Estate: "钮家巷", Building: "1", Room: ids.New()}, Position: middle(rng.IntN(5)), Datum: geo.WGS84}))(t)
				case 3:
					if err := w.households.Delete(t.Context(), program, noon, homes[i], 0); err != nil {
						t.Fatal(err)
					}
					homes = append(homes[:i], homes[i+1:]...)
				}
			}
			if round == 4 { // a cell that nobody had, and what lies in it
				m := middle(4)
				worldtest.Draw(t, w.areas, noon, worldtest.Cell{Code: worldtest.YiOne + "003", Ground: worldtest.Box(m[0]-0.005, m[1]-0.005, m[0]+0.005, m[1]+0.005)})
			}
			for _, n := range nodes {
				w.agreesOnHouseholds(t, n)
			}
		}
	})
}

func (w *world) agreesOnHouseholds(t *testing.T, n *node) {
	t.Helper()
	want, got := map[string]int{}, map[string]int{}
	reader := admin
	reader.Grants = append(reader.Grants, w.everywhere()...)
	for cursor := ""; ; {
		page, next, err := w.households.List(t.Context(), reader, noon, household.Filter{Limit: 100, Cursor: cursor})
		for _, h := range must(page, err)(t) {
			for _, id := range []string{h.Place.Cell, h.Place.Community, h.Place.Street} {
				want[id]++
			}
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	delete(want, "")
	s := n.upTo(t, w)
	for street, of := range s.Streets() {
		for _, id := range append([]string{street}, w.below(street)...) {
			if f := of.Figures(id, At(noon)); f.Households != 0 {
				got[id] += f.Households
			}
		}
	}
	if !maps.Equal(got, want) || len(want) == 0 {
		t.Fatalf("%v, want %v", got, want)
	}
}

// below are the communities and cells of a street.
func (w *world) below(street string) (out []string) {
	for _, c := range w.areas.Tree().Children(street) {
		out = append(out, c.ID)
	}
	for _, c := range w.areas.Map().Cells() {
		if c.Place.Street == street {
			out = append(out, c.ID)
		}
	}
	return out
}

// An alert counts where it was raised until somebody is met.
func TestAlertsCount(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		name, at := "王小明", noon
		h, _, err := w.households.Create(t.Context(), program, noon, household.Draft{
			Address: household.Address{Estate: "大儒巷", Building: "8", Room: "1"}, Position: middle(1), Datum: geo.WGS84,
			Members: []household.MemberInput{{PersonInput: household.PersonInput{Name: &name}, Tags: []household.TagInput{{Code: "empty_nest_elder"}}}},
		})
		must(h, err)(t)
		worker := admin
		worker.Grants = append(worker.Grants, w.everywhere()...)
		knock := func(r visit.Result) {
			at = at.Add(time.Hour)
			stop := must(w.Stops.CheckIn(t.Context(), worker, at, visit.Arrival{ID: ids.New(), Household: h.ID, Channel: visit.Phone, OnTheSpot: true}))(t)
			must(w.Stops.Complete(t.Context(), worker, at, stop.ID, 0, visit.Completion{Result: r}, nil))(t)
		}
		alerts := func(n *node) string {
			s := n.upTo(t, w).Street(h.Place.Street)
			return fmt.Sprint(s.Figures(h.Place.Cell, At(at)).Alerts, s.Figures(h.Place.Community, At(at)).Alerts, s.Figures(h.Place.Street, At(at)).Alerts)
		}
		w.follow(t)
		for _, c := range []struct {
			result visit.Result
			want   string
		}{{visit.NoAnswer, "0 0 0"}, {visit.NoAnswer, "1 1 1"}} {
			if knock(c.result); alerts(w.node) != c.want {
				t.Errorf("after %s: %s alerts, want %s", c.result, alerts(w.node), c.want)
			}
		}
		late := New(w.live.Sources) // who follows from now on
		later := *w.node
		later.live = late
		later.follow(t)
		if got := alerts(&later); got != "1 1 1" {
			t.Errorf("to who comes late: %s alerts", got)
		}
		if knock(visit.Met); alerts(w.node) != "0 0 0" || alerts(&later) != "0 0 0" {
			t.Errorf("met: %s alerts", alerts(w.node))
		}
	})
}
