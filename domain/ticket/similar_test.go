package ticket

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"
	orbgeo "github.com/paulmach/orb/geo"

	"wangge/domain/access"
	"wangge/geo"
)

func (w *world) similar(t *testing.T, who, category string, at orb.Point) []Alike {
	t.Helper()
	return must(w.tickets.Similar(t.Context(), w.people[who], noon, Draft{Category: category, Position: &at, Datum: geo.WGS84}))(t)
}

// Similar tickets are those that a careful reader of the rules would name, the nearest first.
func TestSimilarAsTheRulesHaveIt(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		all := spread(w, 1500)
		rng := rand.New(rand.NewPCG(5, 9))
		for range 40 {
			category := pick(rng, usual.Categories)
			at := orb.Point{120.6 + float64(rng.IntN(9000))/1e6, 31.3 + float64(rng.IntN(9000))/1e6}
			near := category.SimilarWithin()
			for _, who := range []string{"resident", "manager", "worker"} {
				var want []float64
				for _, x := range all {
					whole := access.TicketView(w.people[who], x.Facts()) == access.Whole
					metres := orbgeo.Distance(at, x.Position.At())
					young := x.CreatedAt.Add(8*time.Hour).Truncate(24*time.Hour).Add(inDays(near.Days)).Compare(noon.Add(8*time.Hour).Truncate(24*time.Hour)) >= 0
					if !whole {
						metres = orbgeo.Distance(at, square(x.Position.At()))
					}
					if x.Category == category.Code && x.State.Open() && (whole || category.Public) && young && metres <= float64(near.RadiusM) {
						want = append(want, metres)
					}
				}
				slices.Sort(want)
				want = want[:min(len(want), 10)]
				got := w.similar(t, who, category.Code, at)
				if len(got) != len(want) {
					t.Fatalf("%s at %v, %s: %d, want %d", category.Code, at, who, len(got), len(want))
				}
				for i, a := range got {
					if math.Abs(a.metres-want[i]) > 0.01 || (a.Ticket == nil) != (who == "resident" || access.TicketView(w.people[who], access.Ticket{Place: placeOf(all, a)}) != access.Whole) {
						t.Errorf("%s at %v, %s: number %d is %f m away, want %f", category.Code, at, who, i, a.metres, want[i])
					}
				}
			}
		}
	})
}

func placeOf(all []*Ticket, a Alike) access.Place {
	i := slices.IndexFunc(all, func(t *Ticket) bool {
		return a.Ticket != nil && t.ID == a.Ticket.ID || a.Public != nil && t.PublicID() == a.Public.ID
	})
	return all[i].Place
}

// What a resident does not see bears upon nothing that they are answered.
func TestHiddenTicketsAreNotSimilar(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		ask := func() string {
			return fmt.Sprint(len(w.similar(t, "neighbour", "pipe_dispute", at[east])), len(w.similar(t, "neighbour", "noise", at[east])))
		}
		before := ask()
		for range 30 {
			d := draft(east)
			d.Category = "pipe_dispute"
			must(w.tickets.Report(t.Context(), w.people["admin"], noon, d))(t)
		}
		merged := w.report("resident", east).ID
		w.move("lead", merged, merge(w.report("resident", east).ID))
		if after := ask(); before != "0 0" || after != "0 1" {
			t.Errorf("before %s, after %s", before, after)
		}
		own := draft(east)
		own.Category = "pipe_dispute"
		must(w.tickets.Report(t.Context(), w.people["neighbour"], noon, own))(t)
		if got := w.similar(t, "neighbour", "pipe_dispute", at[east]); len(got) != 1 || got[0].Ticket == nil || got[0].Public != nil {
			t.Errorf("their own: %+v", got)
		}
	})
}
