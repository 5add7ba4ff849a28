package rating

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/calendar"
	"wangge/domain/form"
	"wangge/domain/homecall"
	"wangge/domain/household"
	"wangge/domain/ids"
	"wangge/domain/intake"
	"wangge/domain/limit"
	"wangge/domain/once"
	"wangge/domain/personal"
	"wangge/domain/photo"
	"wangge/domain/place"
	"wangge/domain/plan"
	"wangge/domain/policy"
	"wangge/domain/receipt"
	"wangge/domain/reveal"
	"wangge/domain/service"
	"wangge/domain/station"
	"wangge/domain/ticket"
	"wangge/domain/todo"
	"wangge/domain/visit"
	"wangge/domain/worldtest"
	"wangge/geo"
	"wangge/store"
	"wangge/store/enginetest"
	"wangge/store/mongodb/mongotest"
)

func TestMain(m *testing.M) { os.Exit(mongotest.Main(m)) }

var noon = worldtest.Noon

const wang = "13812345678" // the phone of somebody with cases and at a door

// world is the city with its people, on one store that several nodes may open.
type world struct {
	*node
	t      testing.TB
	place  enginetest.Place
	keys   *personal.Keys
	people map[string]access.Actor
	counter,
	home string // ids of the station and of a household
	lease store.Lease
}

// node is a process on the store.
type node struct {
	st         *store.Store
	areas      *area.Areas
	accounts   *account.Accounts
	cases      *intake.Cases
	items      *service.Items
	tickets    *ticket.Tickets
	households *household.Households
	visits     visit.UseCases
	stations   *station.Stations
	ratings    *Ratings
	todos      *todo.Todos
}

func must[T any](v T, err error) func(testing.TB) T { return worldtest.Must(v, err) }

func eachEngine(t *testing.T, test func(*testing.T, *world)) { worldtest.Each(t, settle, test) }

func oneEngine(t *testing.T, test func(*testing.T, *world)) { worldtest.One(t, settle, test) }

// join opens the store as one more node.
func (w *world) join() *node {
	t, n := w.t, &node{}
	t.Helper()
	n.st, n.areas = worldtest.Open(t, w.place.Open(t), store.Options{Rehearse: true}, slices.Concat(area.Collections(), limit.Collections(), reveal.Collections(), account.Collections(), policy.Collections(), calendar.Collections(), photo.Collections(),
		household.Collections(w.keys), form.Collections(), plan.Collections(), visit.Collections(), receipt.Collections(), ticket.Collections(), once.Collections(), todo.Collections(), service.Collections(), station.Collections(), intake.Collections(), homecall.Collections(), Collections())...)
	n.accounts = account.New(n.st, n.areas, w.keys, account.Options{})
	policies := must(policy.New(t.Context(), n.st, n.areas))(t)
	calendars := must(calendar.New(t.Context(), n.st))(t)
	n.items = must(service.NewItems(t.Context(), n.st, n.areas))(t)
	n.stations = station.New(n.st, n.areas, w.keys, calendars, n.items, service.NewQualifications(n.st, n.accounts, n.items))
	n.tickets = ticket.New(n.st, n.areas, n.accounts, policies, calendars, w.keys)
	n.households = household.New(n.st, n.areas, policies, w.keys)
	n.visits = visit.New(n.st, n.areas, w.keys, n.households)
	n.cases = intake.New(n.st, n.areas, n.accounts, n.items, calendars, w.keys)
	n.ratings = New(n.st, n.areas, n.accounts, policies, calendars, w.keys)
	n.todos = todo.New(n.st)
	n.todos.Sights[TodoKind] = todo.Each(n.ratings.Seen)
	return n
}

