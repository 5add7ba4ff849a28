package homecall_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/civil"
	"wangge/domain/homecall"
	"wangge/domain/household"
	"wangge/domain/ids"
	"wangge/domain/intake"
	"wangge/domain/link"
	"wangge/domain/service"
	"wangge/domain/worldtest"
)

// One booking is a household, a case, a visit, their link and a worker's time; sent again it is the same.
func TestBookingMakesEverythingOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		li := w.resident(1)
		b := asked(east, "301", wednesday, "morning")
		r := w.book(li, b)
		if got := w.said(r); got != "booked  2026-11-25/morning first planned first case:booked" && got != "booked  2026-11-25/morning second planned second case:booked" {
			t.Error(got)
		}
		h := must(w.households.Get(t.Context(), admin, r.Household))(t)
		if !h.HasPhone(li.Phone) || h.Occupant == nil || r.Named != "" {
			t.Errorf("%+v", h)
		}
		c := w.caseOf(r)
		if c.State != intake.Received || c.Worker != "" || c.Applicant.Account != li.Account || c.Applicant.Phone.Index != li.Phone || !access.OwnsCase(li, c.Facts()) || c.Household != h.ID {
			t.Errorf("%+v", c)
		}
		linked := must(w.links.Of(t.Context(), admin, link.End{Thing: link.Visit, ID: r.Visit}, false))(t)
		if len(linked) != 1 || linked[0].Other.ID != r.Case {
			t.Errorf("%+v", linked)
		}
		if again := w.book(li, b); again.ID != r.ID || again.Version != r.Version {
			t.Errorf("%+v", again)
		}
		other := b
		other.Note = "换了内容"
		for _, x := range []struct {
			who access.Actor
			b   homecall.Booking
		}{{li, other}, {w.resident(2), b}} {
			if _, err := w.calls.Book(t.Context(), x.who, noon, x.b); worldtest.Conflict(err) != "duplicate" {
				t.Error(err)
			}
		}
		// The same door again is the household on record, of which nothing is said to who booked.
		second := w.book(w.resident(2), asked(east, "301", wednesday, "afternoon"))
		if second.Household != h.ID || second.Named != "" || second.Address != r.Address {
			t.Errorf("%+v", second)
		}
		if same := must(w.households.Get(t.Context(), admin, h.ID))(t); same.Version != h.Version {
			t.Error("the household on record was changed")
		}
		// A household is booked for by whose phone is on record there.
		own := asked(east, "", wednesday, "afternoon")
		own.Where = homecall.Where{Household: h.ID}
		if got := w.book(li, own); got.Named != h.ID {
			t.Errorf("%+v", got)
		}
		own.ID = ids.New()
		if _, err := w.calls.Book(t.Context(), w.resident(2), noon, own); !slices.Equal(worldtest.Pointers(err), []string{"/household"}) {
			t.Error(err)
		}
	})
}

// Whatever is wrong is named, and nothing is written.
func TestBookingIsChecked(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		li := w.resident(1)
		with := func(change func(*homecall.Booking)) homecall.Booking {
			b := asked(east, "301", wednesday, "morning")
			change(&b)
			return b
		}
		for want, b := range map[string]homecall.Booking{
			"/item":           with(func(b *homecall.Booking) { b.Item = counter }),
			"/item ":          with(func(b *homecall.Booking) { b.Item = "" }),
			"/item  ":         with(func(b *homecall.Booking) { b.Item = "none" }),
			"/case":           with(func(b *homecall.Booking) { b.Item, b.Case = "", ids.New() }),
			"/date":           with(func(b *homecall.Booking) { b.Date = "2026-11-23" }),
			"/date ":          with(func(b *homecall.Booking) { b.Date = "2026-11-28" }), // a Saturday
			"/date  ":         with(func(b *homecall.Booking) { b.Date = "soon" }),
			"/slot":           with(func(b *homecall.Booking) { b.Slot = "night" }),
			"/address/estate": with(func(b *homecall.Booking) { b.Address.Estate = "" }),
			"/address":        with(func(b *homecall.Booking) { b.Position = nil; b.Address = household.Address{} }),
			"/position":       with(func(b *homecall.Booking) { at := worldtest.At["beside jia"]; b.Position = &at }),
			"/household":      with(func(b *homecall.Booking) { b.Where = homecall.Where{Household: ids.New()} }),
			"/phone":          with(func(b *homecall.Booking) { b.Phone = "12" }),
			"/note /date /item": with(func(b *homecall.Booking) {
				b.Note, b.Date, b.Item = strings.Repeat("长", 501), "", ""
			}),
		} {
			_, err := w.calls.Book(t.Context(), li, noon, b)
			if got := strings.Join(worldtest.Pointers(err), " "); got != strings.TrimRight(want, " ") {
				t.Errorf("%s: %v %s", want, err, got)
			}
		}
		if all := must(homecall.All(t.Context(), w.st, worldtest.ID(t, w.areas, jia)))(t); len(all) > 0 {
			t.Errorf("%+v", all)
		}
		unproved := li
		unproved.Phone = ""
		if _, err := w.calls.Book(t.Context(), unproved, noon, asked(east, "301", wednesday, "morning")); err == nil || len(worldtest.Pointers(err)) > 0 {
			t.Error("booked without a phone", err)
		}
		// An item that is not in force any more is not booked.
		must(w.items.Put(t.Context(), admin, noon, item, 0, service.Decision{Content: service.Content{Category: "民政", Name: "尊老金申请", Department: "民政局", WorkingDays: 5, HomeCall: true, Retired: true}}))(t)
		if _, err := w.calls.Book(t.Context(), li, noon, asked(east, "301", wednesday, "morning")); !slices.Equal(worldtest.Pointers(err), []string{"/item"}) {
			t.Error(err)
		}
	})
}

