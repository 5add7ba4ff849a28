package demo

import (
	"bytes"
	"context"
	"path/filepath"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/address"
	"wangge/domain/area"
	"wangge/domain/calendar"
	"wangge/domain/civil"
	"wangge/domain/collections"
	"wangge/domain/coordination"
	"wangge/domain/form"
	"wangge/domain/household"
	"wangge/domain/intake"
	"wangge/domain/link"
	"wangge/domain/personal"
	"wangge/domain/plan"
	"wangge/domain/policy"
	"wangge/domain/schedule"
	"wangge/domain/service"
	"wangge/domain/station"
	"wangge/domain/ticket"
	"wangge/domain/visit"
	"wangge/geo"
	"wangge/store"
	"wangge/store/mongodb"
	"wangge/store/sqlite"
)

// worldOn is the use cases on an engine; the keys are in dir.
func worldOn(ctx context.Context, engine store.Engine, dir string) (World, error) {
	keys, err := personal.LoadKeys(filepath.Join(dir, "keys.json"), "")
	if err != nil {
		return World{}, err
	}
	st, err := store.Open(ctx, engine, store.Options{}, append(collections.All(keys), Collections()...)...)
	if err != nil {
		return World{}, err
	}
	areas, err := area.New(ctx, st)
	if err != nil {
		return World{}, err
	}
	accounts := account.New(st, areas, keys, account.Options{DemoCode: Code})
	policies, err := policy.New(ctx, st, areas)
	if err != nil {
		return World{}, err
	}
	households := household.New(st, areas, policies, keys)
	calendars, err := calendar.New(ctx, st)
	if err != nil {
		return World{}, err
	}
	items, err := service.NewItems(ctx, st, areas)
	if err != nil {
		return World{}, err
	}
	qualifications := service.NewQualifications(st, accounts, items)
	stations := station.New(st, areas, keys, calendars, items, qualifications)
	accounts.Serving = stations.Serving
	plans, visits, tickets := plan.New(st, areas, households), visit.New(st, areas, keys, households), ticket.New(st, areas, accounts, policies, keys)
	return World{Store: st, Areas: areas, Accounts: accounts, Households: households, Addresses: address.New(st, areas, households, keys), Forms: form.New(st, areas), Plans: plans, UseCases: visits,
		Scheduler: schedule.New(st, areas, households, plans, visits.Promises), Doors: &coordination.Doors{Store: st, Households: households, Stops: visits.Stops, Tickets: tickets}, Tickets: tickets,
		Items: items, Qualifications: qualifications, Stations: stations, Cases: intake.New(st, areas, accounts, items, calendars, keys), Links: link.New(st)}, nil
}

