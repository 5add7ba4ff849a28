package stats

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/domain/ids"
	"wangge/domain/policy"
	"wangge/domain/ticket"
)

var open = slices.DeleteFunc(slices.Clone(ticket.States), func(s ticket.State) bool { return !s.Open() })

// Whatever is done to tickets, the figures of every cell are what the list with
// that filter counts, on the node that did it and on another, at any time.
func TestFiguresAreWhatTheListCounts(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		rng := rand.New(rand.NewPCG(7, 7))
		now, ids := noon, []string{}
		for range 20 { // before anybody follows
			ids = append(ids, w.report(now, middle(rng.IntN(5)), pick(rng, policy.Default().Categories).Code).ID)
		}
		w.follow(t)
		w.agrees(t, w.node, now)
		nodes := []*node{w.node}
		if w.place.Dir == "" { // several processes may open it
			nodes = append(nodes, w.join())
			nodes[1].follow(t)
		}
		moves := 0
		for round := range 12 {
			for range 15 {
				now = now.Add(time.Duration(rng.IntN(6*60)) * time.Minute)
				if rng.IntN(4) == 0 {
					ids = append(ids, w.report(now, middle(rng.IntN(5)), pick(rng, policy.Default().Categories).Code).ID)
				} else if w.step(rng, now, pick(rng, ids), pick(rng, ids)) {
					moves++
				}
			}
			for _, n := range nodes {
				w.agrees(t, n, now)
			}
			if round%4 == 0 { // time alone makes things overdue
				w.agrees(t, w.node, now.Add(time.Duration(rng.IntN(20*24))*time.Hour))
			}
		}
		if moves < 60 {
			t.Errorf("only %d moves: it tries little", moves)
		}
	})
}

func pick[T any](rng *rand.Rand, from []T) T { return from[rng.IntN(len(from))] }

// step takes one of the actions that are allowed, and reports whether any was;
// not each takes the same input.
func (w *world) step(rng *rand.Rand, now time.Time, id, other string) bool {
	w.t.Helper()
	got, _, err := w.tickets.Get(w.t.Context(), program, id)
	if err != nil {
		w.t.Fatal(err)
	}
	actor := pick(rng, []access.Actor{admin, admin, w.handler, resident})
	allowed := w.tickets.Allowed(actor, got, now)
	if len(allowed) == 0 {
		return false
	}
	at := middle(rng.IntN(5))
	in := ticket.ActionInput{
		Action: ticket.Action(pick(rng, allowed)), Reason: "说明", Until: now.Add(time.Duration(1+rng.IntN(600)) * time.Hour),
		Assignee: &w.organisation, Outcome: ticket.NotFixed, Verification: "phone", Position: &at, Datum: "wgs84", Into: other,
		Question: "哪一栋？", Answer: "八栋", Measures: "列入计划", ReviewAt: now.Add(time.Duration(1+rng.IntN(600)) * time.Hour), Request: ticket.ForReturn, Facts: "不归我们管",
		Children: []ticket.Child{{ID: ids.New(), Category: "noise", Title: "其一"}, {ID: ids.New(), Category: "parking", Title: "其二"}},
	}
	_, err = w.tickets.TakeAction(w.t.Context(), actor, now, id, 0, in)
	if errors.As(err, new(*domain.InvalidError)) || errors.As(err, new(*domain.ConflictError)) { // of one that asks for more, or for its time
		return false
	} else if err != nil {
		w.t.Fatalf("%s: %v", in.Action, err)
	}
	return true
}

