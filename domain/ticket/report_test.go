package ticket

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/domain/ids"
	"wangge/domain/photo"
	"wangge/domain/receipt"
	"wangge/domain/worldtest"
	"wangge/geo"
	"wangge/store"
)

var numbered = regexp.MustCompile(`^(\d{9})-261123-\d+$`)

// A position leads to its cell, whatever datum it was stated in; the dedicated
// cell goes first; outside every cell to the nearest street.
func TestReportIsRouted(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		for place, want := range map[string]struct{ cell, community, street string }{
			east: {east, jiaOne, jia}, park: {park, jiaOne, jia}, north: {north, jiaTwo, jia}, other: {other, yiOne, yi}, far: {far, bingOne, bing},
			"beside jia": {"", "", jia}, "beside yi": {"", "", yi},
		} {
			made := w.report("resident", place)
			street, _ := w.areas.Tree().ByCode(want.street)
			cellCode, communityCode, boundary := "", "", ""
			if c, ok := w.areas.Map().ByID(made.Place.Cell); ok {
				cellCode, boundary = c.Code, c.Boundary
			}
			if a, ok := w.areas.Tree().ByID(made.Place.Community); ok {
				communityCode = a.Code
			}
			if cellCode != want.cell || communityCode != want.community || made.Place.Street != street.ID || made.Place.County != street.Place.County || made.Place.City != street.Place.City {
				t.Errorf("at %s: %s, %s, %+v", place, cellCode, communityCode, made.Place)
			}
			if number := numbered.FindStringSubmatch(made.Number); number == nil || number[1] != want.street {
				t.Errorf("at %s: number %s", place, made.Number)
			}
			if made.Partition != street.ID || made.Boundary != boundary || made.Triage() != (want.cell == "") || made.State != Reported || made.Source != FromApp || made.Kind != "help" || made.Urgency != "normal" {
				t.Errorf("at %s: %+v", place, made)
			}
			journal := w.journal(want.street)
			last := journal[len(journal)-1]
			if last.Action != "ticket.report" || last.Doc != made.ID || last.Actor != w.people["resident"].Account || last.From != "session" ||
				last.After != (store.Facts{State: "reported", Cell: made.Place.Cell}) || last.Before != (store.Facts{}) || last.Dims["category"] != "noise" {
				t.Errorf("journal: %+v", last)
			}
			twin := draft(place)
			twin.Datum, twin.Position = geo.GCJ02, new(geo.ToWGS84(geo.FromWGS84(at[place], geo.GCJ02), geo.GCJ02))
			again := must(w.tickets.Report(t.Context(), w.people["resident"], noon, twin))(t)
			if d := again.Position.Lon - made.Position.Lon; again.Place != made.Place || d < -1 || d > 1 || again.Position.Datum != geo.GCJ02 {
				t.Errorf("at %s by AMap: %+v, by GPS %+v", place, again.Position, made.Position)
			}
		}
		night := must(w.tickets.Report(t.Context(), w.people["resident"], noon.Add(12*time.Hour), draft(east)))(t)
		if !strings.HasPrefix(night.Number, jia+"-261124-") {
			t.Errorf("number of a report on the next day in Suzhou: %s", night.Number)
		}
		if worker := w.report("worker", other); worker.Source != FromWorker || worker.Reporter != w.people["worker"].Account {
			t.Errorf("a worker's own report, outside their cells: %+v", worker)
		}
	})
}

