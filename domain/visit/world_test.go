package visit

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/form"
	"wangge/domain/household"
	"wangge/domain/ids"
	"wangge/domain/limit"
	"wangge/domain/personal"
	"wangge/domain/photo"
	"wangge/domain/plan"
	"wangge/domain/plan/recurrence"
	"wangge/domain/policy"
	"wangge/domain/reveal"
	"wangge/geo"
	"wangge/store"
	"wangge/store/enginetest"
	"wangge/store/mongodb/mongotest"
)

func TestMain(m *testing.M) { os.Exit(mongotest.Main(m)) }

// noon of Monday, 2 March 2026, in China.
var noon = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)

// rehearse runs the fn of every update twice.
var rehearse = store.Options{Rehearse: true}

const today = recurrence.Date("2026-03-02")

// The city of the tests, by code: two streets of one county.
const (
	jia    = "320508001"
	yi     = "320508002"
	jiaOne = jia + "001" // communities
	jiaTwo = jia + "002"
	yiOne  = yi + "001"

	east  = jiaOne + "001" // cells
	west  = jiaOne + "002"
	north = jiaTwo + "001"
	other = yiOne + "001"
)

const areaFile = `level,code,name,parent_code
city,3205,苏州市,
county,320508,姑苏区,3205
street,320508001,甲街道,320508
street,320508002,乙街道,320508
community,320508001001,甲一社区,320508001
community,320508001002,甲二社区,320508001
community,320508002001,乙一社区,320508002
`

// in the middle of the cells.
var at = map[string]orb.Point{east: {120.607, 31.307}, west: {120.595, 31.305}, north: {120.605, 31.315}, other: {120.645, 31.305}}

func feature(code string, west, south float64) string {
	const edge = 0.01
	return fmt.Sprintf(`{"type":"Feature","properties":{"code":%q,"name":"网格"},"geometry":{"type":"Polygon","coordinates":[[[%[2]v,%[3]v],[%[4]v,%[3]v],[%[4]v,%[5]v],[%[2]v,%[5]v],[%[2]v,%[3]v]]]}}`,
		code, west, south, west+edge, south+edge)
}

// world is the city with its people, on one store that several nodes may open.
type world struct {
	*node
	t     testing.TB
	place enginetest.Place
	keys  *personal.Keys
	ids   map[string]string // accounts
}

// node is a process on the store.
type node struct {
	st         *store.Store
	areas      *area.Areas
	accounts   *account.Accounts
	households *household.Households
	forms      *form.Forms
	plans      *plan.Plans
	UseCases
	scheduler *Scheduler
}

// eachEngine runs a test in a fresh city on each engine, oneEngine on SQLite: see enginetest.
func eachEngine(t *testing.T, test func(*testing.T, *world)) { enginetest.Each(t, settled(test)) }

func oneEngine(t *testing.T, test func(*testing.T, *world)) { enginetest.One(t, settled(test)) }

func settled(test func(*testing.T, *world)) func(*testing.T, enginetest.Place) {
	return func(t *testing.T, p enginetest.Place) { test(t, worldOn(t, p, rehearse)) }
}

func onSQLite(t testing.TB, opts store.Options) *world { return worldOn(t, enginetest.SQLite(t), opts) }

func worldOn(t testing.TB, place enginetest.Place, opts store.Options) *world {
	w := &world{t: t, place: place}
	w.settle(opts)
	return w
}

// must takes a result and fails the test on its error.
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// join opens the store as one more node.
func (w *world) join(opts store.Options) *node {
	w.t.Helper()
	n := &node{st: must(store.Open(w.t.Context(), w.place.Open(w.t), opts,
		slices.Concat(area.Collections(), reveal.Collections(), limit.Collections(), account.Collections(), policy.Collections(), photo.Collections(), household.Collections(w.keys), form.Collections(), plan.Collections(), Collections())...))(w.t)}
	w.t.Cleanup(func() {
		if err := n.st.Close(context.Background()); err != nil {
			w.t.Error(err)
		}
	})
	n.areas = must(area.New(w.t.Context(), n.st))(w.t)
	n.accounts = account.New(n.st, n.areas, w.keys, account.Options{})
	n.households = household.New(n.st, n.areas, must(policy.New(w.t.Context(), n.st, n.areas))(w.t), w.keys)
	n.forms = form.New(n.st, n.areas)
	n.plans = plan.New(n.st, n.areas, n.households)
	n.UseCases = New(n.st, n.areas, w.keys, n.households)
	n.scheduler = NewScheduler(n.st, n.areas, n.households, n.plans)
	return n
}

