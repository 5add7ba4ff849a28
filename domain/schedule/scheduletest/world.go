// Package scheduletest is a city to test plans, visits and their schedule in:
// its people, households and plans, on one store that several nodes may open.
package scheduletest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/civil"
	"wangge/domain/form"
	"wangge/domain/household"
	"wangge/domain/ids"
	"wangge/domain/limit"
	"wangge/domain/personal"
	"wangge/domain/photo"
	"wangge/domain/plan"
	"wangge/domain/policy"
	"wangge/domain/reveal"
	"wangge/domain/schedule"
	"wangge/domain/visit"
	"wangge/domain/worldtest"
	"wangge/geo"
	"wangge/store"
	"wangge/store/enginetest"
)

// Noon of Monday, 2 March 2026, in China.
var Noon = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)

// Rehearse runs the fn of every update twice.
var Rehearse = store.Options{Rehearse: true}

const Today = civil.Date("2026-03-02")

// World is the city with its people.
type World struct {
	*Node
	T     testing.TB
	IDs   map[string]string // of accounts, by who it is
	place enginetest.Place
	keys  *personal.Keys
}

// Node is a process on the store.
type Node struct {
	Store      *store.Store
	Areas      *area.Areas
	Accounts   *account.Accounts
	Households *household.Households
	Forms      *form.Forms
	Plans      *plan.Plans
	visit.UseCases
	Scheduler *schedule.Scheduler
}

// EachEngine runs a test in a fresh city on each engine, OneEngine on SQLite: see enginetest.
func EachEngine(t *testing.T, test func(*testing.T, *World)) { worldtest.Each(t, rehearsed, test) }

func OneEngine(t *testing.T, test func(*testing.T, *World)) { worldtest.One(t, rehearsed, test) }

func rehearsed(t testing.TB, place enginetest.Place) *World { return On(t, place, Rehearse) }

func OnSQLite(t testing.TB, opts store.Options) *World { return On(t, enginetest.SQLite(t), opts) }

func On(t testing.TB, place enginetest.Place, opts store.Options) *World {
	w := &World{T: t, place: place}
	w.settle(opts)
	return w
}

// Join opens the store as one more node.
func (w *World) Join(opts store.Options) *Node {
	w.T.Helper()
	n := &Node{}
	n.Store, n.Areas = worldtest.Open(w.T, w.place.Open(w.T), opts, slices.Concat(area.Collections(), reveal.Collections(), limit.Collections(), account.Collections(), policy.Collections(),
		photo.Collections(), household.Collections(w.keys), form.Collections(), plan.Collections(), visit.Collections(), schedule.Collections())...)
	n.Accounts = account.New(n.Store, n.Areas, w.keys, account.Options{})
	n.Households = household.New(n.Store, n.Areas, worldtest.Must(policy.New(w.T.Context(), n.Store, n.Areas))(w.T), w.keys)
	n.Forms = form.New(n.Store, n.Areas)
	n.Plans = plan.New(n.Store, n.Areas, n.Households)
	n.UseCases = visit.New(n.Store, n.Areas, w.keys, n.Households)
	n.Scheduler = schedule.New(n.Store, n.Areas, n.Households, n.Plans, n.Promises)
	return n
}

func (w *World) settle(opts store.Options) {
	t, ctx := w.T, w.T.Context()
	w.keys = worldtest.Keys(w.T)
	w.Node, w.IDs = w.Join(opts), map[string]string{}
	worldtest.Import(t, w.Areas, Noon, worldtest.Areas)
	worldtest.Draw(t, w.Areas, Noon, worldtest.Cells...)
	for who, g := range map[string]struct {
		role access.Role
		area string
	}{
		"admin": {access.Admin, ""}, "manager": {access.StreetManager, worldtest.Jia}, "other manager": {access.StreetManager, worldtest.Yi}, "dispatcher": {access.Dispatcher, worldtest.Jia},
		"community": {access.CommunityManager, worldtest.JiaOne}, "counter": {access.CounterWorker, worldtest.JiaOne}, "lead": {access.GridLead, worldtest.JiaOne},
		"worker": {access.OutreachWorker, worldtest.JiaOne}, "stand-in": {access.OutreachWorker, worldtest.Jia}, "second": {access.OutreachWorker, worldtest.Jia},
		"third": {access.OutreachWorker, worldtest.Jia}, "other worker": {access.OutreachWorker, worldtest.YiOne}, "resident": {access.Resident, ""},
	} {
		in := account.NewAccount{Username: strings.ReplaceAll(who, " ", "."), Name: "某人", Grants: []account.GrantInput{{Role: g.role, Area: g.area}}}
		w.IDs[who] = worldtest.Must(w.Accounts.Create(ctx, access.Program, Noon, in))(t).ID
	}
	w.Staff(worldtest.East, []area.Post{{Account: w.IDs["lead"], Role: access.GridLead}, {Account: w.IDs["worker"], Role: access.OutreachWorker}})
	w.Staff(worldtest.West, []area.Post{{Account: w.IDs["lead"], Role: access.GridLead}, {Account: w.IDs["worker"], Role: access.OutreachWorker}})
	w.Staff(worldtest.Other, []area.Post{{Account: w.IDs["other worker"], Role: access.OutreachWorker}})
	if err := w.Areas.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
}

// Staff sets who is on duty in a cell.
func (w *World) Staff(cell string, posts []area.Post, covers ...area.Cover) {
	w.T.Helper()
	worldtest.Must(w.Accounts.SetStaff(w.T.Context(), access.Program, Noon, cell, posts, covers, 0))(w.T)
}

