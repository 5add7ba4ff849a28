package demo

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/url"
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
	"wangge/domain/deployment"
	"wangge/domain/form"
	"wangge/domain/homecall"
	"wangge/domain/household"
	"wangge/domain/intake"
	"wangge/domain/link"
	"wangge/domain/personal"
	"wangge/domain/plan"
	"wangge/domain/policy"
	"wangge/domain/posting"
	"wangge/domain/rating"
	"wangge/domain/schedule"
	"wangge/domain/service"
	"wangge/domain/station"
	"wangge/domain/ticket"
	"wangge/domain/visit"
	"wangge/domain/webhook"
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
	policies.People = accounts.Leading
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
	plans, visits, tickets := plan.New(st, areas, households), visit.New(st, areas, keys, households), ticket.New(st, areas, accounts, policies, calendars, keys)
	addresses := address.New(st, areas, households, keys)
	cases, postings := intake.New(st, areas, accounts, items, calendars, keys), posting.New(st, areas, accounts, keys)
	calls := &homecall.Calls{Store: st, Areas: areas, Accounts: accounts, Policies: policies, Calendars: calendars, Items: items, Households: households, Cases: cases, Keys: keys, Locate: addresses.Locate}
	visits.Hear(calls.Hear)
	hooks := webhook.NewTargets(st, accounts, keys)
	hooks.Allowed = func(*url.URL) bool { return true }
	return World{Webhooks: hooks, Deliveries: webhook.NewDeliveries(st, hooks, areas), HomeCalls: calls, Store: st, Areas: areas, Policies: policies, Accounts: accounts, Households: households, Addresses: addresses, Forms: form.New(st, areas), Plans: plans, UseCases: visits,
		Scheduler: schedule.New(st, areas, households, plans, visits.Promises), Doors: &coordination.Doors{Store: st, Households: households, Stops: visits.Stops, Tickets: tickets}, Tickets: tickets,
		Items: items, Qualifications: qualifications, Stations: stations, Postings: postings, Deployment: deployment.New(st, areas, postings, cases, visits.Visits, tickets), Cases: cases, Ratings: rating.New(st, areas, accounts, policies, calendars, keys), Links: link.New(st)}, nil
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

// Late on a Sunday the first slot to book is too near to be cancelled.
func TestFillInTheEvening(t *testing.T) {
	w := open(t, t.TempDir(), "")
	if err := w.Fill(t.Context(), time.Date(2026, 11, 29, 13, 5, 0, 0, time.UTC), Small, io.Discard); err != nil {
		t.Fatal(err)
	}
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
	w.hasCatalogue(t, admin, now)
	for _, c := range policy.Default().Categories {
		counts, err := w.Tickets.Count(ctx, admin, ticket.Filter{Categories: []string{c.Code}}, "state")
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range ticket.States {
			if counts[string(s)] == 0 && (s != ticket.Divided || c.Code == "pipe_dispute") {
				t.Errorf("no ticket of %s in state %s", c.Code, s)
			}
		}
	}
	w.hasShared(t, admin)
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
	w.hasHistory(t, admin, now)
	w.nothingAhead(t, now)
	w.hasRequests(t, admin)
	w.hasDoors(t, now)
	w.hasCounters(t, now)
	w.hasHomeCalls(t, now)
	for _, kind := range []rating.Kind{rating.Case, rating.Visit} {
		for _, state := range rating.States {
			list, _, err := w.Ratings.Rectifications(ctx, admin, rating.RectificationFilter{Kinds: []rating.Kind{kind}, States: []rating.State{state}})
			if err != nil || len(list) == 0 {
				t.Errorf("no rectification of a %s in state %s (%v)", kind, state, err)
			}
		}
		counts, err := w.Ratings.Counts(ctx, admin, rating.Filter{Kinds: []rating.Kind{kind}}, "")
		if err != nil || counts[0].Figures["grade_3"] == 0 || counts[0].Figures[rating.Satisfied] == 0 {
			t.Errorf("ratings of a %s: %v, %v", kind, counts, err)
		}
	}
	counts, err := w.Ratings.Counts(ctx, admin, rating.Filter{Kinds: []rating.Kind{rating.Ticket}}, "")
	if err != nil || counts[0].Figures["grade_1"] == 0 || counts[0].Figures["grade_5"] == 0 {
		t.Errorf("ratings of tickets: %v, %v", counts, err)
	}
	for i := range residents {
		a, err := w.Accounts.ByPhone(ctx, residentPhone(i))
		if err != nil {
			t.Fatal(err)
		}
		if mine, _, err := w.Tickets.Following(ctx, resident(a.ID), now, 100, ""); err != nil || len(mine) == 0 {
			t.Errorf("resident %d follows %d tickets (%v)", i, len(mine), err)
		}
	}
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

// hasCatalogue: a catalogue lies in the draft of a street, which nothing hinders; what is built in leaves every step to somebody.
func (w World) hasCatalogue(t *testing.T, admin access.Actor, now time.Time) {
	t.Helper()
	d, err := w.Policies.Draft(t.Context(), admin, fengqiao)
	if err != nil || len(d.Content.Groups) != 3 || len(d.Content.Categories) != 6 || len(d.Content.Conditions) != 11 || d.Content.Conditions[0].Assignee == "" {
		t.Fatalf("%+v, %v", d, err)
	}
	for code, c := range map[string]policy.Content{fengqiao: d.Content, Home: {}} {
		found, err := w.Policies.Check(t.Context(), admin, now, code, c)
		for _, f := range found {
			t.Errorf("%s: %+v", code, f)
		}
		if err != nil {
			t.Error(err)
		}
	}
}

// hasRequests: somebody asks for more time, a department is called in, and a ticket is offered to another street.
func (w World) hasRequests(t *testing.T, admin access.Actor) {
	t.Helper()
	var all []*ticket.Ticket
	for n := extended; n <= offered; n++ {
		one, _, err := w.Tickets.Get(t.Context(), admin, id("ticket", fmt.Sprint(n)))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	if r := all[0].Requests; len(r) != 1 || r[0].Kind != ticket.ForExtension || r[0].State != ticket.RequestOpen {
		t.Errorf("asked for: %+v", r)
	}
	if c := all[1].Convened; len(c) != 1 || c[0].State != ticket.Called {
		t.Errorf("called in: %+v", c)
	}
	if f := all[2].Offer; f == nil || f.State != ticket.Offered || f.Place.Street == all[2].Place.Street {
		t.Errorf("offered: %+v", f)
	}
}

// hasShared: of a ticket that was split one matter is done, and of the other the part of who helps.
func (w World) hasShared(t *testing.T, admin access.Actor) {
	t.Helper()
	split, _, err := w.Tickets.List(t.Context(), admin, ticket.Filter{States: []ticket.State{ticket.Divided}})
	if err != nil || len(split) != 1 || len(split[0].Children) != 2 || split[0].Children[0].State != ticket.Closed {
		t.Fatalf("%+v, %v", split, err)
	}
	other, _, err := w.Tickets.Get(t.Context(), admin, split[0].Children[1].ID)
	if err != nil || other.State != ticket.InProgress || len(other.Parts) != 1 || other.Parts[0].State != ticket.PartDone {
		t.Errorf("%+v, %v", other, err)
	}
}
