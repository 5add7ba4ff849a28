package account

import (
	"slices"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/area"
	"wangge/store/storetest"
)

const day = 24 * time.Hour

// staffed is a cell with a lead and two workers who may be posted there, and others who may not.
type staffed struct {
	*world
	lead, worker, standIn, elsewhere, off, resident string // account ids
}

func newStaffed(t *testing.T) *staffed {
	w := newWorld(t)
	w.importCells()
	person := func(username string, grants ...GrantInput) string {
		return w.create(NewAccount{Username: username, Name: username, Password: right, Grants: grants}).ID
	}
	s := &staffed{
		world:     w,
		lead:      person("lead", GrantInput{access.GridLead, community}),
		worker:    person("worker", GrantInput{access.OutreachWorker, street}, GrantInput{access.CounterWorker, street}),
		standIn:   person("stand-in", GrantInput{access.OutreachWorker, community}),
		elsewhere: person("elsewhere", GrantInput{access.OutreachWorker, otherStreet}, GrantInput{access.GridLead, otherStreet}),
		off:       person("off", GrantInput{access.OutreachWorker, community}),
		resident:  person("resident", GrantInput{access.Resident, ""}),
	}
	must(w.accounts.Update(t.Context(), w.actor("admin"), morning, s.off, 0, Change{Disabled: ptr(true)}))(t)
	return s
}

func (s *staffed) set(who string, posts []area.Post, covers []area.Cover, version int64) error {
	_, err := s.accounts.SetStaff(s.t.Context(), s.actor(who), morning, cell, posts, covers, version)
	return err
}

func TestSetStaff(t *testing.T) {
	s := newStaffed(t)
	lead := area.Post{Account: s.lead, Role: access.GridLead}
	worker := area.Post{Account: s.worker, Role: access.OutreachWorker, From: morning, Until: morning.Add(30 * day)}
	cover := area.Cover{Account: s.standIn, For: s.worker, From: morning.Add(day), Until: morning.Add(2 * day)}
	for _, c := range []struct {
		what   string
		posts  []area.Post
		covers []area.Cover
		want   string
	}{
		{"all", []area.Post{lead, worker}, []area.Cover{cover}, "ok"},
		{"nobody", nil, nil, "ok"},
		{"unknown", []area.Post{{Account: "nobody", Role: access.OutreachWorker}}, nil, "/posts/0/account"},
		{"disabled", []area.Post{lead, {Account: s.off, Role: access.OutreachWorker}}, nil, "/posts/1/account"},
		{"of another street", []area.Post{{Account: s.elsewhere, Role: access.OutreachWorker}}, nil, "/posts/0/account"},
		{"resident", []area.Post{{Account: s.resident, Role: access.OutreachWorker}}, nil, "/posts/0/account"},
		{"worker as lead", []area.Post{{Account: s.worker, Role: access.GridLead}}, nil, "/posts/0/account"},
		{"stand-in without the role", []area.Post{lead}, []area.Cover{{Account: s.standIn, For: s.lead}}, "/covers/0/account"},
		{"stand-in of another street", []area.Post{worker}, []area.Cover{{Account: s.elsewhere, For: s.worker}}, "/covers/0/account"},
		{"until before from", []area.Post{{Account: s.worker, Role: access.OutreachWorker, From: morning, Until: morning}}, nil, "/posts/0/until"},
		{"gone, but their time was over", []area.Post{{Account: s.off, Role: access.OutreachWorker, Until: morning}}, nil, "ok"},
		{"gone, and their time was not", []area.Post{{Account: s.off, Role: access.OutreachWorker, Until: morning.Add(1)}}, nil, "/posts/0/account"},
	} {
		expect(t, c.what, s.set("community", c.posts, c.covers, 0), c.want)
	}
	for who, want := range map[string]string{
		"admin": "ok", "manager": "ok", "community": "ok",
		"other manager": "404", "dispatcher": "404", "lead": "404", "worker": "404", "handler": "404", "resident": "404", "nobody": "404",
	} {
		expect(t, who, s.set(who, []area.Post{lead}, nil, 0), want)
	}
	c, err := area.LoadCell(t.Context(), s.st, cell)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, "right version", s.set("manager", []area.Post{lead}, nil, c.Version), "ok")
	expect(t, "stale version", s.set("manager", []area.Post{worker}, nil, c.Version), "412")
	_, err = s.accounts.SetStaff(t.Context(), s.actor("admin"), morning, "320508001001999", nil, nil, 0)
	expect(t, "unknown cell", err, "404")

	entries, _, err := storetest.Of[area.Cell](area.Collections()).History(t.Context(), s.st, c.ID, 0, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if last := entries[len(entries)-1]; last.Action != "cell.staff" || last.Partition != c.Place.Street || last.Actor != "manager" {
		t.Errorf("journal: %+v", last)
	}
}

