package coordination

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/area"
	"wangge/domain/ticket"
	"wangge/domain/worldtest"
	"wangge/geo"
	"wangge/store"
)

// Whatever happens at the same time, on one node and on two: afterwards every
// open ticket is in the cell that holds its position.
func TestNothingIsLeftBehind(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		w.draw(t, noon, columns(rand.New(rand.NewPCG(1, 1)))...)
		nodes := []*node{w.node, w.join(t, store.Options{})}
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		var people, follow sync.WaitGroup
		for _, n := range nodes {
			follow.Go(func() { _ = n.areas.Follow(ctx) })
		}
		first := rand.New(rand.NewPCG(5, 5))
		for range 24 { // there is something to move, however fast the redraws are
			if _, err := nodes[0].report(ctx, spot(first.Float64()*4, first.Float64()*1.2)); err != nil {
				t.Fatal(err)
			}
		}
		done := make(chan struct{})
		for i := range 4 {
			rng := rand.New(rand.NewPCG(uint64(i), 2))
			people.Go(func() { live(t, nodes[i%2], rng, done) })
		}
		rng := rand.New(rand.NewPCG(7, 7))
		redrawn := 0
		for i := range 12 {
			_, err := nodes[i%2].areas.ImportCells(ctx, program, noon, worldtest.CellFile(columns(rng)...), area.CellImport{Datum: geo.WGS84})
			switch {
			case err == nil:
				redrawn++
			case !errors.Is(err, domain.ErrBusy):
				t.Error(err)
			}
		}
		close(done)
		people.Wait()
		stop()
		follow.Wait()
		if redrawn == 0 { // how many of the twelve are busy depends on the machine
			t.Error("no redraw came through")
		}
		w.inPlace(t)
	})
}

// live reports tickets and takes them about until done.
func live(t *testing.T, n *node, rng *rand.Rand, done chan struct{}) {
	var ids []string
	for {
		select {
		case <-done:
			return
		case <-time.After(time.Duration(rng.IntN(20)) * time.Millisecond):
		}
		at := spot(rng.Float64()*4, rng.Float64()*1.2)
		if len(ids) == 0 || rng.IntN(3) == 0 {
			made, err := n.report(t.Context(), at)
			if err != nil {
				t.Error(err)
				return
			}
			ids = append(ids, made.ID)
			continue
		}
		m := []ticket.ActionInput{
			{Action: ticket.Correct, Position: &at, Datum: geo.WGS84}, {Action: ticket.Accept},
			{Action: ticket.Reject, Reason: "重复"}, {Action: ticket.Reopen, Reason: "再来"},
		}[rng.IntN(4)]
		_, err := n.tickets.TakeAction(t.Context(), admin, noon, ids[rng.IntN(len(ids))], 0, m)
		if conflict := (*domain.ConflictError)(nil); err != nil && !errors.As(err, &conflict) && !errors.Is(err, domain.ErrBusy) && !errors.Is(err, domain.ErrForbidden) {
			t.Error(err)
			return
		}
	}
}

// columns are four cells side by side, the edges between them anywhere, one
// now and then missing, and a park; the last is of another street.
func columns(rng *rand.Rand) []worldtest.Cell {
	x := []float64{0, 0.5 + rng.Float64(), 1.5 + rng.Float64(), 2.5 + rng.Float64(), 4}
	var out []worldtest.Cell
	for i := range 3 {
		east := x[i+1]
		if rng.IntN(3) == 0 {
			east -= 0.2 // ground that is no cell's
		}
		out = append(out, cell(code(jiaOne, i+1), area.Basic, box(x[i], 0, east, 1)))
	}
	px, py := rng.Float64()*3, rng.Float64()*0.7
	return append(out, cell(code(yiOne, 1), area.Basic, box(x[3], 0, x[4], 1)), cell(code(jiaOne, 9), area.Dedicated, box(px, py, px+0.5, py+0.3)))
}

// inPlace checks every ticket against the map.
func (w *world) inPlace(t *testing.T) {
	t.Helper()
	must(0, w.areas.Refresh(t.Context()))(t)
	open := 0
	for cursor := ""; ; {
		page, next, err := w.tickets.List(t.Context(), admin, ticket.Filter{Limit: 500, Cursor: cursor})
		must(0, err)(t)
		for _, x := range page {
			if !x.State.Open() {
				continue
			}
			open++
			spot, _ := w.areas.Map().Locate(x.Position.At())
			if x.Place.Cell != spot.Place.Cell || x.Partition != x.Place.Street {
				t.Errorf("ticket %s at %v is in %q, the map says %q", x.ID, x.Position.At(), w.code(t, x.Place.Cell), w.code(t, spot.Place.Cell))
			}
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	if open < 10 {
		t.Errorf("only %d open tickets", open)
	}
}