func TestReportRefusals(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		for name, c := range map[string]struct {
			who      string
			change   func(*Draft)
			pointers string
		}{
			"at sea":                {"resident", func(d *Draft) { d.Position = new(at["at sea"]) }, "/position"},
			"nowhere":               {"resident", func(d *Draft) { d.Position = &orb.Point{math.NaN(), 31} }, "/position"},
			"no title, no category": {"resident", func(d *Draft) { d.Title, d.Category = " ", "" }, "/category /title"},
			"words nobody knows":    {"resident", func(d *Draft) { d.Kind, d.Urgency, d.Source = "gossip", "now", "rumour" }, "/kind /source /urgency"},
			"long texts": {"resident", func(d *Draft) {
				d.Title = strings.Repeat("长", 101)
				d.Description = strings.Repeat("长", 4001)
				d.Address = strings.Repeat("长", 201)
			}, "/title /description /address"},
			"a resident on patrol":     {"resident", func(d *Draft) { d.Source = FromPatrol }, "/source"},
			"many photos":              {"resident", func(d *Draft) { d.Photos = make([]string, 21) }, "/photos"},
			"a photo of nobody":        {"resident", func(d *Draft) { d.Photos = []string{ids.New()} }, "/photos/0"},
			"a photo of somebody else": {"resident", func(d *Draft) { d.Photos = []string{w.upload("resident"), w.upload("neighbour")} }, "/photos/1"},
			"a photo twice":            {"resident", func(d *Draft) { p := w.upload("resident"); d.Photos = []string{p, p} }, "/photos/1"},
			"no phone of whom it is":   {"worker", func(d *Draft) { d.For = &Resident{Name: "王秀英"} }, "/onBehalfOf/phone"},
			"anonymous on behalf":      {"worker", func(d *Draft) { d.For = &Resident{Phone: "13900000000"}; d.Anonymous = true }, "/anonymous"},
			"on behalf, next door":     {"worker", func(d *Draft) { d.For = &Resident{Phone: "13900000000"}; d.Position = new(at[west]) }, "/position"},
			"on behalf, in no cell":    {"worker", func(d *Draft) { d.For = &Resident{Phone: "13900000000"}; d.Position = new(at["beside jia"]) }, "/position"},
			"on behalf, far street":    {"manager", func(d *Draft) { d.For = &Resident{Phone: "13900000000"}; d.Position = new(at[other]) }, "/position"},
		} {
			d := draft(east)
			c.change(&d)
			_, err := w.tickets.Report(t.Context(), w.people[c.who], noon, d)
			if got := strings.Join(pointers(err), " "); got != c.pointers {
				t.Errorf("%s: %v, want it at %s", name, err, c.pointers)
			}
			if _, err := collection.Get(t.Context(), w.st, d.ID); !errors.Is(err, domain.ErrNotFound) {
				t.Errorf("%s: %v, something was written", name, err)
			}
		}
		for name, actor := range map[string]access.Actor{
			"nobody": {}, "a machine": {Account: "m", Grants: []access.Grant{{Role: access.Integration, Level: access.Street, Area: "s"}}}, "the program": program,
		} {
			if _, err := w.tickets.Report(t.Context(), actor, noon, draft(east)); !errors.Is(err, domain.ErrForbidden) {
				t.Errorf("%s reports: %v", name, err)
			}
		}
		for _, who := range []string{"resident", "handler"} {
			d := draft(east)
			d.For = &Resident{Name: "王秀英", Phone: "13900000000"}
			if _, err := w.tickets.Report(t.Context(), w.people[who], noon, d); !errors.Is(err, domain.ErrForbidden) {
				t.Errorf("%s reports for somebody: %v", who, err)
			}
		}
	})
}

