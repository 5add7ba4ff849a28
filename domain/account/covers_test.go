package account

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/area"
)

// covering is a street with somebody of every role, two of some.
type covering struct {
	*world
	ids map[string]string // by username
}

func newCovering(w *world) *covering {
	w.importCells()
	c := &covering{w, map[string]string{}}
	for username, in := range map[string]NewAccount{
		"dispatcher": {Grants: []GrantInput{{access.Dispatcher, street}}}, "manager-1": {Grants: []GrantInput{{access.StreetManager, street}}},
		"head": {Grants: []GrantInput{{access.CommunityManager, community}}}, "lead-1": {Grants: []GrantInput{{access.GridLead, community}}},
		"worker-1": {Grants: []GrantInput{{access.OutreachWorker, community}, {access.Resident, ""}}}, "worker-2": {Grants: []GrantInput{{access.OutreachWorker, community}}},
		"far": {Grants: []GrantInput{{access.OutreachWorker, otherStreet}}}, "desk": {Grants: []GrantInput{{access.CounterWorker, community}}},
		"handler-1": {Organisation: w.organisation, Grants: []GrantInput{{access.Handler, ""}}}, "handler-2": {Organisation: w.organisation, Grants: []GrantInput{{access.Handler, ""}}},
		"handler-3": {Organisation: w.otherOrganisation, Grants: []GrantInput{{access.Handler, ""}}}, "boss": {Grants: []GrantInput{{access.Admin, ""}}},
		"resident": {Grants: []GrantInput{{access.Resident, ""}}}, "city-wide": {Grants: []GrantInput{{access.Dispatcher, cityArea}}},
	} {
		in.Username, in.Name, in.Password = username, username, right
		c.ids[username] = w.create(in).ID
	}
	if _, err := w.accounts.SetStaff(w.t.Context(), system, morning, cell, []area.Post{{Account: c.ids["lead-1"], Role: access.GridLead}, {Account: c.ids["worker-1"], Role: access.OutreachWorker}}, nil, 0); err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (c *covering) as(who string, now time.Time) access.Actor {
	c.t.Helper()
	if c.ids[who] == "" {
		return c.actor(who)
	}
	return must(c.accounts.AsOf(c.t.Context(), c.ids[who], now))(c.t)
}

// arrange lets one stand in for the other, from and until so many days from morning.
func (c *covering) arrange(who, absent, standIn string, from, until int) (*Cover, error) {
	c.t.Helper()
	in := NewCover{Absent: c.ids[absent], StandIn: c.ids[standIn], From: morning.Add(time.Duration(from) * day), Until: morning.Add(time.Duration(until) * day), Why: "leave"}
	return c.accounts.AddCover(c.t.Context(), c.as(who, morning), morning, in)
}

// Who stands in for somebody has their scope while it lasts, marked as theirs,
// and nothing of it before and after; the absent person keeps their own.
func TestAStandInHasTheScopeOfTheAbsent(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		c := newCovering(w)
		at, _ := w.areas.Map().ByCode(cell)
		must(c.arrange("manager-1", "dispatcher", "lead-1", 1, 3))(t)
		must(c.arrange("head", "worker-1", "worker-2", 1, 3))(t)
		must(c.arrange("manager-1", "lead-1", "head", 0, 3))(t)
		must(c.arrange("manager-1", "handler-1", "handler-2", 0, 3))(t)
		for _, x := range []struct {
			who   string
			days  int
			role  access.Role
			want  bool
			whose string
		}{
			{"lead-1", 0, access.Dispatcher, false, ""}, {"lead-1", 1, access.Dispatcher, true, "dispatcher"}, {"lead-1", 3, access.Dispatcher, false, ""},
			{"lead-1", 1, access.GridLead, true, "dispatcher"}, {"dispatcher", 1, access.Dispatcher, true, ""},
			{"worker-2", 0, access.OutreachWorker, false, ""}, {"worker-2", 1, access.OutreachWorker, true, "worker-1"}, {"worker-2", 3, access.OutreachWorker, false, ""},
			{"head", 1, access.GridLead, true, "lead-1"}, {"head", 1, access.Dispatcher, false, "lead-1"}, // what lead-1 has as a stand-in is not passed on
			{"handler-2", 1, access.Handler, true, "handler-1"},
		} {
			a := c.as(x.who, morning.Add(time.Duration(x.days)*day))
			var want []string
			if x.whose != "" {
				want = []string{c.ids[x.whose]}
			}
			if x.role == access.Handler {
				if !a.Is(x.role) || !slices.Equal(a.StandsFor, want) {
					t.Errorf("%s: %+v", x.who, a)
				}
				continue
			}
			if got := a.In(at.Place, x.role); got != x.want || !slices.Equal(a.StandsFor, want) {
				t.Errorf("%s as %s after %d days: %v for %v, want %v for %v", x.who, x.role, x.days, got, a.StandsFor, x.want, want)
			}
			for _, g := range a.Grants {
				if g.Role == access.Resident && g.For != "" {
					t.Errorf("%s is %s's resident", x.who, g.For)
				}
			}
		}
		if away := c.as("dispatcher", morning.Add(day)); !slices.Equal(away.StandIns, []string{c.ids["lead-1"]}) {
			t.Errorf("who stands in: %v", away.StandIns)
		}
	})
}

