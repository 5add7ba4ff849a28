package ticket

import (
	"encoding/base64"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/civil"
	"wangge/domain/ids"
	"wangge/domain/place"
	"wangge/geo"
	"wangge/store"
)

// spread fills the city with tickets and publishes them.
func spread(w *world, n int) []*Ticket {
	w.t.Helper()
	rng := rand.New(rand.NewPCG(8, 15))
	var all []*Ticket
	for i := range n {
		at := orb.Point{120.6 + float64(rng.IntN(9000))/1e6, 31.3 + float64(rng.IntN(9000))/1e6}
		t := &Ticket{Meta: store.Meta{ID: ids.New()}, Number: "n-" + ids.New(), Kind: "help", Source: FromApp, Urgency: "normal", Title: "题",
			Category: usual.Categories[i%len(usual.Categories)].Code, State: States[rng.IntN(len(States))],
			CreatedAt: noon.Add(-time.Duration(rng.IntN(30*24*60)) * time.Minute), UpdatedAt: noon}
		t.setPosition(w.spot(w.t, at), place.Given(at, geo.WGS84, nil))
		t.publish(w.keys, usual)
		t.derive()
		all = append(all, t)
	}
	w.insert(all)
	return all
}

// visible is what a careful reader of the rules would let everybody see, made
// without the code under test: category to position and day.
func visible(t *Ticket, f PublicFilter) bool {
	category, _ := usual.Category(t.Category)
	day := t.CreatedAt.Add(8 * time.Hour).Truncate(24 * time.Hour).Add(-8 * time.Hour) // midnight in China
	at := square(t.Position.At())
	return category.Public && t.State != Rejected && t.State != Withdrawn && t.State != Merged &&
		(len(f.Categories) == 0 || slices.Contains(f.Categories, t.Category)) && (len(f.States) == 0 || slices.Contains(f.States, t.State)) &&
		(f.From.IsZero() || f.From.Before(day.AddDate(0, 0, 1))) && (f.To.IsZero() || !f.To.Before(day)) &&
		(f.Boxes == nil || slices.ContainsFunc(f.Boxes, func(b orb.Bound) bool { return b.Contains(at) }))
}

// square is the middle of a square of 0.0005 degrees.
func square(p orb.Point) orb.Point {
	snap := func(x float64) float64 { return math.Round((math.Floor(x/0.0005+1e-6)*0.0005+0.00025)*1e7) / 1e7 }
	return orb.Point{snap(p[0]), snap(p[1])}
}

// The public list holds what the rules let through, whatever it is asked for
// and in pages of any size, each ticket once.
func TestPublicAsTheRulesHaveIt(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		all := spread(w, 400)
		rng := rand.New(rand.NewPCG(2, 3))
		step := func(from float64, n int) float64 { return math.Round((from+float64(n)*0.00025)*1e7) / 1e7 } // on edges and middles of squares
		for n := range 60 {
			f := PublicFilter{Limit: []int{1, 7, 100, 500}[rng.IntN(4)]}
			if n%3 == 1 {
				x, y := rng.IntN(25), rng.IntN(25)
				f.Boxes = []orb.Bound{{Min: orb.Point{step(120.6, x), step(31.3, y)}, Max: orb.Point{step(120.6, x+rng.IntN(16)), step(31.3, y+rng.IntN(16))}}}
			}
			if n%6 == 4 { // side by side, so that both take squares of one stretch of the curve
				east := f.Boxes[0]
				f.Boxes[0].Max[0] = step(f.Boxes[0].Min[0], 1)
				east.Min[0] = math.Round((f.Boxes[0].Max[0]+1e-7)*1e7) / 1e7
				if east.Min[0] <= east.Max[0] {
					f.Boxes = append(f.Boxes, east)
				}
			}
			if n%10 == 0 {
				f.Boxes = []orb.Bound{{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}}
			}
			if n%6 == 1 { // as a box across the antimeridian is asked for
				f.Boxes = append(f.Boxes, orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{-170, 90}})
			}
			if rng.IntN(2) == 0 {
				f.From = noon.Add(-time.Duration(rng.IntN(30*24*60)) * time.Minute)
			}
			if rng.IntN(2) == 0 {
				f.To = noon.Add(-time.Duration(rng.IntN(20*24*60)) * time.Minute)
			}
			if rng.IntN(4) == 0 {
				f.States = []State{pick(rng, States), pick(rng, States)}
			}
			if rng.IntN(4) == 0 {
				f.Categories = []string{pick(rng, usual.Categories).Code}
			}
			w.samePublic(t, all, f)
		}
	})
}

