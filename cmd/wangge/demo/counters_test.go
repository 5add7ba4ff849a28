package demo

import (
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/civil"
	"wangge/domain/intake"
	"wangge/domain/link"
	"wangge/domain/station"
)

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
	t.Log(there)
}
