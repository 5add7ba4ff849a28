package policy

import (
	"fmt"
	"hash/fnv"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/calendar"
	"wangge/domain/clocks"
	"wangge/store"
	"wangge/store/storetest"
)

func TestStoredForms(t *testing.T) {
	meta := store.Meta{ID: "s/3", Partition: "s", Version: 1, Seq: 17, Schema: 1, Audience: []string{"key"}}
	mark := Mark{Since: 3, Retired: true}
	name := domain.T("停车", "Parking")
	term := clocks.Term{Count: 2, Unit: clocks.WorkingHour}
	rules := Rules{Terms: []Timed{{clocks.Handle, term}}, Photos: 1, Assignee: "o", Department: "d", Roles: []Narrow{{"close", []access.Role{access.Dispatcher}}}}
	all := Content{
		Groups:     []Group{{Mark: mark, Code: "order", Name: name, Heir: "others"}},
		Categories: []Category{{Mark: mark, Code: "parking", Name: name, Parent: "order", Public: true, AfterPhoto: true, Days: 7, Rules: rules, Heir: "noise"}},
		Conditions: []Condition{{Mark: mark, Category: "parking", Code: "general", Name: name, Urgency: "urgent", Days: 1, Default: true, Rules: rules, AfterPhoto: true, Private: true, Closing: []Item{{"cleared", name}}, Heir: "other"}},
		Clocks:     []ClockRule{{Mark: mark, Code: clocks.Accept, Term: term, Warn: term, WarnTo: []Recipient{ToLead}, Levels: []Level{{To: []Recipient{ToLead}}, {After: term, To: []Recipient{ToDispatcher, ToCounty}}}}},
		Hours: []Office{{Mark: mark, Code: TheOffice, WorkingDays: clocks.OfficeHours, Hours: calendar.Hours{Weekly: []calendar.Weekly{{Days: []calendar.Weekday{1}, Spans: []calendar.Span{{From: "09:00", Until: "12:00"}}}},
			Seasons: []calendar.Season{{From: "06-15", Until: "09-15", Weekly: []calendar.Weekly{}}}, Exceptions: []calendar.Exception{{Date: "2026-12-31", Spans: []calendar.Span{}}}, OpenOnHolidays: true, MakeUpDays: true}}},
		Steps:      []Step{{Mark: mark, Code: "accept", Roles: []access.Role{access.Dispatcher}}},
		Limits:     []Limit{{Mark: mark, Code: SuspendDays, Value: 20}},
		Thresholds: []Threshold{{Mark: mark, Code: "too_far", Limit: 150.5, Score: 60}},
		Welfare:    []Welfare{{Mark: mark, Code: "lives_alone"}},
		Tags:       []Tag{{Mark: mark, Code: "lives_alone", Name: name, Sensitive: true}},
		HomeCalls:  []HomeCall{{Mark: mark, Code: "morning", From: "09:00", To: "11:30", Each: 2}},
	}
	storetest.Golden(t, versions, &Version{Meta: meta, Area: "s", Number: 3, From: noon, By: "a", At: noon.Add(-time.Hour), Why: "会议决定", Draft: 7, Content: all}, filepath.Join("testdata", "policyVersions.golden.json"))
	storetest.Golden(t, heads, &Head{Meta: meta, Own: 3, City: 2}, filepath.Join("testdata", "policyHeads.golden.json"))
	old := visitRules{Meta: store.Meta{ID: "x", Partition: "s", Version: 3, Seq: 17, Schema: 1, Audience: []string{"key"}}, Thresholds: map[string]oldThreshold{}, ReviewAt: 50, WeekLimit: 60, WelfareTags: []string{"empty_nest_elder"}, UpdatedAt: time.UnixMilli(1772424000000).UTC()}
	for _, x := range builtIn().Thresholds {
		old.Thresholds[x.Code] = oldThreshold{x.Limit, x.Score}
	}
	storetest.Golden(t, oldRules, &old, filepath.Join("testdata", "visitPolicies.golden.json"))
	storetest.Golden(t, oldTags, &tagDefinition{Meta: store.Meta{ID: "h", Partition: "s", Version: 3, Seq: 17, Schema: 1, Audience: []string{"key"}}, Code: "living_alone", NameZH: "独居老人", NameEN: "Lives alone", Sensitive: true, Retired: true}, filepath.Join("testdata", "tagDefinitions.golden.json"))
	storetest.Golden(t, drafts, &Draft{Meta: meta, Base: 3, By: "a", At: noon, Content: all}, filepath.Join("testdata", "policyDrafts.golden.json"))
}

