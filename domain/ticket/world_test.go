package ticket

import (
	"bytes"
	"image"
	"image/jpeg"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"wangge/domain/access"
	"wangge/domain/account"
	"wangge/domain/area"
	"wangge/domain/calendar"
	"wangge/domain/ids"
	"wangge/domain/limit"
	"wangge/domain/personal"
	"wangge/domain/photo"
	"wangge/domain/place"
	"wangge/domain/policy"
	"wangge/domain/receipt"
	"wangge/domain/reveal"
	"wangge/domain/todo"
	"wangge/domain/worldtest"
	"wangge/geo"
	"wangge/store"
	"wangge/store/enginetest"
	"wangge/store/mongodb/mongotest"
)

func TestMain(m *testing.M) { os.Exit(mongotest.Main(m)) }

var (
	program = access.Program
	at      = worldtest.At
)

// The city of the tests, by code.
const (
	county                              = worldtest.County
	jia, yi, bing                       = worldtest.Jia, worldtest.Yi, worldtest.Bing
	jiaOne, jiaTwo, yiOne, bingOne      = worldtest.JiaOne, worldtest.JiaTwo, worldtest.YiOne, worldtest.BingOne
	east, west, park, north, other, far = worldtest.East, worldtest.West, worldtest.Park, worldtest.North, worldtest.Other, worldtest.Far
)

// world is the city with its people, on one store that several nodes may open.
type world struct {
	*node
	t      testing.TB
	place  enginetest.Place
	keys   *personal.Keys
	people map[string]access.Actor
	orgs   map[string]string // ids, by street code
	asked  *planned          // what the store asked its engine for, when not nil
}

// node is a process on the store.
type node struct {
	st        *store.Store
	areas     *area.Areas
	accounts  *account.Accounts
	policies  *policy.Policies
	calendars *calendar.Calendars
	tickets   *Tickets
}

// eachEngine runs a test in a fresh city on each engine, oneEngine on SQLite: see enginetest.
func eachEngine(t *testing.T, test func(*testing.T, *world)) { worldtest.Each(t, worldOn, test) }

func oneEngine(t *testing.T, test func(*testing.T, *world)) { worldtest.One(t, worldOn, test) }

var founded worldtest.Founded[*world]

func worldOn(t testing.TB, place enginetest.Place) *world {
	w := *founded.Copy(t, place, func(t testing.TB, place enginetest.Place) *world {
		w := &world{t: t, place: place, keys: worldtest.Keys(t)}
		w.settle()
		return w
	})
	w.t, w.place, w.people, w.orgs = t, place, maps.Clone(w.people), maps.Clone(w.orgs)
	w.node = w.join()
	return &w
}

// spot is where a position lies.
func (w *world) spot(t testing.TB, at orb.Point) area.Spot {
	t.Helper()
	spot, ok := place.Spot(w.tickets.areas.Map(), at)
	if !ok {
		t.Fatalf("%v lies outside the area served", at)
	}
	return spot
}

func must[T any](v T, err error) func(testing.TB) T { return worldtest.Must(v, err) }

// join opens the store as one more node.
func (w *world) join() *node {
	w.t.Helper()
	return w.joinAs(store.Options{Rehearse: true})
}

func (w *world) joinAs(opts store.Options) *node {
	w.t.Helper()
	engine := w.place.Open(w.t)
	if w.asked != nil {
		w.asked.Engine, engine = engine, w.asked
	}
	n := &node{}
	n.st, n.areas = worldtest.Open(w.t, engine, opts,
		slices.Concat(area.Collections(), reveal.Collections(), account.Collections(), policy.Collections(), calendar.Collections(), limit.Collections(), photo.Collections(), receipt.Collections(), todo.Collections(), Collections())...)
	n.accounts = account.New(n.st, n.areas, w.keys, account.Options{})
	n.policies = must(policy.New(w.t.Context(), n.st, n.areas))(w.t)
	n.calendars = must(calendar.New(w.t.Context(), n.st))(w.t)
	n.tickets = New(n.st, n.areas, n.accounts, n.policies, n.calendars, w.keys)
	n.policies.InUse = n.tickets.InUse
	return n
}

