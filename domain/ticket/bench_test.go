package ticket

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/geo"
	"wangge/store"
	"wangge/store/enginetest"
)

// BenchmarkPublic reads pages of 100 of 20,000 tickets that the public sees, on SQLite.
func BenchmarkPublic(b *testing.B) {
	w := worldOn(b, enginetest.SQLite(b))
	rng := rand.New(rand.NewPCG(1, 1))
	all := make([]*Ticket, 20_000)
	for i := range all {
		at := orb.Point{120.6 + rng.Float64()*0.01, 31.3 + rng.Float64()*0.01}
		t := &Ticket{Meta: store.Meta{ID: newID()}, Number: fmt.Sprint(i), Category: "noise", State: Reported,
			CreatedAt: noon.Add(-time.Duration(rng.IntN(365*24)) * time.Hour), UpdatedAt: noon}
		t.lay(w.spot(b, at), at, geo.WGS84, nil)
		t.publish(w.keys)
		all[i] = t
	}
	w.insert(all)
	box := func(x, y float64) []orb.Bound {
		return []orb.Bound{{Min: orb.Point{120.602, 31.302}, Max: orb.Point{120.602 + x, 31.302 + y}}}
	}
	for name, f := range map[string]PublicFilter{
		"everywhere": {}, "a day": {From: noon.AddDate(0, -6, 0), To: noon.AddDate(0, -6, 0)}, "a box of 500 m": {Boxes: box(0.005, 0.005)}, "the world": {Boxes: []orb.Bound{{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}}},
	} {
		b.Run(name, func(b *testing.B) {
			f.Limit = 100
			for b.Loop() {
				if page, _, err := w.tickets.Public(b.Context(), f); err != nil || len(page) == 0 {
					b.Fatal(len(page), err)
				}
			}
		})
	}
}