func (w *world) settle(opts store.Options) {
	t, ctx := w.t, w.t.Context()
	w.keys = must(personal.LoadKeys(filepath.Join(t.TempDir(), "keys"), ""))(t)
	w.node, w.ids = w.join(opts), map[string]string{}
	must(w.areas.ImportAreas(ctx, access.Program, noon, strings.NewReader(areaFile), area.AreaImport{}))(t)
	cells := `{"type":"FeatureCollection","features":[` + strings.Join([]string{
		feature(east, 120.6, 31.3), feature(west, 120.59, 31.3), feature(north, 120.6, 31.31), feature(other, 120.64, 31.3)}, ",") + "]}"
	must(w.areas.ImportCells(ctx, access.Program, noon, []byte(cells), area.CellImport{Datum: geo.WGS84}))(t)
	for who, g := range map[string]struct {
		role access.Role
		area string
	}{
		"admin": {access.Admin, ""}, "manager": {access.StreetManager, jia}, "other manager": {access.StreetManager, yi}, "dispatcher": {access.Dispatcher, jia},
		"community": {access.CommunityManager, jiaOne}, "counter": {access.CounterWorker, jiaOne}, "lead": {access.GridLead, jiaOne},
		"worker": {access.OutreachWorker, jiaOne}, "stand-in": {access.OutreachWorker, jia}, "second": {access.OutreachWorker, jia},
		"third": {access.OutreachWorker, jia}, "other worker": {access.OutreachWorker, yiOne}, "resident": {access.Resident, ""},
	} {
		in := account.NewAccount{Username: strings.ReplaceAll(who, " ", "."), Name: "某人", Grants: []account.GrantInput{{Role: g.role, Area: g.area}}}
		w.ids[who] = must(w.accounts.Create(ctx, access.Program, noon, in))(t).ID
	}
	w.staff(east, []area.Post{{Account: w.ids["lead"], Role: access.GridLead}, {Account: w.ids["worker"], Role: access.OutreachWorker}})
	w.staff(west, []area.Post{{Account: w.ids["lead"], Role: access.GridLead}, {Account: w.ids["worker"], Role: access.OutreachWorker}})
	w.staff(other, []area.Post{{Account: w.ids["other worker"], Role: access.OutreachWorker}})
	if err := w.areas.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
}

// staff sets who is on duty in a cell.
func (w *world) staff(cell string, posts []area.Post, covers ...area.Cover) {
	w.t.Helper()
	must(w.accounts.SetStaff(w.t.Context(), access.Program, noon, cell, posts, covers, 0))(w.t)
}

// as is the actor that somebody is at a time: with their posts and covers of then.
func (w *world) asAt(who string, now time.Time) access.Actor {
	w.t.Helper()
	a := must(account.Load(w.t.Context(), w.st, w.ids[who]))(w.t)
	actor := access.Actor{Account: a.ID, Session: "session"}
	for _, g := range a.Grants {
		grant := access.Grant{Role: g.Role, Level: g.Level, Area: g.Area}
		if g.Role != access.GridLead && g.Role != access.OutreachWorker {
			actor.Grants = append(actor.Grants, grant)
			continue
		}
		actor.Posting = append(actor.Posting, grant)
		for _, p := range must(w.areas.Posts(w.t.Context(), a.ID, now))(w.t) {
			actor.Grants = append(actor.Grants, access.Grant{Role: p.Role, Level: access.Cell, Area: p.Cell.ID})
		}
	}
	return actor
}

func (w *world) as(who string) access.Actor { w.t.Helper(); return w.asAt(who, noon) }

// id of an area or cell, by code.
func (w *world) id(code string) string {
	if a, ok := w.areas.Tree().ByCode(code); ok {
		return a.ID
	}
	c, _ := w.areas.Map().ByCode(code)
	return c.ID
}

