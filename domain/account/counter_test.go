package account

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/store"
)

// Who is on a station's staff reaches the communities it serves, as far as they may be put there.
func TestActorAtCounter(t *testing.T) {
	w := newWorld(t)
	place := func(code string) access.Place {
		a, ok := w.areas.Tree().ByCode(code)
		if !ok {
			t.Fatalf("no area %s", code)
		}
		return a.Place
	}
	const second = "320508001002"
	served := map[string][]access.Place{} // by account
	var asked []string
	w.accounts.Serving = func(_ context.Context, _ store.Reader, account string, now time.Time) ([]access.Place, error) {
		asked = append(asked, account)
		if now.After(morning.Add(day)) {
			return nil, nil // the posts end
		}
		return served[account], nil
	}
	session := map[string]*SignedIn{}
	for username, grants := range map[string][]GrantInput{
		"counter": {{access.CounterWorker, community}}, "county": {{access.CounterWorker, county}}, "manager": {{access.CommunityManager, community}},
		"both": {{access.CounterWorker, street}, {access.OutreachWorker, street}},
	} {
		id := w.create(NewAccount{Username: username, Name: username, Password: right, Grants: grants}).ID
		session[username] = must(w.signIn(morning, username, right, home))(t)
		served[id] = []access.Place{place(community), place(second), place(otherCommunity)}
	}
	actor := func(username string, now time.Time) access.Actor {
		t.Helper()
		return must(w.accounts.Actor(t.Context(), session[username].Account.ID, session[username].Session.ID, now))(t)
	}
	for _, c := range []struct {
		who   string
		reach []string // communities
	}{
		{"counter", []string{community, second}}, // another street's she may not be put into
		{"county", []string{community, second, otherCommunity}},
		{"manager", nil},
		{"both", []string{community, second}},
	} {
		asked = nil
		a := actor(c.who, morning)
		var got []string
		for _, code := range []string{community, second, otherCommunity} {
			if a.In(place(code), access.CounterWorker) {
				got = append(got, code)
			}
		}
		if !slices.Equal(got, c.reach) {
			t.Errorf("%s is at the counter of %v, want %v", c.who, got, c.reach)
		}
		if at := a.Cities; (len(at) == 1 && at[0] == place(community).City) != (len(c.reach) > 0) {
			t.Errorf("%s is at counters of the cities %v", c.who, at)
		}
		if (len(asked) > 0) != (c.who != "manager") {
			t.Errorf("%s: stations are read for %v", c.who, asked)
		}
		if c.who == "manager" {
			continue
		}
		if after := actor(c.who, morning.Add(2*day)); after.In(place(community), access.CounterWorker) || len(after.Cities) > 0 || !after.Is(access.CounterWorker) {
			t.Errorf("%s after the post: %+v", c.who, after)
		}
	}
	// What the manager takes away, and an account that is disabled, holds from the next request on.
	id := session["counter"].Account.ID
	must(w.accounts.SetGrants(t.Context(), w.actor("admin"), morning, id, 0, []GrantInput{{access.CounterWorker, otherStreet}}))(t)
	if a := actor("counter", morning); a.In(place(community), access.CounterWorker) || !a.In(place(otherCommunity), access.CounterWorker) {
		t.Errorf("moved to another street: %+v", a)
	}
	must(w.accounts.Update(t.Context(), w.actor("admin"), morning, id, 0, Change{Disabled: ptr(true)}))(t)
	if _, err := w.accounts.Actor(t.Context(), id, session["counter"].Session.ID, morning); !errors.Is(err, domain.ErrUnauthenticated) {
		t.Errorf("disabled: %v", err)
	}
}

// A counter reaches what its communities were called before, and what they became.
func TestCounterOutlivesCodes(t *testing.T) {
	w := newWorld(t)
	old, _ := w.areas.Tree().ByCode(community)
	w.create(NewAccount{Username: "counter", Name: "社工", Password: right, Grants: []GrantInput{{access.CounterWorker, community}}})
	w.importAreas("level,code,name,parent_code,successor_code\nstreet,320508003,丙街道,320508,\ncommunity,320508003001,丙一社区,320508003,\n" +
		"community," + community + ",,,320508003001\ncommunity,320508001002,,,320508003001\nstreet," + street + ",,,320508003\n")
	fresh, _ := w.areas.Tree().ByCode("320508003001")
	w.accounts.Serving = func(context.Context, store.Reader, string, time.Time) ([]access.Place, error) {
		return []access.Place{old.Place, fresh.Place}, nil
	}
	in := must(w.signIn(morning, "counter", right, home))(t)
	a := must(w.accounts.Actor(t.Context(), in.Account.ID, in.Session.ID, morning))(t)
	if !a.In(old.Place, access.CounterWorker) || !a.In(fresh.Place, access.CounterWorker) {
		t.Errorf("reaches %+v", a.Grants)
	}
}
