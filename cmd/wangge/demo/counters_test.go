package demo

import (
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/civil"
	"wangge/domain/deployment"
	"wangge/domain/homecall"
	"wangge/domain/intake"
	"wangge/domain/link"
	"wangge/domain/posting"
	"wangge/domain/station"
)

// hasFreed: 88 of Fengqiao's 108 are free of the counters, and 8 of Xinsheng's 12; where they are is known of each.
func (w World) hasFreed(t *testing.T, now time.Time, admin access.Actor) {
	t.Helper()
	for _, c := range []struct {
		area                                 string
		staff, before, counter, freed, moved int64
	}{{fengqiao, 153, 108, 20, 88, 88}, {xinsheng, 14, 12, 4, 8, 8}} {
		f, err := w.Deployment.Figures(t.Context(), admin, now, deployment.Query{Area: c.area})
		if err != nil {
			t.Fatal(err)
		}
		moved := int64(0)
		for _, k := range f.Total.Since {
			if k.Kind != posting.Counter && k.Kind != posting.None {
				moved += k.N
			}
		}
		if r := f.Total; r.Staff.N != c.staff || r.Before.N != c.before || !r.Before.Agree() || r.Before.Basis != deployment.OnList || r.AtCounter.N != c.counter || *r.Freed != c.freed || moved != c.moved {
			t.Errorf("%s: of %d staff %d were at counters, %d are, %d are free and %d moved", c.area, r.Staff.N, r.Before.N, r.AtCounter.N, *r.Freed, moved)
		}
	}
	last := deployment.MonthOf(now.AddDate(0, -2, 0))
	f, err := w.Deployment.Figures(t.Context(), admin, now, deployment.Query{Area: fengqiao, From: last})
	if err != nil {
		t.Fatal(err)
	}
	for _, work := range f.Total.Work { // what those who sign in do there
		n := map[posting.Kind]int64{posting.Grid: work.Tickets.N, posting.Mediation: work.Tickets.N, posting.VisitingTeam: work.Visits.N}
		if done, works := n[work.Kind]; works && done < 5 {
			t.Errorf("in Fengqiao those of %s did %d", work.Kind, done)
		}
	}
}

// hasCounters: the stations, cases of half a year in every state, by both
// platforms and by hand, and links both ways; the demo sign-in finds her day filled.
func (w World) hasCounters(t *testing.T, now time.Time) {
	t.Helper()
	ctx, there := t.Context(), map[string]int{}
	all, _, err := w.Stations.List(ctx, now, station.Query{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		m, _ := s.ModelAt(now)
		there[string(m.Model)]++
		there["staff of "+s.Name] = len(s.Staff)
	}
	if there["staff of 景城民众联络所"] != 7 || there["staff of 新升社区便民服务站"] != 4 {
		t.Errorf("the stations: %v", there)
	}
	signed, err := w.Accounts.SignIn(ctx, now, account.Credentials{Username: string(access.CounterWorker), Password: Password}, "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	her, err := w.Accounts.Actor(ctx, signed.Account.ID, signed.Session.ID, now)
	if err != nil {
		t.Fatal(err)
	}
	communities := map[string]bool{}
	admin := access.Actor{Account: "x", Grants: []access.Grant{{Role: access.Admin}}}
	for _, reader := range []access.Actor{her, admin} {
		for f := (intake.Filter{Limit: 500}); ; {
			page, next, err := w.Cases.List(ctx, reader, f)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range page {
				if reader.Account == her.Account {
					communities[c.Place.Community] = true
					if c.Item.Sensitive {
						there["sensitive"]++
					}
				}
				there["state "+string(c.State)]++
				there["system "+c.System]++
				if c.OpenedAt.Before(now.AddDate(0, -5, 0)) {
					there["five months ago"]++
				}
				if c.State == intake.Other {
					there["unmapped"]++
				}
				there["trips"] += len(c.Trips)
				linked, err := w.Links.Of(ctx, reader, link.End{Thing: link.Case, ID: c.ID}, false)
				if err != nil {
					t.Fatal(err)
				}
				for _, l := range linked {
					there["linked "+string(l.Direction)]++
				}
			}
			if f.Cursor = next; next == "" {
				break
			}
		}
	}
	for i := range residents {
		in, err := w.Accounts.SignIn(ctx, now, account.Credentials{Phone: residentPhone(i), Code: Code}, "127.0.0.1")
		if err != nil {
			t.Fatal(err)
		}
		they, err := w.Accounts.Actor(ctx, in.Account.ID, in.Session.ID, now)
		if err != nil {
			t.Fatal(err)
		}
		own, _, err := w.Cases.ListOwn(ctx, they, intake.OwnFilter{})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range own {
			there["a resident's "+string(c.State)]++
			there["photos of residents"] += len(c.Materials)
		}
	}
	for _, state := range intake.States {
		if there["a resident's "+string(state)] == 0 {
			t.Errorf("no resident has a case in %s", state)
		}
	}
	if there["photos of residents"] < 2 {
		t.Errorf("residents attached %d materials", there["photos of residents"])
	}
	day, err := w.Cases.Day(ctx, her, "", civil.DateOf(now))
	if err != nil {
		t.Fatal(err)
	}
	there["promised for today"], there["came today"], there["waiting"] = len(day.Promised), len(day.Came), len(day.Waiting)
	for _, name := range []string{"one_station_many_communities", "centre_and_communities", "one_station_one_community", "sensitive", "system sz-service", "system sip-oneform", "system ", "five months ago",
		"unmapped", "trips", "linked in", "linked out", "promised for today", "came today", "waiting"} {
		if there[name] == 0 {
			t.Errorf("no %s", name)
		}
	}
	for _, s := range intake.States {
		if there["state "+string(s)] == 0 {
			t.Errorf("no case is %s", s)
		}
	}
	if len(communities) != len(around) {
		t.Errorf("she sees cases of %d communities", len(communities))
	}
	w.hasFreed(t, now, admin)
	t.Log(there)
}

// hasHomeCalls: the residents have home calls in every state.
func (w World) hasHomeCalls(t *testing.T, now time.Time) {
	t.Helper()
	states := map[homecall.State]int{}
	for i := range residents {
		a, err := w.Accounts.ByPhone(t.Context(), residentPhone(i))
		if err != nil {
			t.Fatal(err)
		}
		mine, _, err := w.HomeCalls.List(t.Context(), access.Actor{Account: a.ID, Phone: a.PhoneIndex}, 10, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range mine {
			if states[r.State]++; r.State == homecall.Booked && !r.Slot.From.After(now) {
				t.Errorf("%s is over", r.Slot.From)
			}
		}
	}
	for _, w := range homecall.StateWords.Words {
		if states[homecall.State(w.Code)] == 0 {
			t.Errorf("no home call is %s: %v", w.Code, states)
		}
	}
}