// AsAt is the actor that somebody is at a time: with their posts and covers of then.
func (w *World) AsAt(who string, now time.Time) access.Actor {
	w.T.Helper()
	a := worldtest.Must(account.Load(w.T.Context(), w.Store, w.IDs[who]))(w.T)
	actor := access.Actor{Account: a.ID, Session: "session"}
	for _, g := range a.Grants {
		grant := access.Grant{Role: g.Role, Level: g.Level, Area: g.Area}
		if g.Role != access.GridLead && g.Role != access.OutreachWorker {
			actor.Grants = append(actor.Grants, grant)
			continue
		}
		actor.Posting = append(actor.Posting, grant)
		for _, p := range worldtest.Must(w.Areas.Posts(w.T.Context(), a.ID, now))(w.T) {
			actor.Grants = append(actor.Grants, access.Grant{Role: p.Role, Level: access.Cell, Area: p.Cell.ID})
		}
	}
	return actor
}

func (w *World) As(who string) access.Actor { w.T.Helper(); return w.AsAt(who, Noon) }

// ID of an area or cell, by code.
func (w *World) ID(code string) string { w.T.Helper(); return worldtest.ID(w.T, w.Areas, code) }

// Household makes one in a cell whose only member has the tags.
func (w *World) Household(cell string, tags ...household.TagInput) *household.Household {
	w.T.Helper()
	id := ids.New()
	name := "王小明"
	for i := range tags {
		if tags[i].Since.IsZero() {
			tags[i].Since = Noon.AddDate(-1, 0, 0)
		}
	}
	h, _, err := w.Households.Create(w.T.Context(), access.Program, Noon, household.Draft{
		ID: id, Address: household.Address{Estate: "大儒巷", Building: cell[12:], Room: id}, Position: worldtest.At[cell], Datum: geo.WGS84,
		Members: []household.MemberInput{{PersonInput: household.PersonInput{Name: &name}, Tags: tags}},
	})
	if err != nil {
		w.T.Fatal(err)
	}
	return h
}

const ElderTag = "empty_nest_elder"

func (w *World) Elder(cell string) *household.Household {
	w.T.Helper()
	return w.Household(cell, household.TagInput{Code: ElderTag})
}

// Weekly and Monthly are how often plans of the tests visit.
const (
	Weekly  = "FREQ=WEEKLY;BYDAY=MO"
	Monthly = "FREQ=MONTHLY"
)

// Terms visit elders, for three days from the one the rule names.
func Terms(rule string) plan.Terms {
	return plan.Terms{Tag: ElderTag, Rules: []plan.Rule{{RRule: rule}}, WindowDays: 3, Ladder: []plan.Rung{{To: "worker", Days: 0}, {To: "grid_lead", Days: 1}, {To: "street_manager", Days: 3}}}
}

func (w *World) Plan(area string, t plan.Terms) *plan.Plan {
	w.T.Helper()
	return worldtest.Must(w.Plans.Create(w.T.Context(), w.As("manager"), Noon, plan.NewPlan{ID: ids.New(), Title: "关爱空巢老人", Area: area, From: Today, Terms: t}))(w.T)
}

func (w *World) MovePlan(p *plan.Plan, now time.Time, action string) *plan.Plan {
	w.T.Helper()
	return worldtest.Must(w.Plans.TakeAction(w.T.Context(), w.As("manager"), now, p.ID, 0, action))(w.T)
}

// Active is a plan at work whose visits are made.
func (w *World) Active(area string, t plan.Terms) *plan.Plan {
	w.T.Helper()
	p := w.MovePlan(w.Plan(area, t), Noon, "activate")
	w.Schedule(Noon)
	return p
}

// Schedule does what the scheduler would have done by now.
func (w *World) Schedule(now time.Time) {
	w.T.Helper()
	worldtest.Must(0, w.Scheduler.Schedule(w.T.Context(), "test", now))(w.T)
}

// Visit is one as it is stored.
func (w *World) Visit(id string) *visit.Visit {
	w.T.Helper()
	found := worldtest.Must(visit.LoadMany(w.T.Context(), w.Store, []string{id}))(w.T)
	if found[id] == nil {
		w.T.Fatalf("there is no visit %s", id)
	}
	return found[id]
}

// Of are a household's visits, by period.
func (w *World) Of(h string) []*visit.Visit {
	w.T.Helper()
	out, _, err := w.Visits.List(w.T.Context(), w.As("admin"), Noon, visit.Filter{Household: h, Limit: 500})
	if err != nil {
		w.T.Fatal(err)
	}
	out = slices.DeleteFunc(out, func(v *visit.Visit) bool { return v.Household != h }) // of one that was merged into it, or it into
	slices.SortStableFunc(out, func(a, b *visit.Visit) int { return strings.Compare(string(a.Period), string(b.Period)) })
	return out
}

// Said lists visits as "03-02 planned", with a cause if there is one.
func Said(list []*visit.Visit) string {
	var out []string
	for _, v := range list {
		out = append(out, strings.TrimSpace(string(v.Period)[5:]+" "+string(v.State)+" "+string(v.Cause)))
	}
	return strings.Join(out, ", ")
}

// Journal is what a street's journal says of an action, oldest first; of every action for "".
func (w *World) Journal(street, action string) []*store.Entry {
	w.T.Helper()
	return slices.DeleteFunc(worldtest.Journal(w.T, w.Store, w.ID(street)), func(e *store.Entry) bool { return action != "" && e.Action != action })
}