// What is built in has a number, which tickets name: it goes up with every change.
func TestBuiltInIsNumbered(t *testing.T) {
	sum := fnv.New64a()
	fmt.Fprintf(sum, "%+v", builtIn())
	if got := fmt.Sprintf("%d %x", builtInNumber, sum.Sum64()); got != "3 4d7f0ae0e609d89a" {
		t.Errorf("built in: %s; raise builtInNumber with a change", got)
	}
	p := Default()
	if p.ID != "3" || len(p.Categories) != 9 || p.Limit(SuspendDays) != 30 || !slices.Equal(p.MayTake("close"), access.Leads) || !p.IsWelfare("empty_nest_elder") {
		t.Errorf("%+v", p)
	}
	in := &inspection{}
	in.whole(p)
	in.own = builtIn()
	in.own.Tags = nil
	in.entries(p)
	if len(in.found) > 0 {
		t.Errorf("what is built in would not pass: %v", in.found)
	}
}

// A street's entry goes before the city's, the city's before what is built in, each by itself.
func TestPartsAreLaidOverOneAnother(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		w.published("admin", city, noon, "2026-11-23", Content{Categories: []Category{parking(5), {Code: "noise", Name: domain.T("噪声", "Noise"), Days: 2}},
			Limits: []Limit{{Code: ReopenDays, Value: 20}}})
		v := w.published("manager", jia, noon, "2026-11-23", Content{Categories: []Category{parking(3), {Code: "dogs", Name: domain.T("犬只", "Dogs"), Days: 4}},
			Conditions: []Condition{{Category: "dogs", Code: "general", Name: domain.T("一般", "general"), Urgency: "normal", Default: true},
				{Category: "parking", Code: "blocked_exit", Name: domain.T("堵塞", "blocked"), Urgency: "critical", Days: 1}},
			Steps: []Step{{Code: "close", Roles: []access.Role{access.Dispatcher}}}})
		if v.Number != 1 || v.Content.Categories[0].Since != 1 {
			t.Errorf("%+v", v)
		}
		for _, n := range []*node{w.node, w.join()} {
			p, other := n.policies.At(w.street(jia), noon), n.policies.At(w.street(yi), noon)
			origins := map[string]Origin{}
			for _, c := range p.Categories {
				origins[c.Code] = c.Origin
			}
			if p.ID != "3/3205.1/320508001.1" || other.ID != "3/3205.1/320508002.0" || origins["parking"] != FromStreet || origins["noise"] != FromCity || origins["other"] != BuiltIn || origins["dogs"] != FromStreet {
				t.Errorf("%s, %s: %v", p.ID, other.ID, origins)
			}
			if d := n.days(w.street(jia), "parking", noon); d != 3 {
				t.Errorf("%d days by the street", d)
			}
			if d := n.days(w.street(yi), "parking", noon); d != 5 || n.days(w.street(yi), "dogs", noon) != 0 {
				t.Errorf("%d days in the other street", d)
			}
			if p.Limit(ReopenDays) != 20 || !slices.Equal(p.MayTake("close"), []access.Role{access.Dispatcher}) || !slices.Equal(p.MayTake("accept"), access.Leads) {
				t.Errorf("%+v", p)
			}
			c, _ := p.Category("parking")
			if x, ok := c.Condition("blocked_exit"); !ok || x.Urgency != "critical" || c.DaysUnder("blocked_exit") != 1 || c.DaysUnder("general") != 3 {
				t.Errorf("%+v", c)
			}
			words := n.policies.CategoryWords(noon)
			if !words.Has("dogs") || !words.Has("other") {
				t.Errorf("words: %v", words)
			}
		}
	})
}

// A version begins at midnight in Shanghai, or at once on the day itself; the one decided last of those that have begun holds.
func TestInForceFromADayOn(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		midnight := time.Date(2026, 11, 30, 16, 0, 0, 0, time.UTC) // of 1 December
		street := w.street(jia)
		w.published("manager", jia, noon, "2026-12-01", Content{Categories: []Category{parking(3)}})
		for at, want := range map[time.Time]int{noon: 7, midnight.Add(-time.Millisecond): 7, midnight: 3, midnight.AddDate(1, 0, 0): 3} {
			if got := w.days(street, "parking", at); got != want {
				t.Errorf("%s: %d days, want %d", at, got, want)
			}
		}
		today := noon.Add(time.Hour) // decided and in force, before the other begins, which it was not decided on
		w.published("manager", jia, today, "2026-11-23", Content{Categories: []Category{parking(4)}})
		for at, want := range map[time.Time]int{noon: 7, today.Add(-time.Millisecond): 7, today: 4, midnight: 4} {
			if got := w.days(street, "parking", at); got != want {
				t.Errorf("%s: %d days, want %d", at, got, want)
			}
		}
		for from, why := range map[string]string{"2026-11-22": "past", "2027-12-01": "too far ahead", "1.12.2026": "no day"} {
			if _, err := w.publish("manager", jia, noon, from, Content{}); !slices.Equal(pointers(err), []string{"/from"}) {
				t.Errorf("%s: %v", why, err)
			}
		}
	})
}