// household makes one in a cell whose only member has the tags.
func (w *world) household(cell string, tags ...household.TagInput) *household.Household {
	w.t.Helper()
	id := ids.New()
	name := "王小明"
	for i := range tags {
		if tags[i].Since.IsZero() {
			tags[i].Since = noon.AddDate(-1, 0, 0)
		}
	}
	h, _, err := w.households.Create(w.t.Context(), access.Program, noon, household.Draft{
		ID: id, Address: household.Address{Estate: "大儒巷", Building: cell[12:], Room: id}, Position: at[cell], Datum: geo.WGS84,
		Members: []household.MemberInput{{PersonInput: household.PersonInput{Name: &name}, Tags: tags}},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return h
}

const elderTag = "empty_nest_elder"

func (w *world) elder(cell string) *household.Household {
	w.t.Helper()
	return w.household(cell, household.TagInput{Code: elderTag})
}

// daily and others are how often plans of the tests visit.
const (
	weekly  = "FREQ=WEEKLY;BYDAY=MO"
	monthly = "FREQ=MONTHLY"
)

// terms visit elders, for three days from the one the rule names.
func terms(rule string) plan.Terms {
	return plan.Terms{Tag: elderTag, Rules: []plan.Rule{{RRule: rule}}, WindowDays: 3, Ladder: []plan.Rung{{To: "worker", Days: 0}, {To: "grid_lead", Days: 1}, {To: "street_manager", Days: 3}}}
}

func (w *world) plan(area string, t plan.Terms) *plan.Plan {
	w.t.Helper()
	return must(w.plans.Create(w.t.Context(), w.as("manager"), noon, plan.NewPlan{ID: ids.New(), Title: "关爱空巢老人", Area: area, From: today, Terms: t}))(w.t)
}

func (w *world) movePlan(p *plan.Plan, now time.Time, action string) *plan.Plan {
	w.t.Helper()
	return must(w.plans.TakeAction(w.t.Context(), w.as("manager"), now, p.ID, 0, action))(w.t)
}

// active is a plan at work whose visits are made.
func (w *world) active(area string, t plan.Terms) *plan.Plan {
	w.t.Helper()
	p := w.movePlan(w.plan(area, t), noon, "activate")
	w.schedule(noon)
	return p
}

// schedule does what the scheduler would have done by now.
func (w *world) schedule(now time.Time) {
	w.t.Helper()
	lease := must(w.st.Acquire(w.t.Context(), "test", "test", time.Hour))(w.t)
	must(0, w.scheduler.schedule(w.t.Context(), lease, now))(w.t)
}

// of are a household's visits, by period, as they are stored.
func (w *world) of(h string) []*Visit {
	w.t.Helper()
	var qs []store.Query
	for _, st := range States {
		qs = append(qs, store.Query{Where: []store.Cond{store.Eq("household", h), store.Eq("state", st)}, Order: []string{"opens"}, Limit: 500})
	}
	out, _, err := visits.Find(w.t.Context(), w.st, qs...)
	if err != nil {
		w.t.Fatal(err)
	}
	slices.SortStableFunc(out, func(a, b *Visit) int { return strings.Compare(string(a.Period), string(b.Period)) })
	return out
}

// said lists visits as "03-02 planned", with a cause if there is one.
func said(list []*Visit) string {
	var out []string
	for _, v := range list {
		out = append(out, strings.TrimSpace(string(v.Period)[5:]+" "+string(v.State)+" "+string(v.Cause)))
	}
	return strings.Join(out, ", ")
}

// journal is what a street's journal says of an action, oldest first; of every action for "".
func (w *world) journal(street, action string) []*store.Entry {
	w.t.Helper()
	var out []*store.Entry
	for after := int64(0); ; {
		page := must(w.st.Journal(w.t.Context(), w.id(street), after, 500))(w.t)
		for _, e := range page {
			if action == "" || e.Action == action {
				out = append(out, e)
			}
		}
		if len(page) < 500 {
			return out
		}
		after = page[len(page)-1].Number
	}
}