// A cover of a cell says for whom it is, too.
func TestACoverOfACellIsOfItsPerson(t *testing.T) {
	w := newWorld(t)
	c := newCovering(w)
	posts := []area.Post{{Account: c.ids["worker-1"], Role: access.OutreachWorker}, {Account: c.ids["worker-2"], Role: access.OutreachWorker}}
	must(w.accounts.SetStaff(t.Context(), system, morning, cell, posts, []area.Cover{{Account: c.ids["worker-2"], For: c.ids["worker-1"], Until: morning.Add(day)}}, 0))(t)
	a := c.as("worker-2", morning)
	var of []string
	for _, g := range a.Grants {
		of = append(of, g.For)
	}
	slices.Sort(of)
	if !slices.Equal(of, []string{"", c.ids["worker-1"]}) || !slices.Equal(a.StandsFor, []string{c.ids["worker-1"]}) {
		t.Errorf("who is posted and stands in: %+v", a)
	}
	if away := c.as("worker-1", morning); !slices.Equal(away.StandIns, []string{c.ids["worker-2"]}) || away.StandsFor != nil {
		t.Errorf("who is away: %+v", away)
	}
	if back := c.as("worker-2", morning.Add(day)); back.StandsFor != nil || len(back.Grants) != 1 {
		t.Errorf("afterwards: %+v", back)
	}
}