// The same report again is the same ticket, whatever became of it; other content under its id, or another sender, is a conflict.
func TestReportAgain(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		accuracy := 5.5
		d := draft(east)
		d.Description, d.AccuracyM, d.Photos = "每天夜里", &accuracy, []string{w.upload("resident")}
		first := must(w.tickets.Report(t.Context(), w.people["resident"], noon, d))(t)
		w.move("lead", first.ID, ActionInput{Action: Correct, Category: "parking"})
		again := must(w.tickets.Report(t.Context(), w.people["resident"], noon.Add(time.Hour), d))(t)
		if again.Number != first.Number || again.Category != "parking" || len(again.Photos) != 1 || !again.CreatedAt.Equal(noon) {
			t.Errorf("again: %+v", again)
		}
		reports := 0
		for _, e := range w.journal(jia) {
			if e.Action == "ticket.report" {
				reports++
			}
		}
		if reports != 1 {
			t.Errorf("reported %d times, says the journal", reports)
		}
		elsewhere := 5.25
		for name, change := range map[string]func(*Draft){
			"kind": func(d *Draft) { d.Kind = "complaint" }, "category": func(d *Draft) { d.Category = "parking" }, "urgency": func(d *Draft) { d.Urgency = "urgent" },
			"title": func(d *Draft) { d.Title = "别的" }, "description": func(d *Draft) { d.Description = "" }, "address": func(d *Draft) { d.Address = "" },
			"position": func(d *Draft) { d.Position = new(at[west]) }, "datum": func(d *Draft) { d.Datum = geo.CGCS2000 }, "accuracy": func(d *Draft) { d.AccuracyM = &elsewhere },
			"photos": func(d *Draft) { d.Photos = nil }, "anonymous": func(d *Draft) { d.Anonymous = true },
		} {
			changed := d
			change(&changed)
			if _, err := w.tickets.Report(t.Context(), w.people["resident"], noon, changed); code(err) != "duplicate" {
				t.Errorf("another %s under the id: %v", name, err)
			}
		}
		if _, err := w.tickets.Report(t.Context(), w.people["neighbour"], noon, d); code(err) != "duplicate" {
			t.Errorf("another sender: %v", err)
		}
		// All at once, on two nodes: one ticket.
		nodes, d := []*Tickets{w.tickets, w.join().tickets}, draft(west)
		numbers := make([]string, 8)
		var wg sync.WaitGroup
		for i := range numbers {
			wg.Go(func() {
				made, err := nodes[i%2].Report(t.Context(), w.people["resident"], noon, d)
				if err != nil {
					t.Error(err)
					return
				}
				numbers[i] = made.Number
			})
		}
		wg.Wait()
		if len(slices.Compact(numbers)) != 1 {
			t.Errorf("one report made %v", numbers)
		}
	})
}

// Whom a worker reports for is sealed, and the ticket is theirs when they have an account.
func TestReportOnBehalf(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		const name, phone = "欧阳秀英", "13800000001"
		behalf := func(phone string) *Ticket {
			d := draft(park)
			d.For = &Resident{Name: name, Phone: phone}
			return must(w.tickets.Report(t.Context(), w.people["worker"], noon, d))(t)
		}
		known, unknown := behalf("+86 138 0000 0001"), behalf("13900000009")
		if known.Reporter != w.people["resident"].Account || unknown.Reporter != "" || known.ReportedBy != w.people["worker"].Account {
			t.Errorf("reporters %q and %q", known.Reporter, unknown.Reporter)
		}
		if known.Contact.NameMasked != "欧**英" || known.Contact.PhoneMasked != "138****0001" {
			t.Errorf("masked as %+v", known.Contact)
		}
		if _, view, err := w.tickets.Get(t.Context(), w.people["resident"], known.ID); view != access.Own {
			t.Errorf("its resident sees %v, %v", view, err)
		}
		w.move("resident", known.ID, ActionInput{Action: Withdraw})
		for _, made := range []*Ticket{known, unknown} {
			raw := must(collection.Encode(w.get(made.ID)))(t)
			for _, secret := range []string{name, phone, "13900000009"} {
				if bytes.Contains(raw, []byte(secret)) {
					t.Errorf("%q lies open in %s", secret, raw)
				}
			}
		}
		for _, e := range w.journal(jia) {
			line := must(json.Marshal(e))(t)
			for _, secret := range []string{name, phone, "13900000009", "大儒巷", "深夜"} {
				if bytes.Contains(line, []byte(secret)) {
					t.Errorf("%q in the journal: %s", secret, line)
				}
			}
		}
		if w.place.Dir == "" {
			return
		}
		files := must(filepath.Glob(filepath.Join(w.place.Dir, "wangge.db*")))(t)
		for _, file := range files {
			content := must(os.ReadFile(file))(t)
			for _, secret := range []string{name, "13900000009"} {
				if bytes.Contains(content, []byte(secret)) {
					t.Errorf("%q lies open in %s", secret, file)
				}
			}
		}
		if len(files) == 0 {
			t.Error("no file to look into")
		}
	})
}