func (w *world) samePublic(t *testing.T, all []*Ticket, f PublicFilter) {
	t.Helper()
	want := map[string]*Ticket{}
	for _, ticket := range all {
		if visible(ticket, f) {
			want[ticket.Public.ID] = ticket
		}
	}
	got := map[string]bool{}
	for {
		page, next, err := w.tickets.Public(t.Context(), f)
		if err != nil || len(page) > f.Limit || len(page) < f.Limit && next != "" {
			t.Fatalf("%+v: %d, next %q, %v", f, len(page), next, err)
		}
		for _, p := range page {
			ticket := want[p.ID]
			if ticket == nil || got[p.ID] {
				t.Fatalf("%+v: %+v is not wanted, or again", f, p)
			}
			got[p.ID] = true
			if p.At != square(ticket.Position.At()) || p.Category != ticket.Category || p.State != ticket.State || p.Day != civil.DateOf(ticket.CreatedAt) {
				t.Errorf("%+v of %v at %v", p, ticket.Position, ticket.CreatedAt)
			}
			if one := must(w.tickets.PublicByID(t.Context(), p.ID))(t); *one != *p {
				t.Errorf("by id %+v, in the list %+v", one, p)
			}
		}
		if f.Cursor = next; next == "" {
			break
		}
	}
	if len(got) != len(want) {
		t.Errorf("%+v: %d, want %d", f, len(got), len(want))
	}
}

// Nothing of what the public is answered depends on where in its square or when
// in its day a ticket is, nor on its id: order, cursors and boxes least of all.
func TestPublicTellsNoMore(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		corner := orb.Point{120.605, 31.305} // south-west of a square
		var all []*Ticket
		for i := range 40 {
			d := float64(i)*1e-5 + 1e-6 // across the square, in the order of time
			at := orb.Point{corner[0] + d, corner[1] + d}
			ticket := &Ticket{Meta: store.Meta{ID: ids.New()}, Number: ids.New(), Category: "noise", State: Reported, CreatedAt: noon.Add(time.Duration(i) * time.Minute), UpdatedAt: noon}
			ticket.setPosition(w.spot(t, at), place.Given(at, geo.WGS84, nil))
			ticket.publish(w.keys, usual)
			all = append(all, ticket)
		}
		w.insert(all)
		middle := orb.Point{120.60525, 31.30525}
		around := orb.Bound{Min: orb.Point{120.6, 31.3}, Max: orb.Point{120.61, 31.31}}
		for name, boxes := range map[string][]orb.Bound{"everywhere": nil, "in a box": {around}, "at the middle": {{Min: middle, Max: middle}}} {
			var order []int
			f := PublicFilter{Boxes: boxes, Limit: 1}
			for more := true; more; more = f.Cursor != "" {
				page, next, err := w.tickets.Public(t.Context(), f)
				if err != nil || len(page) != 1 || page[0].At != middle {
					t.Fatalf("%s: %v, %v", name, page, err)
				}
				i := slices.IndexFunc(all, func(x *Ticket) bool { return x.Public.ID == page[0].ID })
				order, f.Cursor = append(order, i), next
				plain, _ := base64.RawURLEncoding.DecodeString(next)
				if strings.Contains(string(plain), all[i].ID) || next != "" && !strings.Contains(string(plain), page[0].ID) {
					t.Errorf("%s: the cursor holds %s", name, plain)
				}
			}
			down := slices.Clone(order)
			slices.Reverse(down)
			if len(order) != len(all) || slices.IsSorted(order) || slices.IsSorted(down) {
				t.Errorf("%s: in the order %v of true positions and times", name, order)
			}
		}
		for _, d := range []float64{1e-6, 2e-4, 4e-4} { // true positions, but not the middle
			p := orb.Point{corner[0] + d, corner[1] + d}
			if page, _, err := w.tickets.Public(t.Context(), PublicFilter{Boxes: []orb.Bound{{Min: corner, Max: p}}, Limit: 50}); err != nil || (len(page) > 0) != (d > 0.00025) {
				t.Errorf("a box up to %v: %d, %v", p, len(page), err)
			}
		}
		for _, minute := range []time.Duration{0, 20, 39} {
			moment := noon.Add(minute * time.Minute)
			if page, _, err := w.tickets.Public(t.Context(), PublicFilter{From: moment, To: moment, Limit: 50}); err != nil || len(page) != len(all) {
				t.Errorf("at %v: %d of %d, %v", moment, len(page), len(all), err)
			}
		}
		for _, id := range []string{all[0].ID, "", "20261123-", all[0].Public.Spot} {
			if _, err := w.tickets.PublicByID(t.Context(), id); !errors.Is(err, domain.ErrNotFound) {
				t.Errorf("%q: %v", id, err)
			}
		}
	})
}