func settle(t testing.TB, at enginetest.Place) *world {
	t.Helper()
	w := &world{t: t, place: at, keys: worldtest.Keys(t), people: map[string]access.Actor{}}
	w.node = w.join()
	worldtest.Import(t, w.areas, noon, worldtest.Areas)
	worldtest.Draw(t, w.areas, noon, worldtest.Cells...)
	for who, in := range map[string]account.GrantInput{
		"admin": {Role: access.Admin}, "manager": {Role: access.StreetManager, Area: worldtest.Jia}, "community": {Role: access.CommunityManager, Area: worldtest.JiaOne},
		"other manager": {Role: access.StreetManager, Area: worldtest.Yi}, "director": {Role: access.CounterWorker, Area: worldtest.JiaOne}, "counter": {Role: access.CounterWorker, Area: worldtest.JiaOne},
		"lead": {Role: access.GridLead, Area: worldtest.JiaOne}, "worker": {Role: access.OutreachWorker, Area: worldtest.JiaOne}, "dispatcher": {Role: access.Dispatcher, Area: worldtest.Jia},
	} {
		w.add(who, in)
	}
	for _, who := range []string{"resident", "neighbour"} {
		w.people[who] = access.Actor{Account: who, Session: "s", Grants: []access.Grant{{Role: access.Resident}}}
	}
	resident := w.people["resident"]
	resident.Phone = w.keys.Index("phone", wang)
	w.people["resident"] = resident
	must(w.accounts.SetStaff(t.Context(), access.Program, noon, worldtest.East, []area.Post{{Account: w.people["lead"].Account, Role: access.GridLead}, {Account: w.people["worker"].Account, Role: access.OutreachWorker}}, nil, 0))(t)
	must(0, w.areas.Refresh(t.Context()))(t)
	for who, role := range map[string]access.Role{"lead": access.GridLead, "worker": access.OutreachWorker} {
		a := w.people[who]
		a.Grants = worldtest.Actor(t, w.areas, who, role, worldtest.East).Grants
		w.people[who] = a
	}
	for _, who := range []string{"director", "counter"} {
		w.people[who] = worldtest.AtCounter(t, w.areas, w.people[who], worldtest.JiaOne)
	}
	for code, content := range map[string]service.Content{
		"insurance": {Category: "社保", Name: "灵活就业参保登记", Department: "人社局", WorkingDays: 5},
		"allowance": {Category: "民政", Name: "最低生活保障申请", Department: "民政局", WorkingDays: 20, Sensitive: true},
	} {
		must(w.items.Put(t.Context(), w.people["admin"], noon, code, 0, service.Decision{From: "2026-01-01", Content: content}))(t)
	}
	w.staff()
	h, _, err := w.households.Create(t.Context(), w.people["admin"], noon, household.Draft{Address: household.Address{Estate: "枫津新村", Building: "3", Room: "101"}, Position: worldtest.At[worldtest.East], Datum: geo.WGS84,
		Members: []household.MemberInput{{PersonInput: household.PersonInput{Name: new("王小明"), Phone: new(wang)}}}})
	w.home = must(h, err)(t).ID
	w.lease = must(w.st.Acquire(t.Context(), "test", "node", time.Hour))(t)
	return w
}

// add makes an account with one grant, and the actor it signs in as.
func (w *world) add(who string, in account.GrantInput) {
	w.t.Helper()
	a := must(w.accounts.Create(w.t.Context(), access.Program, noon, account.NewAccount{Username: strings.ReplaceAll(who, " ", "."), Name: "某" + who, Grants: []account.GrantInput{in}}))(w.t)
	actor := access.Actor{Account: a.ID, Session: "s"}
	for _, g := range a.Grants {
		actor.Grants = append(actor.Grants, access.Grant{Role: g.Role, Level: g.Level, Area: g.Area})
	}
	w.people[who] = actor
}

// staff makes a station with its director.
func (w *world) staff() {
	w.t.Helper()
	st := must(w.stations.Create(w.t.Context(), w.people["admin"], noon, station.Draft{ID: ids.New(), Street: worldtest.Jia, Name: "甲一站", Position: place.PositionAt(worldtest.At[worldtest.East], geo.WGS84, nil),
		Models: []station.ModelSpan{{Model: station.OneForOne, Counter: true}}, Communities: []station.ServedIn{{Code: worldtest.JiaOne}},
		Hours: calendar.Hours{Weekly: []calendar.Weekly{{Days: []calendar.Weekday{1, 2, 3, 4, 5}, Spans: []calendar.Span{{From: "09:00", Until: "17:00"}}}}}}))(w.t)
	w.counter = st.ID
	must(w.stations.SetStaff(w.t.Context(), w.people["admin"], noon, st.ID, 0, []station.Post{{Account: w.people["director"].Account, Part: station.Director}, {Account: w.people["counter"].Account, Part: station.Worker}}))(w.t)
}