// Many at once for the last places of a slot, on two nodes: as many as there are get one, and the others learn what is free.
func TestTheLastPlaceIsGivenOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		nodes := []*node{w.node, w.join()}
		who := make([]access.Actor, 12)
		for i := range who {
			who[i] = w.resident(i + 1)
		}
		errs := make([]error, len(who))
		var wg sync.WaitGroup
		for i := range who {
			wg.Go(func() {
				_, errs[i] = nodes[i%2].calls.Book(t.Context(), who[i], noon, asked(east, "30"+string(rune('a'+i)), wednesday, "morning"))
			})
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
				continue
			}
			if worldtest.Conflict(err) != "slot_taken" {
				t.Error(err)
			}
		}
		if won != 4 { // two workers, two each
			t.Errorf("%d were booked", won)
		}
		_, err := w.calls.Book(t.Context(), who[0], noon, asked(east, "400", wednesday, "morning"))
		if free := allowed(err); len(free) == 0 || slices.Contains(free, "2026-11-25/morning") || free[0] != "2026-11-24/morning" {
			t.Error(free, err)
		}
		offers := must(w.calls.Slots(t.Context(), who[0], noon, homecall.Asked{Item: item, Where: asked(east, "", "", "").Where, From: wednesday, To: wednesday}))(t)
		if len(offers) != 2 || offers[0].Free != 0 || offers[1].Free != 4 {
			t.Errorf("%+v", offers)
		}
	})
}

// The same booking sent many times at once is one.
func TestSentManyTimesAtOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		li, b := w.resident(1), asked(east, "301", wednesday, "morning")
		nodes := []*node{w.node, w.join()}
		made := make([]*homecall.Request, 8)
		errs := make([]error, len(made))
		var wg sync.WaitGroup
		for i := range made {
			wg.Go(func() { made[i], errs[i] = nodes[i%2].calls.Book(t.Context(), li, noon, b) })
		}
		wg.Wait()
		for i := range made {
			if errs[i] != nil || made[i].Case != made[0].Case {
				t.Error(errs[i])
			}
		}
		if all := must(homecall.All(t.Context(), w.st, worldtest.ID(t, w.areas, jia)))(t); len(all) != 1 {
			t.Errorf("%d requests", len(all))
		}
	})
}

// Who has least to do goes first; a cell without workers is served by those of its community.
func TestWhoCalls(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		var got []string
		for i, cell := range []string{east, east, east, west, north} {
			got = append(got, w.name(w.book(w.resident(i+1), asked(cell, string(rune('a'+i)), wednesday, "morning")).Worker))
		}
		slices.Sort(got)
		if want := []string{"first", "first", "second", "second", "third"}; !slices.Equal(got, want) {
			t.Error(got)
		}
		// Nobody is there: refused, with nothing free.
		w.staff(north, nil)
		_, err := w.calls.Book(t.Context(), w.resident(9), noon, asked(north, "z", wednesday, "afternoon"))
		if worldtest.Conflict(err) != "slot_taken" || len(allowed(err)) != 0 {
			t.Error(err)
		}
	})
}

// Somebody has five home calls to come at most, however many they booked and cancelled in between.
func TestFewAtATime(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		li, now := w.resident(1), noon
		book := func(date civil.Date) (*homecall.Request, error) {
			now = now.Add(time.Second)
			return w.calls.Book(t.Context(), li, now, asked(east, "301", date, "morning"))
		}
		for _, date := range []civil.Date{"2026-11-25", "2026-11-26", "2026-11-27", "2026-11-30"} {
			must(book(date))(t)
		}
		cancel := func(r *homecall.Request) {
			must(w.calls.TakeAction(t.Context(), li, now, r.ID, 0, homecall.ActionInput{ID: ids.New(), Action: "cancel"}))(t)
		}
		for range 5 {
			cancel(must(book("2026-12-01"))(t))
		}
		fifth := must(book("2026-12-01"))(t)
		if _, err := book("2026-12-02"); worldtest.Conflict(err) != "limit_reached" {
			t.Errorf("a sixth at a time: %v", err)
		}
		cancel(fifth)
		if _, err := book("2026-12-02"); worldtest.Conflict(err) != "limit_reached" {
			t.Errorf("an eleventh within a day: %v", err)
		}
		now = now.AddDate(0, 0, 1)
		must(book("2026-12-02"))(t)
	})
}