// A ticket is in public exactly while its category and state are, and where it is corrected to.
func TestPublicFollowsTheTicket(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		ticket := w.report("resident", east) // of a public category
		shown := func(what string, want int) *Public {
			t.Helper()
			page, _, err := w.tickets.Public(t.Context(), PublicFilter{Limit: 5})
			if err != nil || len(page) != want {
				t.Fatalf("%s: %d in public, %v", what, len(page), err)
			}
			if want == 0 {
				return nil
			}
			return page[0]
		}
		first := shown("reported", 1)
		w.move("lead", ticket.ID, ActionInput{Action: Accept})
		w.move("lead", ticket.ID, ActionInput{Action: Correct, Category: "property_fee"})
		shown("corrected to a dispute", 0)
		w.move("lead", ticket.ID, ActionInput{Action: Correct, Category: "parking", Position: new(at[west]), Datum: geo.WGS84})
		again := shown("corrected back, and moved", 1)
		if again.ID != first.ID || again.At == first.At || again.At != square(at[west]) || again.State != Accepted || again.Category != "parking" {
			t.Errorf("was %+v, is %+v", first, again)
		}
		w.move("resident", ticket.ID, ActionInput{Action: Withdraw})
		shown("withdrawn", 0)
		if _, err := w.tickets.PublicByID(t.Context(), first.ID); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("withdrawn, by id: %v", err)
		}
	})
}

func TestPublicRefusals(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		spread(w, 30)
		box := []orb.Bound{{Min: orb.Point{120, 31}, Max: orb.Point{121, 32}}}
		_, next, _ := w.tickets.Public(t.Context(), PublicFilter{Limit: 1})
		_, boxed, _ := w.tickets.Public(t.Context(), PublicFilter{Limit: 1, Boxes: box})
		for name, f := range map[string]PublicFilter{"nonsense": {Cursor: "x"}, "no base64": {Cursor: "ü"}, "of a box": {Cursor: boxed}, "of none": {Cursor: next, Boxes: box}} {
			if _, _, err := w.tickets.Public(t.Context(), f); next == "" || boxed == "" || !errors.Is(err, store.ErrCursor) {
				t.Errorf("a cursor %s: %v", name, err)
			}
		}
		around, ok := w.tickets.Bound()
		for _, p := range []orb.Point{at[east], at[far], at["beside jia"], {120.6, 31.48}, {120.905, 31.3}} {
			if w.spot(t, p); !ok || !around.Contains(p) {
				t.Errorf("%v: inside %v: %v", p, around, around.Contains(p))
			}
		}
	})
}