func TestWhoArrangesCovers(t *testing.T) {
	w := newWorld(t)
	c := newCovering(w)
	for _, x := range []struct {
		who, absent, standIn string
		from, until          int
		want                 string
	}{
		{"manager-1", "dispatcher", "lead-1", 10, 12, "ok"}, {"boss", "manager-1", "dispatcher", 20, 22, "ok"}, {"manager-1", "manager-1", "dispatcher", 30, 32, "ok"},
		{"head", "worker-1", "worker-2", 0, 2, "ok"}, {"head", "lead-1", "worker-1", 40, 41, "ok"}, {"manager-1", "desk", "worker-2", 4, 5, "ok"},
		{"manager-1", "worker-2", "city-wide", 40, 42, "ok"}, {"boss", "city-wide", "dispatcher", 50, 52, "ok"}, {"manager-1", "handler-1", "handler-2", 0, 2, "ok"},
		{"dispatcher", "worker-1", "worker-2", 60, 61, "403"}, {"worker-2", "worker-1", "worker-2", 60, 61, "403"}, {"resident", "worker-1", "worker-2", 60, 61, "403"},
		{"other manager", "worker-1", "worker-2", 60, 61, "/absent"}, {"head", "dispatcher", "lead-1", 60, 61, "/absent"}, {"head", "desk", "worker-1", 60, 61, "/absent"},
		{"manager-1", "boss", "dispatcher", 60, 61, "/absent"}, {"boss", "boss", "dispatcher", 60, 61, "/absent"}, {"manager-1", "resident", "worker-1", 60, 61, "/absent"}, {"manager-1", "far", "worker-1", 60, 61, "/absent"},
		{"manager-1", "worker-1", "far", 60, 61, "/standIn"}, {"manager-1", "worker-1", "resident", 60, 61, "/standIn"}, {"manager-1", "worker-1", "handler-1", 60, 61, "/standIn"},
		{"manager-1", "handler-1", "handler-3", 60, 61, "/standIn"}, {"manager-1", "worker-1", "worker-1", 60, 61, "/standIn"}, {"manager-1", "dispatcher", "manager-1", 60, 61, "/standIn"},
		{"head", "worker-1", "lead-1", 1, 3, "/from"}, {"manager-1", "worker-2", "worker-1", 1, 3, "/standIn"}, {"head", "worker-1", "lead-1", 2, 3, "ok"},
		{"head", "worker-1", "worker-2", 61, 61, "/until"}, {"head", "worker-1", "worker-2", -2, -1, "/until"}, {"head", "worker-1", "worker-2", -2, 70, "/from"}, {"head", "worker-1", "worker-2", 70, 470, "/until"},
	} {
		_, err := c.arrange(x.who, x.absent, x.standIn, x.from, x.until)
		if invalid := (*domain.InvalidError)(nil); errors.As(err, &invalid) {
			pointers := []string{}
			for _, f := range invalid.Fields {
				pointers = append(pointers, f.Pointer)
			}
			if !slices.Contains(pointers, x.want) {
				t.Errorf("%+v: %v", x, pointers)
			}
			continue
		}
		expect(t, strings.Join([]string{x.who, x.absent, x.standIn}, " "), err, x.want)
	}
	for i, who := range []string{"dispatcher", "manager-1", "desk", "lead-1"} { // one for three at most
		_, err := c.arrange("boss", who, "city-wide", 100, 101)
		if want := "ok"; i < coversAtOnce {
			expect(t, who, err, want)
		} else {
			expect(t, who, err, "/standIn")
		}
	}
}

// Sent again, also late, it is the one there is; under another body the id is in use.
func TestACoverIsArrangedOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		c := newCovering(w)
		in := NewCover{ID: "0190a5b0-0000-7000-8000-0000000000aa", Absent: c.ids["worker-1"], StandIn: c.ids["worker-2"], Until: morning.Add(day), Why: "sick"}
		first := must(c.accounts.AddCover(t.Context(), c.as("head", morning), morning, in))(t)
		head := w.st.Head(area.CityPartition)
		again := must(c.accounts.AddCover(t.Context(), c.as("head", morning), morning.Add(9*day), in))(t)
		if again.ID != first.ID || !again.Until.Equal(first.Until) || w.st.Head(area.CityPartition) != head {
			t.Errorf("again: %+v", again)
		}
		in.Why = "other"
		if _, err := c.accounts.AddCover(t.Context(), c.as("head", morning), morning, in); !errors.Is(err, domain.ErrIDInUse) {
			t.Errorf("another under the same id: %v", err)
		}
		entries := must(w.st.Journal(t.Context(), area.CityPartition, head-1, 10))(t)
		if e := entries[0]; e.Action != "cover.create" || e.Dims["absent"] != in.Absent || e.Dims["standIn"] != in.StandIn || e.Actor != c.ids["head"] {
			t.Errorf("the journal has %+v", e)
		}
	})
}