func TestWhoDecidesAndReads(t *testing.T) {
	oneEngine(t, func(t *testing.T, w *world) {
		for _, c := range []struct{ who, code, read, set string }{
			{"manager", jia, "ok", "ok"}, {"other manager", jia, "not found", "not found"}, {"admin", jia, "ok", "ok"}, {"counter", jia, "ok", "forbidden"},
			{"counter", yi, "not found", "not found"}, {"resident", jia, "not found", "not found"}, {"manager", city, "ok", "forbidden"}, {"admin", city, "ok", "ok"},
			{"admin", jia + "001", "not found", "not found"}, {"admin", "999999999", "not found", "not found"},
		} {
			_, read := w.policies.Read(t.Context(), w.people[c.who], c.code, noon)
			_, set := w.policies.Check(t.Context(), w.people[c.who], noon, c.code, Content{})
			if said(read) != c.read || said(set) != c.set {
				t.Errorf("%s of %s: %v, %v", c.who, c.code, read, set)
			}
		}
	})
}

func said(err error) string {
	switch err {
	case nil:
		return "ok"
	case domain.ErrNotFound:
		return "not found"
	case domain.ErrForbidden:
		return "forbidden"
	}
	return err.Error()
}

// The term of a clock is the condition's, else the category's, else the rule's; the promise falls back to days, and so does handling.
func TestTermOf(t *testing.T) {
	term := func(n int, u clocks.Unit) clocks.Term { return clocks.Term{Count: n, Unit: u} }
	dogs := Category{Code: "dogs", Name: domain.T("犬只", "Dogs"), Days: 4, Rules: Rules{Terms: []Timed{{clocks.Accept, term(1, clocks.Hour)}, {clocks.Promise, term(6, clocks.WorkingDay)}}}}
	p := merge(basis(), part{FromStreet, jia, 1, Content{Categories: []Category{dogs}, Conditions: []Condition{
		{Category: "dogs", Code: "general", Default: true},
		{Category: "dogs", Code: "bite", Days: 2, Rules: Rules{Terms: []Timed{{clocks.Accept, term(10, clocks.Minute)}, {clocks.Handle, term(2, clocks.WorkingDay)}}}},
		{Category: "dogs", Code: "lost", Days: 9, Rules: Rules{Terms: []Timed{{clocks.Promise, term(3, clocks.Day)}}}},
	}}})
	for _, c := range []struct {
		kind                clocks.Kind
		category, condition string
		want                clocks.Term
	}{
		{clocks.Accept, "dogs", "bite", term(10, clocks.Minute)}, {clocks.Accept, "dogs", "", term(1, clocks.Hour)}, {clocks.Accept, "noise", "", term(4, clocks.WorkingHour)},
		{clocks.Promise, "dogs", "", term(6, clocks.WorkingDay)}, {clocks.Promise, "dogs", "bite", term(2, clocks.Day)}, {clocks.Promise, "dogs", "lost", term(3, clocks.Day)},
		{clocks.Promise, "noise", "general", term(7, clocks.Day)}, {clocks.Promise, "parking", "blocked_exit", term(1, clocks.Day)}, {clocks.Promise, "gone", "", clocks.Term{}},
		{clocks.Handle, "dogs", "bite", term(2, clocks.WorkingDay)}, {clocks.Handle, "dogs", "lost", term(9, clocks.Day)}, {clocks.Handle, "noise", "", term(7, clocks.Day)}, {clocks.Handle, "gone", "", clocks.Term{}},
		{clocks.Dispatch, "parking", "blocked_exit", term(30, clocks.Minute)}, {clocks.Verify, "gone", "", term(1, clocks.WorkingDay)}, {clocks.Imposed, "noise", "", clocks.Term{}},
	} {
		if got := p.TermOf(c.kind, c.category, c.condition); got != c.want {
			t.Errorf("%s of %s/%s: %+v, want %+v", c.kind, c.category, c.condition, got, c.want)
		}
	}
}