func (w *world) settle() {
	t := w.t
	w.node = w.join()
	w.people, w.orgs = map[string]access.Actor{}, map[string]string{}
	worldtest.Import(t, w.areas, noon, worldtest.Areas)
	worldtest.Draw(t, w.areas, noon, worldtest.Cells...)
	for _, street := range []string{jia, yi} {
		w.orgs[street] = must(w.areas.CreateOrganisation(t.Context(), program, noon,
			area.NewOrganisation{Name: "物业" + street, Kind: "property_company", Street: street}))(t).ID
	}
	w.add("admin", access.Admin, "", account.NewAccount{})
	w.add("county admin", access.Admin, county, account.NewAccount{})
	w.add("manager", access.StreetManager, jia, account.NewAccount{})
	w.add("dispatcher", access.Dispatcher, jia, account.NewAccount{})
	w.add("other dispatcher", access.Dispatcher, yi, account.NewAccount{})
	w.add("community", access.CommunityManager, jiaOne, account.NewAccount{})
	w.counter("counter", jiaTwo, yiOne)
	w.counter("other counter", bingOne)
	w.counter("former counter")
	w.add("handler", access.Handler, "", account.NewAccount{Organisation: w.orgs[jia]})
	w.add("other handler", access.Handler, "", account.NewAccount{Organisation: w.orgs[yi]})
	w.add("resident", access.Resident, "", account.NewAccount{Phone: "13800000001"})
	w.add("neighbour", access.Resident, "", account.NewAccount{Phone: "13800000002"})
	w.post("lead", access.GridLead, jiaOne, east, west)
	w.post("worker", access.OutreachWorker, jiaOne, east, park)
	w.post("other lead", access.GridLead, yiOne, other)
	w.post("worker at counter", access.OutreachWorker, jiaOne, west)
	w.people["worker at counter"] = worldtest.AtCounter(t, w.areas, w.people["worker at counter"], jiaTwo)
	if err := w.areas.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// add makes an account with one grant, and the actor it signs in as.
func (w *world) add(who string, role access.Role, code string, in account.NewAccount) {
	w.t.Helper()
	in.Username, in.Name, in.Grants = strings.ReplaceAll(who, " ", "."), "某"+who, []account.GrantInput{{Role: role, Area: code}}
	a := must(w.accounts.Create(w.t.Context(), program, noon, in))(w.t)
	actor := access.Actor{Account: a.ID, Session: "session", Organisation: a.Organisation}
	for _, g := range a.Grants {
		actor.Grants = append(actor.Grants, access.Grant{Role: g.Role, Level: g.Level, Area: g.Area})
	}
	w.people[who] = actor
}

// post makes somebody who may be posted in a community and is, in cells.
func (w *world) post(who string, role access.Role, community string, cells ...string) {
	w.t.Helper()
	w.add(who, role, community, account.NewAccount{})
	actor := w.people[who]
	actor.Posting, actor.Grants = actor.Grants, nil
	for _, code := range cells {
		actor.Grants = append(actor.Grants, access.Grant{Role: role, Level: access.Cell, Area: w.cell(code).ID})
	}
	w.people[who] = actor
}

// counter makes somebody who may be on the staff of a station, and is on those that serve these communities.
func (w *world) counter(who string, communities ...string) {
	w.t.Helper()
	w.add(who, access.CounterWorker, jiaTwo, account.NewAccount{})
	actor := w.people[who]
	actor.Posting, actor.Grants = actor.Grants, nil
	w.people[who] = worldtest.AtCounter(w.t, w.areas, actor, communities...)
}

func (w *world) cell(code string) *area.Cell {
	w.t.Helper()
	return must(area.LoadCell(w.t.Context(), w.st, code))(w.t)
}

func (w *world) person(who string) access.Assignee {
	return access.Assignee{Kind: access.Person, ID: w.people[who].Account}
}

func (w *world) organisation(street string) access.Assignee {
	return access.Assignee{Kind: access.Organisation, ID: w.orgs[street]}
}

// draft is a report at one of the places.
func draft(place string) Draft {
	return Draft{ID: ids.New(), Category: "noise", Title: "深夜噪声", Address: "大儒巷8号", Position: new(at[place]), Datum: geo.WGS84}
}

func (w *world) report(who, place string) *Ticket {
	w.t.Helper()
	return must(w.tickets.Report(w.t.Context(), w.people[who], noon, draft(place)))(w.t)
}

func (w *world) move(who, id string, m ActionInput) *Ticket {
	w.t.Helper()
	return must(w.tickets.TakeAction(w.t.Context(), w.people[who], noon, id, 0, m))(w.t)
}

// working is a ticket that the worker has begun on.
func (w *world) working(place string) *Ticket {
	w.t.Helper()
	t := w.report("resident", place)
	w.move("dispatcher", t.ID, ActionInput{Action: Accept})
	m := ActionInput{Action: Dispatch, Note: "请速去"}
	to := w.person("worker")
	m.Assignee = &to
	w.move("dispatcher", t.ID, m)
	return w.move("worker", t.ID, ActionInput{Action: Start})
}

// get reads a ticket as the program does.
func (w *world) get(id string) *Ticket {
	w.t.Helper()
	return must(collection.Get(w.t.Context(), w.st, id))(w.t)
}

// journal is what a street's journal says, oldest first.
func (w *world) journal(street string) []*store.Entry {
	w.t.Helper()
	return worldtest.Journal(w.t, w.st, worldtest.ID(w.t, w.areas, street))
}

var picture = func() []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewRGBA(image.Rect(0, 0, 8, 6)), nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}()

// upload stores a picture of somebody's.
func (w *world) upload(who string) string {
	w.t.Helper()
	return must(photo.New(w.st).Add(w.t.Context(), w.people[who], noon, ids.New(), [2]string{ids.New(), ids.New()}, picture))(w.t).ID
}

// pointers are the fields that an InvalidError names, code is what a ConflictError says.
var pointers, code = worldtest.Pointers, worldtest.Conflict