// open is the use cases on SQLite in dir, or on the database at uri.
func open(t *testing.T, dir, uri string) World {
	t.Helper()
	engine, err := engineAt(t.Context(), dir, uri)
	if err != nil {
		t.Fatal(err)
	}
	w, err := worldOn(t.Context(), engine, dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Store.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return w
}

func engineAt(ctx context.Context, dir, uri string) (store.Engine, error) {
	if uri == "" {
		return sqlite.Open(dir)
	}
	return mongodb.Open(ctx, uri)
}

func TestFillHasEverythingAndIsWhole(t *testing.T) {
	w, ctx, now := open(t, t.TempDir(), ""), t.Context(), time.Now().UTC()
	if demo, err := w.Holds(ctx); demo || err != nil {
		t.Fatalf("an empty store holds the demonstration: %v (%v)", demo, err)
	}
	var out bytes.Buffer
	if err := w.Fill(ctx, now, Whole, &out); err != nil {
		t.Fatal(err)
	}
	t.Log(out.String())
	if demo, err := w.Holds(ctx); !demo || err != nil {
		t.Errorf("the filled store is no demonstration: %v", err)
	}
	cells := w.Areas.Map().Cells()
	var features []geo.Feature
	for i, c := range cells {
		features = append(features, geo.Feature{Index: i, Geometry: c.Geometry})
		if len(c.Posts) < 2 {
			t.Errorf("cell %s has %d people", c.Code, len(c.Posts))
		}
	}
	if overlaps := geo.CheckOverlaps(features, 1); len(overlaps) > 0 || len(cells) < 600 {
		t.Errorf("%d cells, %d overlaps", len(cells), len(overlaps))
	}
	admin := access.Actor{Account: "x", Grants: []access.Grant{{Role: access.Admin}}}
	for _, c := range policy.Default().Categories {
		counts, err := w.Tickets.Count(ctx, admin, ticket.Filter{Categories: []string{c.Code}}, "state")
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range ticket.States {
			if counts[string(s)] == 0 {
				t.Errorf("no ticket of %s in state %s", c.Code, s)
			}
		}
	}
	for _, s := range SignIns {
		in := account.Credentials{Username: s.User, Password: s.Secret}
		if s.Role == access.Resident {
			in = account.Credentials{Phone: s.User, Code: s.Secret}
		}
		signed, err := w.Accounts.SignIn(ctx, now, in, "127.0.0.1")
		if err != nil {
			t.Fatalf("%s: %v", s.Role, err)
		}
		actor, err := w.Accounts.Actor(ctx, signed.Account.ID, signed.Session.ID, now)
		if err != nil || !actor.Is(s.Role) {
			t.Errorf("%s: %v, %+v", s.Role, err, actor)
		}
		if mine := s.Role != access.Integration; mine {
			if list, _, err := w.Tickets.List(ctx, actor, ticket.Filter{}); err != nil || len(list) == 0 {
				t.Errorf("%s sees %d tickets (%v)", s.Role, len(list), err)
			}
		}
	}
	w.hasDoors(t, now)
	w.hasCounters(t, now)
	heads := w.Store.Heads()
	if err := w.Fill(ctx, now, Whole, &out); err != nil {
		t.Fatal(err)
	}
	for p, n := range w.Store.Heads() {
		if heads[p] != n {
			t.Errorf("filling again changed %s", p)
		}
	}
}

func TestFillRefusesAStoreInUse(t *testing.T) {
	w := open(t, t.TempDir(), "")
	if _, err := w.Accounts.EnsureAdmin(t.Context(), time.Now().UTC(), "admin", "a real password"); err != nil {
		t.Fatal(err)
	}
	if err := w.Fill(t.Context(), time.Now().UTC(), Small, &bytes.Buffer{}); err != ErrNotDemo {
		t.Errorf("%v, want ErrNotDemo", err)
	}
}

// hasDoors: households, and a month of visits with everything that happens at doors.
func (w World) hasDoors(t *testing.T, now time.Time) {
	t.Helper()
	ctx := t.Context()
	admin := access.Actor{Account: "x", Grants: []access.Grant{{Role: access.Admin}}}
	there := map[string]int{}
	seen := map[string]bool{}
	for f := (visit.Filter{Limit: 500}); ; {
		page, next, err := w.Visits.List(ctx, admin, now, f)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range page {
			there["visits"]++
			there["state "+string(v.State)]++
			there["channel "+string(v.Channel)]++
			there["result "+string(v.Result)]++
			if v.Overdue(now) {
				there["overdue"]++
			}
			if v.Stop == "" || seen[v.Stop] {
				continue
			}
			seen[v.Stop] = true
			stop, err := w.Stops.Get(ctx, admin, v.Stop)
			if err != nil {
				t.Fatal(err)
			}
			there["proof "+string(stop.Proof.State)]++
			there["alert "+string(stop.Alert)]++
			for _, flag := range stop.Proof.Flags {
				there["doubt "+string(flag.Doubt)]++
			}
			for _, n := range stop.Needs {
				if got, _, err := w.Tickets.Get(ctx, admin, n.Opened.ID); err == nil && len(got.Links) == 2 {
					there["needs"]++
				}
			}
		}
		if f.Cursor = next; next == "" {
			break
		}
	}
	open, _, err := w.Promises.List(ctx, admin, Home, "", "", 500, "")
	if err != nil {
		t.Fatal(err)
	}
	there["promises"] = len(open)
	works, _, err := w.Works.List(ctx, admin, visit.WorkFilter{Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	for _, work := range works {
		there[string(work.Kind)]++
	}
	worker := access.Actor{Account: id("account", string(access.OutreachWorker))}
	for _, c := range w.Areas.Map().Cells() {
		for _, p := range c.Posts {
			if p.Account == worker.Account {
				worker.Grants = append(worker.Grants, access.Grant{Role: access.OutreachWorker, Level: access.Cell, Area: c.ID})
			}
		}
	}
	day, err := w.Days.Round(ctx, worker, now, civil.DateOf(now), nil)
	if err != nil {
		t.Fatal(err)
	}
	there["the worker's day"] = len(day.Calls)
	for i, c := range day.Calls {
		if i > 0 && c.Metres == 0 {
			there["neighbours"]++
		}
	}
	for _, name := range []string{"visits", "overdue", "needs", "promises", "aid", "activity", "the worker's day", "neighbours", "alert raised", "proof clear", "proof flagged", "proof accepted", "proof rejected"} {
		if there[name] == 0 {
			t.Errorf("no %s", name)
		}
	}
	for _, s := range visit.States {
		if s != visit.CheckedIn && there["state "+string(s)] == 0 {
			t.Errorf("no visit is %s", s)
		}
	}
	for _, r := range visit.Results {
		if there["result "+string(r)] == 0 {
			t.Errorf("none with the result %s", r)
		}
	}
	for _, c := range visit.Channels {
		if there["channel "+string(c)] == 0 {
			t.Errorf("none by %s", c)
		}
	}
	for _, d := range visit.Doubts {
		if there["doubt "+string(d)] == 0 {
			t.Errorf("no proof is %s", d)
		}
	}
	t.Log(there)
}