// opened is a case of the resident's, with the counter.
func (w *world) opened(item string) *intake.Case {
	w.t.Helper()
	return must(w.cases.Open(w.t.Context(), w.people["counter"], noon, intake.Draft{ID: ids.New(), Item: item, Community: worldtest.JiaOne, Station: w.counter, Applicant: intake.ApplicantInput{Name: "王小明", Phone: wang}}))(w.t)
}

// done is opened, and done at a time.
func (w *world) done(item string, at time.Time) About {
	w.t.Helper()
	c := w.opened(item)
	for _, action := range []intake.Action{intake.Accept, intake.Finish} {
		must(w.cases.TakeAction(w.t.Context(), w.people["counter"], at, c.ID, 0, intake.ActionInput{Action: action}))(w.t)
	}
	return About{Case, c.ID}
}

// met is a visit at the household, at which somebody was met.
func (w *world) met(at time.Time) About {
	w.t.Helper()
	stop := must(w.visits.Stops.CheckIn(w.t.Context(), w.people["worker"], at, visit.Arrival{ID: ids.New(), Household: w.home, Channel: visit.Phone, OnTheSpot: true}))(w.t)
	must(w.visits.Stops.Complete(w.t.Context(), w.people["worker"], at, stop.ID, 0, visit.Completion{Result: visit.Met}, nil))(w.t)
	return About{Visit, stop.Visits[0]}
}

// reported is a ticket of the resident's.
func (w *world) reported(at time.Time) string {
	w.t.Helper()
	var spot orb.Point = worldtest.At[worldtest.East]
	return must(w.tickets.Report(w.t.Context(), w.people["resident"], at, ticket.Draft{ID: ids.New(), Category: "noise", Title: "深夜噪声", Position: &spot, Datum: geo.WGS84}))(w.t).ID
}

// closes brings a ticket from reported, or reopened, to closed.
func (w *world) closes(id string, at time.Time) About {
	w.t.Helper()
	t, _, err := w.tickets.Get(w.t.Context(), w.people["admin"], id)
	must(t, err)(w.t)
	steps := []ticket.ActionInput{{Action: ticket.Accept}, {Action: ticket.Dispatch, Assignee: &access.Assignee{Kind: access.Person, ID: w.people["worker"].Account}}, {Action: ticket.Start},
		{Action: ticket.Resolve, Outcome: "fixed"}, {Action: ticket.Close, Verification: "phone"}}
	if t.State == ticket.Accepted {
		steps = steps[1:]
	}
	for _, in := range steps {
		who := "lead"
		if in.Action == ticket.Start || in.Action == ticket.Resolve {
			who = "worker"
		}
		must(w.tickets.TakeAction(w.t.Context(), w.people[who], at, id, 0, in))(w.t)
	}
	return About{Ticket, id}
}

// follow reads the journals to their end, as of a time.
func (w *world) follow(at time.Time) {
	w.t.Helper()
	must(0, w.ratings.Follow(func() time.Time { return at }).CatchUp(w.t.Context(), w.st, w.lease))(w.t)
}

// rate rates as somebody.
func (w *world) rate(who string, at time.Time, about About, grade int) (*Own, error) {
	return w.ratings.Rate(w.t.Context(), w.people[who], at, about, Input{ID: ids.New(), Grade: grade, Words: "等了很久"})
}

// act takes a step with a rectification.
func (w *world) act(who string, at time.Time, id string, in ActionInput) (*Rectification, error) {
	if in.ID == "" {
		in.ID = ids.New()
	}
	return w.ratings.TakeAction(w.t.Context(), w.people[who], at, id, 0, in)
}

// asked are the open items of somebody about rectifications, by kind.
func (w *world) asked(who string) (out []string) {
	w.t.Helper()
	page, _, err := w.todos.List(w.t.Context(), w.people[who], noon, todo.Filter{Open: new(true)})
	for _, it := range must(page, err)(w.t) {
		if it.About.Kind != TodoKind {
			continue
		}
		out = append(out, string(it.Kind))
		if !it.Seen {
			w.t.Errorf("%s does not see what %s is about", who, it.Kind)
		}
	}
	return out
}

func day(n int) time.Time { return noon.AddDate(0, 0, n) }