// agrees compares the figures of a node, of cells, communities and streets, with the list.
func (w *world) agrees(t *testing.T, n *node, now time.Time) {
	t.Helper()
	w.clock.Store(now.Unix())
	s := n.upTo(t, w)
	for figure, filter := range map[string]ticket.Filter{"open": {States: open}, "overdue": {Overdue: now}, "recent": {From: civil.DateOf(now).Add(-29).Start()}} {
		for _, by := range []string{"cell", "community", "street"} {
			want, got := map[string]int{}, map[string]int{}
			for code, number := range must(w.tickets.Count(t.Context(), admin, filter, by))(t) {
				want[code] = int(number)
			}
			for code, f := range w.figures(s, by, now) {
				if n := map[string]int{"open": f.Open, "overdue": f.Overdue, "recent": f.Recent}[figure]; n > 0 {
					got[code] = n
				}
			}
			if by == "community" {
				delete(want, "") // what lies in none is in its street
			}
			if !maps.Equal(got, want) {
				t.Fatalf("%s by %s: %v, want %v", figure, by, got, want)
			}
		}
	}
	listed, late := 0, 0
	for _, street := range s.Streets() {
		for _, b := range street.Tickets {
			if listed++; b.Overdue(now) {
				late++
			}
		}
	}
	all := Figures{}
	for _, f := range w.figures(s, "street", now) {
		all = all.Plus(f)
	}
	if listed != all.Open || late != all.Overdue {
		t.Fatalf("%d and %d one by one, %+v", listed, late, all)
	}
}

// figures are those of all cells, communities or streets, by code.
func (w *world) figures(s *Snapshot, by string, now time.Time) map[string]Figures {
	out := map[string]Figures{}
	for _, street := range w.areas.Tree().Streets() {
		ids := map[string]string{}
		switch by {
		case "street":
			ids[street.ID] = street.Code
		case "community":
			for _, c := range w.areas.Tree().Children(street.ID) {
				ids[c.ID] = c.Code
			}
		default:
			ids[""] = ""
			for _, c := range w.areas.Map().Cells() {
				if c.Place.Street == street.ID {
					ids[c.ID] = c.Code
				}
			}
		}
		for id, code := range ids {
			out[code] = out[code].Plus(s.Street(street.ID).Figures(id, At(now)))
		}
	}
	return out
}

// A ticket corrected into another street, of whose going its old street's journal says nothing.
func TestMovesBetweenStreets(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		id := w.report(noon, middle(0), "noise").ID
		w.follow(t)
		street := func(code string) string { a, _ := w.areas.Tree().ByCode(code); return a.ID }
		jia, yi := street("320508001"), street("320508002")
		for _, c := range []struct {
			to      int
			jia, yi int
		}{{2, 0, 1}, {3, 0, 1}, {1, 1, 0}} {
			at := middle(c.to)
			must(w.tickets.TakeAction(t.Context(), admin, noon, id, 0, ticket.ActionInput{Action: ticket.Correct, Position: &at, Datum: "wgs84"}))(t)
			s := w.upTo(t, w)
			if n, m := len(s.Street(jia).Tickets), len(s.Street(yi).Tickets); n != c.jia || m != c.yi {
				t.Errorf("in cell %d: %d and %d", c.to, n, m)
			}
		}
	})
}

// A snapshot stays what it was, and a street to which nothing happened is not made again.
func TestSnapshotsDoNotChange(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		w.report(noon, middle(0), "noise")
		w.report(noon, middle(2), "noise")
		w.follow(t)
		before := w.upTo(t, w)
		was := fmt.Sprintf("%v %v", before.Numbers, w.figures(before, "cell", noon))
		w.report(noon, middle(0), "noise")
		after := w.upTo(t, w)
		if now := fmt.Sprintf("%v %v", before.Numbers, w.figures(before, "cell", noon)); now != was {
			t.Errorf("a snapshot changed from %s to %s", was, now)
		}
		same := 0
		for id, s := range after.Streets() {
			if before.Street(id) == s {
				same++
			}
		}
		if same != 1 {
			t.Errorf("%d streets are as they were, want 1 of 2", same)
		}
	})
}

// Who asks before the first snapshot waits for it, but not for ever.
func TestWaitsForTheFirst(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		if _, err := w.live.Snapshot(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("nobody follows, and yet: %v", err)
		}
		w.follow(t)
		must(w.live.Snapshot(t.Context()))(t)
	})
}
