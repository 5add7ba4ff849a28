package ticket

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain/access"
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

// BenchmarkStreet fills one street with 100,000 tickets as they are after years,
// and then reads the first and the second page of lists by each filter, and of
// some that no ticket passes. It says what a ticket takes on disk and in time.
func BenchmarkStreet(b *testing.B) {
	const tickets = 100_000
	w := worldOn(b, enginetest.SQLite(b))
	rng := rand.New(rand.NewPCG(1, 1))
	spots := []string{east, west, north, "beside jia"}
	with := []access.Assignee{w.person("worker"), w.person("lead"), w.organisation(jia)}
	all := make([]*Ticket, tickets)
	for i := range all {
		where := pick(rng, spots)
		t := &Ticket{Meta: store.Meta{ID: newID()}, Number: fmt.Sprintf("%s-261123-%d", jia, i), Kind: pick(rng, Kinds), Category: pick(rng, Categories[:8]).Code, Source: pick(rng, Sources), Urgency: pick(rng, Urgencies),
			Title: "大儒巷8号楼上漏水", Description: "夜里尤其严重", Address: fmt.Sprintf("大儒巷%d号", i%400), State: Closed, ReportedBy: "r", Reporter: fmt.Sprint("r", i%5000),
			CreatedAt: noon.Add(-time.Duration(rng.IntN(3*365*24*60)) * time.Minute), UpdatedAt: noon, DueAt: noon.Add(time.Duration(rng.IntN(200)-100) * time.Hour)}
		if rng.IntN(20) == 0 {
			t.State = pick(rng, States[:6])
		}
		t.lay(w.spot(b, at[where]), at[where], geo.WGS84, nil)
		t.assign(pick(rng, with), nil)
		t.derive()
		all[i] = t
	}
	began := time.Now()
	w.insert(all)
	b.Logf("%d tickets with %d indexes: %.0f a second, %.0f bytes on disk each", tickets, len(collection.Spec().Indexes), tickets/time.Since(began).Seconds(), onDisk(b, w.place.Dir)/tickets)
	around := []orb.Bound{{Min: orb.Point{120, 31}, Max: orb.Point{121, 32}}}
	for name, f := range map[string]Filter{
		"all": {}, "a state": {States: []State{Reported}}, "states": {States: []State{Reported, Dispatched, Closed}}, "a category": {Categories: []string{"noise"}}, "triage": {Triage: true},
		"overdue": {Overdue: noon}, "returned": {Returned: true}, "a cell": {Cell: east}, "a community": {Area: jiaOne}, "a state of a community": {Area: jiaOne, States: []State{InProgress}},
		"with a person": {Assignee: w.people["worker"].Account}, "text": {Text: "漏水"}, "a box": {Boxes: around}, "a month": {From: noon.AddDate(0, -5, 0), To: noon.AddDate(0, -4, 0)},
		"words": {Text: "大儒巷 88"}, "a receipt number": {Text: jia + "-261123-4711"}, "a beginning of numbers": {Text: jia + "-261123-47"}, "text of no category": {Text: "漏水", Categories: []string{"other"}},
		"text of no state": {Text: "漏水", States: []State{Withdrawn}}, "text of a month": {Text: "漏水", From: noon.AddDate(0, -30, 0), To: noon.AddDate(0, -29, 0)}, "text in a box": {Text: "漏水", Boxes: around},
		"no category": {Categories: []string{"other"}}, "no category in a box": {Boxes: around, Categories: []string{"other"}}, "no state of an organisation's": {Assignee: w.orgs[jia], States: []State{Withdrawn}},
	} {
		for _, who := range []string{"manager", "county admin"} {
			b.Run(name+" by "+who, func(b *testing.B) {
				f.Limit = 20
				for b.Loop() {
					f.Cursor = ""
					for range 2 {
						_, next, err := w.tickets.List(b.Context(), w.people[who], f)
						if err != nil {
							b.Fatal(err)
						}
						f.Cursor = next
					}
				}
			})
		}
	}
}

// onDisk is how much the store's file and log take.
func onDisk(b *testing.B, dir string) (bytes float64) {
	for _, name := range []string{"wangge.db", "wangge.db-wal"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil {
			bytes += float64(info.Size())
		}
	}
	return bytes
}