func TestActor(t *testing.T) {
	s := newStaffed(t)
	lead := area.Post{Account: s.lead, Role: access.GridLead}
	worker := area.Post{Account: s.worker, Role: access.OutreachWorker, From: morning, Until: morning.Add(10 * day)}
	cover := area.Cover{Account: s.standIn, For: s.worker, From: morning.Add(day), Until: morning.Add(2 * day)}
	if err := s.set("manager", []area.Post{lead, worker}, []area.Cover{cover}, 0); err != nil {
		t.Fatal(err)
	}
	c, err := area.LoadCell(t.Context(), s.st, cell)
	if err != nil {
		t.Fatal(err)
	}
	sessions := map[string]*SignedIn{}
	for _, username := range []string{"lead", "worker", "stand-in"} {
		in, err := s.signIn(morning, username, right, home)
		if err != nil {
			t.Fatal(err)
		}
		sessions[username] = in
	}
	in := func(username string, now time.Time, r access.Role) bool {
		t.Helper()
		a, err := s.accounts.Actor(t.Context(), sessions[username].Account.ID, sessions[username].Session.ID, now)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(a.Grants, slices.DeleteFunc(slices.Clone(a.Grants), func(g access.Grant) bool { return posted(g.Role) && g.Level != access.Cell })) {
			t.Errorf("%s: an area as if it were posts: %+v", username, a.Grants)
		}
		return a.In(c.Place, r)
	}
	for _, x := range []struct {
		username string
		now      time.Time
		role     access.Role
		want     bool
	}{
		{"lead", morning, access.GridLead, true}, {"lead", morning.Add(20 * day), access.GridLead, true}, {"lead", morning, access.OutreachWorker, false},
		{"worker", morning, access.OutreachWorker, true}, {"worker", morning.Add(-1), access.OutreachWorker, false},
		{"worker", morning.Add(10 * day), access.OutreachWorker, false}, {"worker", morning.Add(10 * day), access.CounterWorker, false}, // at no counter
		{"worker", morning.Add(day), access.OutreachWorker, true}, // covered, and may still act
		{"stand-in", morning, access.OutreachWorker, false}, {"stand-in", morning.Add(day), access.OutreachWorker, true},
		{"stand-in", morning.Add(2 * day), access.OutreachWorker, false},
	} {
		if got := in(x.username, x.now, x.role); got != x.want {
			t.Errorf("%s as %s at %s: %v", x.username, x.role, x.now, got)
		}
	}
	// A post without the role over the cell counts for nothing.
	must(s.accounts.SetGrants(t.Context(), s.actor("admin"), morning, s.lead, 0, []GrantInput{{access.GridLead, otherStreet}}))(t)
	if in("lead", morning, access.GridLead) {
		t.Error("leads a cell after losing the role there")
	}
}

// Whoever holds a role over an area holds it over what took over from it, and
// over what it took over from.
func TestGrantsOutliveCodes(t *testing.T) {
	w := newWorld(t)
	w.create(NewAccount{Username: "old", Name: "旧", Password: right, Grants: []GrantInput{{access.StreetManager, street}}})
	old, _ := w.areas.Tree().ByCode(street)
	const newStreet = "320508003"
	w.importAreas("level,code,name,parent_code,successor_code\nstreet," + newStreet + ",丙街道,320508,\ncommunity,320508003001,丙一社区,320508003,\n" +
		"community," + community + ",,,320508003001\ncommunity,320508001002,,,320508003001\nstreet," + street + ",,," + newStreet + "\n")
	w.create(NewAccount{Username: "young", Name: "新", Password: right, Grants: []GrantInput{{access.StreetManager, newStreet}}})
	fresh, ok := w.areas.Tree().ByCode(newStreet)
	if !ok {
		t.Fatal("no such street")
	}
	for _, username := range []string{"old", "young"} {
		in, err := w.signIn(morning, username, right, home)
		if err != nil {
			t.Fatal(err)
		}
		a, err := w.accounts.Actor(t.Context(), in.Account.ID, in.Session.ID, morning)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range []*area.Area{old, fresh} {
			if !a.In(at.Place, access.StreetManager) {
				t.Errorf("%s does not manage %s", username, at.Code)
			}
		}
		got, _, err := w.accounts.List(t.Context(), a, Filter{Area: newStreet})
		if err != nil || len(got) != 2 {
			t.Errorf("%s lists %d accounts of the new street, %v", username, len(got), err)
		}
		for _, account := range got {
			_, err := w.accounts.Update(t.Context(), a, morning, account.ID, 0, Change{Language: ptr("en")})
			expect(t, username+" manages "+account.Username, err, "ok")
		}
	}
}