// A cover ends early when it is said so, and when one of the two is disabled.
func TestACoverEndsEarly(t *testing.T) {
	w := newWorld(t)
	c := newCovering(w)
	one := must(c.arrange("head", "worker-1", "worker-2", 0, 10))(t)
	change := func(who string, days int, version int64) error {
		until := morning.Add(time.Duration(days) * day)
		_, err := c.accounts.ChangeCover(t.Context(), c.as(who, morning), morning.Add(day), one.ID, version, CoverChange{Until: &until})
		return err
	}
	expect(t, "a stranger", change("other manager", 2, 0), "404")
	expect(t, "who stands in", change("worker-2", 20, 0), "403")
	expect(t, "a colleague", change("lead-1", 2, 0), "403")
	expect(t, "later", change("head", 12, one.Version), "ok")
	expect(t, "stale", change("head", 13, one.Version), "412")
	must(c.arrange("manager-1", "worker-1", "lead-1", 12, 13))(t)
	expect(t, "into another's", change("head", 13, 0), "/until")
	expect(t, "too long", change("head", 400, 0), "/until")
	if a := c.as("worker-2", morning.Add(day-time.Millisecond)); a.StandsFor == nil {
		t.Error("stands in for nobody while it runs")
	}
	expect(t, "now", change("head", 0, 0), "ok")
	if a := c.as("worker-2", morning.Add(day)); a.StandsFor != nil {
		t.Errorf("stands in for %v when it is over", a.StandsFor)
	}
	expect(t, "again", change("head", 5, 0), "over")

	two := must(c.arrange("manager-1", "dispatcher", "desk", 0, 5))(t)
	three := must(c.arrange("manager-1", "lead-1", "desk", 2, 5))(t)
	must(w.accounts.Update(t.Context(), c.actor("admin"), morning, c.ids["desk"], 0, Change{Disabled: ptr(true)}))(t)
	for _, id := range []string{two.ID, three.ID} {
		if ended := must(c.accounts.Cover(t.Context(), c.as("manager-1", morning), id))(t); ended.Holds(morning) || ended.Holds(morning.Add(3*day)) {
			t.Errorf("of one who is disabled: %+v", ended)
		}
	}
}

// Everybody sees their own, who leads those of the people they know of, and nobody whether there are others.
func TestCoversAreListed(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		c := newCovering(w)
		must(c.arrange("head", "worker-1", "worker-2", 0, 2))(t)
		must(c.arrange("manager-1", "dispatcher", "lead-1", 1, 3))(t)
		must(c.arrange("boss", "city-wide", "dispatcher", 5, 6))(t)
		name := map[string]string{}
		for username, id := range c.ids {
			name[id] = username
		}
		for _, x := range []struct {
			who  string
			f    CoverFilter
			want string
		}{
			{"boss", CoverFilter{}, "city-wide dispatcher worker-1"}, {"manager-1", CoverFilter{}, "dispatcher worker-1"}, {"head", CoverFilter{}, "worker-1"},
			{"worker-2", CoverFilter{}, "worker-1"}, {"worker-1", CoverFilter{}, "worker-1"}, {"dispatcher", CoverFilter{}, "city-wide dispatcher worker-1"}, {"desk", CoverFilter{}, ""}, {"far", CoverFilter{}, ""},
			{"boss", CoverFilter{Area: community}, "worker-1"}, {"boss", CoverFilter{Account: c.ids["dispatcher"]}, "city-wide dispatcher"}, {"boss", CoverFilter{At: morning}, "worker-1"},
			{"boss", CoverFilter{At: morning.Add(day)}, "dispatcher worker-1"}, {"boss", CoverFilter{At: morning.Add(2 * day)}, "dispatcher"}, {"boss", CoverFilter{Account: c.ids["dispatcher"], Area: otherStreet}, ""},
			{"worker-2", CoverFilter{Account: c.ids["dispatcher"]}, "404"}, {"boss", CoverFilter{Area: "999"}, "?area"},
		} {
			var got []string
			failed := ""
			for x.f.Limit = 1; ; {
				page, next, err := c.accounts.Covers(t.Context(), c.as(x.who, morning), x.f)
				if err != nil {
					failed = map[bool]string{true: "404", false: "?area"}[errors.Is(err, domain.ErrNotFound)]
					break
				}
				for _, v := range page {
					got = append(got, name[v.Absent])
				}
				if x.f.Cursor = next; next == "" {
					break
				}
			}
			slices.Sort(got)
			if text := strings.Join(got, " ") + failed; text != x.want {
				t.Errorf("%s, %+v: %s, want %s", x.who, x.f, text, x.want)
			}
		}
	})
}