// Numbers are given once, by all nodes together.
func TestReceiptNumbers(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		nodes := []*Tickets{w.tickets, w.join().tickets}
		given := make([]string, 64)
		var wg sync.WaitGroup
		for i := range given {
			wg.Go(func() {
				made, err := nodes[i%2].Report(t.Context(), w.people["resident"], noon, draft([]string{east, other}[i/2%2]))
				if err != nil {
					t.Error(err)
					return
				}
				given[i] = made.Number
			})
		}
		wg.Wait()
		slices.Sort(given)
		if n := len(slices.Compact(slices.Clone(given))); n != 64 {
			t.Errorf("%d different numbers of 64: %v", n, given)
		}
		for _, n := range given {
			if !numbered.MatchString(n) {
				t.Errorf("number %q", n)
			}
		}
	})
}

// A sweep under a wrong clock loses the day's counter: numbers that were given are passed over.
func TestReceiptNumbersAfterALostCounter(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		given := map[string]bool{}
		report := func(node *Tickets) {
			t.Helper()
			made := must(node.Report(t.Context(), w.people["resident"], noon, draft(east)))(t)
			if given[made.Number] || !numbered.MatchString(made.Number) {
				t.Errorf("number %q, given are %v", made.Number, given)
			}
			given[made.Number] = true
		}
		const block = 10 // numbers that a node takes first
		for range block + 3 {
			report(w.tickets)
		}
		late := w.join().tickets
		refused := draft(east)
		refused.Photos = []string{ids.New()}
		if _, err := late.Report(t.Context(), w.people["resident"], noon, refused); err == nil { // it has a block, and used none of it
			t.Fatal("a photo that nobody uploaded")
		}
		if err := receipt.Sweep(t.Context(), w.st, noon.AddDate(0, 0, 30)); err != nil {
			t.Fatal(err)
		}
		fresh := w.join().tickets
		for range block + 3 {
			report(fresh)
			report(w.tickets)
		}
		report(late)
	})
}

// What another node did to the cells counts, even before this one has heard of it.
func TestReportWhileTheMapIsBehind(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		away := w.join()
		worldtest.Draw(t, away.areas, noon, worldtest.Cell{Code: yiOne + "002", Ground: worldtest.Square(120.63, 31.3, 0.01)})
		if _, ok := w.areas.Map().ByCode(yiOne + "002"); ok {
			t.Fatal("this node knows already")
		}
		began := time.Now()
		made := w.report("resident", "beside yi")
		if c, ok := w.areas.Map().ByID(made.Place.Cell); !ok || c.Code != yiOne+"002" || made.Boundary != c.Boundary {
			t.Errorf("routed to %+v", made.Place)
		}
		if took := time.Since(began); took > time.Minute {
			t.Errorf("it took %s", took)
		}
		d := draft(other)
		d.Photos = []string{w.upload("resident")}
		worldtest.Draw(t, away.areas, noon, worldtest.Cell{Code: yiOne + "003", Kind: area.Dedicated, Ground: worldtest.Square(120.642, 31.302, 0.004)})
		made = must(w.tickets.Report(t.Context(), w.people["resident"], noon, d))(t)
		if c, _ := w.areas.Map().ByID(made.Place.Cell); c.Code != yiOne+"003" {
			t.Errorf("routed to %s", c.Code)
		}
		if p := must(photo.New(w.st).Get(t.Context(), d.Photos[0]))(t); p.Owner != (photo.Owner{Kind: "ticket", ID: made.ID}) {
			t.Errorf("the photo belongs to %+v", p.Owner)
		}
	})
}
