package ticket

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain/access"
	"wangge/domain/ids"
	"wangge/domain/place"
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
		t := &Ticket{Meta: store.Meta{ID: ids.New()}, Number: fmt.Sprint(i), Category: "noise", State: Reported,
			CreatedAt: noon.Add(-time.Duration(rng.IntN(365*24)) * time.Hour), UpdatedAt: noon}
		t.setPosition(w.spot(b, at), place.Given(at, geo.WGS84, nil))
		t.publish(w.keys, usual)
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
		t := &Ticket{Meta: store.Meta{ID: ids.New()}, Number: fmt.Sprintf("%s-261123-%d", jia, i), Kind: pick(rng, Kinds), Category: pick(rng, usual.Categories[:8]).Code, Source: pick(rng, Sources), Urgency: pick(rng, Urgencies),
			Title: "大儒巷8号楼上漏水", Description: "夜里尤其严重", Address: fmt.Sprintf("大儒巷%d号", i%400), State: Closed, ReportedBy: "r", Reporter: fmt.Sprint("r", i%5000),
			CreatedAt: noon.Add(-time.Duration(rng.IntN(3*365*24*60)) * time.Minute), UpdatedAt: noon, DueAt: noon.Add(time.Duration(rng.IntN(200)-100) * time.Hour)}
		if rng.IntN(20) == 0 {
			t.State = pick(rng, States[:6])
		}
		t.setPosition(w.spot(b, at[where]), place.Given(at[where], geo.WGS84, nil))
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

// BenchmarkTransition takes steps with 20,000 tickets of one street, 32 people
// at a time, and says what a step takes of the processor and writes to files.
func BenchmarkTransition(b *testing.B) {
	w := worldOn(b, enginetest.SQLite(b))
	rng := rand.New(rand.NewPCG(1, 1))
	all := make([]*Ticket, 20_000)
	for i := range all {
		t := benchTicket()
		t.Meta = store.Meta{ID: ids.New()}
		t.Number, t.CreatedAt = fmt.Sprintf("%s-261123-%d", jia, i), noon.Add(-time.Duration(rng.IntN(365*24*60))*time.Minute)
		t.setPosition(w.spot(b, at[east]), place.Given(at[east], geo.WGS84, nil))
		t.assign(w.person("worker"), nil)
		t.derive()
		all[i] = t
	}
	w.insert(all)
	step := func(id string, tr Transition) error {
		return w.st.Update(b.Context(), []string{all[0].Partition}, func(tx *store.Tx) error {
			t, err := collection.Get(b.Context(), tx, id)
			if err != nil {
				return err
			}
			before := t.facts()
			t.apply(tr, access.LeadOf, &ActionInput{Action: tr.Action, Outcome: "fixed"}, occasion{actor: w.people["lead"], now: noon, policy: usual}, usual)
			return put(tx, t, t.entry(w.people["lead"], noon, tr.Action, before))
		})
	}
	there := map[Action]Transition{}
	for _, tr := range Transitions {
		there[tr.Action] = tr
	}
	const people = 32
	steps, cpu, wrote := 0, processor(b), written(b)
	for b.Loop() {
		var each sync.WaitGroup
		for p := range people {
			each.Go(func() {
				for i := p; i < 512; i += people {
					for _, action := range []Action{Resolve, Rework} {
						if err := step(all[(steps*7+i*31)%len(all)].ID, there[action]); err != nil {
							b.Error(err)
						}
					}
				}
			})
		}
		each.Wait()
		steps += 1024
	}
	b.ReportMetric(float64((processor(b)-cpu).Microseconds())/float64(steps), "cpu-µs/step")
	b.ReportMetric((written(b)-wrote)/float64(steps), "written-B/step")
	b.ReportMetric(float64(steps)/b.Elapsed().Seconds(), "steps/s")
	b.ReportMetric(0, "ns/op")
}

// processor is the time that the program has had of it.
func processor(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// written is how much the program has written to files, as Linux tells; 0 elsewhere.
func written(b *testing.B) (bytes float64) {
	if text, err := os.ReadFile("/proc/self/io"); err == nil {
		if _, err := fmt.Sscanf(string(text), "rchar: %f\nwchar: %f", new(float64), &bytes); err != nil {
			b.Fatal(err)
		}
	}
	return bytes
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
